"""What `fit` asks: options that make sense, weights that are numbers, an elbo that can be."""

import numbers
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Generator, Tensor, nn

from course_utils._require import is_number, require_kind, require_positive, require_value, shown
from course_utils.estimators._bounds import has_greys
from course_utils.training._batches import Batches
from course_utils.training._history import History

GRAPH = "came without a graph; look for torch.no_grad(), .detach(), .item() or NumPy in it."
KL = "has a kl of {2:.4g} a picture, and no KL is below 0; it is the mean of log q - log p."
PIXELS = (
    "has a rec of {1:.4g} a picture, and no log-probability of pixels of 0 and 1 is above 0; is it "
    "a loss? (Of a density say model.likelihood = 'gaussian', and pass binarize=False.)"
)
BOUND = "is {0:.4g}, above its rec {1:.4g} though kl is {2:.4g}; is it rec + kl, or a loss?"


class Diverged(Exception):
    """A loss or a weight is NaN or infinite, or the ELBO far too low; the words say which."""


def require_options(learning_rate: object, seed: object, callbacks: object, history: object):
    """Refuse what is no step size, no seed, no list of functions, no history that fit made."""
    require_positive("; 1e-3 suits most models of the course", learning_rate=learning_rate)
    good = is_number(seed, numbers.Integral) and seed >= 0
    require_value("seed", seed, good, "a whole number from 0 on", "; try 0")
    expected = "a list of functions of (model, history)"
    good = isinstance(callbacks, (list, tuple)) and all(map(callable, callbacks))
    require_value("callbacks", callbacks, good, expected, "; a single one goes in brackets: [f]")
    require_kind("history", history, History, "what fit handed back", "")


def require_same_run(model: nn.Module, history: History, device: torch.device) -> None:
    """Refuse a history that cannot go on with this model on this device."""
    if history.run is None:
        return
    known = history.run.optimizer.param_groups[0]["params"]
    came = [weight for weight in model.parameters() if weight.requires_grad]
    if list(map(id, known)) != list(map(id, came)):
        raise ValueError(
            f"the history belongs to another model, of {sum(w.numel() for w in known):,} trained "
            f"parameters, but one of {sum(w.numel() for w in came):,} came; even with equally "
            f"many they are other ones: leave history out for a model made anew."
        )
    if device != history.run.device:
        begun = str(history.run.device)
        came = f"device {device} came; try device={begun!r}."
        raise ValueError(f"the history goes on where it began, on {begun}, but {came}")


def find_device(name: object) -> torch.device:
    """The device of that name, if it is here."""
    accelerator = torch.accelerator.current_accelerator(check_available=True)
    there = ["cpu"]
    if accelerator is not None:
        kind, n = accelerator.type, torch.accelerator.device_count()
        there += [kind, *(f"{kind}:{i}" for i in range(n))]
    if str(name) not in there:
        missing = f"there is no device {shown(str(name))} here; there is: {', '.join(there)}"
        raise ValueError(f"{missing}. Every model of the course trains on 'cpu' in minutes.")
    return torch.device(str(name))


def require_finite_weights(model: nn.Module) -> None:
    """Refuse weights that are NaN or infinite before training: no learning rate did that."""
    for name, weight in [*model.named_parameters(), *model.named_buffers()]:
        masks = weight.isinf() & (not isinstance(weight, nn.Parameter))  # buffers may hold -inf
        if bad := int((~weight.isfinite() & ~masks).sum()):
            came = f"before training {bad} of {weight.numel()} in {name} are NaN or infinite"
            hint = "make the model anew, or load its weights again."
            raise ValueError(f"weights should be finite, but {came}; {hint}")


def warn_of_lost_greys(model: nn.Module, batches: Batches) -> None:
    """Say so where a gaussian model would never see the grey values of x."""
    gaussian = getattr(model, "likelihood", None) == "gaussian"
    if gaussian and batches.binarize and has_greys(batches.x):
        words = (
            "this model's pixels are gaussian, and binarize=True makes 0s and 1s of the grey "
            "values of x; pass binarize=False to train it on the grey values themselves."
        )
        warnings.warn(words, UserWarning, stacklevel=3)  # where fit was called


def explain(error: Exception, n: int, batch_size: int) -> Exception:
    """The error, or our sentence for BatchNorm's about a last batch of one image."""
    sizes = (size for size in range(2, n + 1) if n % size != 1)
    better = min(sizes, key=lambda size: abs(size - batch_size), default="2 and more images")
    came = f"of {n} in batches of {batch_size} one is alone; try batch_size={better}."
    words = f"a BatchNorm layer needs two images in each batch, but {came}"
    return ValueError(words) if "more than 1 value per channel" in str(error) else error


@contextmanager
def naming_divergence() -> Iterator[None]:
    """Let what a model refuses as NaN or infinite end the training, as a loss that is NaN does."""
    try:
        yield
    except ValueError as error:
        if "NaN" in str(error):  # how require_finite and require_log_weights say it
            raise Diverged(str(error).partition(";")[0]) from None
        raise


def ask_elbo(
    model: nn.Module, inputs: tuple[Tensor, ...], noise: Generator, **beta: float
) -> tuple:
    """The model's elbo, rec and kl, if they are one number for each image."""
    with naming_divergence():
        came = model.elbo(*inputs, generator=noise, **beta)
    terms = tuple(came) if hasattr(came, "__iter__") and getattr(came, "shape", 1) else ()
    if [isinstance(term, Tensor) and term.is_floating_point() for term in terms] != [True] * 3:
        kinds = sorted({str(getattr(term, "dtype", type(term).__name__)) for term in terms})
        what = f" of {len(terms)} {' and '.join(kinds)}" * bool(terms)
        raise ValueError(
            f"the model's elbo should return three tensors of floats, elbo, rec and kl, but a "
            f"{type(came).__name__}{what} came; try return ElboTerms.of(rec, kl), imported from "
            f"course_utils.densities, with kl = torch.zeros_like(rec) where there is none."
        )
    for name, term in zip(("elbo", "rec", "kl"), terms, strict=True):
        if term.shape != (len(inputs[0]),):
            came = f"{tuple(term.shape)} came; sum over pixels or latents, not over images."
            expected = f"one number per image, ({len(inputs[0])},)"
            raise ValueError(f"the model's {name} should be {expected}, but {came}")
    return terms


def require_possible(terms: tuple, means: tuple[float, ...], model: object, binarize: bool) -> None:
    """Refuse terms, or means of a batch, that no model has beyond rounding: a sign is wrong.

    KLs sampled as log q - log p may fall below 0, but a sum below -25 has a probability of at most
    e^-25, since E_q[p / q] <= 1 (Markov's inequality).
    """
    each, (elbo, rec, kl) = terms[0], means
    n, slack = len(each), 100 * torch.finfo(each.dtype).eps * (1 + abs(rec) + abs(kl))
    likelihood = getattr(model, "likelihood", "bernoulli" if binarize else None)
    slips = {
        GRAPH: not each.requires_grad,
        KL: n * (kl + slack) < -25,
        PIXELS: likelihood == "bernoulli" and rec > slack,
        BOUND: elbo > rec + slack and kl > slack and n > 2 and _adds_the_kl(*terms, slack),
    }
    for words in (words for words, wrong in slips.items() if wrong):
        raise ValueError("the model's elbo " + words.format(*means))


def _adds_the_kl(elbo: Tensor, rec: Tensor, kl: Tensor, slack: float) -> bool:
    """Whether elbo is rec + c kl, or c kl - rec, with one c for all images.

    That it lies above rec is no sign: an importance-weighted bound may.
    """
    rests = (above - above.mean() / kl.mean() * kl for above in (elbo - rec, elbo + rec))
    return any(rest.abs().max() < slack for rest in rests)
