"""Notebook 01: its predictions, and its questions from memory about notebook 00."""

from course_utils.exercises._exercise import Prediction, Question

PREDICTIONS = (
    Prediction(
        id="P1.1",
        question=(
            "Measured in metres, x has the density 3.99 at its mean. Now write the same x in "
            "centimetres. What is the density there?"
        ),
        choices=("0.0399", "3.99, as before", "399", "undefined: 3.99 was a mistake"),
        right="0.0399",
        because=(
            "A density is probability per unit of x. A centimetre is a hundredth of a metre, so "
            "a hundredth of the probability fits into one. Nothing is wrong with 3.99: only an "
            "integral of a density has to be at most 1."
        ),
    ),
    Prediction(
        id="P1.2",
        question=(
            "Take one x, and the z for which p(x|z) is largest. Can p(x) be larger than this "
            "largest p(x|z)?"
        ),
        choices=("never", "for some x", "always"),
        right="never",
        because=(
            "p(x) is an average of p(x|z) over z, and an average never exceeds the largest of "
            "what it averages. Usually it is far below: most z explain a given x badly."
        ),
    ),
    Prediction(
        id="P1.3",
        question=(
            "100 000 draws of z from N(0, I), two dimensions, each sent to z/10 + z/||z||. How "
            "near to the origin does the nearest of them come?"
        ),
        choices=(
            "arbitrarily near: the picture is a disc",
            "to about 0.1",
            "to about 0.8: a ring, hazy on both sides",
            "to 1, and no nearer",
        ),
        right="to 1, and no nearer",
        because=(
            "z/||z|| is a point on the unit circle, and z/10 moves it outwards by a tenth of the "
            "length of z. Lengths are positive, so the picture is a ring that no point lies inside "
            "of, while outwards there is no bound."
        ),
    ),
    Prediction(
        id="P1.4",
        question=(
            "x lies on the ring. A thousand z are drawn once and kept. As sigma falls from 0.3 to "
            "0.001, what do the computed likelihoods p(x|z) do?"
        ),
        choices=(
            "all grow: a narrow normal is taller",
            "all shrink in the same proportion",
            "more and more become exactly zero",
            "nothing: x and z stay as they are",
        ),
        right="more and more become exactly zero",
        because=(
            "A narrower normal is taller near its mean and lower further away. A z whose g(z) is "
            "near x gains for a while; for the others the exponent -d^2 / (2 sigma^2) falls so far "
            "that its exponential is rounded to zero."
        ),
    ),
    Prediction(
        id="P1.5",
        question=(
            "z = 1.13 explains x = 2 without any error. Where does the posterior p(z|x = 2) have "
            "its peak?"
        ),
        choices=("below 1.13", "at 1.13", "above 1.13"),
        right="below 1.13",
        because=(
            "The prior prefers z near 0, and a z a little below 1.13 explains x nearly as well: "
            "the peak is at 1.02. The less noise there is, the less the prior has to say."
        ),
    ),
)

RECALL = (
    Question(
        "z is normal with mean 0 and variance 1. How is 3 + 2z distributed?",
        "Normal with mean 3 and variance 4. In the course's notation N(3, 4): the second argument "
        "is the variance, not the standard deviation 2.",
    ),
    Question(
        "X and Y are independent with variances 9 and 16. What is the variance of X + Y, and what "
        "its standard deviation?",
        "25 and 5. Variances of independent numbers add; standard deviations do not.",
    ),
    Question(
        "What shape has a[:, None] - b if a is (B,) and b is (G,)? What does each entry hold?",
        "(B, G): `None` gives a an axis of length 1, which is repeated. Entry [i, j] is a[i] minus "
        "b[j]; every element of a meets every element of b.",
    ),
)
