"""Claims about every case of an exercise, for the tables `claims_0N.py`."""

from course_utils.exercises._engine.compare import same_outputs


def same(one, other):
    """Whether two outputs are: shapes and values, part by part."""
    return same_outputs([one], [other])


def like_any(came, *others):
    """Whether it is the same as one of these."""
    return any(same(came, other) for other in others)


def each(holds, first=None):
    """The claim that holds(came, right, *inputs), in every case, or in the first few."""

    def claim(seen):
        cases = [*zip(seen.outputs, seen.expected, seen.inputs, strict=True)][:first]
        return all(bool(holds(came, right, *args)) for came, right, args in cases)

    return claim


def values_right(seen):
    """Only the gradient is wrong."""
    return same_outputs(seen.outputs, seen.expected)
