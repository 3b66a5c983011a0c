"""Notebook 04: its predictions, and its questions from memory about notebooks 02 and 03."""

from course_utils.exercises._exercise import Prediction, Question

ESTIMATORS = ("A", "B", "both the same")

PREDICTIONS = (
    Prediction(
        id="P4.1",
        question="You run these three lines. What is mu.grad then?",
        choices=("about 2", "exactly 0", "there is none: an error"),
        right="there is none: an error",
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
            "Variances 10 against 8.1. A's value does not vary, but its gradient does: -log q(z) "
            "also depends on mu directly, and that part, the score of q, has mean zero and "
            "variance 1/v = 10. B sees the slope of log p(x|z) alone: 81 * 0.1."
        ),
    ),
    Prediction(
        id="P4.5",
        question="What is the gradient of that loss in mu and log_var?",
        choices=(
            "there is none: an error",
            "the right one, only noisier",
            "the right one, without the part of the reconstruction",
            "exactly 0",
        ),
        right="the right one, without the part of the reconstruction",
        because=(
            "The KL depends on mu and log_var in closed form, so there is something to "
            "differentiate and torch is content. The reconstruction's part is missing, and "
            "nothing says so."
        ),
    ),
    Prediction(
        id="P4.6",
        question=(
            "64 copies of one picture, one draw each. The batch's average gradient with one shared "
            "eps for all, compared with 64 separate ones, is"
        ),
        choices=(
            "biased",
            "unbiased, and about as noisy",
            "unbiased, with 8 times the variance",
            "unbiased, with 64 times the variance",
        ),
        right="unbiased, with 64 times the variance",
        because=(
            "Each copy's eps is still standard normal, so the mean is right. But all 64 gradients "
            "are one and the same number now, and averaging equal numbers averages nothing."
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
        "Why does the ELBO use KL(q || p) and not KL(p || q)? What does q do in return when p has "
        "two humps? (Notebook 03.)",
        "An average over q can be drawn, one over the unknown posterior cannot. In return q sits "
        "on one of the humps and is too narrow.",
    ),
)
