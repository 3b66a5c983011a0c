"""The densities of z and of x given z, draws of z, and the evidence, of VAE and CVAE."""

import pytest
import torch
from model_cases import black_or_white, evidence_of, given, of
from model_sizes import SHORT, B, C, K, L, randn
from routes import generator, lies_near
from torch.testing import assert_close
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from vae_fixtures import beside, pixel_law, plane, prior_by_hand

from course_utils import estimators
from course_utils.densities import DiagonalNormal
from course_utils.models import CVAE


@of.any_rows
def test_the_three_shapes_of_latents_agree(model, x, y):
    z, left = randn(K, 1, L), given(model, *y)
    shared, each = left.log_likelihood(x, z), left.log_likelihood(x, z.expand(K, B, L))
    by_rows = torch.stack([left.log_likelihood(x, row.expand(B, L)) for row in z])
    law = pixel_law(model, beside(z.expand(K, B, L), *y))
    assert shared.shape == each.shape == (K, B)
    assert_close(shared, each, rtol=1e-5, atol=1e-5)
    assert_close(by_rows, each, rtol=1e-5, atol=1e-5)
    assert_close(each.double(), law.log_prob(x.double()).sum(-1), **SHORT)
    for i in range(B):  # a batch of one, and one draw for several x
        one = given(model, *(rows[i % len(rows)][None] for rows in y))
        assert_close(one.log_likelihood(x[i : i + 1], z)[:, 0], each[:, i], rtol=1e-5, atol=1e-5)
    assert_close(left.log_likelihood(x, z[:1]), each[:1], rtol=1e-5, atol=1e-5)


def test_the_shapes_of_latents_agree_in_their_gradients(model, x, y):
    z = randn(K, 1, L)

    def gradients(latents):
        value = given(model, *y).log_likelihood(x, latents).square().sum()
        return torch.autograd.grad(value, [*model.decoder.parameters(), *model.pixels.parameters()])

    assert_close(gradients(z), gradients(z.expand(K, B, L)), rtol=1e-3, atol=1e-2)


@of.any_rows
def test_the_prior_s_density_and_draws(case, model, y):
    n, differs = 100_000, case.prior == "learned" and case.rows > 1
    left, law = given(model, *y), prior_by_hand(model, *y)
    z = left.sample_prior(n, generator=generator())
    assert (z.shape, z.dtype) == ((n, B, L) if differs else (n, L), torch.float32)
    mean, var = (law.mean, law.variance) if differs else (law.mean[0], law.variance[0])
    off = z.double() - mean
    assert lies_near(z.double(), mean)
    assert lies_near(off**2, var)
    if differs:  # every row has noise of its own
        assert lies_near(off[:, 0] * off[:, 1], torch.zeros(L))
    assert isinstance(left.prior, DiagonalNormal) and left.latent_dim == L
    assert left.prior.mu.shape == mean.shape
    assert_close(left.prior.mu.double(), mean, **SHORT)
    for lead in ((B,), (K, B), (K, 1)):
        z = randn(*lead, L)
        expected = law.log_prob(z.double()).sum(-1)
        if not differs:
            assert left.log_prior(z).shape == lead
            assert left.log_prior(z[..., 0, :]).shape == lead[:-1]
        for found in (left.log_prior(z), left.prior.log_prob(z)):
            found = found.double().expand(expected.shape)
            assert_close(found, expected, rtol=1.3e-6, atol=1e-5)


@of.any_rows
@pytest.mark.parametrize("estimator", ["prior", "encoder"])
def test_estimates_of_the_evidence_meet_the_integral(case, kind, model, x, y, estimator):
    n, left = 100_000, given(model, *y)
    if estimator == "prior":
        found = estimators.naive_monte_carlo(left, x, n, generator=generator())
    else:
        q = model.encode(x, *y)
        wide = DiagonalNormal(q.mu, q.log_var + 1)  # a q too narrow has weights without variance
        found = estimators.importance_sampling(left, x, wide, n, generator=generator())
    assert (found.ess > 1000).all() and (found.std_error > 0).all()
    assert ((found.log_px - evidence_of(case, kind)).abs() < 5 * found.std_error).all()


@of.learned
@black_or_white
def test_the_grid_sees_the_whole_prior(model, y):
    """Guards the tests above: p(z | y) sums to one on the plane, and differs from row to row."""
    z, area = plane()
    law = prior_by_hand(model, *y)
    total = law.log_prob(z[:, None]).sum(-1).exp().sum(0) * area
    assert_close(total, torch.ones(B).double(), rtol=0, atol=1e-5)
    assert (law.mean.std(0) > 0.1).all()


# Memory


each_prior = pytest.mark.parametrize("prior", ["fixed", "learned"])


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
