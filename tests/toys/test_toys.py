"""The toys' exact answers, each computed a second way: pixels, modes, roots and the ring."""

import math

import pytest
import torch
from conditional_toy import B, model_of
from routes import LINE, M1, generator, integral, lies_near, number, randn, torch_normal
from torch import distributions as dist
from torch.nn.functional import one_hot
from torch.testing import assert_close
from vae_fixtures import plane

from course_utils.densities import log_mean_exp
from course_utils.toys import FourPixels, Ring, TwoModes, TwoRoots
from course_utils.toys._latent_model import NormalAroundMean

K = 7
PICTURES = torch.cartesian_prod(*[number([0.0, 1.0])] * 4)  # (16, 4)
SOME, POINTS = PICTURES[[3, 8, 14]], number([[0.9], [-0.3], [0.1]])
WIDE = model_of()
STANDARD = torch_normal(0, 1)
# E log p(x) of TwoModes(0.1), whose heaps do not touch: .190.
HEAPS = -math.log(2) - 0.5 * math.log(2 * math.pi * math.e * 0.1**2)


# Any of them


@pytest.mark.parametrize("model", [Ring(0.3), TwoRoots(0.3), TwoModes(0.5), FourPixels()], ids=repr)
def test_the_prior_of_a_toy_is_the_normal_of_its_density(model):
    z = randn(K, 3, model.latent_dim)
    assert model.prior.mu.shape == (model.latent_dim,)
    assert_close(model.prior.log_prob(z), model.log_prior(z))


def test_a_new_toy_is_asked_for_its_mean():
    class Nameless(NormalAroundMean):
        latent_dim = data_dim = 1

    with pytest.raises(NotImplementedError, match="Nameless should define mean_x"):
        Nameless(0.3).sample(2)


REPRS = {
    "LinearGaussian(D=1, L=1, sigma=0.5)": M1,
    "Ring(sigma=0.1)": Ring(0.1),
    "TwoRoots(sigma=0.3)": TwoRoots(0.3),
    "FourPixels(D=4, L=1)": FourPixels(),
    "TwoModes(sigma=0.1)": TwoModes(0.1),
    "ConditionalLinearGaussian(D=6, L=2, C=3, sigma=0.7)": WIDE,
    f"{WIDE!r} with y of 4 rows": WIDE.given(randn(B, 3)),
    f"{WIDE!r} with y of 1 row": WIDE.given(randn(1, 3)),
}


def test_the_repr_of_a_toy_is_short():
    assert [*map(repr, REPRS.values())] == [*REPRS]


def of_pixels(z):
    W, c = number([[2.0, -1.5, 1.0, 0.5], [0.2, -0.3, 0.0, 0.1]])
    return dist.Bernoulli(logits=z * W + c + (2 * z).sin())


def signs(z):
    return torch.where(z < 0, -1.0, 1.0).double()


@pytest.mark.parametrize(
    ("model", "x", "law"),
    [
        (FourPixels(), SOME, of_pixels),
        (TwoModes(0.4), POINTS, lambda z: dist.Normal(signs(z), 0.4)),
    ],
    ids=["four pixels", "two modes"],
)
def test_the_likelihood_of_a_toy_agrees_with_torch_in_all_shapes(model, x, law):
    for z in (randn(3, 1), randn(K, 3, 1), randn(K, 1, 1), torch.zeros(1, 1, 1)):
        got = model.log_likelihood(x, z)
        assert_close(got, law(z).log_prob(x).sum(-1), rtol=1e-12, atol=1e-12)
        assert_close(model.mean_x(z.double()), law(z).mean)


MIDPOINTS = (torch.arange(18_000).double()[:, None] + 0.5) / 1000 - 9  # none at TwoModes' jump at 0
RING = Ring(0.3).sample(4, generator=generator())[1]


@pytest.mark.parametrize(
    ("model", "x", "grid", "atol"),
    [
        (FourPixels(), SOME, (MIDPOINTS, 1e-3), 1e-6),
        (TwoModes(0.5), POINTS, (MIDPOINTS, 1e-3), 1e-6),
        (TwoRoots(0.3), number([[1.5]]), (LINE, 0.005), 1e-9),
        (Ring(0.3), RING, plane(701, 7.0), 1e-3),
    ],
    ids=["four pixels", "two modes", "two roots", "ring"],
)
def test_posteriors_integrate_to_one(model, x, grid, atol):
    z, area = grid
    total = model.posterior_on_grid(x, z).exp().sum(0) * area
    assert_close(total, torch.ones(len(x)).double(), rtol=0, atol=atol)


DRAWS = {  # a model, numbers of its draws, and what these are on average
    "pictures as often as they are likely": (
        FourPixels(),
        lambda z, x: one_hot((x @ number([8, 4, 2, 1])).long(), 16).double(),
        FourPixels().log_px(PICTURES).exp(),
    ),
    "pictures that follow their own z": (
        FourPixels(),
        lambda z, x: x * z,
        integral(FourPixels().mean_x(LINE) * LINE * STANDARD.log_prob(LINE).exp()),
    ),
    "modes at the sign of z": (
        TwoModes(0.3),
        lambda z, x: torch.cat([x - signs(z), (x - signs(z)) ** 2, (z < 0).double()], 1),
        [0, 0.3**2, 0.5],
    ),
    "modes as dense as they are": (TwoModes(0.1), lambda z, x: TwoModes(0.1).log_px(x), HEAPS),
    "roots with E x = E z^2 = 1, var x = 2 + sigma^2": (
        TwoRoots(0.3),
        lambda z, x: torch.cat([x, (x - 1) ** 2, (x - z**2) ** 2], 1),
        [1, 2.09, 0.3**2],
    ),
}


@pytest.mark.parametrize(("model", "numbers", "exact"), DRAWS.values(), ids=DRAWS)
def test_a_toy_draws_what_its_densities_say(model, numbers, exact):
    z, x = model.sample(100_000, generator=generator())
    assert (z.shape, x.shape, x.dtype) == ((len(x), 1), (100_000, model.data_dim), torch.float64)
    assert_close(x, model.sample(100_000, generator=generator())[1], rtol=0, atol=0)
    assert lies_near(numbers(z, x), exact)


# Evidence


def test_the_entropy_of_the_four_pixels():
    log_px = FourPixels().log_px(PICTURES)
    assert -(log_px.exp() * log_px).sum().item() == pytest.approx(2.5785, abs=5e-5)


def test_four_pixels_evidence_agrees_with_torch_on_a_finer_grid():
    z = LINE[:, None]
    joint = of_pixels(z).log_prob(PICTURES).sum(-1) + STANDARD.log_prob(LINE)  # (G, 16)
    assert_close(FourPixels().log_px(PICTURES).exp(), integral(joint.exp()), rtol=1e-11, atol=0)


@pytest.mark.parametrize("sigma", [0.1, 0.7])
def test_two_modes_evidence_is_the_mixture_of_torch(sigma):
    x = torch.linspace(-3, 3, 61, dtype=torch.float64)[:, None]
    modes = dist.Normal(number([-1.0, 1.0]), sigma)
    mixture = dist.MixtureSameFamily(dist.Categorical(torch.ones(2).double()), modes)
    assert_close(TwoModes(sigma).log_px(x), mixture.log_prob(x[:, 0]), rtol=1e-12, atol=1e-12)


def test_the_average_log_evidence_of_two_modes():
    log_px = TwoModes(0.1).log_px(LINE)
    average = integral(log_px.exp() * log_px).item()
    assert average == pytest.approx(0.190, abs=5e-4)
    assert average == pytest.approx(HEAPS, abs=1e-9)


def test_two_roots_posterior_is_symmetric_with_a_mode_at_each_root():
    posterior = TwoRoots(0.3).posterior_on_grid(number([[1.5]]), LINE)[:, 0].exp()
    assert_close(posterior, posterior.flip(0))
    assert LINE[posterior.argmax(), 0].abs().item() == pytest.approx(1.5**0.5, abs=0.05)
    assert posterior[len(LINE) // 2] < 1e-4 * posterior.max()


@pytest.mark.parametrize("sigma", [0.05, 0.1, 0.3])
def test_ring_evidence_agrees_with_a_polar_grid(sigma):
    """A second quadrature, over radius and angle, without the Bessel function."""
    model = Ring(sigma)
    x = torch.tensor([[1.1, 0.0], [0.0, 0.9], [-0.8, 0.8]])
    radius = (torch.arange(2000).double() + 0.5) * (7 / 2000)
    angle = (torch.arange(1440).double() + 0.5) * (2 * math.pi / 1440)
    turn, total = torch.stack([angle.cos(), angle.sin()], -1), []
    for r in radius:
        around = log_mean_exp(model.log_likelihood(x, (r * turn)[:, None]), 0)
        total.append(around + r.log() - r**2 / 2)
    exact = torch.stack(total).logsumexp(0) + math.log(7 / 2000)
    assert_close(model.log_px(x), exact, rtol=0, atol=2e-5)


def test_ring_evidence_integrates_to_one():
    x, area = plane(51, 2.0)
    assert (Ring(0.1).log_px(x).exp().sum() * area).item() == pytest.approx(1, abs=1e-6)


def test_ring_evidence_is_exact_as_far_out_as_its_grid_reaches():
    """By a fine polar grid around the posterior's own place, at radius 14.4."""
    rho = torch.linspace(12, 17, 5001, dtype=torch.float64)[:, None]
    angle = torch.linspace(-0.1, 0.1, 1001, dtype=torch.float64)
    ring = 1 + rho / 10
    squared = 2.5**2 + ring**2 - 5 * ring * angle.cos()  # |x - mean|^2 at x = (2.5, 0)
    log_joint = -squared / (2 * 0.02**2) + rho.log() - rho**2 / 2
    total = torch.logsumexp(log_joint, (0, 1)) + math.log(0.001 * 0.0002 / (2 * math.pi))
    expected = total - math.log(2 * math.pi * 0.02**2)
    found = Ring(0.02).log_px(number([[2.5, 0.0]]))
    assert found.item() == pytest.approx(expected.item(), abs=1e-4)
