"""Notebook 07: its predictions, and its questions from memory about notebooks 03, 05 and 06."""

from course_utils.exercises._exercise import Prediction, Question

OF_THOUSAND = ("about 100", "about 500", "nearly all")
SHARE_READ = ("less than 0.25: little more than guessing", "0.25 to 0.5", "more than 0.5")

PREDICTIONS = (
    Prediction(
        id="P7.1",
        question=(
            "A short training gives the VAE of 8 latents a test -ELBO of 23.7 on the 8x8 digits. "
            "Now encoder and decoder are told the label. The test -ELBO becomes"
        ),
        choices=(
            "better by less than half a nat: the pixels show the digit anyway",
            "better by 2 to 3 nats",
            "better by 10 nats or more",
        ),
        right="better by 2 to 3 nats",
        because=(
            "Without the label, z has to carry the digit, and which of ten it is costs up to "
            "log 10 = 2.3 nats of KL. Told for nothing, that is about what is saved. The pixels do "
            "show the digit, but the decoder does not see them: all that it knows comes by z."
        ),
    ),
    Prediction(
        id="P7.2",
        question=(
            "Train again, the prior being N(0, I) as before, but let only the encoder see the "
            "label. Of 1000 digits asked for, how many does the judge read as asked?"
        ),
        choices=OF_THOUSAND,
        right="about 100",
        because=(
            "The decoder makes the picture, and it was not told. What comes is some digit: a tenth "
            "of them happens to be the one asked for."
        ),
    ),
    Prediction(
        id="P7.3",
        question=(
            "And if only the decoder sees the label? Of 1000 digits asked for, the judge reads as "
            "asked"
        ),
        choices=OF_THOUSAND,
        right="nearly all",
        because=(
            "The decoder is told, and that is what counts when one asks. The encoder can see the "
            "digit in the picture, so it hardly misses the label: about two tenths of a nat."
        ),
    ),
    Prediction(
        id="P7.4",
        question=(
            "A linear reader (logistic regression) learns to read the digit from mu: from the "
            "VAE's, it is right for about 0.8 of the test pictures. From mu(x, y) of the "
            "conditional model?"
        ),
        choices=SHARE_READ,
        right="less than 0.25: little more than guessing",
        because=(
            "The decoder knows the digit, so every nat spent on telling it again would be wasted: "
            "the encoder takes the difference out, and the ten clouds of codes have about the same "
            "centre. A linear reader sees centres."
        ),
    ),
    Prediction(
        id="P7.5",
        question=(
            "Another reader of the same mu(x, y): the majority among the 20 training pictures with "
            "the nearest codes. It is right for"
        ),
        choices=SHARE_READ,
        right="0.25 to 0.5",
        because=(
            "The ten clouds share their centre, not their shape: where 4s are dense and 7s are "
            "rare, a code is more likely a 4's. N(0, I) for every y is what the prior says; the "
            "codes keep to it as far as that pays in nats."
        ),
    ),
    Prediction(
        id="P7.6",
        question=(
            "With a learned prior p(z|y), take z from the prior of another digit than the one "
            "asked for. How often does the judge read what was asked for?"
        ),
        choices=(
            "nearly always, as with its own z",
            "less often, but in most cases",
            "in fewer than half of the cases",
        ),
        right="less often, but in most cases",
        because=(
            "The decoder still hears y, so most come out right. But it was hardly trained on such "
            "pairs of y and z: codes of another digit lie where its own are rare. A style common "
            "to all digits is what the fixed prior was chosen for."
        ),
    ),
    Prediction(
        id="P7.7",
        question=(
            "A completion is the decoder's mean picture for one z drawn from p(z|y). Its squared "
            "error, on average over test pictures, compared with that of the regressor's guess:"
        ),
        choices=(
            "smaller: the regressor's guess is blurred",
            "larger, but by less than half",
            "twice as large, as (7.11) has it for M = 1",
        ),
        right="larger, but by less than half",
        because=(
            "A draw's error is that of the mean of all draws plus the variance of the draws. Twice "
            "would hold if they varied as the truth does, (7.11); these vary less: by what z "
            "decides, without the noise of the pixels."
        ),
    ),
)

RECALL = (
    Question(
        "Name the three terms of the identity of notebook 03 besides log p(x), and say which of "
        "them can be computed. (Notebook 03.)",
        "KL(q(z) || p(z|x)), the gap, which needs the unknown posterior; and the two terms of the "
        "bound, E_q log p(x|z) and KL(q(z) || p(z)), which can.",
    ),
    Question(
        "To generate with a trained VAE, which of its parts are used, and where does z come from? "
        "(Notebook 05.)",
        "The decoder alone; z comes from the prior, N(0, I). The encoder is not used.",
    ),
    Question(
        "The mean KL splits into two parts. Which of them spoils generation? (Notebook 06.)",
        "I(x; z) + KL(q(z) || p(z)). The second: where q(z) and the prior differ, the decoder is "
        "asked for z that it was hardly trained on.",
    ),
)
