"""Notebook 03: its predictions, and its questions from memory about notebooks 01 and 02."""

from course_utils.exercises._exercise import Prediction, Question

HUMPS = ("between the humps, narrow", "wide, over both humps", "onto one hump")

PREDICTIONS = (
    Prediction(
        id="P3.1",
        question=(
            "The average of log q(z) - log p(z) over draws from q is 0.855. How many of the single "
            "terms are negative?"
        ),
        choices=("none", "about 3 %", "about 30 %", "about 60 %"),
        right="about 30 %",
        because=(
            "Wherever p(z) exceeds q(z) the term is negative, and q's own draws land there quite "
            "often. Only the expectation under q cannot be negative."
        ),
    ),
    Prediction(
        id="P3.2",
        question=(
            "KL(narrow || wide) is 0.283. What is KL(wide || narrow), the average now under the "
            "wide one?"
        ),
        choices=("about half of it", "the same", "about twice as much"),
        right="about twice as much",
        because=(
            "Draws from the wide one land where the narrow one has hardly any density, and each of "
            "them costs a large log-ratio: 0.604. Draws from the narrow one all land where the "
            "wide one is at home."
        ),
    ),
    Prediction(
        id="P3.3",
        question=(
            "Model and x stay fixed, and you move only the mean of q. Which of these four change: "
            "log p(x), the ELBO, the gap, KL(q || p(z))?"
        ),
        choices=(
            "all four",
            "all but log p(x)",
            "only the ELBO and the gap",
            "only the gap",
        ),
        right="all but log p(x)",
        because=(
            "log p(x) does not know q. The ELBO and the gap add up to it, so what one loses the "
            "other wins; and the distance of q's mean from 0 stands in KL(q || p(z))."
        ),
    ),
    Prediction(
        id="P3.4",
        question=(
            "The posterior has two equal humps, at 1.2 and -1.2. Where does the normal q with the "
            "largest ELBO go?"
        ),
        choices=HUMPS,
        right="onto one hump",
        because=(
            "KL(q || p) averages over draws of q. A q over both humps has many draws in the empty "
            "middle, where log q - log p is large; a q on one hump misses half of the mass, which "
            "costs only log 2."
        ),
    ),
    Prediction(
        id="P3.5",
        question=(
            "The same posterior with two humps. Where does the normal q with the least "
            "KL(p || q) go?"
        ),
        choices=HUMPS,
        right="wide, over both humps",
        because=(
            "KL(p || q) averages over draws of the posterior, and half of them lie on each hump: q "
            "must have density at both. The best normal has the posterior's mean, 0, and its "
            "variance."
        ),
    ),
    Prediction(
        id="P3.6",
        question=(
            "Endless data from theta = 1, a posterior with correlated latents, a diagonal q. "
            "Maximise the ELBO over q and theta together. Which theta wins?"
        ),
        choices=("below 1", "1: the data are endless", "above 1"),
        right="below 1",
        because=(
            "The gap of the best diagonal q shrinks as the posterior loses its correlation, and a "
            "smaller theta makes the posterior less correlated. The bound trades likelihood for a "
            "smaller gap; more data do not help."
        ),
    ),
)

RECALL = (
    Question(
        "z ~ N(0, 1), x = a z + b + noise. To which side of the z that explains x without error "
        "does the posterior mean lie, and why? (Notebook 01.)",
        "Nearer to 0: the posterior weighs the likelihood with the prior, which prefers z near 0. "
        "Precisions add up, and the mean is their weighted compromise.",
    ),
    Question(
        "What is the average of p(x|z) over draws from q, if not p(x)? What repairs it? "
        "(Notebook 02.)",
        "Too large a number, if q prefers z that explain x. Each draw needs the weight p(z)/q(z); "
        "then the average is p(x) for every q that leaves nothing out.",
    ),
    Question(
        "Which is larger, the mean of logs or the log of the mean? When are they equal? "
        "(Notebook 02.)",
        "The log of the mean (Jensen). They are equal only if all the numbers are.",
    ),
)
