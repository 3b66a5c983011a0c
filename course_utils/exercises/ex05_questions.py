"""Notebook 05: its predictions, and its questions from memory about notebooks 03 and 04."""

from course_utils.exercises._exercise import Prediction, Question

BUGS = (
    "the KL is averaged over the latents",
    "rec is averaged over the pixels",
    "the sigmoid is applied twice",
    "no noise: z = mu",
    "rand instead of randn",
)

PREDICTIONS = (
    Prediction(
        id="P5.1",
        question=(
            "Fix p = 0.1 and integrate p^x (1 - p)^(1 - x) over all grey values x from 0 to 1. "
            "What comes out?"
        ),
        choices=("1", "less than 1", "more than 1", "it is infinite"),
        right="less than 1",
        because=(
            "0.364. On 0 and 1 alone the two values add up to 1; spread over the line between "
            "them, the same formula is not a density. It says nothing that can be compared with "
            "a log p of grey pictures."
        ),
    ),
    Prediction(
        id="P5.2",
        question=(
            "Somebody's loss is mse_loss(f, x) + KL: the squared error averaged over 784 pixels, "
            "the KL summed over the latents. Which standard deviation of a pixel's noise is that?"
        ),
        choices=("about 0.04", "about 0.7", "1", "about 20"),
        right="about 20",
        because=(
            "The average divides by 784, equation 5.3 divides by 2 sigma^2: so sigma^2 = 392 and "
            "sigma = 19.8, for pixels between 0 and 1. To such a decoder all pictures are alike."
        ),
    ),
    Prediction(
        id="P5.3",
        question=(
            "28 x 28 pixels of 0 and 1, both networks fresh from the random generator. What is "
            "-ELBO, in nats a picture?"
        ),
        choices=("about 0.7", "about 54", "about 540", "nobody can know"),
        right="about 540",
        because=(
            "Fresh networks return numbers near 0: logits near 0 say one half for each pixel, and "
            "784 log 2 = 543.4. mu and log_var near 0 say that q is the prior, so the KL is near 0."
        ),
    ),
    Prediction(
        id="P5.4",
        question="Training starts from there. What does the KL do?",
        choices=(
            "it falls, since the loss falls",
            "it stays near 0",
            "it rises, and then stays about where it is",
        ),
        right="it rises, and then stays about where it is",
        because=(
            "It starts at 0, where it cannot fall. What z tells about x has to be paid in KL; "
            "the loss falls because rec gains more than that. Both level off together."
        ),
    ),
    Prediction(
        id="P5.5",
        question=(
            "Test pictures. Put z = mu into log p(x|z) instead of a draw from q, leave the KL as "
            "it is, and call the result an ELBO. Compared with the real one it is"
        ),
        choices=("lower", "the same on average", "a little higher", "several nats higher"),
        right="several nats higher",
        because=(
            "The decoder learned to cope with draws from q, and mu is the best of them. The KL "
            "pays for a blurred z; whoever then uses the sharp one has not paid for it. No bound."
        ),
    ),
    Prediction(
        id="P5.6",
        question=(
            "Average rec over the 64 pixels, sum the KL over the latents, and train. Where does "
            "the KL end?"
        ),
        choices=("near 0", "near 5, as before", "64 times as high"),
        right="near 0",
        because=(
            "A bit that costs one nat of KL now brings 1/64 of what it is worth in rec. None is "
            "worth buying, so the encoder sends nothing and the decoder draws the mean picture."
        ),
    ),
    Prediction(
        id="P5.7",
        question="Patient 1. Which mistake is it?",
        choices=BUGS,
        right="the KL is averaged over the latents",
        because=(
            "A KL of 14.5 where 4.6 would do: bought at an eighth of its price. Reconstructions "
            "are better than those of a healthy model, and the bound is 5 nats worse."
        ),
    ),
    Prediction(
        id="P5.8",
        question="Patient 2. Which mistake is it?",
        choices=BUGS,
        right="the sigmoid is applied twice",
        because=(
            "sigmoid(sigmoid(.)) stays between 0.5 and 0.73: even a black pixel costs log 2, and "
            "64 of them 44 nats. There is nothing to learn, so z is not used."
        ),
    ),
    Prediction(
        id="P5.9",
        question="Patient 3. Which mistake is it?",
        choices=BUGS,
        right="no noise: z = mu",
        because=(
            "Without noise mu can carry everything in its decimals and the decoder relies on them; "
            "evaluated with the noise that its q declares, it is lost. From mu itself its error is "
            "smaller than a healthy model's."
        ),
    ),
    Prediction(
        id="P5.10",
        question="Patient 4. Which mistake is it?",
        choices=BUGS,
        right="rec is averaged over the pixels",
        because=(
            "KL 0.00 and rec equal to that of the mean picture: nothing goes through z. The same "
            "numbers come from a KL summed over the batch, and from .sample() in place of "
            "mu + sigma eps. The tests of scale and of gradient tell them apart."
        ),
    ),
)

RECALL = (
    Question(
        "What are the two terms of the ELBO, which of them needs draws, and where does the noise "
        "come in? (Notebooks 03 and 04.)",
        "E_q log p(x|z) - KL(q || p(z)). The first is averaged over draws z = mu + sigma eps, "
        "where eps comes from outside; the second has a closed form for normals.",
    ),
    Question(
        "What does amortised mean? What does it cost? (Notebook 04.)",
        "One encoder returns mu and log_var for every x, instead of a search for each. It costs "
        "the amortisation gap: its q is a little worse than the best q of the same family.",
    ),
    Question(
        "An encoder at mu = 0, log_var = 0 gets no gradient at all from your loss. What follows? "
        "(Notebook 04.)",
        "There the KL has no gradient of its own, so whatever arrives comes through z. Nothing "
        "arrives: the path from rec is cut.",
    ),
)
