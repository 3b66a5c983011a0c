"""Notebook 04: its predictions, and its questions from memory about notebooks 02 and 03."""

from course_utils.exercises._exercise import Prediction, Question

ESTIMATORS = ("A", "B", "both the same")
FATES = (
    "an error",
    "the right gradient, only noisier",
    "no error: a gradient without the reconstruction",
    "no error: all gradients are zero",
)

PREDICTIONS = (
    Prediction(
        id="P4.1",
        question="You run these three lines. What comes?",
        choices=FATES,
        right="an error",
        because=(
            "Numbers from a generator have no history. Nothing in (z**2).mean() depends on mu as "
            "far as torch can see, and it says so: there is nothing to differentiate."
        ),
    ),
    Prediction(
        id="P4.2",
        question=(
            "f(z) = z^2, mu = 1, sigma = 0.5. How many times the variance of the pathwise gradient "
            "(per draw) does the score-function gradient have?"
        ),
        choices=("about 2", "about 20", "about 200", "less than 1"),
        right="about 20",
        because=(
            "Exactly 21.75. The score function multiplies whole values of f by noise of size "
            "1/sigma, and most of it has to cancel; the path multiplies nothing."
        ),
    ),
    Prediction(
        id="P4.3",
        question=(
            "q is the exact posterior, one draw. Which estimate of the ELBO's value has less "
            "variance?"
        ),
        choices=ESTIMATORS,
        right="A",
        because=(
            "log p(x, z) - log q(z) is log p(x) for every z if q is the posterior: A has no "
            "variance at all. B draws log p(x|z) only, and that varies."
        ),
    ),
    Prediction(
        id="P4.4",
        question=(
            "The same q, one draw. Which of the two has the gradient in mu with less variance?"
        ),
        choices=ESTIMATORS,
        right="B",
        because=(
            "A's value does not vary, but its gradient does: -log q(z) also depends on mu "
            "directly, and that part, the score of q, has mean zero and variance 1/sigma^2."
        ),
    ),
    Prediction(
        id="P4.5",
        question="What does the gradient of that loss with respect to mu and log_var give?",
        choices=FATES,
        right="no error: a gradient without the reconstruction",
        because=(
            "The KL depends on mu and log_var in closed form, so there is something to "
            "differentiate and torch is content. The reconstruction's part is missing, and "
            "nothing says so."
        ),
    ),
    Prediction(
        id="P4.6",
        question=(
            "The batch's average gradient, with one shared eps for all 64 pictures, compared with "
            "64 separate ones, is"
        ),
        choices=(
            "biased",
            "unbiased, and about as noisy",
            "unbiased, with 8 times the variance",
            "unbiased, with 64 times the variance",
        ),
        right="unbiased, with 64 times the variance",
        because=(
            "Each picture's eps is still standard normal, so every mean is right. But here (equal "
            "pictures) all 64 gradients are one and the same number, and averaging equal numbers "
            "averages nothing."
        ),
    ),
)

RECALL = (
    Question(
        "Write the ELBO as two terms. Which of the two KL divergences stands in it, and which one "
        "is the gap? (Notebook 03.)",
        "ELBO = E_q log p(x|z) - KL(q || p(z)). The KL to the prior stands in it; the gap "
        "log p(x) - ELBO is the KL to the posterior.",
    ),
    Question(
        "Fix the model and raise the ELBO over q. What happens to log p(x), and what to the gap? "
        "(Notebook 03.)",
        "log p(x) stays, since it does not know q; the gap falls by exactly what the ELBO gains.",
    ),
    Question(
        "With q = p(z|x), what is the variance of the weight p(x|z) p(z) / q(z), and why? "
        "(Notebook 02.)",
        "Zero: by Bayes' rule the weight is p(x) whatever z is.",
    ),
)
