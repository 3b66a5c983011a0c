"""What the explorer of rate and distortion says; `words.js` says the same, of the same table."""

from course_utils.widgets._shared.words import sayer

TABLE = "rate_distortion/words.toml"
SAME = 0.005  # nats: a smaller difference would be said to be 0.00
say = sayer(TABLE)


def describe(state, point, tested: int) -> str:
    """The network against the Gaussian and the linear optimum, and the one picture."""
    gap = point.rate - point.needed
    side = "on" if abs(gap) < SAME else "below" if gap < 0 else "above"
    verdict = say(side, gap=abs(gap), needed=point.needed)
    (rate, distortion), own = point.linear, point.own[state.image]
    linear = say("linear" if rate else "collapsed", rate=rate, distortion=distortion)
    picture = say("own", image=state.image, rate=own[0], distortion=own[1])
    place = {"rate": point.rate, "distortion": point.distortion, "sigma": point.sigma}
    return say("network", **place, tested=tested, verdict=verdict, linear=linear, own=picture)
