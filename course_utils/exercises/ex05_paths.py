"""Notebook 05, E5.3: right values of -ELBO whose gradient does not arrive everywhere."""

from collections.abc import Callable

from torch import Tensor
from torch.nn import functional

from course_utils.exercises._exercise import Mistake
from course_utils.exercises.ex05_large_logits import BRANCHES, BRANCHES_HINT
from course_utils.exercises.ex05_terms import rec_is


def _loss(x: Tensor, decode: Callable, z: Tensor, mu: Tensor, log_var: Tensor) -> Tensor:
    logits = decode(z)
    rec = (x * logits - functional.softplus(logits)).sum(-1)
    return 0.5 * (mu**2 + log_var.exp() - 1 - log_var).sum(-1) - rec


def _cut(*, in_z: str = "", in_kl: str = "") -> Callable[..., Tensor]:
    """-ELBO with mu, log_var or both ("mu log_var") cut off on one of their two ways."""

    def wrong(x, encode, decode, eps):
        heads = dict(zip(("mu", "log_var"), encode(x), strict=True))
        mu, log_var = (t.detach() if name in in_z.split() else t for name, t in heads.items())
        z = mu + (log_var / 2).exp() * eps
        kept = (t.detach() if name in in_kl.split() else t for name, t in heads.items())
        return _loss(x, decode, z, *kept)

    return wrong


def _encoder_frozen(x, encode, decode, eps):
    mu, log_var = (head.detach() for head in encode(x))
    return _loss(x, decode, mu + (log_var / 2).exp() * eps, mu, log_var)


def _decoder_frozen(x, encode, decode, eps):
    """Frozen altogether: z does not get through it either."""
    mu, log_var = encode(x)
    return _loss(x, lambda z: decode(z).detach(), mu + (log_var / 2).exp() * eps, mu, log_var)


def _all_cut(x, encode, decode, eps):
    return _encoder_frozen(x, encode, lambda z: decode(z).detach(), eps)


NEGATIVE_ELBO_GRADIENTS = (
    Mistake(
        "z cut off",
        _cut(in_z="mu log_var"),
        "z is cut off from the encoder (`.detach()`, `no_grad`, `.data`, as `.sample()` would do). "
        "The KL still teaches it, so nothing complains; but what is in the picture cannot, and the "
        "KL goes to 0. Only eps is noise.",
    ),
    Mistake(
        "mu cut off in z",
        _cut(in_z="mu"),
        "Mu is cut off on its way into z: the reconstruction cannot tell the encoder where a "
        "picture's code should lie. What stands around mu in your line for z?",
    ),
    Mistake(
        "log_var cut off in z",
        _cut(in_z="log_var"),
        "Sigma is cut off on its way into z: the reconstruction cannot tell the encoder how exact "
        "a code has to be. How did you get from log_var to z?",
    ),
    Mistake(
        "KL cut off",
        _cut(in_kl="mu log_var"),
        "The KL is right as a number and dead as a function: nothing pulls q towards the prior. "
        "Look for `.detach()`, `.item()`, `no_grad` in the KL's line.",
        also_wrong=(_cut(in_kl="mu"), _cut(in_kl="log_var")),
    ),
    Mistake(
        "encoder cut off",
        _encoder_frozen,
        "No gradient reaches the encoder, neither from the KL nor through z; the decoder gets "
        "its own. Did `encode` run under `no_grad`, or were mu and log_var detached?",
    ),
    Mistake(
        "log p(x|z) cut off",
        _decoder_frozen,
        "No gradient comes out of log p(x|z): the decoder stays as it is, and the encoder hears "
        "from the KL alone. Did `decode` run under `no_grad`?",
    ),
    Mistake(
        "all cut off",
        _all_cut,
        "The value is right and has no history: no gradient reaches either network. Look for "
        "`no_grad`, `.detach()`, `.item()` or a new `torch.tensor(...)` around the whole.",
    ),
    Mistake(
        "where",
        rec_is(BRANCHES[0]),
        BRANCHES_HINT,
        also_wrong=tuple(map(rec_is, BRANCHES[1:])),
    ),
)
