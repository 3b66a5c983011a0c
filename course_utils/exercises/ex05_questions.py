"""Notebook 05: its predictions, and its questions from memory about notebooks 03 and 04."""

from course_utils.exercises._exercise import Prediction, Question

BUGS = (
    "a ReLU on log_var",
    "exp(log_var) taken for sigma",
    "no noise: z = mu",
    "rand instead of randn",
    "the sigmoid is applied twice",
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
        question=(
            "On test pictures the KL was 0.0 before the first step; after twenty passes it will be "
            "near 15. What did it do during this first pass?"
        ),
        choices=(
            "it stayed below 2",
            "it rose steadily, to somewhere below 15",
            "it overshot 15 and came back",
        ),
        right="it overshot 15 and came back",
        because=(
            "While the decoder is poor, any word from z seems to promise much rec, so mu grows "
            "fast. Once the decoder has learned the mean picture, most of these words are not "
            "worth their nats, and the KL pulls them back. Then z is put to better use, slowly."
        ),
    ),
    Prediction(
        id="P5.5",
        question=(
            "Test pictures. Put z = mu into log p(x|z) instead of a draw from q, leave the KL as "
            "it is, and call the result an ELBO. Compared with the real one it is"
        ),
        choices=("lower", "the same on average", "up to 1 nat higher", "more than 2 nats higher"),
        right="more than 2 nats higher",
        because=(
            "For every picture mu beats the average draw from q. But the KL paid for a blurred "
            "z; whoever then uses the sharp one has not paid for it. The result is no bound: here "
            "it lies even above the estimate of log p(x) (of which more draws change little)."
        ),
    ),
    Prediction(
        id="P5.6",
        question=(
            "Average the KL over the 8 latents, sum rec over the pixels, and train. Compared with "
            "the sums, what becomes of -rec and of -ELBO on test pictures?"
        ),
        choices=(
            "both get better",
            "-rec gets better, -ELBO worse",
            "-rec gets worse, -ELBO better",
            "both get worse",
        ),
        right="-rec gets better, -ELBO worse",
        because=(
            "At an eighth of its price the model buys three times the KL, and reconstructs better "
            "for it. Judged at the full price it has paid too much: 5 nats too much."
        ),
    ),
    Prediction(
        id="P5.7",
        question="Patient 1. Which mistake is it?",
        choices=BUGS,
        right="exp(log_var) taken for sigma",
        because=(
            "With sigma below 1 its square is smaller still: trained with less noise than q "
            "declares. So mu reconstructs better than in health (4.5), the codes together are too "
            "narrow (0.7), and draws from the declared q are too blurred: the bound loses 2 nats."
        ),
    ),
    Prediction(
        id="P5.8",
        question="Patient 2. Which mistake is it?",
        choices=BUGS,
        right="the sigmoid is applied twice",
        because=(
            "sigmoid(sigmoid(.)) stays between 0.5 and 0.73: a black pixel costs at least log 2, "
            "and 64 of them 44 nats. There is next to nothing to learn, so z is hardly used."
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
        right="a ReLU on log_var",
        because=(
            "log_var >= 0 says sigma >= 1: each code is at least as wide as the prior. So little "
            "can be said through z (KL 2.8, error 6.1), and all codes together are wider than "
            "they should be (1.7)."
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
