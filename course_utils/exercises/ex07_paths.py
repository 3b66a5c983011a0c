"""Notebook 07, E7.2: right values of -ELBO whose gradient does not arrive everywhere."""

from torch import Tensor

from course_utils.exercises._exercise import Mistake
from course_utils.exercises.ex07_terms import Answer, Pair, Terms, draws, of, sigma


def _detached(pair: Pair) -> Pair:
    mu, log_var = pair
    return mu.detach(), log_var.detach()


def _frozen(*names: str) -> Answer:
    """Everything that some of the three networks return is cut off."""

    def wrong(x, y, eps, encode, prior, log_likelihood):
        def q(x: Tensor, y: Tensor) -> Pair:
            return _detached(encode(x, y)) if "encode" in names else encode(x, y)

        def p(y: Tensor) -> Pair:
            return _detached(prior(y)) if "prior" in names else prior(y)

        def log_px_zy(x: Tensor, z: Tensor, y: Tensor) -> Tensor:
            value = log_likelihood(x, z, y)
            return value.detach() if "likelihood" in names else value

        return Terms(x, y, eps, q, p, log_px_zy).loss

    return wrong


def _kl_of(cut_q: bool, cut_p: bool) -> Answer:
    """-ELBO with q or the prior cut off in the KL, but not in z."""

    def loss(t: Terms) -> Tensor:
        mu, lv = (part.detach() if cut_q else part for part in (t.mu, t.lv))
        mu_p, lv_p = (part.detach() if cut_p else part for part in (t.mu_p, t.lv_p))
        kls = 0.5 * ((lv - lv_p).exp() + (mu - mu_p) ** 2 / lv_p.exp() - 1 - lv + lv_p)
        return kls.sum(-1) - t.rec

    return of(loss)


BOUND_GRADIENTS = (
    Mistake(
        "z cut off",
        draws(lambda t: (t.mu + sigma(t.lv) * t.eps).detach()),
        "z is cut off from the encoder (`.detach()`, `no_grad`, `.data`, as `.sample()` would do). "
        "The KL still teaches it, so nothing complains; but what is in the picture cannot, and q "
        "becomes the prior. Only eps is noise.",
    ),
    Mistake(
        "mu cut off in z",
        draws(lambda t: t.mu.detach() + sigma(t.lv) * t.eps),
        "Mu is cut off on its way into z: log p(x|z,y) cannot tell the encoder where a picture's "
        "code should lie. What stands around mu in your line for z?",
    ),
    Mistake(
        "log_var cut off in z",
        draws(lambda t: t.mu + sigma(t.lv).detach() * t.eps),
        "Sigma is cut off on its way into z: log p(x|z,y) cannot tell the encoder how exact a code "
        "has to be. How did you get from log_var to z?",
    ),
    Mistake(
        "the prior cut off",
        _frozen("prior"),
        "No gradient reaches the prior: p(z|y) stays as it began, and q has to come all the way. A "
        "learned prior moves towards the codes that it is to stand for. Did `prior` run under "
        "`no_grad`, or were its mu and log_var detached?",
    ),
    Mistake(
        "q cut off in the KL",
        _kl_of(cut_q=True, cut_p=False),
        "The KL no longer pulls q towards the prior: in it, q's mu and log_var are cut off. Only "
        "the prior follows. Look for `.detach()`, `.item()`, `no_grad` in the KL's lines.",
    ),
    Mistake(
        "KL cut off",
        _kl_of(cut_q=True, cut_p=True),
        "The KL is right as a number and dead as a function: nothing pulls q and the prior "
        "together. Look for `.detach()`, `.item()`, `no_grad` in the KL's lines.",
    ),
    Mistake(
        "encoder cut off",
        _frozen("encode"),
        "No gradient reaches the encoder, neither from the KL nor through z; the others get "
        "theirs. Did `encode` run under `no_grad`, or were its mu and log_var detached?",
        also_wrong=(_frozen("encode", "prior"),),
    ),
    Mistake(
        "log p(x|z,y) cut off",
        _frozen("likelihood"),
        "No gradient comes out of log p(x|z,y): the decoder stays as it is, and the encoder hears "
        "from the KL alone. Did `log_likelihood` run under `no_grad`?",
    ),
    Mistake(
        "all cut off",
        _frozen("encode", "prior", "likelihood"),
        "The value is right and has no history: no gradient reaches any network. Look for "
        "`no_grad`, `.detach()`, `.item()` or a new `torch.tensor(...)` around the whole.",
    ),
)
