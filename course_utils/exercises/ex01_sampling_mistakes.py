"""Notebook 01, E1.2: what people write instead of drawing z, then x, and the hint for each."""

from collections.abc import Callable

import torch
from torch import Generator, Tensor

from course_utils.exercises._exercise import Mistake
from course_utils.exercises.ex01_sampling import (
    fits,
    no_noise,
    not_repeatable,
    one_value,
    same_for_every_generator,
    same_noise,
    uniform,
)

Pair = tuple[Tensor, Tensor]
Answer = Callable[[int, float, float, float, Generator | None], Pair]


def _draw(n, a, b, sigma, generator):
    z = torch.randn(n, generator=generator)
    return z, a * z + b + sigma * torch.randn(n, generator=generator)


def _with(change: Callable[[float, float, float], tuple[float, float, float]]) -> Answer:
    """The right draws of another model."""
    return lambda n, a, b, sigma, generator: _draw(n, *change(a, b, sigma), generator)


def _other_model(name: str, hint: str, *changes: Callable) -> Mistake:
    """Right draws for other a, b, sigma, whichever of the changes it is."""
    known = [
        fits(lambda z, x, a, b, sigma, change=change: (z, x, *change(a, b, sigma)))
        for change in changes
    ]
    return Mistake(
        name,
        _with(changes[0]),
        hint,
        also_wrong=tuple(map(_with, changes[1:])),
        looks_like=lambda outputs: any(is_it(outputs) for is_it in known),
    )


def _of_pieces(rule: Callable[..., Pair]) -> Answer:
    """An answer made of two independent standard normals: rule(z, eps, a, b, sigma)."""

    def wrong(n, a, b, sigma, generator):
        z, eps = torch.randn(2, n, generator=generator)
        return rule(z, eps, a, b, sigma)

    return wrong


def _uniform(rule: Callable[..., Pair]) -> Answer:
    """An answer made of two normals and two uniforms: rule(z, eps, u, v, a, b, sigma)."""

    def wrong(n, a, b, sigma, generator):
        z, eps = torch.randn(2, n, generator=generator)
        return rule(z, eps, *torch.rand(2, n, generator=generator), a, b, sigma)

    return wrong


def _reseeded(n, a, b, sigma, generator):
    return _draw(n, a, b, sigma, generator.manual_seed(0))


def _same_eps_by_seed(n, a, b, sigma, generator):
    z = torch.randn(n, generator=generator.manual_seed(0))
    return z, a * z + b + sigma * torch.randn(n, generator=generator.manual_seed(0))


def _one_noise(n, a, b, sigma, generator):
    z = torch.randn(n, generator=generator)
    return z, a * z + b + sigma * torch.randn(1, generator=generator)


def _one_z(n, a, b, sigma, generator):
    z = torch.randn(1, generator=generator).expand(n)
    return z, a * z + b + sigma * torch.randn(n, generator=generator)


def _global_noise(n, a, b, sigma, generator):
    z = torch.randn(n, generator=generator)
    return z, a * z + b + sigma * torch.randn(n)


SAMPLE_MODEL = (
    Mistake(
        "no noise",
        _of_pieces(lambda z, eps, a, b, sigma: (z, a * z + b)),
        "Your x is a z + b exactly. That is the *mean* of x given z, not a draw of x: each x gets "
        "noise of its own, with standard deviation sigma.",
        looks_like=no_noise,
    ),
    Mistake(
        "same noise for z and x",
        _of_pieces(lambda z, eps, a, b, sigma: (z, a * z + b + sigma * z)),
        "The noise of x is z again: one set of normal numbers is used twice (or the generator was "
        "set back in between). z and the noise are independent, so draw twice.",
        also_wrong=(_same_eps_by_seed,),
        looks_like=same_noise,
    ),
    Mistake(
        "one value for all",
        _one_noise,
        "One random number is shared by all n pairs. Each pair draws its own z and its own noise: "
        "n numbers for each.",
        also_wrong=(_one_z,),
        looks_like=one_value,
    ),
    Mistake(
        "uniform",
        _uniform(lambda z, eps, u, v, a, b, sigma: (u, a * u + b + sigma * v)),
        "Some of your numbers never leave [0, 1]: `torch.rand` draws uniform ones. Normal ones "
        "come from `torch.randn`, with an n.",
        also_wrong=(
            _uniform(lambda z, eps, u, v, a, b, sigma: (z, a * z + b + sigma * v)),
            _uniform(lambda z, eps, u, v, a, b, sigma: (u, a * u + b + sigma * eps)),
        ),
        looks_like=uniform,
    ),
    _other_model(
        "sigma^2 as the standard deviation",
        "Your noise has the standard deviation sigma^2. sigma^2 is the noise's *variance* in "
        "equation 1.3; numbers from `randn` are multiplied by the standard deviation.",
        lambda a, b, sigma: (a, b, sigma**2),
    ),
    _other_model(
        "root of sigma as the standard deviation",
        "Your noise has the variance sigma. Equation 1.3 calls the variance sigma^2, so that sigma "
        "is the standard deviation already: no root.",
        lambda a, b, sigma: (a, b, sigma**0.5),
    ),
    _other_model(
        "noise not scaled",
        "Your noise does not have the standard deviation sigma: it is left as `randn` draws it, "
        "or divided by sigma, or multiplied by a as well. sigma times a standard normal is wanted.",
        lambda a, b, sigma: (a, b, 1.0),
        lambda a, b, sigma: (a, b, 1 / sigma),
        lambda a, b, sigma: (a, b, abs(a) * sigma),
    ),
    _other_model(
        "another z for x",
        "Your z and x are independent: x was made from another z than the one you return. Draw z "
        "once, use it, return it.",
        lambda a, b, sigma: (0.0, b, (a**2 + sigma**2) ** 0.5),
        lambda a, b, sigma: (0.0, b, sigma),
    ),
    _other_model(
        "another mean",
        "The mean of x given z is a z + b. In yours a, b or a sign is missing or in the wrong "
        "place.",
        lambda a, b, sigma: (a, 0.0, sigma),
        lambda a, b, sigma: (1.0, b, sigma),
        lambda a, b, sigma: (b, a, sigma),
        lambda a, b, sigma: (a, a * b, sigma),
        lambda a, b, sigma: (a, -b, sigma),
        lambda a, b, sigma: (-a, b, sigma),
    ),
    Mistake(
        "x and z swapped",
        _of_pieces(lambda z, eps, a, b, sigma: (a * z + b + sigma * eps, z)),
        "The two are in the wrong order: z comes first, then x.",
        looks_like=fits(lambda z, x, a, b, sigma: (x, z, a, b, sigma)),
    ),
    Mistake(
        "a z + b returned as z",
        _of_pieces(lambda z, eps, a, b, sigma: (a * z + b, a * z + b + sigma * eps)),
        "Your x is right, but what you return as z is not: it has a or b in it. z is the standard "
        "normal draw itself, before it is sent anywhere; give a z + b another name.",
        also_wrong=(
            _of_pieces(lambda z, eps, a, b, sigma: (z + b, a * z + b + sigma * eps)),
            _of_pieces(lambda z, eps, a, b, sigma: (a * z, a * z + b + sigma * eps)),
        ),
        looks_like=lambda outputs: any(is_it(outputs) for is_it in _MOVED),
    ),
    Mistake(
        "generator not used",
        lambda n, a, b, sigma, generator: _draw(n, a, b, sigma, None),
        "Hand the generator on to every draw, `torch.randn(n, generator=generator)`: without it "
        "nobody can repeat your draws.",
        also_wrong=(_global_noise,),
        looks_like=not_repeatable,
    ),
    Mistake(
        "generator seeded again",
        _reseeded,
        "The generator that comes in makes no difference: it is seeded again inside, or replaced "
        "by another. Use it as it is.",
        looks_like=same_for_every_generator,
    ),
)
_MOVED = (
    fits(lambda z, x, a, b, sigma: ((z - b) / a, x, a, b, sigma)),
    fits(lambda z, x, a, b, sigma: (z - b, x, a, b, sigma)),
    fits(lambda z, x, a, b, sigma: (z / a, x, a, b, sigma)),
)
