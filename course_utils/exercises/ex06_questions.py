"""Notebook 06: its predictions, and its questions from memory about notebooks 01, 03 and 05."""

from course_utils.exercises._exercise import Prediction, Question

PREDICTIONS = (
    Prediction(
        id="P6.1",
        question=(
            "The same small networks on the 8x8 digits, with 32 latents instead of 8. "
            "The test -ELBO becomes"
        ),
        choices=("at least 2 nats better", "about the same", "at least 2 nats worse"),
        right="about the same",
        because=(
            "A latent that says nothing costs 0 nats of KL, so the model can leave it alone. "
            "Too few latents cost nats; too many cost a little, and training time."
        ),
    ),
    Prediction(
        id="P6.2",
        question=(
            "The last of the 32 latents is hardly used: its mean KL is about 0.01 nats. What are "
            "the variance of mu over pictures, and the mean of sigma^2, for that latent?"
        ),
        choices=("about 0 and about 0", "about 0 and about 1", "about 1 and about 0"),
        right="about 0 and about 1",
        because=(
            "KL near 0 means that q(z_l|x) is nearly the prior for every x: mu near 0, sigma^2 "
            "near 1. A latent that is not used is all noise, and the decoder ignores it. For one "
            "that is used a lot it is the other way round."
        ),
    ),
    Prediction(
        id="P6.3",
        question=(
            "Both models now decode draws from N(0, I). Compared with the VAE's pictures, those of "
            "the autoencoder are"
        ),
        choices=(
            "about as varied",
            "less varied: more alike",
            "more varied: wilder",
        ),
        right="less varied: more alike",
        because=(
            "Its codes have variances near 20, so N(0, I) is a small spot in the middle of them, "
            "where nothing in particular lies. Neither place nor scale was ever asked for."
        ),
    ),
    Prediction(
        id="P6.4",
        question=(
            "A linear model at its best. Turn its first and its tenth latent by 30 degrees in "
            "their plane. What happens to log p(x), and to the best ELBO with a diagonal q?"
        ),
        choices=(
            "both stay",
            "log p(x) stays, the ELBO falls",
            "both fall",
            "log p(x) falls, the ELBO stays",
        ),
        right="log p(x) stays, the ELBO falls",
        because=(
            "N(0, I) looks the same from all sides, so p(x) cannot notice. But the posterior is "
            "an ellipse, and a diagonal q fits it only if its axes are those of the latents."
        ),
    ),
    Prediction(
        id="P6.5",
        question=(
            "Digits with pixels from 0 to 1, ten latents, and half the squared error as the loss, "
            "that is, sigma = 1. How many latents does the best linear VAE use?"
        ),
        choices=("10", "3", "1", "0"),
        right="0",
        because=(
            "The largest eigenvalue of the digits' covariance is 0.70, below sigma^2 = 1: "
            "no direction stands out of such noise. The best linear model is the mean picture; no "
            "bug, and no better optimiser would help."
        ),
    ),
    Prediction(
        id="P6.6",
        question=(
            "Slant is read with an R^2 of about 0.7, angle with about 0.2; both lean the digit to "
            "the right if positive, and slant varies twice as much. And their sum?"
        ),
        choices=("worse than the angle", "between the two", "better than the slant"),
        right="better than the slant",
        because=(
            "About 0.83. Shear and turn change a stroke in nearly the same way, so a picture shows "
            "how far a digit leans and hardly which of the two did it. The sum can be seen; each "
            "of its parts is the sum minus something that hardly can."
        ),
    ),
)

RECALL = (
    Question(
        "z is uniform on (0, 1) and F is a distribution function. What is the distribution of "
        "the inverse of F at z? (Notebook 01.)",
        "F itself: its inverse turns equal shares of the line into equal shares of probability.",
    ),
    Question(
        "The ELBO is log p(x) minus something. Minus what, and when is it zero? (Notebook 03.)",
        "Minus KL(q || p(z|x)), the KL to the posterior; zero only if q is the posterior.",
    ),
    Question(
        "After training, KL = 0 and rec is that of the mean picture. What would you check first? "
        "(Notebook 05.)",
        "The scale of the two terms (sums, not means), and whether a gradient reaches the encoder "
        "through z. Only then ask whether collapse might be the true optimum.",
    ),
)
