"""What the explorer of rate and distortion says; `words.js` says the same, of the same table."""

from course_utils.widgets._shared.words import sayer

TABLE = "rate_distortion/words.toml"
SAME = 0.005  # nats: a smaller difference would be said to be 0.00
say = sayer(TABLE)


def describe(state, point, tested: int) -> str:
    """The network against the Gaussian, then the linear optimum, then the one picture."""
    names = "rate", "distortion", "needed"
    linear = dict(zip(names, point.linear, strict=True))
    own = dict(zip(names, point.own[state.image], strict=False))
    parts = {
        "linear": say("linear" if linear["rate"] else "nothing", **linear, side=_side(**linear)),
        "own": say("own", **own, image=state.image),
    }
    here = {name: getattr(point, name) for name in names}
    return say("network", **here, **parts, side=_side(**here), sigma=point.sigma, tested=tested)


def _side(rate: float, needed: float, **_: float) -> str:
    gap = rate - needed
    return say("on" if abs(gap) < SAME else "below" if gap < 0 else "above", gap=abs(gap))
