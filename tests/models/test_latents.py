"""The densities of z and of x given z, draws of z, and the evidence, of VAE and CVAE."""

import pytest
import torch
from cvae_fixtures import C, each_prior, numbers, prior_by_hand, small_cvae
from routes import generator, lies_near
from torch.testing import assert_close
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from vae_fixtures import SHORT, B, K, L, each_kind, pictures, pixel_law, plane, randn

from course_utils import estimators
from course_utils.densities import DiagonalNormal
from course_utils.models import CVAE


@each_kind
def test_the_three_shapes_of_latents_agree(case_of_rows, kind):
    case = case_of_rows
    model, x, z = case.small(kind), pictures(kind), randn(K, 1, L)
    given = case.given(model)
    shared, each = given.log_likelihood(x, z), given.log_likelihood(x, z.expand(K, B, L))
    by_rows = torch.stack([given.log_likelihood(x, row.expand(B, L)) for row in z])
    law = pixel_law(model, case.seen(z.expand(K, B, L)))
    assert shared.shape == each.shape == (K, B)
    assert_close(shared, each, rtol=1e-5, atol=1e-5)
    assert_close(by_rows, each, rtol=1e-5, atol=1e-5)
    assert_close(each.double(), law.log_prob(x.double()).sum(-1), **SHORT)
    for i in range(B):  # a batch of one, and one draw for several x
        one = model
        for y in case.y:
            one = model.given(y[i % case.rows][None])
        assert_close(one.log_likelihood(x[i : i + 1], z)[:, 0], each[:, i], rtol=1e-5, atol=1e-5)
    assert_close(given.log_likelihood(x, z[:1]), each[:1], rtol=1e-5, atol=1e-5)


@each_kind
def test_the_shapes_of_latents_agree_in_their_gradients(case, kind):
    model, x, z = case.small(kind), pictures(kind), randn(K, 1, L)

    def gradients(latents):
        value = case.given(model).log_likelihood(x, latents).square().sum()
        return torch.autograd.grad(value, [*model.decoder.parameters(), *model.pixels.parameters()])

    assert_close(gradients(z), gradients(z.expand(K, B, L)), rtol=1e-3, atol=1e-2)


@each_kind
def test_the_prior_s_density_and_draws(case_of_rows, kind):
    case, n = case_of_rows, 100_000
    model, differs = case.small(kind), case.prior == "learned" and case.rows > 1
    given, law = case.given(model), case.prior_by_hand(model)
    z = given.sample_prior(n, generator=generator())
    assert (z.shape, z.dtype) == ((n, B, L) if differs else (n, L), torch.float32)
    mean, var = (law.mean, law.variance) if differs else (law.mean[0], law.variance[0])
    off = z.double() - mean
    assert lies_near(z.double(), mean)
    assert lies_near(off**2, var)
    if differs:  # every row has noise of its own
        assert lies_near(off[:, 0] * off[:, 1], torch.zeros(L))
    assert isinstance(given.prior, DiagonalNormal) and given.latent_dim == L
    assert given.prior.mu.shape == mean.shape
    assert_close(given.prior.mu.double(), mean, **SHORT)
    for lead in ((B,), (K, B), (K, 1)):
        z = randn(*lead, L)
        expected = law.log_prob(z.double()).sum(-1)
        if not differs:
            assert given.log_prior(z).shape == lead
            assert given.log_prior(z[..., 0, :]).shape == lead[:-1]
        for found in (given.log_prior(z), given.prior.log_prob(z)):
            found = found.double().expand(expected.shape)
            assert_close(found, expected, rtol=1.3e-6, atol=1e-5)


@each_kind
@pytest.mark.parametrize("estimator", ["prior", "encoder"])
def test_estimates_of_the_evidence_meet_the_integral(case_of_rows, kind, estimator):
    case, n = case_of_rows, 100_000
    model, x = case.small(kind), pictures(kind)
    if estimator == "prior":
        found = estimators.naive_monte_carlo(case.given(model), x, n, generator=generator())
    else:
        q = model.encode(x, *case.y)
        wide = DiagonalNormal(q.mu, q.log_var + 1)  # a q too narrow has weights without variance
        given = case.given(model)
        found = estimators.importance_sampling(given, x, wide, n, generator=generator())
    assert (found.ess > 1000).all() and (found.std_error > 0).all()
    assert ((found.log_px - case.exact_log_px(kind)).abs() < 5 * found.std_error).all()


def test_the_grid_sees_the_whole_prior():
    """Guards the tests above: p(z | y) sums to one on the plane, and differs from row to row."""
    model, y = small_cvae(prior="learned"), numbers()
    z, area = plane()
    law = prior_by_hand(model, y)
    total = law.log_prob(z[:, None]).sum(-1).exp().sum(0) * area
    assert_close(total, torch.ones(B).double(), rtol=0, atol=1e-5)
    assert (law.mean.std(0) > 0.1).all()


# Memory


class Largest(TorchDispatchMode):
    """Notes the size of the largest tensor that torch makes."""

    size = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        out = func(*args, **(kwargs or {}))
        sizes = [leaf.numel() for leaf in tree_leaves(out) if isinstance(leaf, torch.Tensor)]
        self.size = max(self.size, *sizes, 0)
        return out


def largest_tensor(batch, prior):
    model = CVAE((8, 8), L, C, prior, hidden=(16,))
    x, y = torch.zeros(batch, 64), torch.arange(batch) % C
    with torch.no_grad(), Largest() as seen:
        model.given(y).log_likelihood(x, randn(1000, 1, L))
    return seen.size


@each_prior
def test_each_z_against_each_x_takes_little_memory(prior):
    """K times D, or K times B, but not their product: 1000 x 50 x 64 numbers would be 13 MB."""
    assert largest_tensor(5, prior) == largest_tensor(50, prior) == 1000 * 64
    assert largest_tensor(100, prior) == 1000 * 100  # the answer itself


@pytest.mark.parametrize("batch", [5, 50])
@each_prior
def test_naive_monte_carlo_takes_chunks_of_one_size(prior, batch):
    """Also where each y has a prior of its own, and every draw so meets one picture alone."""
    model, x = CVAE((8, 8), L, C, prior, hidden=(16,)), torch.zeros(batch, 64)
    with Largest() as seen:
        estimators.naive_monte_carlo(model.given(torch.arange(batch) % C), x, 20_000)
    assert seen.size <= estimators.CHUNK
