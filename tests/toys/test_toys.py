"""The toys' exact answers, each computed a second way: four pixels, two modes, two roots."""

import math

import numpy as np
import pytest
import torch
from routes import M1, generator, lies_near, randn
from torch import distributions as dist
from torch.nn.functional import one_hot
from torch.testing import assert_close

from course_utils.toys import FourPixels, LinearGaussian, Ring, TwoModes, TwoRoots
from course_utils.toys._latent_model import NormalAroundMean

K, B = 7, 3
PICTURES = torch.cartesian_prod(*[torch.tensor([0.0, 1.0], dtype=torch.float64)] * 4)  # (16, 4)


def grid(n=4001, end=9.0):
    return torch.linspace(-end, end, n, dtype=torch.float64)[:, None]


# Any of them


@pytest.mark.parametrize("model", [FourPixels(), TwoModes(0.5)], ids=repr)
def test_posteriors_integrate_to_one(model):
    x = PICTURES[[3, 8, 14]] if model.data_dim == 4 else torch.tensor([[0.9], [-0.3], [0.1]])
    n = 18_000  # midpoints: one half of a step from the jump of TwoModes at 0, on either side
    z = ((torch.arange(n, dtype=torch.float64) + 0.5) * (18 / n) - 9)[:, None]
    total = model.posterior_on_grid(x, z).exp().sum(0) * (18 / n)
    assert_close(total, torch.ones(3, dtype=torch.float64), rtol=0, atol=1e-6)


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


@pytest.mark.parametrize(
    ("model", "says"),
    [
        (M1, "LinearGaussian(D=1, L=1, sigma=0.5)"),
        (Ring(0.1), "Ring(sigma=0.1)"),
        (TwoRoots(0.3), "TwoRoots(sigma=0.3)"),
        (FourPixels(), "FourPixels(D=4, L=1)"),
        (TwoModes(0.1), "TwoModes(sigma=0.1)"),
    ],
    ids=repr,
)
def test_the_repr_of_a_toy_is_short(model, says):
    assert repr(model) == says


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: LinearGaussian([1.5], [0.3], 0.5), r"W should be \(D, L\)"),
        (lambda: LinearGaussian([[1.5]], [0.3, 0.1], 0.5), r"b \(2,\) came"),
        (lambda: LinearGaussian([[math.nan]], [0.3], 0.5), "W should be finite"),
        (lambda: LinearGaussian([[1.5]], [0.3], 0.0), "sigma should be a number above 0"),
        (lambda: LinearGaussian([[1.5]], [0.3], -1), "sigma should be a number above 0"),
        (lambda: Ring(math.inf), "sigma should be a number above 0"),
        (lambda: LinearGaussian.fit_ml(torch.randn(9, 4), 4), "below the 4 dimensions"),
        (lambda: LinearGaussian.fit_ml(torch.empty(0, 4), 2), "at least one example"),
        (lambda: LinearGaussian.fit_ml(torch.randn(9, 4), 2, sigma=-1.0), "above 0"),
        (lambda: LinearGaussian.fit_ml(torch.randn(3, 9), 3), "more examples, fewer latents"),
        (lambda: LinearGaussian.fit_ml(torch.randn(1, 9), 3), "more examples, fewer latents"),
        (lambda: M1.sample_prior(0), "n should be a whole number"),
        (lambda: M1.sample_prior(1e3), r"write 10\*\*5"),
        (lambda: M1.log_px(torch.zeros(3)), "batch of one"),
        (lambda: M1.log_px(torch.zeros(3, 2)), "1 numbers an example, but 2 came"),
        (lambda: M1.log_px(torch.tensor([[math.nan]])), "x should be finite"),
        (lambda: M1.log_px(np.zeros((3, 1))), "torch.as_tensor"),
        (lambda: M1.log_likelihood(torch.zeros(3, 1), torch.zeros(5, 1)), r"z\[:, None\]"),
        (lambda: M1.log_likelihood(torch.zeros(3, 1), torch.zeros(5, 2, 1)), r"but \(5, 2, 1\)"),
        (lambda: M1.log_likelihood(torch.zeros(3, 1), torch.zeros(3, 2)), r"but \(3, 2\)"),
        (lambda: M1.log_likelihood(torch.zeros(3, 1), torch.zeros(3)), r"but \(3,\)"),
        (lambda: FourPixels().log_px(torch.zeros(2, 3)), "4 numbers an example, but 3 came"),
        (lambda: FourPixels().log_px(torch.full((1, 4), math.nan)), "x should be finite"),
        (lambda: FourPixels().log_likelihood(PICTURES, torch.zeros(5, 1)), r"z\[:, None\]"),
        (lambda: TwoModes(0.0), "sigma should be a number above 0"),
        (lambda: TwoModes(0.1).log_px(torch.zeros(2, 3)), "1 numbers an example, but 3 came"),
        (lambda: TwoModes(0.1).log_likelihood(torch.zeros(2, 1), torch.zeros(5, 1)), "z should be"),
    ],
)
def test_toys_refuse_bad_input_in_words(call, says):
    with pytest.raises(ValueError, match=says):
        call()


# Four pixels


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
    assert lies_near(one_hot(which, 16).double(), FourPixels().log_px(PICTURES).exp())
    assert_close(x, FourPixels().sample(n, generator=generator())[1])


def test_draws_of_four_pixels_follow_their_own_z():
    """E x z = E mean_x(z) z: the pictures are not drawn apart from the latents beside them."""
    n, line = 100_000, grid()
    z, x = FourPixels().sample(n, generator=generator())
    weight = dist.Normal(0.0, 1.0).log_prob(line).exp()
    exact = torch.trapezoid(FourPixels().mean_x(line) * line * weight, line[:, 0], dim=0)
    assert lies_near(x * z, exact)
    assert exact.abs().min() > 0.1


@pytest.mark.parametrize("pixel", [0.5, -1.0, 2.0, 255.0])
def test_four_pixels_refuse_grey(pixel):
    x = torch.tensor([[1.0, pixel, 0.0, 1.0]])
    with pytest.raises(ValueError, match="only 0s and 1s, but 1 of 4 pixels"):
        FourPixels().log_px(x)
    with pytest.raises(ValueError, match="is no density"):
        FourPixels().log_likelihood(x, torch.zeros(1, 1))


# Two modes


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
    drawn = TwoModes(0.1).sample(100_000, generator=generator())[1]
    assert lies_near(TwoModes(0.1).log_px(drawn), average)


def test_two_modes_are_drawn_at_the_sign_of_z():
    n = 100_000
    z, x = TwoModes(0.3).sample(n, generator=generator())
    noise = x - torch.where(z < 0, -1.0, 1.0)
    assert lies_near(torch.cat([noise, noise**2, (z < 0).double()], 1), [0, 0.3**2, 0.5])


@pytest.mark.parametrize("z", [randn(B, 1), randn(K, B, 1), randn(K, 1, 1), torch.zeros(1, 1, 1)])
def test_two_modes_likelihood_agrees_with_torch_in_all_shapes(z):
    x = torch.tensor([[0.9], [-0.3], [0.1]], dtype=torch.float64)
    expected = dist.Normal(torch.where(z < 0, -1.0, 1.0).double(), 0.4).log_prob(x).sum(-1)
    assert_close(TwoModes(0.4).log_likelihood(x, z), expected, rtol=1e-12, atol=1e-12)


# Two roots


def test_two_roots_evidence_integrates_to_one_and_its_posterior_is_symmetric():
    x = torch.linspace(-3, 40, 4301, dtype=torch.float64)[:, None]
    total = torch.trapezoid(TwoRoots(0.3).log_px(x).exp(), x[:, 0])
    assert total.item() == pytest.approx(1, abs=1e-6)
    z = grid(401, 4.0)
    posterior = TwoRoots(0.3).posterior_on_grid(torch.tensor([[1.5]]), z)[:, 0].exp()
    assert_close(posterior, posterior.flip(0))
    assert torch.trapezoid(posterior, z[:, 0]).item() == pytest.approx(1, abs=1e-9)
    assert z[posterior.argmax(), 0].abs().item() == pytest.approx(1.5**0.5, abs=0.05)
    assert posterior[200] < 1e-4 * posterior.max()


def test_two_roots_samples_have_the_model_s_moments():
    """E x = E z^2 = 1, var x = 2 + sigma^2."""
    n = 100_000
    z, x = TwoRoots(0.3).sample(n, generator=generator())
    assert lies_near(torch.cat([x, (x - 1) ** 2, (x - z**2) ** 2], 1), [1, 2.09, 0.3**2])


def test_two_roots_refuses_modes_its_grid_cannot_see():
    assert TwoRoots(60.0).log_px(torch.tensor([[1.0]])).item() == pytest.approx(-5.01, abs=0.01)
    with pytest.raises(ValueError, match="another sigma"):
        TwoRoots(0.3).log_px(torch.tensor([[-1e6]]))
    with pytest.raises(ValueError, match="another sigma"):
        TwoRoots(0.005).log_px(torch.tensor([[9.0]]))
    with pytest.raises(ValueError, match="nearer to 0"):
        TwoRoots(1.0).log_px(torch.tensor([[64.0]]))
