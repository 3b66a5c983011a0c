"""The bound: exact where the exact posterior is drawn from, unbiased and differentiable elsewhere.

For gradients one example is repeated n times with fresh noise, so that one call gives one gradient
per draw, and the standard error comes from these.
"""

import math
from types import SimpleNamespace

import pytest
import torch
from conditional_toy import model_of
from routes import M1, X, lies_near, number, randn
from torch.distributions import Normal
from torch.testing import assert_close

from course_utils.densities import DiagonalNormal, FullNormal, kl
from course_utils.estimators import elbo
from course_utils.toys import FourPixels, LinearGaussian, Ring

B, D, L = 4, 6, 3
ONE_X = randn(1, D, seed=3)
WIDE, Y = LinearGaussian(randn(D, L, seed=1), randn(D, seed=2), 0.7), randn(B, 3, seed=5)
GIVEN, GIVEN_ONE = model_of(L).given(Y), model_of(L).given(Y[:1])
MODELS = {"alone": WIDE, "given y": GIVEN, "given one y": GIVEN_ONE}
DIAGONAL = DiagonalNormal(randn(B, L), randn(B, L, seed=1))
FULL = FullNormal(DIAGONAL.mu, torch.linalg.cholesky(torch.eye(L).double() + 0.3))
BOTH = pytest.mark.parametrize("analytic_kl", [True, False], ids=["B", "A"])
each_model = pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)


def normal(mu, var):
    return DiagonalNormal(number([[mu]]), number([[var]]).log())


@pytest.mark.equation("4.9")
@each_model
def test_estimator_a_has_no_variance_at_the_exact_posterior(model):
    """log p(x, z) - log p(z | x) is log p(x) whatever z is drawn; estimator B does vary there."""
    x, q = randn(B, D, seed=3), model.posterior(randn(B, D, seed=3))
    for seed in range(5):
        one_draw = elbo(model, x, q, 3 * randn(B, L, seed=seed), analytic_kl=False)
        assert_close(one_draw.elbo, model.log_px(x), rtol=1e-11, atol=1e-11)
    by_b = [elbo(model, x, q, randn(B, L, seed=seed)).elbo for seed in range(100)]
    assert (torch.stack(by_b).std(0) > 0.1).all()


@pytest.mark.equation("4.9", "4.10")
@BOTH
@pytest.mark.parametrize("q", [DIAGONAL, FULL], ids=["diagonal", "full"])
@each_model
def test_the_average_is_the_exact_bound(model, q, analytic_kl):
    """A leading K is averaged over; the draws one by one tell how far that may be off."""
    x, eps = randn(B, D, seed=3), randn(100_000, B, L, seed=7)
    z = q.rsample(eps)
    rec, ratio = model.log_likelihood(x, z), q.log_prob(z) - model.log_prior(z)
    divergence = kl(q, model.prior.expand_as(q)).expand_as(rec) if analytic_kl else ratio
    exact = model.exact_elbo(x, q)
    together, single = (elbo(model, x, q, noise, analytic_kl) for noise in (eps, eps[0]))
    for k, draws in enumerate((rec - divergence, rec, divergence)):
        assert_close(single[k], draws[0])
        assert_close(together[k], draws.mean(0))
        if analytic_kl and k == 2:  # a closed form does not vary
            assert_close(draws, exact.kl.expand_as(draws), rtol=0, atol=1e-12)
        else:
            assert lies_near(draws, exact[k])
    assert (exact.elbo < model.log_px(x)).all()


def repeated(q, n):
    """The first normal of q, n times: leaves of their own, so each has a gradient of its own."""
    mu = q.mu[:1].detach().repeat(n, 1).requires_grad_()
    if isinstance(q, DiagonalNormal):
        return DiagonalNormal(mu, q.log_var[:1].detach().repeat(n, 1).requires_grad_())
    return FullNormal(mu, q.scale_tril.detach().repeat(n, 1, 1).requires_grad_())


def slopes(q):
    """The gradients at each of q's leaves, those above scale_tril's diagonal left out: (n, ...)."""
    first, second = (leaf.grad for leaf in q)
    if isinstance(q, FullNormal):
        second = second[:, *torch.tril_indices(L, L)]
    return torch.cat([first, second], 1)


@BOTH
@pytest.mark.equation("4.8")
@pytest.mark.parametrize(
    ("model", "x", "q"),
    [(M1, X, normal(0.2, 0.49)), (WIDE, ONE_X, FULL), (GIVEN_ONE, ONE_X, FULL)],
    ids=["M1", "alone", "given one y"],
)
def test_the_gradients_reach_every_entry_of_q(model, x, q, analytic_kl):
    """On average they are those of the exact bound, within 5 standard errors of one for each."""
    n, exact = 100_000, repeated(q, 1)
    model.exact_elbo(x, exact).elbo.sum().backward()
    many = repeated(q, n)
    eps = randn(n, model.latent_dim)
    elbo(model, x.expand(n, -1), many, eps, analytic_kl).elbo.sum().backward()
    assert lies_near(slopes(many), slopes(exact)[0])
    assert slopes(exact).abs().min() > 1e-3


@BOTH
def test_the_gradients_reach_the_model(analytic_kl):
    """In expectation d/dW and d/db are those of the exact bound; here both are leaves."""
    W, b = randn(D, L, seed=1).requires_grad_(), randn(D, seed=2).requires_grad_()
    model, x = LinearGaussian(W, b, 0.7), randn(1, D, seed=3)
    q, n = DiagonalNormal(randn(1, L, seed=4), randn(1, L, seed=5)), 400
    exact = torch.autograd.grad(model.exact_elbo(x, q).elbo.sum(), (W, b))
    bounds = (elbo(model, x, q, randn(50, 1, L, seed=i), analytic_kl).elbo for i in range(n))
    per_draw = [torch.autograd.grad(bound.sum(), (W, b)) for bound in bounds]
    for values, expected in zip(zip(*per_draw, strict=True), exact, strict=True):
        assert lies_near(torch.stack(values), expected)


def test_an_encoder_in_float32_meets_a_toy_in_float64():
    x = torch.tensor([[1.0, 0.0, 1.0, 1.0]])
    q = DiagonalNormal(torch.zeros(1, 1, requires_grad=True), torch.zeros(1, 1, requires_grad=True))
    elbo(FourPixels(), x, q, randn(9, 1, 1)).elbo.sum().backward()
    assert q.mu.grad.abs() > 1e-3 and q.log_var.grad.abs() > 1e-3


def like(model, **change):
    """A model of the same members but for these; it has a prior where one is given."""
    names = ("latent_dim", "sample_prior", "log_prior", "log_likelihood")
    return SimpleNamespace(**{name: getattr(model, name) for name in names} | change)


def test_another_prior_needs_the_estimated_kl():
    model = like(M1, prior=M1.prior, log_prior=lambda z: Normal(0.0, 2.0).log_prob(z).sum(-1))
    with pytest.raises(ValueError, match="try analytic_kl=False"):
        elbo(model, X, normal(0.2, 0.49), randn(3, 1, 1))
    n, q = 100_000, repeated(normal(0.2, 0.49), 100_000)
    estimate = elbo(model, X.expand(n, 1), q, randn(n, 1), analytic_kl=False)
    assert lies_near(estimate.kl.detach(), kl(normal(0.2, 0.49), normal(0.0, 4.0)))


def test_rounding_is_no_other_prior():
    """N(0, I) by torch in single precision."""
    rounded = lambda z: Normal(0.0, 1.0).log_prob(z.float()).sum(-1)  # noqa: E731
    there, eps = like(WIDE, prior=WIDE.prior, log_prior=rounded), randn(5, B, L)
    x = randn(B, D, seed=3)
    assert_close(elbo(there, x, DIAGONAL, eps).elbo, elbo(WIDE, x, DIAGONAL, eps).elbo)


@BOTH
def test_a_model_without_the_attribute_has_the_prior_of_the_course(analytic_kl):
    """So learners wrote them before a prior belonged to a model."""
    q, eps = normal(0.2, 0.49), randn(3, 1, 1)
    former, today = (elbo(model, X, q, eps, analytic_kl) for model in (like(M1), M1))
    assert_close(tuple(former), tuple(today), rtol=0, atol=0)


@pytest.mark.parametrize(("prior", "came"), [(None, "NoneType"), ("fixed", "str")])
def test_a_prior_that_is_no_diagonal_normal_has_no_closed_kl(prior, came):
    model, q, eps = like(M1, prior=prior), normal(0.2, 0.49), randn(3, 1, 1)
    with pytest.raises(ValueError, match=f"as a DiagonalNormal, but a {came} .*analytic_kl=False"):
        elbo(model, X, q, eps)
    assert_close(elbo(model, X, q, eps, analytic_kl=False).kl, elbo(M1, X, q, eps, False).kl)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [(lambda v: v * math.nan, "but NaN came"), (lambda v: v[..., None], r"shape \(3, 1, 1\) came")],
)
def test_a_model_with_a_bug_is_named(wrong, says):
    broken = like(M1, prior=M1.prior, log_likelihood=lambda x, z: wrong(M1.log_likelihood(x, z)))
    with pytest.raises(ValueError, match=rf"log_likelihood\(x, z\) should be one .*{says}"):
        elbo(broken, X, normal(0.2, 0.49), randn(3, 1, 1))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"x": [[2.0]]}, "torch.as_tensor"),
        ({"x": torch.empty(0, 1)}, "at least one example"),
        ({"x": X.expand(3, 1)}, r"q should have mu of shape \(3, 1\)"),
        ({"x": torch.tensor([[math.nan]])}, "x should be finite"),
        ({"q": Normal(X, X)}, "a Normal came"),
        ({"q": DiagonalNormal(randn(1, 2), randn(1, 2))}, r"\(1, 2\) came"),
        ({"eps": [[0.0]]}, "torch.as_tensor"),
        ({"eps": randn(1)}, r"eps should be \(1, 1\) or \(K, 1, 1\)"),
        ({"eps": randn(5, 1)}, r"but \(5, 1\) came"),
        ({"eps": randn(5, 1, 2)}, r"torch.randn\(K, 1, 1\)"),
        ({"eps": randn(2, 5, 1, 1)}, r"eps should be .*\(2, 5, 1, 1\) came"),
        ({"eps": randn(0, 1, 1)}, "at least one example"),
        ({"eps": torch.tensor([[math.inf]])}, "eps should be finite"),
        ({"model": Ring(0.3)}, r"mu of shape \(1, 2\)"),
    ],
)
def test_the_bound_refuses_bad_input_in_words(change, says):
    given = {"model": M1, "x": X, "q": normal(0.2, 0.49), "eps": randn(1, 1)} | change
    with pytest.raises(ValueError, match=says):
        elbo(**given)
