"""Notebook 07, E7.2: slips of the draws, the averages and the signs, and the hint for each."""

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from course_utils.exercises._compare import same_outputs
from course_utils.exercises._exercise import Mistake
from course_utils.exercises.ex07_inputs import TWINS
from course_utils.exercises.ex07_terms import Terms, asks, draws, heads, of, sigma


def _draws_its_own(outputs: Sequence[Any]) -> bool:
    """Whether equal inputs give different values."""
    one, two = ([outputs[i]] for i in TWINS)
    return not same_outputs(one, two)


def _at_one_z(t: Terms, z: Tensor) -> Tensor:
    """log p(x|z,y) at one z for each picture, (B,)."""
    return t.log_likelihood(t.x, z, t.y)


def _log_mean_exp(values: Tensor) -> Tensor:
    return values.logsumexp(0) - math.log(len(values))


def _squashed(pair: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
    """log_var read as log sigma."""
    return pair[0], 2 * pair[1]


BOUND = (
    Mistake(
        "fresh noise",
        draws(lambda t: t.mu + sigma(t.lv) * torch.randn_like(t.eps)),
        "The same inputs give another value the second time: noise is drawn inside. Use the `eps` "
        "that comes in, all K draws of it.",
        also_wrong=(
            of(lambda t: t.kl - _at_one_z(t, t.mu + sigma(t.lv) * torch.randn_like(t.mu))),
        ),
        looks_like=_draws_its_own,
    ),
    Mistake(
        "summed over the draws",
        of(lambda t: t.kl - t.recs.sum(0)),
        "log p(x|z,y) is added up over the K draws: more draws would mean a stronger first term, "
        "and the KL would count for less. The draws *estimate* an expectation; what does 7.7 "
        "divide by?",
        also_wrong=(of(lambda t: (t.kl - t.recs).sum(0)),),
    ),
    Mistake(
        "one draw of the K",
        of(lambda t: t.kl - t.recs[0]),
        "One of the K draws is used and the others are thrown away. That is right on average, and "
        "noisier than it need be: which axis of (K, B) is left to be averaged?",
    ),
    Mistake(
        "best of the draws",
        of(lambda t: t.kl - t.recs.max(0).values),
        "You keep the best of the K draws. With more draws the "
        "best one gets better and better, whatever q is: nothing bounds it. 7.7 has their average.",
    ),
    Mistake(
        "importance weights",
        of(lambda t: -_log_mean_exp(t.recs - t.log_ratios)),
        "You average the *weights* p(x|z,y) p(z|y) / q(z|x,y) and take the logarithm afterwards. "
        "That is no mistake: it is a tighter bound, equation 7.12 with K draws. But it is not 7.7, "
        "which averages the logarithms and has its KL in closed form.",
        also_wrong=(of(lambda t: -(t.recs - t.log_ratios).logsumexp(0)),),
    ),
    Mistake(
        "log of the mean",
        of(lambda t: t.kl - _log_mean_exp(t.recs)),
        "You average p(x|z,y) over the draws, take the logarithm, and subtract the KL. The "
        "logarithm of a mean is larger than the mean of the logarithms (Jensen), and nothing says "
        "that yours still lies below log p(x|y). In which order do mean and log come in 7.7?",
        also_wrong=(of(lambda t: t.kl - t.recs.logsumexp(0)),),
    ),
    Mistake(
        "the KL by draws",
        of(lambda t: (t.log_ratios - t.recs).mean(0)),
        "Your KL is the average of log q(z|x,y) - log p(z|y) over the draws. Right on average, and "
        "no mistake at all; but 7.7 has it as a formula without draws, which is less noisy.",
    ),
    Mistake(
        "q's own density is missing",
        of(lambda t: -(t.log_p + t.recs).mean(0)),
        "Your loss is -log p(x, z|y), or has log q(z|x,y) with the wrong sign. Without q's own "
        "part the best q is a spike. 7.7 has the whole KL as a formula.",
        also_wrong=(of(lambda t: -(t.log_ratios + t.recs).mean(0)),),
    ),
    Mistake(
        "averaged over the batch",
        of(lambda t: t.loss.mean()),
        "One number for the whole batch is left. That will be the loss of a training step; here "
        "each picture keeps its own -ELBO, (B,).",
        also_wrong=(
            of(lambda t: t.loss.sum()),
            of(lambda t: (t.kl_normal - t.rec).mean()),
        ),
    ),
    Mistake(
        "one term reduced over the batch",
        of(lambda t: t.kl - t.recs.mean()),
        "One of your two terms has lost its batch axis: every picture is charged with all of them, "
        "or with their average. Of (K, B) the first axis goes, of (B, L) the last; B stays.",
        also_wrong=(
            of(lambda t: t.kl - t.recs.sum()),
            of(lambda t: t.kl.mean() - t.rec),
            of(lambda t: t.kl.sum() - t.rec),
        ),
    ),
    Mistake(
        "not averaged over the draws",
        of(lambda t: t.kl - t.recs),
        "One number for each draw *and* picture is left, (K, B). The draws belong to one "
        "expectation: which axis goes?",
        also_wrong=(of(lambda t: t.log_ratios - t.recs),),
    ),
    Mistake(
        "(B, B)",
        of(lambda t: t.kl[:, None] - t.rec),
        "Shapes (B,) and (B, 1) have met: every picture's log p(x|z,y) is paired with every "
        "other's KL. Bring both to (B,) before you combine them: is there a `keepdim`?",
        also_wrong=(of(lambda t: t.kl - t.rec[:, None]),),
    ),
    Mistake(
        "the ELBO",
        of(lambda t: -t.loss),
        "The size is right, the sign is not: that is the ELBO, to be made large. Optimisers make "
        "things small.",
        also_wrong=(of(lambda t: t.rec - t.kl_normal),),
    ),
    Mistake(
        "KL subtracted",
        of(lambda t: -t.rec - t.kl),
        "The KL has the wrong sign for a loss: to lower yours, q and the prior would run away from "
        "each other. The ELBO subtracts the KL; what does *minus* the ELBO do?",
        also_wrong=(of(lambda t: -t.rec - t.kl_normal),),
    ),
    Mistake(
        "log p(x|z,y) added",
        of(lambda t: t.rec + t.kl),
        "Your first term has the wrong sign: the loss would fall as the pictures get less "
        "probable. The ELBO adds log p(x|z,y); what does minus the ELBO do?",
    ),
    Mistake(
        "no KL",
        of(lambda t: -t.rec),
        "That is -log p(x|z,y) alone. z could hold all of x, label included, and at test time, "
        "when z comes from p(z|y), the decoder would meet draws it has never seen. What keeps "
        "q(z|x,y) near p(z|y)?",
    ),
    Mistake(
        "only the KL",
        of(lambda t: t.kl),
        "That is the KL alone, right as it stands. Which term says how well the decoder explains "
        "x?",
    ),
    Mistake(
        "variance as sigma",
        draws(lambda t: t.mu + t.lv.exp() * t.eps),
        "Your z is not mu + sigma eps: the noise is multiplied by something else than q's standard "
        "deviation. What is sigma, if log_var = 2?",
        also_wrong=(
            draws(lambda t: t.mu + t.lv * t.eps),
            draws(lambda t: t.mu + (2 * t.lv).exp() * t.eps),
            draws(lambda t: t.mu + t.eps),
        ),
    ),
    Mistake(
        "no noise",
        draws(lambda t: t.mu.expand_as(t.eps)),
        "You decode z = mu (or with noise that is not noise any more). The KL pays for a blurred z "
        "that is never used: the value is too good, and no bound. Where does `eps` come in?",
        also_wrong=(
            of(lambda t: t.kl - _at_one_z(t, t.mu).mean()),
            draws(lambda t: (t.mu + sigma(t.lv) * t.eps.mean(0)).expand_as(t.eps)),
        ),
    ),
    Mistake(
        "shared noise",
        draws(lambda t: t.mu + sigma(t.lv) * t.eps[:, :1]),
        "Pictures or latents share their noise. eps has a number for each draw, picture and "
        "latent: (K, B, L) meets (B, L) without any indexing.",
        also_wrong=(draws(lambda t: t.mu + sigma(t.lv) * t.eps[..., :1]),),
    ),
    Mistake(
        "z from the prior",
        draws(lambda t: t.mu_p + sigma(t.lv_p) * t.eps),
        "Your draws come from p(z|y), or from N(0, I). That is what happens when new pictures are "
        "made; the expectation in 7.7 runs over q(z|x,y), which has seen x. What makes z of eps "
        "there?",
        also_wrong=(draws(lambda t: t.eps),),
    ),
    Mistake(
        "z of two densities",
        draws(lambda t: t.mu + sigma(t.lv_p) * t.eps),
        "Your z has its mean from one density and its sigma from another. Both come from q(z|x,y), "
        "the encoder's.",
        also_wrong=(draws(lambda t: t.mu_p + sigma(t.lv) * t.eps),),
    ),
    Mistake(
        "log_var as log sigma",
        heads(_squashed, _squashed),
        "You read a `log_var` as log sigma, throughout. A network could learn that; but these "
        "return the log of the *variance*, encoder and prior alike.",
        also_wrong=(heads(_squashed),),
    ),
    Mistake(
        "the encoder is not told y",
        asks(encode=lambda x, y: (x, torch.zeros_like(y))),
        "Your encoder sees x and no y (or one row for all). It is still a bound, and at its best a "
        "looser one: q(z|x) has to guess what it could have been told. In 7.7 q is given both.",
        also_wrong=(asks(encode=lambda x, y: (x, y[:1].expand_as(y))),),
    ),
    Mistake(
        "the encoder is not told x",
        asks(encode=lambda x, y: (torch.zeros_like(x), y)),
        "Your encoder does not see x: its q can only be a second prior. Which two inputs has "
        "q(z|x,y)?",
    ),
    Mistake(
        "the decoder is not told y",
        asks(likelihood=lambda x, y: (x, torch.zeros_like(y))),
        "Your log p(x|z,y) is not told y: whatever is asked for, the decoder cannot know it. z "
        "would have to carry the label, and asking for a digit would change nothing.",
    ),
    Mistake(
        "the prior is not told y",
        asks(prior=lambda x, y: torch.zeros_like(y)),
        "Your prior is asked with nothing (or with one row for all): that is p(z), the same for "
        "every y. What does p(z|y) depend on?",
        also_wrong=(asks(prior=lambda x, y: y[:1].expand_as(y)),),
    ),
    Mistake(
        "x and y exchanged",
        asks(encode=lambda x, y: (y, x)),
        "x and y have changed places in one of the calls. x is the picture, the output; y is the "
        "condition, known from the start (in Doersch's tutorial the letters are the other way "
        "round). Compare each call with the docstring.",
        also_wrong=(
            asks(likelihood=lambda x, y: (y, x)),
            asks(prior=lambda x, y: x),
            asks(
                encode=lambda x, y: (y, x),
                likelihood=lambda x, y: (y, x),
                prior=lambda x, y: x,
            ),
        ),
    ),
)
