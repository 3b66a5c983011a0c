"""Numbers beside each other, without a line of formatting in the notebook."""

from collections.abc import Sequence

from course_utils.exercises._engine.render import Shown, show, table_of


def table(head: Sequence[str], rows: Sequence[Sequence], *, digits: int = 3) -> None:
    """Show numbers beside each other, as a table.

    Args:    head: the columns' names, the first may be ""; rows: a name, and numbers (tensors of
             one number, too) or texts; digits: behind the point, of what is no whole number.
    Raises:  ValueError if there is no column, or a row is not as long as the head.

    >>> table(["", "mine", "exact"], [("KL", 0.28315, 0.2832), ("draws", 10000, "any")])
             mine  exact
    KL      0.283  0.283
    draws  10,000    any
    """
    if not head:
        raise ValueError("head should name one column or more, but none came.")
    rows = [list(row) for row in rows]
    for row in rows:
        if len(row) != len(head):
            raise ValueError(
                f"a row should have {len(head)} entries, as {list(head)} has, but {row!r} came."
            )
    show(Shown(*table_of(head, [[_words(entry, digits) for entry in row] for row in rows])))


def _words(entry: object, digits: int) -> str:
    """An entry as it is shown."""
    count = entry.numel() if hasattr(entry, "numel") else getattr(entry, "size", 0)  # torch, NumPy
    entry = entry.item() if count == 1 else entry
    if isinstance(entry, float):
        return f"{entry:z,.{digits}f}"
    return f"{entry:,}" if isinstance(entry, int) and not isinstance(entry, bool) else str(entry)
