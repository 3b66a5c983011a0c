"""What the conditional explorer says; `*_words.js` say the same, of the same tables."""

from course_utils.widgets._shared.latent_words import TABLE, listed, named, place, share_text
from course_utils.widgets._shared.words import sayer

CLASS_TABLES = (TABLE, "conditional/classes.toml")
HALF_TABLES = ("conditional/halves.toml",)
of_classes, of_halves = sayer(*CLASS_TABLES), sayer(*HALF_TABLES)

# --- y is a class ---


def describe_classes(state, classes) -> str:
    """The style, how likely it is, and what is decoded there."""
    at = {"place": place(state.z, state.axes), "digit": state.digit}
    height = classes.log_prior(state.z, state.digit)
    share = share_text(classes.share_beyond(state.z, state.digit))
    prior = "prior_of_class" if classes.learned else "prior"
    where = of_classes(prior, **at, height=height, share=share)
    best = f" {_about_best(state, classes)}" if classes.learned else ""
    return f"{where}.{best} {_about_style(state, classes)}"


def _about_best(state, classes) -> str:
    """For which class this z is likeliest: under a learned prior they differ."""
    heights = [classes.log_prior(state.z, digit) for digit in range(len(classes))]
    return of_classes("likeliest", best=heights.index(max(heights)), height=max(heights))


def _about_style(state, classes) -> str:
    shown = {"classes": len(classes), "digit": state.digit}
    if state.chosen is None:
        return of_classes("style", **shown)
    mu = classes.codes.mu[state.chosen].tolist()
    name, own = named(state.chosen, classes.codes), listed([mu[axis] for axis in state.axes])
    sentence = "style_of_image" if mu == list(state.z) else "style_and_image"
    return of_classes(sentence, name=name, own=own, **shown)


# --- y is the left half ---


def describe_halves(state, draws: int, variance: float, errors, *, learned: bool) -> str:
    """Which half is completed, from which draws, and how far these are from one another."""
    half, prior = _about_left(state.left), "p(z|y)" if learned else "N(0, I)"
    asked = {"half": half, "prior": prior, "seed": state.seed, "spread": state.spread}
    name = "draws" if state.spread == 1 else "draws_spread"
    shown = of_halves(name, **asked, count=draws, variance=variance)
    if errors is None:
        return shown
    one, mean, best = errors
    return f"{shown} {of_halves('errors', one=one, mean=mean, best=best, count=draws)}"


def _about_left(left) -> str:
    if left is None:
        return of_halves("empty")
    if isinstance(left, int):
        return of_halves("picked", left=left)
    ink = sum(value > 0 for row in left for value in row)
    return of_halves("drawn", ink=ink, pixels=len(left) * len(left[0]))
