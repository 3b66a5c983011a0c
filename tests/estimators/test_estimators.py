"""Estimators against exact evidence, at their limits, and beside quadrature for a trained VAE."""

import math

import pytest
import torch
from conditional_toy import model_of
from hypothesis import given, settings
from hypothesis import strategies as st
from routes import M1, X, generator, number, randn
from torch.distributions import Normal
from torch.testing import assert_close

from course_utils.data import load
from course_utils.densities import DiagonalNormal, log_mean_exp
from course_utils.estimators import _evidence as estimators
from course_utils.estimators import (
    annealed_importance_sampling,
    effective_sample_size,
    importance_sampling,
    iwae_bound,
    naive_monte_carlo,
)
from course_utils.models import CVAE, VAE
from course_utils.toys import FourPixels, LinearGaussian, Ring, TwoModes
from course_utils.training import fit

# Models whose posterior is known: each with some x.
GIVEN = model_of()
LINEAR = {
    "M1": (M1, number([[2.0], [-1.0]])),
    "one latent given y": (model_of(1).given(randn(4, 3, seed=5)), randn(4, 6, seed=4)),
    "given y": (GIVEN.given(randn(4, 3, seed=5)), randn(4, 6, seed=4)),
    "given one y": (GIVEN.given(randn(1, 3, seed=5)), randn(4, 6, seed=4)),
}
OTHERS = {
    "four pixels": (FourPixels(), number([[0, 0, 1, 1], [1, 0, 0, 0], [1, 1, 1, 0]])),
    "two modes": (TwoModes(0.5), number([[0.9], [-0.3], [0.1]])),
}
each_linear = pytest.mark.parametrize(("model", "x"), LINEAR.values(), ids=LINEAR)


def meets(estimate, exact, least_ess=20):
    """Whether a log evidence lies within 5 of its own error bars."""
    assert (estimate.ess > least_ess).all() and (estimate.std_error > 0).all()
    return bool(((estimate.log_px - exact).abs() < 5 * estimate.std_error).all())


@each_linear
def test_importance_weights_have_no_variance_at_the_exact_posterior(model, x):
    """With q = p(z|x) every weight equals p(x): the estimate is exact, its standard error zero."""
    estimate = importance_sampling(model, x, model.posterior(x), n=7, generator=generator())
    assert_close(estimate.log_px, model.log_px(x), rtol=1e-13, atol=1e-13)
    assert estimate.std_error.max() < 1e-9
    assert_close(estimate.ess, torch.full((len(x),), 7.0, dtype=torch.float64))


@pytest.mark.parametrize(("model", "x"), (LINEAR | OTHERS).values(), ids=LINEAR | OTHERS)
def test_naive_monte_carlo_meets_the_exact_evidence(model, x):
    estimate = naive_monte_carlo(model, x, 100_000, generator=generator())
    assert meets(estimate, model.log_px(x))


@pytest.mark.equation("7.12")
@pytest.mark.parametrize(("off", "log_var"), [(0.1, -1.0), (0.3, 0.0)])
@each_linear
def test_importance_sampling_meets_the_exact_evidence_from_another_q(model, x, off, log_var):
    mu = model.posterior(x).mu + off
    q = DiagonalNormal(mu, torch.full_like(mu, log_var))
    estimate = importance_sampling(model, x, q, 50_000, generator=generator())
    assert meets(estimate, model.log_px(x), least_ess=1000)


def constant(value):
    """A model whose likelihood does not look at z."""
    model = LinearGaussian([[1.0]], [0.0], 1.0)
    model.log_likelihood = lambda x, z: torch.full((len(z), len(x)), value, dtype=torch.float64)
    return model


def test_equal_weights_have_exactly_no_error_however_they_are_chunked(monkeypatch):
    monkeypatch.setattr(estimators, "CHUNK", 6)
    estimate = naive_monte_carlo(constant(-812.3), X, 1000, generator=generator())
    assert estimate.std_error.tolist() == [0.0]
    assert estimate.log_px.tolist() == [-812.3]
    assert estimate.ess.tolist() == [1000.0]


def test_with_the_prior_as_q_both_estimators_are_one():
    prior = DiagonalNormal(torch.zeros(1, 1).double(), torch.zeros(1, 1).double())
    weighted = importance_sampling(M1, X, prior, 1000, generator=generator())
    assert_close(naive_monte_carlo(M1, X, 1000, generator=generator()).log_px, weighted.log_px)


@pytest.mark.parametrize("chunk", [1, 3, 50, 10**6])
def test_streaming_equals_the_formulas_on_all_draws(monkeypatch, chunk):
    """std_error = sqrt(1/ESS - 1/n), ESS = 1/sum softmax^2, whatever the chunks."""
    draws = 200 * torch.randn(100, 3, generator=generator(), dtype=torch.float64) - 900
    stream = estimators.Weights(3)
    for part in draws.split(chunk):
        stream.add(part)
    estimate = stream.estimate()
    ess = 1 / draws.softmax(0).square().sum(0)
    assert_close(estimate.log_px, log_mean_exp(draws, 0), rtol=1e-12, atol=1e-12)
    assert_close(estimate.ess, ess)
    assert_close(estimate.std_error, (1 / ess - 1 / 100).sqrt())
    assert_close(effective_sample_size(draws), ess)


@given(st.lists(st.floats(-1e4, 1e4), min_size=1, max_size=30))
@settings(max_examples=100)
def test_ess_lies_between_one_and_n_and_ignores_a_shift(values):
    log_w = torch.tensor(values, dtype=torch.float64)
    ess = effective_sample_size(log_w)
    assert 1 - 1e-9 <= ess <= len(values) + 1e-9
    assert_close(ess, effective_sample_size(log_w + 123), rtol=1e-6, atol=0)


def test_ess_of_half_floats_does_not_overflow():
    assert effective_sample_size(torch.zeros(60_000, dtype=torch.float16)).item() == 60_000


def test_memory_does_not_grow_with_n():
    """The chunks of 10^4 and of 10^6 draws are of one size, so their largest tensors are too."""
    sizes, model = [], LinearGaussian([[1.5]], [0.3], 0.5)

    def watched(x, z):
        sizes[-1] = max(sizes[-1], z.numel())
        return M1.log_likelihood(x, z)

    model.log_likelihood = watched
    for n in (2 * 10**6, 4 * 10**6):
        sizes.append(0)
        naive_monte_carlo(model, X, n, generator=generator())
    assert sizes[0] == sizes[1] <= estimators.CHUNK


def test_one_draw_and_draws_of_no_weight_are_told_apart_from_certainty():
    """Pixels that no draw explains: log p is -inf, ESS 0 and the error unknown, not zero."""
    estimate = naive_monte_carlo(constant(-math.inf), X, 10, generator=generator())
    assert (estimate.log_px, estimate.ess) == (-math.inf, 0) and estimate.std_error.isnan()
    assert effective_sample_size(torch.full((3, 1), -math.inf)).item() == 0
    assert naive_monte_carlo(M1, X, 1, generator=generator()).std_error.isnan()


def test_the_repr_says_when_the_error_bar_is_void():
    good, far, many = (
        repr(naive_monte_carlo(M1, x, 1000, generator=generator()))
        for x in (X, torch.tensor([[30.0]]), X.expand(25, 1))
    )
    assert "  log p(x) = " in good and "±" in good and "void" not in good and "bound" not in good
    assert "  bound on log p(x) = " in far and "error bar void" in far
    assert "and 15 more" in many


def test_estimates_unpack_and_refuse_parts_that_do_not_fit():
    log_px, std_error, ess, n = naive_monte_carlo(M1, X, 100, generator=generator())
    assert (log_px.shape, std_error.shape, ess.shape, n) == ((1,), (1,), (1,), 100)
    with pytest.raises(ValueError, match="equal shapes"):
        estimators.Estimate(log_px, std_error[:0], ess, n)


def test_the_ring_s_effective_sample_size_falls_with_its_noise():
    x = torch.tensor([[1.1, 0.0]])
    rings = [Ring(sigma) for sigma in (0.3, 0.1, 0.03, 0.01)]
    ess = [naive_monte_carlo(r, x, 1000, generator=generator()).ess.item() for r in rings]
    assert ess == sorted(ess, reverse=True) and ess[0] > 100 and ess[-1] < 10


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: naive_monte_carlo(M1, X, 0), "n should be a whole number"),
        (lambda: naive_monte_carlo(M1, X, 1e5), r"write 10\*\*5"),
        (lambda: naive_monte_carlo(M1, [[2.0]], 10), "torch.as_tensor"),
        (lambda: naive_monte_carlo(M1, torch.empty(0, 1), 10), "at least one example"),
        (lambda: naive_monte_carlo(M1, torch.tensor([[math.nan]]), 10), "finite"),
        (lambda: importance_sampling(M1, X.expand(3, 1), M1.posterior(X), 10), r"\(3, 1\)"),
        (lambda: importance_sampling(M1, X, M1.posterior(X), -1), "n should be a whole number"),
        (lambda: effective_sample_size(torch.empty(0, 3)), "at least one"),
        (lambda: effective_sample_size(torch.tensor(1.0)), "at least one axis"),
        (lambda: effective_sample_size(torch.tensor([math.nan])), "NaN"),
        (lambda: effective_sample_size(torch.tensor([math.inf, 0.0])), "below infinity"),
        (lambda: importance_sampling(M1, X, Normal(X, X), 10), "a Normal came"),
        (lambda: naive_monte_carlo(constant(math.nan), X, 10), "the model's log-weights should"),
    ],
)
def test_estimates_refuse_bad_input_in_words(call, says):
    with pytest.raises(ValueError, match=says):
        call()


GREY = torch.rand(2, 16, generator=generator(), dtype=torch.float32)


@pytest.mark.parametrize("x", [GREY, (GREY * 255).to(torch.uint8)])
@pytest.mark.parametrize("given_y", [False, True])
def test_grey_pixels_have_no_log_p_under_a_bernoulli_decoder_and_the_estimate_says_so(x, given_y):
    torch.manual_seed(0)
    model, prior = VAE((4, 4), 1, hidden=(8,)), DiagonalNormal(torch.zeros(2, 1), torch.zeros(2, 1))
    if given_y:
        model = CVAE((4, 4), 1, 3, hidden=(8,)).given(torch.eye(3)[:1])
    for estimate in (naive_monte_carlo(model, x, 100), importance_sampling(model, x, prior, 100)):
        said = repr(estimate)
        assert "  soft-BCE bound = " in said and "log p(x) = " not in said
        assert "try x = torch.bernoulli(x)" in said
    drawn = torch.bernoulli(GREY, generator=generator())
    assert "  log p(x) = " in repr(naive_monte_carlo(model, drawn, 100))


def test_grey_pixels_have_a_log_p_under_normal_pixels():
    torch.manual_seed(0)
    normal = VAE((4, 4), 1, hidden=(8,), likelihood="gaussian")
    estimate = naive_monte_carlo(normal, GREY, 1000, generator=generator())
    assert estimate.what == "log p(x)" and "soft" not in repr(estimate)


def test_a_soft_bce_bound_is_below_the_mean_log_p_of_the_pictures_it_stands_for():
    """Two grey pixels and 50 equally likely z: all sums are exact."""
    a = number([0.3, 0.6])
    pictures = number([[0, 0], [0, 1], [1, 0], [1, 1]])
    chance = (pictures * a + (1 - pictures) * (1 - a)).prod(1)
    logits = 3 * randn(50, 2, seed=1)  # a row for each z
    log_p = lambda x: (x * logits - logits.exp().log1p()).sum(-1)  # noqa: E731
    soft = log_mean_exp(log_p(a), 0)
    mean = sum(p * log_mean_exp(log_p(x), 0) for p, x in zip(chance, pictures, strict=True))
    assert soft < mean - 0.1


@pytest.fixture(scope="module")
def trained():
    """A model, 100 test pictures, q, and log p of each by a sum over z from -8 to 8, 640 a side."""
    torch.manual_seed(0)
    model, digits = VAE((8, 8), latent_dim=2, hidden=(128,)), load("digits")
    fit(model, digits.train, epochs=30, batch_size=64, progress=False)
    x = digits.test.binarized(generator=generator(0)).images[:100]
    side = torch.linspace(-8, 8, 641)
    rows = []
    with torch.no_grad():
        q = model.encode(x)
        for column in side:
            z = torch.stack([column.expand(641), side], dim=-1)[:, None].float()  # (641, 1, 2)
            joint = model.log_prior(z) + model.log_likelihood(x, z)  # (641, B)
            rows.append(torch.logsumexp(joint.double(), dim=0))
    log_px = torch.logsumexp(torch.stack(rows), dim=0) + 2 * torch.tensor(16 / 640).log()
    return model, x, q, log_px.double()


def test_weights_by_the_encoder_agree_with_quadrature(trained):
    """By 500 draws within .05 nats on average, in each of 20 runs; by 5 and 50 below it."""
    model, x, q, exact = trained

    def gaps(n):
        runs = (importance_sampling(model, x, q, n, generator=generator(s)) for s in range(20))
        return torch.stack([(exact - run.log_px).mean() for run in runs])

    five, fifty, many = map(gaps, (5, 50, 500))
    assert many.abs().max() < 0.05
    for fewer, more in ((five, fifty), (fifty, many)):
        std_error = ((fewer.var() + more.var()) / 20).sqrt()
        assert fewer.mean() > more.mean() - 5 * std_error
    assert five.mean() > fifty.mean() + 5 * ((five.var() + fifty.var()) / 20).sqrt()


def test_the_bound_rises_with_the_number_of_weights_up_to_the_truth(trained):
    model, x, q, exact = trained

    def gaps(k):
        """To the truth, on average over pictures, of 40 bounds from draws of their own."""
        z = q.rsample(randn(40 * k, *q.mu.shape, seed=k).float())
        with torch.no_grad():
            log_w = model.log_likelihood(x, z) + model.log_prior(z) - q.log_prob(z)  # (40 k, B)
        return (exact - iwae_bound(log_w.unflatten(0, (k, 40)))).mean(dim=1)

    ladder = [gaps(k) for k in (1, 4, 16, 64, 256)]
    for fewer, more in zip(ladder, ladder[1:], strict=False):
        assert fewer.mean() > more.mean() - 5 * ((fewer.var() + more.var()) / 40).sqrt()
    assert abs(ladder[-1].mean()) < 0.1 * ladder[0].mean()


def test_annealing_agrees_with_quadrature(trained):
    model, x, _, exact = trained
    side = annealed_importance_sampling(model, x[:20], 10, 200, generator=generator(1))
    assert abs((side.log_px - exact[:20]).mean()) < 0.1
