"""What of a CVAE the conditional explorer can show, and its networks as the browser gets them."""

import math
from types import SimpleNamespace

import numpy as np
import torch

from course_utils._require import require_kind
from course_utils.models import CVAE
from course_utils.widgets._shared import latent_decoder as decoders

MOST_CLASSES = 20


def kind_of(cvae) -> str:
    """What y is: "classes", 2 to 20 of them, or "halves", as many numbers as x has pixels.

    Raises:  ValueError if it is neither, or cvae is no CVAE of grey pictures.
    """
    way = "; try models.CVAE((28, 28), latent_dim=2, condition_dim=10), "
    way += "or for a model without y latent_explorer(model)"
    require_kind("cvae", cvae, CVAE, "a CVAE", way)
    if len(cvae.image_shape) != 2:
        raise ValueError(
            f"the CVAE's pictures should be (H, W), but its image_shape is {cvae.image_shape}; "
            f"the explorer shows one grey value a pixel."
        )
    count, pixels = cvae.condition_dim, math.prod(cvae.image_shape)
    if 2 <= count <= MOST_CLASSES:
        return "classes"
    if count == pixels:
        return "halves"
    raise ValueError(
        f"condition_dim should be 2 to {MOST_CLASSES} for classes, or {pixels} for left halves as "
        f"large as x, but {count} came; try CVAE({cvae.image_shape}, "
        f"latent_dim={cvae.latent_dim}, condition_dim=10) for digits."
    )


def conditional_decoder(cvae: CVAE) -> decoders.BrowserDecoder:
    """The decoder as weights for the browser: (n, L + C) rows, z before y, to pictures.

    Raises:  ValueError if the browser cannot run it: too many weights, or layers of another kind.
    """
    latents, conditions = cvae.latent_dim, cvae.condition_dim
    joined = SimpleNamespace(
        latent_dim=latents + conditions,
        decoder=cvae.decoder,
        mean_x=lambda rows: cvae.mean_x(*rows.split((latents, conditions), dim=1)),
    )
    decoder = decoders.decoder_of(joined, _probes(cvae))
    if not isinstance(decoder, decoders.BrowserDecoder):
        raise _not_in_browser("decoder", cvae.decoder)
    return decoder


def prior_network(cvae: CVAE) -> decoders.BrowserNetwork | None:
    """The network from y to mu and log_var of p(z | y); None where that is N(0, I).

    Half precision only where that changes nothing: an error in z would add to one in the decoder.

    Raises:  ValueError as conditional_decoder does.
    """
    if cvae.prior_kind == "fixed":
        return None
    layers = decoders.layers_of(cvae.prior_network, cvae.condition_dim)
    if not layers:
        raise _not_in_browser("prior network", cvae.prior_network)
    exact = all(torch.equal(part, part.half().float()) for pair in layers for part in pair)
    return decoders.BrowserNetwork(layers, half=exact)


@torch.no_grad()
def class_priors(cvae: CVAE) -> tuple[np.ndarray, np.ndarray]:
    """Of each class, mu and log_var of p(z | y): (C, L) float32 each."""
    p = cvae.prior_given(torch.arange(cvae.condition_dim))
    return p.mu.cpu().float().numpy(), p.log_var.cpu().float().numpy()


@torch.no_grad()
def _probes(cvae: CVAE) -> np.ndarray:
    """Inputs like those to come: z twice as wide as p(z | y), y one-hot or grey pixels."""
    if kind_of(cvae) == "classes":
        y = torch.eye(cvae.condition_dim)[torch.arange(decoders.PROBES) % cvae.condition_dim]
    else:
        generator = torch.Generator().manual_seed(1)
        ink, grey = torch.rand(2, decoders.PROBES, cvae.condition_dim, generator=generator)
        y = (ink < 0.3) * grey
    p = cvae.prior_given(y)
    eps = torch.from_numpy(decoders.probing_latents(cvae.latent_dim)).to(p.mu)
    return torch.cat([p.rsample(eps).cpu().float(), y], dim=-1).numpy()


def _not_in_browser(whose: str, network: torch.nn.Module) -> ValueError:
    count = sum(p.numel() for p in network.parameters() if p.dim() == 2)
    return ValueError(
        f"the {whose} should run in the browser: linear layers with ReLU between them, "
        f"{decoders.MOST_WEIGHTS:,} weights at most, but {type(network).__name__} with {count:,} "
        f"came; try a CVAE with hidden=(256, 256)."
    )
