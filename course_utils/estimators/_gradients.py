"""Two ways to the gradient of an average, E f(z) over z ~ N(mu, sigma^2), from draws."""

from collections.abc import Callable

import torch
from torch import Tensor

from course_utils._require import require_finite, require_not_empty, require_tensor, shown

CUT = (
    "f should be something autograd can follow from z to the value, but the graph is cut; use "
    "torch functions without .detach(), .item() or NumPy; where f has no slope at all, "
    "score_function_gradient needs none."
)


def score_function_gradient(
    f: Callable[[Tensor], Tensor], mu: float | Tensor, sigma: float | Tensor, eps: Tensor
) -> tuple[Tensor, Tensor]:
    """The gradient of E f(z) in mu and sigma as f(z) times the slope of log q(z), draw by draw.

    Only values of f are needed, so f may jump. The mean over draws is unbiased; the spread of the
    single values is what the pathwise gradient saves.

    Args:    f: takes z = mu + sigma eps, returns one number for each, of z's shape;
             mu, sigma: numbers or tensors that broadcast with eps, sigma a standard deviation;
             eps: draws from N(0, 1), any shape.
    Returns: d_mu, d_sigma: of the shape that mu, sigma and eps broadcast to, one value per draw.
    Raises:  ValueError if sigma <= 0, shapes do not fit, or an entry or f(z) is not finite.
    Source:  Williams (1992), REINFORCE; eqs. 4.2 and 4.3 of the course.

    >>> score_function_gradient(lambda z: z**2, 1.0, 0.5, torch.tensor([-1.0, 0.0, 2.0]))
    (tensor([-0.5000,  0.0000, 16.0000]), tensor([ 0., -2., 24.]))
    """
    mu, sigma, eps = _read_parameters(mu, sigma, eps)
    z = mu + sigma * eps  # one for each draw: the shape of eps
    with torch.no_grad():
        value = _call(f, z)
    return value * eps / sigma, value * (eps**2 - 1) / sigma


def pathwise_gradient(
    f: Callable[[Tensor], Tensor], mu: float | Tensor, sigma: float | Tensor, eps: Tensor
) -> tuple[Tensor, Tensor]:
    """The gradient of E f(z) in mu and sigma through z = mu + sigma eps, draw by draw.

    The slope of f comes from autograd, so f has to be written in torch and must not jump: a jump
    has no slope, and what it adds to the average would be missing.

    Args:    f: takes z = mu + sigma eps, returns one number for each, of z's shape, each from
             its own z alone;
             mu, sigma: numbers or tensors that broadcast with eps, sigma a standard deviation;
             eps: draws from N(0, 1), any shape.
    Returns: d_mu, d_sigma: of the shape that mu, sigma and eps broadcast to, one value per draw.
    Raises:  ValueError if sigma <= 0, shapes do not fit, an entry, f(z) or its slope is not finite,
             or autograd cannot follow f from z to its value.
    Source:  Kingma & Welling (2014), section 2.4; eq. 4.5 of the course.

    >>> pathwise_gradient(lambda z: z**2, 1.0, 0.5, torch.tensor([-1.0, 0.0, 2.0]))
    (tensor([1., 2., 4.]), tensor([-1.,  0.,  8.]))
    """
    mu, sigma, eps = _read_parameters(mu, sigma, eps)
    with torch.enable_grad():
        z = (mu + sigma * eps).requires_grad_()  # the shape of eps
        value = _call(f, z)
        slope = None
        if value.requires_grad:
            (slope,) = torch.autograd.grad(value.sum(), z, allow_unused=True)
    if slope is None:
        raise ValueError(CUT)
    require_finite(slope_of_f=slope)
    return slope, slope * eps


def _read_parameters(mu: float | Tensor, sigma: float | Tensor, eps: Tensor) -> list[Tensor]:
    """All three as detached tensors of one shape; numbers take the precision of eps."""
    require_tensor(eps=eps)
    given = {"mu": mu, "sigma": sigma, "eps": eps}
    tensors = {name: _as_tensor(name, value, eps.dtype).detach() for name, value in given.items()}
    require_not_empty(**tensors)
    require_finite(**tensors)
    if (tensors["sigma"] <= 0).any():
        hint = "it is a standard deviation: from a log-variance, exp(log_var / 2)."
        raise ValueError(f"sigma should be above 0, but {tensors['sigma'].min():.4g} came; {hint}")
    try:
        return list(torch.broadcast_tensors(*tensors.values()))
    except RuntimeError:
        came = ", ".join(f"{name} {tuple(t.shape)}" for name, t in tensors.items())
        hint = "mu and sigma may be plain numbers, eps has one entry per draw."
        words = f"expected shapes that broadcast, but these came: {came}; {hint}"
        raise ValueError(words) from None


def _as_tensor(name: str, value: float | Tensor, dtype: torch.dtype) -> Tensor:
    """A tensor as it is, a number in the precision given."""
    if isinstance(value, Tensor) and value.is_floating_point():
        return value
    try:
        return torch.as_tensor(value, dtype=dtype if dtype.is_floating_point else torch.float64)
    except (TypeError, ValueError, RuntimeError):
        came = f"{shown(value)} came; try 0.5."
        raise ValueError(f"{name} should be a number or a tensor, but {came}") from None


def _call(f: Callable[[Tensor], Tensor], z: Tensor) -> Tensor:
    """f(z), if it is one finite number for each z."""
    if not callable(f):
        came = f"a {type(f).__name__} came; try lambda z: z**2."
        raise ValueError(f"f should be a function of z, but {came}")
    try:
        value = f(z)
    except RuntimeError as error:
        if "numpy" in str(error):  # what torch says when NumPy is handed a tensor with a graph
            raise ValueError(CUT) from error
        raise
    if isinstance(value, Tensor):
        require_tensor(f_of_z=value)
    if not isinstance(value, Tensor) or value.shape != z.shape:
        shape = f"shape {tuple(value.shape)}" if hasattr(value, "shape") else "no shape"
        hint = "f works on each z by itself, without a mean or a sum, and without NumPy."
        came = f"a {type(value).__name__} of {shape} came; {hint}"
        expected = f"a torch tensor of z's shape, {tuple(z.shape)}"
        raise ValueError(f"f should return {expected}, but {came}")
    require_finite(f_of_z=value)
    return value
