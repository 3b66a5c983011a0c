"""The toys of one latent with two kinds of data: four pixels, and two heaps of numbers."""

import math

import pytest
import torch
from routes import generator, randn
from torch import distributions as dist
from torch.testing import assert_close

from course_utils.estimators import naive_monte_carlo
from course_utils.toys import FourPixels, Ring, TwoModes, TwoRoots
from course_utils.toys._latent_model import NormalAroundMean

K, B = 7, 3
PICTURES = torch.cartesian_prod(*[torch.tensor([0.0, 1.0], dtype=torch.float64)] * 4)  # (16, 4)


def grid(n=4001, end=9.0):
    return torch.linspace(-end, end, n, dtype=torch.float64)[:, None]


@pytest.mark.equation("1.12")
def test_the_sixteen_pictures_share_a_probability_of_one():
    assert FourPixels().log_px(PICTURES).exp().sum().item() == pytest.approx(1, abs=1e-12)


def test_the_entropy_of_the_four_pixels():
    log_px = FourPixels().log_px(PICTURES)
    assert -(log_px.exp() * log_px).sum().item() == pytest.approx(2.5785, abs=5e-5)


def test_four_pixels_evidence_agrees_with_torch_on_a_finer_grid():
    z = grid()
    joint = dist.Bernoulli(logits=FourPixels().logits(z)[:, None]).log_prob(PICTURES).sum(-1)
    joint = joint + dist.Normal(0.0, 1.0).log_prob(z)  # (grid, 16)
    expected = torch.trapezoid(joint.exp(), z[:, 0], dim=0).log()
    assert_close(FourPixels().log_px(PICTURES), expected, rtol=1e-11, atol=1e-11)


@pytest.mark.parametrize("z", [randn(B, 1), randn(K, B, 1), randn(K, 1, 1)])
def test_four_pixels_likelihood_agrees_with_torch_in_all_three_shapes(z):
    x = PICTURES[[3, 8, 14]]
    W, c = torch.tensor([[2.0, -1.5, 1.0, 0.5], [0.2, -0.3, 0.0, 0.1]], dtype=torch.float64)
    logits = z * W + c + (2 * z).sin()
    expected = dist.Bernoulli(logits=logits).log_prob(x).sum(-1)
    got = FourPixels().log_likelihood(x, z)
    assert_close(got, expected, rtol=1e-12, atol=1e-12)
    assert_close(FourPixels().mean_x(z), logits.sigmoid())


def test_four_pixels_likelihood_is_one_for_all_pictures_at_any_z():
    for z in (-2.7, 0.0, 1.3):
        at = FourPixels().log_likelihood(PICTURES, torch.full((1, 1, 1), z, dtype=torch.float64))
        assert at.exp().sum().item() == pytest.approx(1, abs=1e-14)


def test_four_pixels_are_drawn_as_often_as_their_probability_says():
    n = 100_000
    z, x = FourPixels().sample(n, generator=generator())
    assert (z.shape, x.shape, x.dtype) == ((n, 1), (n, 4), torch.float64)
    which = (x @ torch.tensor([8.0, 4.0, 2.0, 1.0]).double()).long()
    share = torch.bincount(which, minlength=16) / n
    p = FourPixels().log_px(PICTURES).exp()
    assert ((share - p).abs() < 5 * (p * (1 - p) / n).sqrt()).all()
    assert_close(x, FourPixels().sample(n, generator=generator())[1])


def test_draws_of_four_pixels_follow_their_own_z():
    """E x z = E mean_x(z) z: the pictures are not drawn apart from the latents beside them."""
    n, line = 100_000, grid()
    z, x = FourPixels().sample(n, generator=generator())
    weight = dist.Normal(0.0, 1.0).log_prob(line).exp()
    exact = torch.trapezoid(FourPixels().mean_x(line) * line * weight, line[:, 0], dim=0)
    assert ((((x * z).mean(0)) - exact).abs() < 5 * (x * z).std(0) / math.sqrt(n)).all()
    assert exact.abs().min() > 0.1


@pytest.mark.parametrize("model", [FourPixels(), TwoModes(0.5)], ids=repr)
def test_posteriors_integrate_to_one(model):
    x = PICTURES[[3, 8, 14]] if model.data_dim == 4 else torch.tensor([[0.9], [-0.3], [0.1]])
    n = 18_000  # midpoints: one half of a step from the jump of TwoModes at 0, on either side
    z = ((torch.arange(n, dtype=torch.float64) + 0.5) * (18 / n) - 9)[:, None]
    total = model.posterior_on_grid(x, z).exp().sum(0) * (18 / n)
    assert_close(total, torch.ones(3, dtype=torch.float64), rtol=0, atol=1e-6)


@pytest.mark.parametrize("model", [FourPixels(), TwoModes(0.5)], ids=repr)
def test_estimates_from_the_prior_meet_the_evidence(model):
    x = PICTURES[[3, 8, 14]] if model.data_dim == 4 else torch.tensor([[0.9], [-0.3], [0.1]])
    estimate = naive_monte_carlo(model, x, 100_000, generator=generator())
    assert ((estimate.log_px - model.log_px(x)).abs() < 5 * estimate.std_error).all()


@pytest.mark.parametrize("pixel", [0.5, -1.0, 2.0, 255.0])
def test_four_pixels_refuse_grey(pixel):
    x = torch.tensor([[1.0, pixel, 0.0, 1.0]])
    with pytest.raises(ValueError, match="only 0s and 1s, but 1 of 4 pixels"):
        FourPixels().log_px(x)
    with pytest.raises(ValueError, match="is no density"):
        FourPixels().log_likelihood(x, torch.zeros(1, 1))


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: FourPixels().log_px(torch.zeros(2, 3)), "4 numbers an example, but 3 came"),
        (lambda: FourPixels().log_px(torch.full((1, 4), math.nan)), "x should be finite"),
        (lambda: FourPixels().log_likelihood(PICTURES, torch.zeros(5, 1)), r"z\[:, None\]"),
        (lambda: TwoModes(0.0), "sigma should be a number above 0"),
        (lambda: TwoModes(0.1).log_px(torch.zeros(2, 3)), "1 numbers an example, but 3 came"),
        (lambda: TwoModes(0.1).log_likelihood(torch.zeros(2, 1), torch.zeros(5, 1)), "z should be"),
    ],
)
def test_bad_input_is_refused_in_words(call, says):
    with pytest.raises(ValueError, match=says):
        call()


@pytest.mark.parametrize("sigma", [0.1, 0.7])
def test_two_modes_evidence_is_the_mixture_of_torch(sigma):
    x = torch.linspace(-3, 3, 61, dtype=torch.float64)[:, None]
    modes = dist.Normal(torch.tensor([-1.0, 1.0], dtype=torch.float64), sigma)
    mixture = dist.MixtureSameFamily(dist.Categorical(torch.ones(2).double()), modes)
    assert_close(TwoModes(sigma).log_px(x), mixture.log_prob(x[:, 0]), rtol=1e-12, atol=1e-12)


def test_the_average_log_evidence_of_two_modes():
    """At sigma = .1 the heaps do not touch: E log p(x) = -log 2 - log(2 pi e sigma^2)/2 = .190."""
    x = torch.linspace(-3, 3, 12_001, dtype=torch.float64)[:, None]
    log_px = TwoModes(0.1).log_px(x)
    average = torch.trapezoid(log_px.exp() * log_px, x[:, 0]).item()
    assert average == pytest.approx(0.190, abs=5e-4)
    apart = -math.log(2) - 0.5 * math.log(2 * math.pi * math.e * 0.1**2)
    assert average == pytest.approx(apart, abs=1e-9)
    drawn = TwoModes(0.1).log_px(TwoModes(0.1).sample(100_000, generator=generator())[1])
    assert abs(drawn.mean() - average) < 5 * drawn.std() / math.sqrt(len(drawn))


def test_two_modes_are_drawn_at_the_sign_of_z():
    n = 100_000
    z, x = TwoModes(0.3).sample(n, generator=generator())
    noise = x - torch.where(z < 0, -1.0, 1.0)
    assert noise.mean().abs() < 5 * 0.3 / math.sqrt(n)
    assert (noise.std() - 0.3).abs() < 5 * 0.3 / math.sqrt(2 * n)
    assert ((z < 0).double().mean() - 0.5).abs() < 5 * 0.5 / math.sqrt(n)


@pytest.mark.parametrize("z", [randn(B, 1), randn(K, B, 1), randn(K, 1, 1), torch.zeros(1, 1, 1)])
def test_two_modes_likelihood_agrees_with_torch_in_all_shapes(z):
    x = torch.tensor([[0.9], [-0.3], [0.1]], dtype=torch.float64)
    expected = dist.Normal(torch.where(z < 0, -1.0, 1.0).double(), 0.4).log_prob(x).sum(-1)
    assert_close(TwoModes(0.4).log_likelihood(x, z), expected, rtol=1e-12, atol=1e-12)


def test_reprs_are_short():
    assert repr(FourPixels()) == "FourPixels(D=4, L=1)"
    assert repr(TwoModes(0.1)) == "TwoModes(sigma=0.1)"


@pytest.mark.parametrize("model", [Ring(0.3), TwoRoots(0.3), TwoModes(0.5), FourPixels()], ids=repr)
def test_the_prior_of_a_toy_is_the_normal_of_its_density(model):
    z = randn(K, B, model.latent_dim)
    assert model.prior.mu.shape == (model.latent_dim,)
    assert_close(model.prior.log_prob(z), model.log_prior(z))


def test_a_new_toy_is_asked_for_its_mean():
    class Nameless(NormalAroundMean):
        latent_dim = data_dim = 1

    with pytest.raises(NotImplementedError, match="Nameless should define mean_x"):
        Nameless(0.3).sample(2)
