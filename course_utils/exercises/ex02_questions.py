"""Notebook 02: its predictions, and its questions from memory about notebook 01."""

from course_utils.exercises._exercise import Prediction, Question

PREDICTIONS = (
    Prediction(
        id="P2.1",
        question="100 draws give an error of about 0.02. And 10 000 draws?",
        choices=("about 0.01", "about 0.002", "about 0.0002", "cannot say without the model"),
        right="about 0.002",
        because=(
            "The variance of an average of n independent draws is 1/n of one draw's variance, so "
            "the error falls like 1/sqrt(n): a hundred times more draws, ten times less error. The "
            "model decides where the error starts, not how it falls."
        ),
    ),
    Prediction(
        id="P2.2",
        question=(
            "Take positive numbers that are not all equal. Which is larger: the mean of their "
            "logs, or the log of their mean?"
        ),
        choices=("the mean of the logs", "the log of the mean", "both are equal", "it depends"),
        right="the log of the mean",
        because=(
            "The logarithm bends downwards (it is concave), so averaging after it loses: Jensen's "
            "inequality. Only equal numbers lose nothing."
        ),
    ),
    Prediction(
        id="P2.3",
        question=(
            "x = z + noise, with 20 latents and sigma = 0.3. How many prior draws n estimate p(x) "
            "to 10 % for a typical x? Choose log10 of n."
        ),
        choices=("3", "6", "9", "14"),
        right="14",
        because=(
            "A draw is useful only if it comes near in all 20 directions at once. With v the "
            "relative variance of one draw, each direction multiplies 1 + v by about 4 (typically: "
            "the geometric mean over x), and 4 to the 20th is 10^12; an error of 10 % asks for "
            "100 v draws."
        ),
    ),
    Prediction(
        id="P2.4",
        question=(
            "The same 20 latents, x = z + noise, but sigma = 1. How many prior draws n "
            "estimate p(x) to 10 % now? Choose log10 of n."
        ),
        choices=("3", "6", "9", "14"),
        right="6",
        because=(
            "Still 20 latents, and a hundred million times cheaper. With sigma = 1 each direction "
            "multiplies 1 + v by about 1.6 (v the relative variance of one draw), and 1.6 to the "
            "20th is 10^4; an error of 10 % asks for 100 v draws. The cost follows how much x "
            "tells about z, not how many latents there are."
        ),
    ),
    Prediction(
        id="P2.5",
        question=(
            "In the model of equation 2.1 at x = 2, draw z from the exact posterior and average "
            "p(x|z). Compared with p(x), what comes out?"
        ),
        choices=("something smaller", "the same", "about 4 times as much", "it depends on n"),
        right="about 4 times as much",
        because=(
            "The posterior prefers z that explain x, so the plain average is too high: here 3.97 "
            "times p(x), exactly 1 plus the relative variance of p(x|z) under the prior. Without "
            "the weights p(z)/q(z), more draws only make you surer of a wrong number."
        ),
    ),
    Prediction(
        id="P2.6",
        question=(
            "A run of importance sampling reports an effective sample size of 954 of 1000 and an "
            "error bar of 0.007 nats; of model and q you know nothing else. Is its estimate of log "
            "p(x) within 0.1 nats of the truth?"
        ),
        choices=("surely", "probably", "cannot tell"),
        right="cannot tell",
        because=(
            "Error bar and effective sample size see only the draws there are. This run is from a "
            "posterior with two modes and a q on one of them: it misses by 0.69 nats, and nothing "
            "it can compute says so. A small effective sample size voids the bar; a large one is "
            "no certificate."
        ),
    ),
)

RECALL = (
    Question(
        "Write p(x) as an integral over z. Why is it an average, and of what?",
        "p(x) = integral of p(x|z) p(z) dz: the average of the densities p(x|z), with each z "
        "weighted by how usual it is under the prior.",
    ),
    Question(
        "State Bayes' rule for p(z|x). Which part of it needs an integral over z?",
        "p(z|x) = p(x|z) p(z) / p(x). The denominator does, and it is the same integral.",
    ),
    Question(
        "Why is f(z) not a sample of x?",
        "f(z) is the mean of p(x|z). A sample adds the noise; means alone vary less than pictures "
        "do.",
    ),
)
