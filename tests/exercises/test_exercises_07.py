"""Notebook 07's exercises: the references by another route, their judges, their inputs."""

import math

import pytest
import torch
from learner import inputs_of, wrong
from routes import lies_near, randn
from torch.distributions import Normal, kl_divergence
from torch.nn import functional

from course_utils import densities
from course_utils.exercises import ex07
from course_utils.exercises._engine.judge import judge
from course_utils.exercises._engine.registry import find_exercise
from course_utils.models import CVAE
from course_utils.models._cvae import make_rows
from course_utils.toys import ConditionalLinearGaussian


def cvae(prior="learned"):
    torch.manual_seed(0)
    return CVAE((2, 3), latent_dim=2, condition_dim=4, prior_kind=prior, hidden=(5,)).double()


def parts_of(model):
    """Encoder, prior and likelihood, as E7.2 and the notebook call them."""

    def log_likelihood(x, z, y):
        return model.given(y).log_likelihood(x, z)

    return model.encode, model.prior_given, log_likelihood


def test_the_label_stands_beside_the_numbers_as_the_package_puts_it_there():
    model, h, y = cvae(), randn(5, 3).requires_grad_(), torch.tensor([3, 0, 2, 2, 1])
    ours = ex07.my_concat(h, y, 4)
    torch.testing.assert_close(ours, torch.cat([h, make_rows(model, y)], dim=1))
    (slope,) = torch.autograd.grad(ours.sum(), h)
    assert torch.equal(slope, torch.ones_like(h))
    assert ex07.my_concat(h.float(), y, 4).dtype == torch.float32


@pytest.mark.parametrize("prior", ["fixed", "learned"])
def test_the_bound_is_the_packages(prior):
    model, x, eps = cvae(prior), randn(7, 6).sigmoid(), randn(3, 7, 2, seed=1)
    y = functional.one_hot(torch.arange(7) % 4, 4).double()
    ours = ex07.my_negative_bound(x, y, eps, *parts_of(model))
    torch.testing.assert_close(ours, -model.elbo(x, y, eps=eps).elbo)
    ours.mean().backward()
    assert all(weight.grad.abs().max() > 0 for weight in model.parameters())


def exact_draws(batch, n_latents):
    """2 L points with mean 0 and covariance I: quadratics have their exact expectation."""
    points = math.sqrt(n_latents) * torch.eye(n_latents, dtype=torch.float64)
    return torch.cat([points, -points])[:, None].expand(-1, batch, -1)


def linear_case(y):
    """x given y, what E7.2 needs of the linear model, its exact q(z|x, y), and -log p(x|y).

    W has orthogonal columns, so that the exact posterior is diagonal, (1 + s_l^2 / v)^-1.
    """
    W = torch.linalg.qr(randn(5, 2)).Q * torch.tensor([1.5, 0.4])
    model = ConditionalLinearGaussian(W, randn(5, 3, seed=1), randn(5, seed=2), 0.6)
    _, x = model.sample(y, generator=torch.Generator().manual_seed(4))
    posterior = model.given(y).posterior(x)
    log_var = 2 * posterior.scale_tril.diagonal().log().expand(len(y), 2)
    networks = (
        lambda y: torch.zeros(2, len(y), 2, dtype=torch.float64),
        lambda x, z, y: model.given(y).log_likelihood(x, z),
    )
    return x, networks, (posterior.mu, log_var), -model.given(y).log_px(x)


def test_at_the_exact_posterior_the_bound_is_the_evidence_and_elsewhere_the_kl_short_of_it():
    y = randn(4, 3, seed=3)
    x, networks, (mu, log_var), exact = linear_case(y)
    parts = (x, y, exact_draws(4, 2))
    ours = ex07.my_negative_bound(*parts, lambda x, y: (mu, log_var), *networks)
    torch.testing.assert_close(ours, exact, rtol=1e-9, atol=1e-9)
    other, wider = mu + randn(4, 2, seed=5), log_var + 0.7
    off = ex07.my_negative_bound(*parts, lambda x, y: (other, wider), *networks)
    q, p = Normal(other, (wider / 2).exp()), Normal(mu, (log_var / 2).exp())
    torch.testing.assert_close(off - exact, kl_divergence(q, p).sum(-1), rtol=1e-9, atol=1e-9)


def test_every_digit_in_one_hand_is_what_the_package_draws():
    model, x, y = cvae(), randn(5, 6).sigmoid(), torch.tensor([3, 0, 2, 2, 1])
    logits = ex07.my_same_style(x, y, model.encode, model.decode, 4)
    for i, mu in enumerate(model.encode(x, y).mu):
        pictures = model.generate(torch.arange(4), mu)
        torch.testing.assert_close(logits[i].sigmoid(), pictures.flatten(1))
    own = logits[torch.arange(5), y].sigmoid()
    torch.testing.assert_close(own, model.reconstruct(x, y).flatten(1))


def less_the_right_one(name, n=20_000):
    """A mistake's value less the right one, n times with fresh noise: (n, B)."""
    x, y, _, *networks = inputs_of("E7.2")[0]
    eps = randn(5, 4 * n, 2)
    args = x.repeat(n, 1), y.repeat(n, 1), eps, *networks
    difference = wrong("E7.2", name)(*args) - ex07.my_negative_bound(*args)
    return difference.reshape(n, 4)


@pytest.mark.parametrize("name", ["the KL by draws", "one draw of the K"])
def test_what_is_said_to_be_right_on_average_is(name):
    difference = less_the_right_one(name)
    assert lies_near(difference, 0.0)
    assert difference.std(0).min() > 1e-4 * math.sqrt(len(difference))


def test_importance_weights_give_a_tighter_bound():
    """On average over the noise, by more than five standard errors."""
    difference = less_the_right_one("importance weights")
    error = difference.std(0) / math.sqrt(len(difference))
    assert (difference.mean(0) < -5 * error).all()


def test_the_log_of_the_mean_is_no_bound():
    """In the linear model, at the exact posterior: below -log p(x|y), on average."""
    n, y = 4000, randn(1, 3, seed=3)
    x, networks, q, exact = linear_case(y)
    many = (x.expand(n, -1), y.expand(n, -1), randn(50, n, 2))
    q = [part.expand(n, 2) for part in q]
    values = wrong("E7.2", "log of the mean")(*many, lambda x, y: q, *networks)
    assert values.mean() < exact - 5 * values.std() / math.sqrt(n)


REFUSED = [
    (lambda x, y, encode, decode, mu: encode(x, y), "y should be a row for each picture, but (3,)"),
    (
        lambda x, y, encode, decode, mu: encode(x, mu),
        "9 numbers together, but x (3, 5) and y (3, 2)",
    ),
    (
        lambda x, y, encode, decode, mu: decode(mu, torch.eye(4)),
        "an axis of length 1 (`[:, None]`, `keepdim=True`) meets any other",
    ),
    (
        lambda x, y, encode, decode, mu: decode(mu[0], torch.eye(4)[1]),
        "z (2,) and rows (4,) came; a single row is a table of one",
    ),
    (
        lambda x, y, encode, decode, mu: decode(mu[None], torch.eye(4)[:, None]),
        "one row for each z, but z (1, 3, 2) and rows (4, 1, 4) came",
    ),
]


@pytest.mark.parametrize(("call", "said"), REFUSED)
def test_a_network_says_what_it_wants_and_the_package_s_refuses_the_same(call, said):
    def answer(x, y, encode, decode, classes):
        return call(x, y, encode, decode, encode(x, torch.eye(classes)[y])[0])

    verdict = judge(find_exercise("E7.3"), answer)
    assert said in f"{verdict.says} {verdict.hint}"
    model, x, y = cvae(), randn(3, 6).sigmoid(), torch.tensor([3, 0, 2]).double()
    with pytest.raises(ValueError, match="should"):
        call(x, y, model.encode, model.decode, randn(3, 2))


def test_labels_repeat_and_leave_the_last_class_out_in_one_case(seed):
    first, last, many = inputs_of("E7.1", seed)
    (h, y, classes), (other, labels, n) = first, last
    assert len({*h.shape, classes}) == len({*other.shape, n}) == 3
    assert y.max() < classes - 1 and len(y.unique()) < len(y)
    assert labels.unique().tolist() == list(range(n))
    assert len({*many[0].shape, many[2]}) == 3 and many[2] > 10
    assert all(labels.max() < len(h) for h, labels, _ in (first, last, many))


def test_sizes_differ_but_those_of_x_and_y(seed):
    for x, y, eps, encode, prior, log_likelihood in inputs_of("E7.2", seed):
        (mu, log_var), (mu_p, log_var_p) = encode(x, y), prior(y)
        assert x.shape == y.shape and len({*eps.shape, x.shape[1]}) == 4
        assert eps.shape[1:] == mu.shape == log_var.shape == mu_p.shape == log_var_p.shape
        assert log_likelihood(x, mu + eps, y).shape == eps.shape[:2]


def test_q_and_the_prior_are_never_alike_nor_standard_where_they_are_moderate(seed):
    for x, y, _, encode, prior, _ in inputs_of("E7.2", seed)[:2]:
        (_, log_var), (_, log_var_p) = encode(x, y), prior(y)
        assert (log_var - log_var_p).abs().min() >= 0.9
        assert log_var.abs().min() >= 0.5 and log_var_p.abs().min() >= 0.4


def test_one_case_goes_further_out(seed):
    """Wide and narrow, with a density above 1, a loss below 0, and a latent that hardly counts."""
    *_, far = inputs_of("E7.2", seed)
    x, y, eps, encode, prior, log_likelihood = far
    (mu, log_var), (mu_p, log_var_p) = encode(x, y), prior(y)
    for spread in (log_var, log_var_p):
        assert spread[:, 0].max() < -5.5 and spread[:, 1].min() > 6
    assert mu[:, 0].min() > 3.5 and mu[:, 1].max() < -3.4
    kls = densities.kl_normal(*(part[..., None] for part in (mu, log_var, mu_p, log_var_p)))
    assert kls[:, 2].min() > 0.001 and kls[:, 2].max() < 0.03
    assert (log_var[:, 2] > 0).all() and (log_var_p[:, 2] < 0).all()
    log_px_zy = log_likelihood(x, mu + (log_var / 2).exp() * eps, y)
    assert log_px_zy[:, 0].min() > 0 and log_px_zy[:, 1].max() < -100
    assert ex07.my_negative_bound(*far)[0] < 0


def test_a_picture_s_density_is_that_of_independent_normal_pixels():
    x, y, eps, _, _, log_likelihood = inputs_of("E7.2")[-1]
    mu, log_var = log_likelihood.outputs(z=eps, y=y).chunk(2, dim=-1)
    expected = Normal(mu, (log_var / 2).exp()).log_prob(x).sum(-1)
    torch.testing.assert_close(log_likelihood(x, eps, y), expected)


def test_there_are_as_many_pictures_as_classes_in_one_case_alone(seed):
    sizes = [(len(x), classes) for x, *_, classes in inputs_of("E7.3", seed)]
    assert sizes == [(3, 4), (4, 4)]


def test_the_best_draw_is_not_the_same_for_all_pictures(seed):
    """Or one smallest number for all would be right."""
    best = [
        ((completions - x) ** 2).sum(-1).argmin(0) for x, completions in inputs_of("E7.4", seed)
    ]
    assert any(len(which.unique()) > 1 for which in best)


def test_logits_and_completions_of_one_case_go_further_out(seed):
    near, far = (ex07.my_same_style(*args) for args in inputs_of("E7.3", seed))
    assert near.abs().max() <= 3 and far.max() > 10 and far.min() < -10
    (x, inside), (far_x, outside) = inputs_of("E7.4", seed)
    assert min(x.min(), inside.min()) >= 0 and max(x.max(), inside.max()) <= 1
    assert min(far_x.max(), outside.max()) > 1 and max(far_x.min(), outside.min()) < 0
