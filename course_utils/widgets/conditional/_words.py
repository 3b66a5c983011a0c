"""What the conditional explorer says; `words.js` says it word for word."""

from course_utils.widgets._shared.latent_words import listed, named, place, two_decimals, under

# --- y is a class ---


def describe_classes(state, classes) -> str:
    """The style, how likely it is, and what is decoded there."""
    whom = f"p(z|y={state.digit})" if classes.learned else "the prior"
    density = f"log {whom if classes.learned else 'p(z)'}"
    height = classes.log_prior(state.z, state.digit)
    likely = under(density, whom, height, classes.share_beyond(state.z, state.digit))
    about = [f"{place(state.z, state.axes)}: {likely}."]
    if classes.learned:
        about.append(_about_best(state, classes))
    about.append(_about_style(state, classes))
    return " ".join(about)


def _about_best(state, classes) -> str:
    """For which class this z is likeliest: under a learned prior they differ."""
    heights = [classes.log_prior(state.z, digit) for digit in range(len(classes))]
    best = heights.index(max(heights))
    return (
        f"This z is likeliest for class {best}: log p(z|y={best}) = {two_decimals(max(heights))}."
    )


def _about_style(state, classes) -> str:
    every = f"all {len(classes)} classes, {state.digit} shown large"
    if state.chosen is None:
        return f"Decoded in this one style: {every}."
    mu = tuple(classes.codes.mu[state.chosen].tolist())
    name = named(state.chosen, classes.codes)
    if mu == tuple(state.z):
        return f"This is the style of image {name}: {every}."
    on_axes = listed([mu[axis] for axis in state.axes])
    return f"Decoded in this one style: {every}. Image {name}, has its own at {on_axes}."


# --- y is the left half ---


def describe_halves(state, picture, *, learned: bool) -> str:
    """Which half is completed, from which draws, and how far these are from one another."""
    whom = "p(z|y)" if learned else "N(0, I)"
    shown = f"{_about_left(state.left)} Nine draws of z from {whom}, seed {state.seed}"
    if state.spread != 1:
        shown += f", their noise times {two_decimals(state.spread)}"
    shown += f"; {picture.draws} such draws vary by {two_decimals(picture.variance)}."
    if picture.errors is None:
        return shown
    one, mean, best = map(two_decimals, picture.errors)
    return (
        f"{shown} Off the true right half by {one} for a draw on average, {mean} for the mean of "
        f"{picture.draws}, {best} for the nearest of the nine."
    )


def _about_left(left) -> str:
    if left is None:
        return "The left half is empty: draw in it, by mouse, finger or keys."
    if isinstance(left, int):
        return f"The left half of picture {left}."
    ink = sum(value > 0 for row in left for value in row)
    return f"A left half drawn by hand, ink on {ink} of {len(left) * len(left[0])} pixels."
