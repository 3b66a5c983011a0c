"""Notebook 07, E7.4: what people report instead of three squared errors, and the hints."""

from collections.abc import Callable

from torch import Tensor

from course_utils.exercises._exercise import Mistake

Triple = tuple[Tensor, Tensor, Tensor]
Answer = Callable[[Tensor, Tensor], Triple]
Part = Callable[[Tensor, Tensor], Tensor]  # of x and the completions


def _squares(x: Tensor, completions: Tensor) -> Tensor:
    return (completions - x) ** 2


def _errors(x: Tensor, completions: Tensor) -> Tensor:
    """Of each draw, (M, B)."""
    return _squares(x, completions).sum(-1)


def _one(x: Tensor, completions: Tensor) -> Tensor:
    return _errors(x, completions).mean(0)


def _mean_picture(x: Tensor, completions: Tensor) -> Tensor:
    return _errors(x, completions.mean(0))


def _best(x: Tensor, completions: Tensor) -> Tensor:
    return _errors(x, completions).amin(0)


def _parts(one: Part = _one, mean_picture: Part = _mean_picture, best: Part = _best) -> Answer:
    """The right answer with other parts."""
    return lambda x, completions: tuple(part(x, completions) for part in (one, mean_picture, best))


def _measured(of: Part) -> Answer:
    """All three with another error than a sum of squares: of(x, one or all completions)."""
    return lambda x, completions: (
        of(x, completions).mean(0),
        of(x, completions.mean(0)),
        of(x, completions).amin(0),
    )


def _best_for(choice: Part) -> Part:
    """The error of the draw that choice (M, B) is smallest for."""

    def best(x: Tensor, completions: Tensor) -> Tensor:
        which = choice(x, completions).argmin(0, keepdim=True)
        return _errors(x, completions).gather(0, which)[0]

    return best


def _spread(x: Tensor, completions: Tensor) -> Tensor:
    """How far each draw lies from the mean picture, (M, B)."""
    return _errors(completions.mean(0), completions)


def _root(part: Part) -> Part:
    return lambda x, completions: part(x, completions).sqrt()


def _over_pixels(part: Part) -> Part:
    return lambda x, completions: part(x, completions) / x.shape[-1]


def _one_number(part: Part) -> Part:
    return lambda x, completions: part(x, completions).mean()


ERRORS = (
    Mistake(
        "mean over the pixels",
        _measured(lambda x, c: _squares(x, c).mean(-1)),
        "You average over the pixels. Then a picture of more pixels has no larger error, and the "
        "numbers cannot stand beside the notebook's. Sum or mean: what is asked for?",
        also_wrong=(
            _parts(_over_pixels(_one)),
            _parts(mean_picture=_over_pixels(_mean_picture)),
            _parts(best=_over_pixels(_best)),
        ),
    ),
    Mistake(
        "best pixel by pixel",
        _parts(best=lambda x, c: _squares(x, c).amin(0).sum(-1)),
        "Your best picture is put together: each pixel from whichever draw has it best. No draw "
        "looks like that. A draw is good or bad as a whole: which comes first, the sum or the "
        "smallest?",
    ),
    Mistake(
        "best over the batch",
        _parts(best=lambda x, c: _errors(x, c).min().expand(len(x))),
        "One smallest number was sought for all pictures, or one draw for all of them. Each "
        "picture has its own best draw: along which axis of (M, B) is the smallest taken?",
        also_wrong=(
            _parts(best=lambda x, c: _errors(x, c).min()),
            _parts(best=lambda x, c: _errors(x, c).amin(1)),
            _parts(best=lambda x, c: _errors(x, c)[_errors(x, c).sum(1).argmin()]),
        ),
    ),
    Mistake(
        "the index of the best",
        _parts(best=lambda x, c: _errors(x, c).argmin(0)),
        "Your third part says *which* draw is the best. Asked is how far off it is. What does "
        "`min(dim=0)` return besides the indices?",
    ),
    Mistake(
        "the worst draw",
        _parts(best=lambda x, c: _errors(x, c).amax(0)),
        "That is the largest error of the M, that of the worst draw.",
    ),
    Mistake(
        "chosen without x",
        _parts(best=_best_for(_spread)),
        "Your best draw is the one nearest to the mean picture. That can be chosen without knowing "
        "the truth, and is another question. Here the best of M is the one nearest to x: a number "
        "that looks at the answer, to be read as such.",
        also_wrong=(_parts(best=lambda x, c: _spread(x, c).amin(0)),),
    ),
    Mistake(
        "the best as the mean picture",
        _parts(best=_mean_picture),
        "Your third part repeats one of the others. The best draw's error is the smallest of the M "
        "errors.",
        also_wrong=(_parts(best=_one),),
    ),
    Mistake(
        "the first draw",
        _parts(lambda x, c: _errors(x, c)[0]),
        "You take a single draw, and with another seed the number is another. *One draw on "
        "average* is what a single draw can expect: you have M of them. How do you estimate an "
        "expectation?",
        also_wrong=(_parts(lambda x, c: _errors(x, c)[-1]),),
    ),
    Mistake(
        "summed over the draws",
        _parts(lambda x, c: _errors(x, c).sum(0)),
        "The errors of all M draws are added up: more draws, more error. One draw on average is "
        "asked for.",
        also_wrong=(
            _parts(
                lambda x, c: _errors(x, c).sum(0),
                lambda x, c: _errors(x, c.sum(0)),
            ),
        ),
    ),
    Mistake(
        "the median",
        _parts(lambda x, c: _errors(x, c).median(0).values),
        "A median: of the errors, or of the pictures. The notebook speaks of averages, for which "
        "equations 7.10 and 7.11 hold.",
        also_wrong=(_parts(mean_picture=lambda x, c: _errors(x, c.median(0).values)),),
    ),
    Mistake(
        "the average error twice",
        _parts(mean_picture=_one),
        "Your second number is the first one again, the average of the errors. The mean picture is "
        "one picture, made of M: average first, and square its difference from x. Which of the two "
        "do you expect to be smaller?",
    ),
    Mistake(
        "one draw as the mean picture",
        _parts(_mean_picture),
        "Your first number is the error of the mean picture too: the pictures are averaged before "
        "the square. A single draw is never averaged with others; only its error is.",
    ),
    Mistake(
        "the mean picture in black and white",
        _parts(mean_picture=lambda x, c: _errors(x, c.mean(0).round())),
        "You have made the mean picture black and white before comparing it. Its greys are the "
        "point: they are the best guess of a grey pixel, equation 7.10.",
        also_wrong=(_parts(mean_picture=lambda x, c: _errors(x, (c.mean(0) > 0.5).to(x.dtype))),),
    ),
    Mistake(
        "spread instead of error",
        _parts(lambda x, c: c.var(0, correction=0).sum(-1)),
        "That is how far the draws lie from *each other*: x does not come in. Draws may agree and "
        "be wrong together.",
        also_wrong=(
            _parts(lambda x, c: c.var(0).sum(-1)),
            _parts(mean_picture=lambda x, c: c.var(0, correction=0).sum(-1)),
        ),
    ),
    Mistake(
        "roots",
        _measured(lambda x, c: _errors(x, c).sqrt()),
        "You take roots: those are distances. Squared errors are asked for, since their "
        "expectation falls apart into a variance and a distance, equation 7.10; that of a root "
        "does not.",
        also_wrong=(
            _measured(lambda x, c: _squares(x, c).mean(-1).sqrt()),
            _parts(_root(_one)),
            _parts(mean_picture=_root(_mean_picture)),
            _parts(best=_root(_best)),
        ),
    ),
    Mistake(
        "absolute differences",
        _measured(lambda x, c: (c - x).abs().sum(-1)),
        "You add up absolute differences. Their best guess is a median, not a mean; the notebook's "
        "equations are about squares.",
        also_wrong=(_measured(lambda x, c: (c - x).abs().mean(-1)),),
    ),
    Mistake(
        "summed before the square",
        _measured(lambda x, c: (c - x).sum(-1) ** 2),
        "You add up the differences and square the sum: a pixel too bright and one too dark cancel "
        "out. Which comes first, the square or the sum?",
        also_wrong=(_measured(lambda x, c: (c - x).sum(-1)),),
    ),
    Mistake(
        "half of it",
        _measured(lambda x, c: _errors(x, c) / 2),
        "The factor 1/2 belongs to the logarithm of a normal density. A squared error comes "
        "without it.",
    ),
    Mistake(
        "one number for the batch",
        _parts(_one_number(_one), _one_number(_mean_picture), _one_number(_best)),
        "You average over the pictures too: one number each is left. That comes later, in view; "
        "here each picture keeps its own, (B,).",
        also_wrong=(lambda x, c: tuple(part.sum() for part in _parts()(x, c)),),
    ),
    Mistake(
        "not summed over the pixels",
        _measured(_squares),
        "A number for each pixel is left, (B, D). Which axis is the pixels', and what happens to "
        "it?",
        also_wrong=(
            lambda x, c: (_squares(x, c).mean(0), _squares(x, c.mean(0)), _best(x, c)),
            lambda x, c: (_one(x, c), _squares(x, c.mean(0)), _best(x, c)),
        ),
    ),
    Mistake(
        "another axis",
        _measured(lambda x, c: _squares(x, c).sum(-2)),
        "The sum runs over the pictures, and a number for each pixel is left, (D,); or the mean "
        "over the pictures instead of the draws. The axes of completions are (M, B, D).",
        also_wrong=(_parts(lambda x, c: _errors(x, c).mean(1)),),
    ),
    Mistake(
        "not averaged",
        _parts(_errors),
        "Your first part has a number for each draw, (M, B). What a single draw can expect is one "
        "number a picture.",
        also_wrong=(_parts(_errors, best=_errors),),
    ),
    Mistake(
        "exchanged",
        _parts(_mean_picture, _one, _best),
        "All three are right, in another order: one draw on average, the mean picture, the best "
        "draw.",
        also_wrong=(
            _parts(_one, _best, _mean_picture),
            _parts(_mean_picture, _best, _one),
            _parts(_best, _mean_picture, _one),
        ),
    ),
)
