"""Where the latent explorer's pictures come from: weights for the browser, or the model itself."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from course_utils._require import require_count, require_finite

SAME_PICTURE = 1e-3  # no pixel, black 0 to white 1, may differ by more
MARGIN = 0.5  # of it on the probes, since other latents may differ by more than they do
MOST_WEIGHTS = 1_000_000
PROBES = 256  # latents that the weights are tried on, twice as wide as the prior


@dataclass(frozen=True, eq=False)
class BrowserNetwork:
    """Linear layers, ReLU between them: a copy of a network's weights."""

    layers: Sequence[tuple[Tensor, Tensor]]  # weight (out, in) and bias (out,), float32
    half: bool = field(kw_only=True)  # whether they are rounded so, on the page and here

    def __post_init__(self) -> None:
        """Copy the weights, rounded as for the page, so that both draw the same for good."""
        kept = torch.float16 if self.half else torch.float32
        rounded = [[part.to(kept, copy=True).float() for part in pair] for pair in self.layers]
        object.__setattr__(self, "layers", rounded)

    @property
    def sizes(self) -> list[int]:
        """Of the inputs, of each hidden layer, and of the outputs."""
        inputs = self.layers[0][0].shape[1]
        return [inputs] + [len(bias) for _, bias in self.layers]

    @property
    def sent(self) -> dict:
        """What the page is told of it; its weights travel as bytes."""
        return {"sizes": self.sizes, "half": self.half}

    @property
    def weights(self) -> bytes:
        """Weight and bias of layer after layer, row by row, little-endian."""
        flat = torch.cat([part.flatten() for layer in self.layers for part in layer])
        return flat.numpy().astype("<f2" if self.half else "<f4").tobytes()

    def outputs(self, inputs: np.ndarray) -> Tensor:
        """What the last layer gives: (n, inputs) -> (n, outputs) float32."""
        h = torch.as_tensor(np.asarray(inputs, dtype=np.float32))
        for weight, bias in self.layers[:-1]:
            h = functional.linear(h, weight, bias).relu()
        return functional.linear(h, *self.layers[-1])


@dataclass(frozen=True, eq=False)
class BrowserDecoder(BrowserNetwork):
    """A copy of a decoder's weights, with a sigmoid at the end; image_shape: (H, W)."""

    image_shape: tuple[int, int]

    def __call__(self, z: np.ndarray) -> np.ndarray:
        """Pictures of latents: (n, L) -> (n, H, W) float32."""
        return self.outputs(z).sigmoid().unflatten(-1, self.image_shape).numpy()


@dataclass(frozen=True, eq=False)
class KernelDecoder:
    """The model itself, as it is at the moment; its pixels have to travel to the page."""

    model: object
    image_shape: tuple[int, int]
    sent = None  # the page has to ask
    weights = b""

    @torch.no_grad()
    def __call__(self, z: np.ndarray) -> np.ndarray:
        """Pictures of latents: (n, L) -> (n, H, W) float32 in [0, 1]."""
        pictures = self.model.mean_x(torch.as_tensor(np.asarray(z, dtype=np.float32)))
        return pictures.cpu().float().clamp(0, 1).reshape(-1, *self.image_shape).numpy()


def decoder_of(model, probes: np.ndarray | None = None) -> BrowserDecoder | KernelDecoder:
    """Weights for the browser where they draw the model's pictures, else the model itself.

    Half precision where it changes no pixel by more than 1e-3, else float32.

    Args:    probes: (n, L) latents to try the weights on; None: those of `probing_latents`.
    Raises:  ValueError if the model has no latent_dim and mean_x(z), or its pictures no two axes
             or no finite pixels.
    """
    in_python = KernelDecoder(model, _image_shape(model))
    probes = probing_latents(model.latent_dim) if probes is None else probes
    expected = in_python(probes)
    require_finite(pictures=torch.from_numpy(expected))
    layers = layers_of(getattr(model, "decoder", None), model.latent_dim)
    for half in (True, False) if layers else ():
        decoder = BrowserDecoder(layers, in_python.image_shape, half=half)
        # NaN, of a weight too large to halve, is not <= anything.
        if np.abs(decoder(probes) - expected).max() <= MARGIN * SAME_PICTURE:
            return decoder
    return in_python


def probing_latents(latent_dim: int) -> np.ndarray:
    """Latents to try weights on, the same ones each time: (256, L), N(0, 4 I)."""
    generator = torch.Generator().manual_seed(0)
    return 2 * torch.randn(PROBES, latent_dim, generator=generator).numpy()


def layers_of(network: nn.Module, n_in: int) -> list[tuple[Tensor, Tensor]]:
    """The linear layers of a network the browser could run; none if it has others, or too many."""
    modules = [*network] if isinstance(network, nn.Sequential) else []
    linear = [module for module in modules if isinstance(module, nn.Linear)]
    kinds = [nn.Linear] + [nn.ReLU, nn.Linear] * (len(linear) - 1)
    plain = [type(m) for m in modules] in (kinds, [*kinds, nn.Sigmoid])
    small = sum(layer.weight.numel() for layer in linear) <= MOST_WEIGHTS
    fits = plain and small and linear[0].in_features == n_in
    if not fits or any(layer.bias is None for layer in linear):
        return []
    return [(m.weight.detach().cpu().float(), m.bias.detach().cpu().float()) for m in linear]


@torch.no_grad()
def _image_shape(model) -> tuple[int, int]:
    """Height and width of the model's pictures; of a bare row of pixels a square, where it is."""
    if not (hasattr(model, "latent_dim") and callable(getattr(model, "mean_x", None))):
        raise ValueError(
            f"model should have latent_dim and mean_x(z), as a VAE has, but a "
            f"{type(model).__name__} came; try models.VAE((28, 28), latent_dim=2)."
        )
    require_count(latent_dim=model.latent_dim)
    shape = tuple(model.mean_x(torch.zeros(1, model.latent_dim)).shape[1:])
    if len(shape) == 1:
        side = math.isqrt(shape[0])
        shape = (side, side) if side * side == shape[0] else (1, shape[0])
    if len(shape) != 2:
        raise ValueError(
            f"the model's pictures should be (H, W), but mean_x(z) gives {shape} for one z; "
            f"the explorer shows one grey value a pixel."
        )
    return shape
