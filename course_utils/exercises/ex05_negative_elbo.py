"""Notebook 05, E5.3: what people write instead of -ELBO, and the hint for each."""

from collections.abc import Sequence
from typing import Any

import torch
from torch.nn import functional

from course_utils.exercises._compare import same_outputs
from course_utils.exercises._exercise import Mistake
from course_utils.exercises.ex05_inputs import TWINS
from course_utils.exercises.ex05_terms import Terms, draws, kl_is, of, rec_is, sigma


def _draws_its_own(outputs: Sequence[Any]) -> bool:
    """Whether equal inputs give different values."""
    one, two = ([outputs[i]] for i in TWINS)
    return not same_outputs(one, two)


NEGATIVE_ELBO = (
    Mistake(
        "fresh noise",
        draws(lambda mu, lv, eps: mu + sigma(lv) * torch.randn_like(mu)),
        "The same inputs give another value the second time: noise is drawn inside. Use the `eps` "
        "that comes in: with the noise frozen, two runs can be compared.",
        also_wrong=(
            draws(lambda mu, lv, eps: torch.normal(mu, sigma(lv))),
            draws(lambda mu, lv, eps: mu + sigma(lv) * torch.rand_like(mu)),
            draws(lambda mu, lv, eps: mu + sigma(lv) * torch.randn_like(mu[:1])),
        ),
        looks_like=_draws_its_own,
    ),
    Mistake(
        "mean over the pixels",
        of(lambda t: t.kl - t.pixels.mean(-1)),
        "The pixels are averaged, the latents are summed: that is D times too little weight for "
        "what x says. Each nat of KL must now pay for itself D-fold, and none will: the KL goes to "
        "0 and the decoder draws one mean picture. Is log p(x|z) a sum or a mean over pixels?",
        also_wrong=(
            of(lambda t: t.kl - t.pixels.mean()),
            of(lambda t: t.kl - t.pixels.mean(0).mean()),
            of(lambda t: t.kl.mean() - t.pixels.mean()),
            of(lambda t: t.kl.sum() - t.pixels.mean()),
        ),
    ),
    Mistake(
        "KL mean over the latents",
        of(lambda t: t.kls.mean(-1) - t.rec),
        "The KL is averaged over the latents: each nat of information about x is bought at 1/L of "
        "its price. The pictures get better, the bound gets worse. What happens to the KLs of "
        "independent coordinates?",
        also_wrong=(
            of(lambda t: t.kls.mean() - t.rec),
            of(lambda t: t.kls.mean() - t.rec.mean()),
        ),
    ),
    Mistake(
        "both averaged",
        of(lambda t: t.kls.mean(-1) - t.pixels.mean(-1)),
        "Both terms are averaged, one over D pixels and one over L latents, and D is not L: their "
        "balance has changed. The *whole* loss may be scaled, its two terms may not be scaled "
        "differently.",
        also_wrong=(
            of(lambda t: t.kls.mean() - t.pixels.mean()),
            of(lambda t: t.kls.mean() - t.pixels.mean(-1)),
        ),
    ),
    Mistake(
        "divided by D",
        of(lambda t: t.loss / t.x.shape[-1]),
        "The whole, or the KL alone, is divided by the number of pixels. Scaling the whole does "
        "little harm to training, but the number is no longer in nats a picture; scaling the KL "
        "alone makes it D times cheaper.",
        also_wrong=(
            of(lambda t: t.loss.mean() / t.x.shape[-1]),
            of(lambda t: t.kl / t.x.shape[-1] - t.rec),
        ),
    ),
    Mistake(
        "KL summed over the batch",
        of(lambda t: t.kl.sum() - t.rec),
        "Every picture pays the KL of the whole batch (or of its average): the KL has lost its "
        "batch axis. With B pictures its weight would change with B. Which axis of (B, L) should "
        "the sum take?",
        also_wrong=(
            of(lambda t: t.kl.mean() - t.rec),
            of(lambda t: t.kl.sum() - t.rec.mean()),
            of(lambda t: t.kls.mean(0).sum() - t.rec),
        ),
    ),
    Mistake(
        "first term reduced over the batch",
        of(lambda t: t.kl - t.rec.sum()),
        "Your log p(x|z) has lost its batch axis: every picture is charged with all of them (or "
        "with their average). torch's losses sum or average over *everything*, unless "
        '`reduction="none"`. Which axis of (B, D) should the sum take?',
        also_wrong=(
            of(lambda t: t.kl - t.rec.mean()),
            of(lambda t: t.kl.mean() - t.rec.sum()),
        ),
    ),
    Mistake(
        "averaged over the batch",
        of(lambda t: t.loss.mean()),
        "One number for the whole batch is left. That will be the loss (equation 5.8); here each "
        "picture keeps its own -ELBO, (B,).",
        also_wrong=(
            of(lambda t: t.loss.sum()),
            of(lambda t: -t.loss.mean()),
            of(lambda t: -t.loss.sum()),
            of(lambda t: t.loss.mean(0, keepdim=True)),
        ),
    ),
    Mistake(
        "the ELBO",
        of(lambda t: -t.loss),
        "The size is right, the sign is not: that is the ELBO, to be made large. Optimisers make "
        "things small.",
    ),
    Mistake(
        "KL subtracted",
        of(lambda t: -t.rec - t.kl),
        "The KL has the wrong sign for a loss: to lower yours, q would run away from the prior as "
        "far as it can, and training diverges. The ELBO subtracts the KL; what does *minus* the "
        "ELBO do?",
    ),
    Mistake(
        "log p(x|z) added",
        of(lambda t: t.rec + t.kl),
        "Your first term has the wrong sign: the loss would fall as the pictures get less "
        "probable. The ELBO adds log p(x|z); what does minus the ELBO do?",
    ),
    Mistake(
        "no KL",
        of(lambda t: -t.rec),
        "That is -log p(x|z) alone: an autoencoder with noise. What keeps q near the prior, from "
        "which new pictures are drawn?",
        also_wrong=(of(lambda t: t.rec), of(lambda t: -t.rec.mean())),
    ),
    Mistake(
        "only the KL",
        of(lambda t: t.kl),
        "That is the KL alone, right as it stands. x comes in only by way of the encoder: which "
        "term says how well the decoder explains x?",
        also_wrong=(of(lambda t: -t.kl),),
    ),
    Mistake(
        "three log-densities",
        of(lambda t: t.log_qz - t.log_pz - t.rec),
        "That is equation 5.6: the KL by the same draw as log p(x|z). It is right on average, "
        "over many eps, and no mistake at all; but the exercise asks for equation 5.7, where the "
        "KL is a formula without draws.",
    ),
    Mistake(
        "no entropy",
        of(lambda t: -t.log_pz - t.rec),
        "Your loss is -log p(x, z), or has log q(z|x) with the wrong sign. Without q's own part "
        "the best q is a spike. Equation 5.7 has the whole KL as a formula.",
        also_wrong=(
            of(lambda t: -t.log_pz - t.log_qz - t.rec),
            of(lambda t: t.log_qz - t.rec),
            of(lambda t: t.log_pz - t.log_qz - t.rec),
        ),
    ),
    Mistake(
        "variance as sigma",
        draws(lambda mu, lv, eps: mu + lv.exp() * eps),
        "Your z is mu + exp(log_var) eps: that multiplies the noise by the variance. The KL then "
        "speaks of one q and the draws come from another. What is sigma, if log_var = 2?",
        also_wrong=(
            draws(lambda mu, lv, eps: mu + lv * eps),
            draws(lambda mu, lv, eps: mu + lv / 2 * eps),
            draws(lambda mu, lv, eps: mu + functional.softplus(lv) * eps),
            draws(lambda mu, lv, eps: mu + (2 * lv).exp() * eps),
            draws(lambda mu, lv, eps: mu + (-lv / 2).exp() * eps),
            draws(lambda mu, lv, eps: mu + lv.abs().sqrt() * eps),
            draws(lambda mu, lv, eps: mu + eps),
        ),
    ),
    Mistake(
        "log_var as log sigma",
        lambda *args: (
            Terms(args[0], lambda x: (lambda mu, lv: (mu, 2 * lv))(*args[1](x)), *args[2:]).loss
        ),
        "You read `log_var` as log sigma, in the draw and in the KL alike. That is consistent, and "
        "a network could learn it; but this encoder's second output is the log of the *variance*.",
    ),
    Mistake(
        "no noise",
        draws(lambda mu, lv, eps: mu),
        "You decode z = mu, without noise. Then the KL pays for a blurred z that is never used: "
        "the value is too good, and no bound. Where does `eps` come in?",
    ),
    Mistake(
        "shared noise",
        draws(lambda mu, lv, eps: mu + sigma(lv) * eps[:1]),
        "All pictures share one eps. Right on average, but the batch's average no longer averages "
        "the noise. eps has a row for each picture: (B, L) meets (B, L) without any indexing.",
        also_wrong=(
            draws(lambda mu, lv, eps: mu + sigma(lv) * eps[-1]),
            draws(lambda mu, lv, eps: mu + sigma(lv) * eps.mean(0)),
            draws(lambda mu, lv, eps: mu + sigma(lv) * eps.mean(-1, keepdim=True)),
            draws(lambda mu, lv, eps: mu + sigma(lv) * eps[:, :1]),
        ),
    ),
    Mistake(
        "another z",
        draws(lambda mu, lv, eps: eps),
        "Your z is no draw from q(z|x). Write equation 4.4: z = mu + sigma eps, where q's mean "
        "moves the draws and its standard deviation stretches the noise.",
        also_wrong=(
            draws(lambda mu, lv, eps: sigma(lv) * eps),
            draws(lambda mu, lv, eps: mu - sigma(lv) * eps),
            draws(lambda mu, lv, eps: mu + sigma(lv)),
            draws(lambda mu, lv, eps: (mu + eps) * sigma(lv)),
            draws(lambda mu, lv, eps: lv + sigma(mu) * eps),
        ),
    ),
    Mistake(
        "the KL is not right",
        kl_is(lambda mu, lv: mu**2 + lv.exp() - 1 - lv),
        "Your log p(x|z) is right, the KL is not: 1/2 (mu^2 + exp(log_var) - 1 - log_var), summed "
        "over the latents (equation 3.4). Is it 0 at mu = 0, log_var = 0? Are the half, the -1 and "
        "all signs there, and is `log_var` the log of the variance? You wrote one in E3.1.",
        also_wrong=(
            kl_is(lambda mu, lv: 0.5 * (mu**2 + lv.exp() - lv)),
            kl_is(lambda mu, lv: 0.5 * (mu**2 + lv.exp() + 1 - lv)),
            kl_is(lambda mu, lv: 0.5 * (mu**2 + lv.exp() - 1 + lv)),
            kl_is(lambda mu, lv: 0.5 * (lv.exp() - mu**2 - 1 - lv)),
            kl_is(lambda mu, lv: 0.5 * (mu + lv.exp() - 1 - lv)),
            kl_is(lambda mu, lv: 0.5 * (mu**2 + (2 * lv).exp() - 1 - 2 * lv)),
            kl_is(lambda mu, lv: 0.5 * (mu**2 + (2 * lv).exp() - 1 - lv)),
            kl_is(lambda mu, lv: 0.5 * (mu**2 + (lv / 2).exp() - 1 - lv)),
            kl_is(lambda mu, lv: 0.5 * (mu**2 + (lv / 2).exp() - 1 - lv / 2)),
            kl_is(lambda mu, lv: 0.5 * (mu**2 + lv**2 - 1 - lv)),
            kl_is(lambda mu, lv: 0.5 * (mu**2 + lv - 1 - lv.exp())),
            kl_is(lambda mu, lv: 0.5 * (lv.exp() - 1 - lv)),
            kl_is(lambda mu, lv: 0.5 * mu**2),
            kl_is(lambda mu, lv: 0.5 * ((1 + mu**2) * (-lv).exp() - 1 + lv)),
            of(lambda t: 0.5 * (t.mu**2 + t.log_var.exp() - t.log_var).sum(-1) - 0.5 - t.rec),
        ),
    ),
    Mistake(
        "sigmoid twice",
        rec_is(lambda x, lo: (x * lo.sigmoid() - functional.softplus(lo.sigmoid())).sum(-1)),
        "`decode` returns logits, and two sigmoids have been applied on the way to log p(x|z). No "
        "pixel's probability then leaves [0.5, 0.73], and a black pixel costs at least log 2. Who "
        "applies the sigmoid, you or the function that you call?",
        also_wrong=(
            rec_is(lambda x, lo: (x * lo.sigmoid() - functional.softplus(lo.sigmoid())).mean(-1)),
        ),
    ),
    Mistake(
        "log p(x|z) is not right",
        rec_is(lambda x, lo: -((x - lo.sigmoid()) ** 2).sum(-1)),
        "Your KL is right, log p(x|z) is not. The pixels are 0 or 1 and `decode` returns their "
        "logits: what did you write in E5.1?",
        also_wrong=(
            rec_is(lambda x, lo: -((x - lo.sigmoid()) ** 2).sum(-1) / 2),
            rec_is(lambda x, lo: -((x - lo.sigmoid()) ** 2).mean(-1)),
            rec_is(lambda x, lo: -((x - lo.sigmoid()) ** 2).mean()),
            rec_is(lambda x, lo: -((x - lo) ** 2).sum(-1)),
            rec_is(lambda x, lo: -((x - lo) ** 2).mean(-1)),
            rec_is(lambda x, lo: -((x - lo) ** 2).sum(-1) / 2),
            rec_is(lambda x, lo: (x * functional.logsigmoid(lo)).sum(-1)),
            rec_is(lambda x, lo: (x * lo).sum(-1)),
            rec_is(lambda x, lo: (x * lo - functional.softplus(-lo)).sum(-1)),
            rec_is(lambda x, lo: (x * lo + functional.softplus(lo)).sum(-1)),
            rec_is(lambda x, lo: (x * lo.log_softmax(-1)).sum(-1)),
            rec_is(lambda x, lo: ((1 - x) * lo - functional.softplus(lo)).sum(-1)),
            rec_is(lambda x, lo: (lo * x - functional.softplus(x)).sum(-1)),
        ),
    ),
    Mistake(
        "(B, B)",
        of(lambda t: t.kl[:, None] - t.rec),
        "Shapes (B,) and (B, 1) have met, and broadcasting has paired every picture's log p(x|z) "
        "with every other's KL. The average of all these is even right, which hides it. Sum both "
        "to (B,) before you combine them: is there a `keepdim`?",
        also_wrong=(of(lambda t: t.kl - t.rec[:, None]),),
    ),
    Mistake(
        "not summed over the latents",
        of(lambda t: t.kls - t.rec[:, None]),
        "One number for each latent or pixel is left. Each picture has one log p(x|z), a sum over "
        "D, and one KL, a sum over L.",
        also_wrong=(of(lambda t: t.kl[:, None] - t.pixels),),
    ),
)
