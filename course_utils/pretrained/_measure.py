"""How good a bundled model is: its ELBO, log p(x) by weights, and by annealing from both sides."""

from collections.abc import Callable

import torch
from torch import Generator, Tensor
from tqdm.auto import tqdm

from course_utils.estimators import (
    Estimate,
    annealed_importance_sampling,
    importance_sampling,
    iwae_bound,
)
from course_utils.models import CVAE, VAE

DRAWS = 500, 5000  # weights for each image
N_ANNEALED, CHAINS = 200, 8  # pictures, and chains for each


@torch.no_grad()
def measure(
    model: VAE | CVAE, temperatures: int, x: Tensor, *y: Tensor, seed: int = 0
) -> dict[str, float]:
    """The scores of a card.

    Args:    temperatures: of annealing; x: (N, H, W), 0s and 1s; y: the condition, of a CVAE; seed:
             of all noise.
    Returns: the fields of ModelCard from n_test to test_acceptance, nats per image.
    """
    noise = Generator().manual_seed(seed + 1)  # another stream than what binarised x
    parts = zip(*(model.elbo(*part, generator=noise) for part in _split(1000, x, *y)), strict=True)
    elbo, rec, kl = (torch.cat(part).double().mean().item() for part in parts)
    few, many = (weigh(model, n, x, *y, generator=noise) for n in DRAWS)
    return _rounded(
        n_test=len(x),
        test_elbo=elbo,
        test_rec=rec,
        test_kl=kl,
        few_draws=few.n,
        few_log_px=few.log_px.mean(),
        few_ess=few.ess.median(),
        few_void=few.void,
        log_px_draws=many.n,
        log_px=many.log_px.mean(),
        log_px_std_error=many.log_px.std() / len(x) ** 0.5,
        log_px_ess=many.ess.median(),
        log_px_void=many.void,
        **_anneal_both_ways(model, temperatures, many.log_px, x, *y, generator=noise),
    )


def weigh(model: VAE | CVAE, n: int, x: Tensor, *y: Tensor, generator: Generator) -> Estimate:
    """log p(x), or log p(x | y), by n draws from the encoder, under a progress bar."""

    def estimate(known, x: Tensor, *y: Tensor) -> Estimate:
        return importance_sampling(known, x, model.encode(x, *y), n, generator=generator)

    return _in_parts(f"{n} draws", model, estimate, x, *y)


@torch.no_grad()
def watch(model: VAE, grey: Tensor) -> tuple[float, float]:
    """ELBO and IW-100 of every fifth image, binarised; the same pixels and noise at each call."""
    uniform = torch.rand(grey.shape, generator=Generator().manual_seed(7))
    noise, elbos, bounds = Generator().manual_seed(0), [], []
    for x in (uniform < grey).float()[::5].split(50):
        q = model.encode(x)
        z = q.rsample(torch.randn(100, *q.mu.shape, generator=noise))
        log_w = model.log_likelihood(x, z) + model.log_prior(z) - q.log_prob(z)  # (100, B)
        elbos, bounds = [*elbos, log_w.mean(dim=0)], [*bounds, iwae_bound(log_w)]
    return tuple(round(torch.cat(part).mean().item(), 2) for part in (elbos, bounds))


def _in_parts(name: str, model: VAE | CVAE, estimate: Callable, *tensors: Tensor) -> Estimate:
    """One Estimate of all rows from one of 50 at a time; y, if there is one, stands last."""
    found = []
    for part in tqdm(_split(50, *tensors), desc=name, unit="batch", leave=False):
        known = model.given(part[-1]) if isinstance(model, CVAE) else model
        found += [estimate(known, *part)]
    shares = [e.acceptance for e in found if e.acceptance is not None]
    log_px, std_error, ess = (torch.cat(parts) for parts in list(zip(*found, strict=True))[:3])
    acceptance = torch.cat(shares) if shares else None
    return Estimate(log_px, std_error, ess, found[0].n, acceptance=acceptance)


def _split(n: int, *tensors: Tensor) -> list[tuple[Tensor, ...]]:
    """Rows of all tensors together, n at a time."""
    return list(zip(*(tensor.split(n) for tensor in tensors), strict=True))


def _rounded(**scores: float | Tensor) -> dict[str, float]:
    """Numbers as a card holds them."""
    return {key: v if isinstance(v, int) else round(float(v), 3) for key, v in scores.items()}


def _anneal_both_ways(
    model, temperatures: int, log_px: Tensor, x: Tensor, *y: Tensor, generator: Generator
) -> dict:
    """Bounds for pictures drawn from the model, whose latents are known, and for real ones."""
    every = max(1, len(x) // N_ANNEALED)
    x, *y = (part[::every][:N_ANNEALED] for part in (x, *y))
    known = model.given(*y) if y else model
    z = known.sample_prior(len(x), generator=generator)  # (B, L), or (B, B, L), a prior for each
    z = z[0] if z.dim() == 3 else z
    drawn = model.sample_x(z, *y, generator=generator)

    def anneal(name: str, *pictures: Tensor, back: bool = False) -> Estimate:
        def estimate(known, x: Tensor, *others: Tensor) -> Estimate:
            how = {"z": others[0] if back else None, "generator": generator}
            return annealed_importance_sampling(known, x, CHAINS, temperatures, **how)

        return _in_parts(name, model, estimate, *pictures, *y)

    below = anneal("drawn pictures, from below", drawn)
    above = anneal("drawn pictures, from above", drawn, z, back=True)
    real = anneal("test pictures, from below", x)
    return {
        "annealed_images": len(x),
        "annealed_chains": CHAINS,
        "annealed_temperatures": temperatures,
        "drawn_lower": below.log_px.mean(),
        "drawn_lower_ess": below.ess.median(),
        "drawn_upper": above.log_px.mean(),
        "drawn_upper_ess": above.ess.median(),
        "drawn_acceptance": below.acceptance.mean(),
        "test_lower": real.log_px.mean(),
        "test_lower_ess": real.ess.median(),
        "test_acceptance": real.acceptance.mean(),
        "test_log_px": log_px[::every][:N_ANNEALED].mean(),
    }
