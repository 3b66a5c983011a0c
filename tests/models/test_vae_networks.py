"""The VAE's and the autoencoder's networks, variances and types."""

import math

import pytest
import torch
from routes import generator
from torch import nn
from torch.testing import assert_close
from vae_fixtures import (
    SHAPE,
    SHORT,
    B,
    D,
    K,
    L,
    each_kind,
    each_network,
    heads,
    pictures,
    pixel_law,
    randn,
    small_vae,
)

from course_utils.densities import DiagonalNormal
from course_utils.models import LOG_VAR_RANGE, VAE
from course_utils.models._likelihoods import SIGMA_RANGE

# The networks


@each_kind
def test_the_encoder_s_heads_are_linear_in_the_last_layer(kind):
    model, x = small_vae(kind), pictures(kind)
    q, (mu, log_var) = model.encode(x), heads(model, x)
    assert isinstance(q, DiagonalNormal)
    assert_close((q.mu.double(), q.log_var.double()), (mu, log_var), **SHORT)
    many = model.encode(10 * randn(500, D))
    for head in many:  # an activation on either would leave out one sign
        assert head.min() < 0 < head.max()


@each_kind
def test_the_decoder_gives_the_pixels_their_law(kind):
    model, z = small_vae(kind), 2 * randn(B, L)
    law = pixel_law(model, z)
    expected = law.logits if kind == "bernoulli" else law.mean
    assert_close(model.decode(z).double(), expected, **SHORT)
    assert_close(model.mean_x(z).double(), law.mean.reshape(B, *SHAPE), **SHORT)
    far = model.mean_x(50 * randn(100, L))
    assert 0 <= far.min() < 0.1
    assert 0.9 < far.max() <= 1


@each_kind
@pytest.mark.parametrize("lead", [(), (B,), (K, B), (K, 1)])
def test_latents_of_any_shape_are_decoded(kind, lead):
    model, z = small_vae(kind), randn(*lead, L)
    assert model.decode(z).shape == (*lead, D)
    assert model.mean_x(z).shape == (*lead, *SHAPE)
    assert model.sample_x(z, generator=generator()).shape == (*lead, *SHAPE)


@pytest.mark.parametrize("hidden", [(), (7,), (7, 5, 3)])
def test_the_decoder_has_the_encoder_s_layers_in_reverse(hidden):
    model = VAE(SHAPE, L, hidden)
    for net, sizes in ((model.encoder, (D, *hidden)), (model.decoder, (L, *reversed(hidden)))):
        assert tuple(layer.in_features for layer in net if isinstance(layer, nn.Linear)) == sizes
    counted = sum(parameter.numel() for parameter in model.parameters())
    layers = "-".join(map(str, (D, *hidden, L)))
    assert repr(model) == f"VAE({layers}, bernoulli, {counted} parameters)"
    assert model.elbo(pictures("bernoulli")).elbo.shape == (B,)


@each_network
def test_the_seed_of_torch_decides_where_a_model_begins(network):
    def start(seed):
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            return torch.cat([p.flatten() for p in network(SHAPE, L).parameters()])

    assert torch.equal(start(0), start(0))
    assert (start(0) != start(1)).all()


@each_network
@each_kind
def test_a_state_dict_carries_the_whole_model(network, kind):
    first, second = small_vae(kind, 0, network), small_vae(kind, 1, network)
    x, eps = pictures(kind), randn(B, L)
    if kind == "learned":
        with torch.no_grad():
            second.pixels.position.fill_(-1)
    assert (first.elbo(x, eps=eps).elbo != second.elbo(x, eps=eps).elbo).all()
    second.load_state_dict(first.state_dict())
    assert torch.equal(first.elbo(x, eps=eps).elbo, second.elbo(x, eps=eps).elbo)
    assert ("pixels.position" in first.state_dict()) == (kind == "learned")


# The variances


@each_kind
@pytest.mark.parametrize(("weight", "end"), [(1e4, 1), (-1e4, 0)])
def test_absurd_weights_leave_finite_numbers(kind, weight, end):
    model, x = small_vae(kind), pictures(kind)
    with torch.no_grad():
        for parameter in model.encoder.parameters():
            parameter.fill_(weight)
    assert torch.equal(model.encode(x).log_var, torch.full((B, L), LOG_VAR_RANGE[end]))
    terms = model.elbo(x, eps=randn(B, L))
    assert all(term.isfinite().all() for term in terms)
    terms.elbo.mean().backward()
    assert all(parameter.grad.isfinite().all() for parameter in model.parameters())


@pytest.mark.parametrize("position", [-math.inf, -1e4, -30.0, -1.0, 0.0, 1.0, 30.0, 1e4, math.inf])
def test_a_learned_sigma_stays_in_its_range(position):
    model = small_vae("learned")
    with torch.no_grad():
        model.pixels.position.fill_(position)
    low, high = SIGMA_RANGE
    sigma = model.pixels.sigma.item()
    assert low * (1 - 1e-6) <= sigma <= high * (1 + 1e-6)
    share = 1 / (1 + math.exp(-max(-700.0, min(position, 700.0))))
    assert sigma == pytest.approx(low * (high / low) ** share, rel=1e-5)
    assert model.elbo(pictures("learned")).elbo.isfinite().all()


def test_a_learned_sigma_rests_at_the_error_it_sees():
    """d rec / d sigma = 0 where sigma^2 is the mean squared error of a pixel, and only there."""
    model, x, z = small_vae("learned"), pictures("learned"), randn(B, L)
    rms = (x - model.decode(z)).square().mean().sqrt().item()
    low, high = map(math.log, SIGMA_RANGE)
    share = (math.log(rms) - low) / (high - low)

    def slope(shift):
        with torch.no_grad():
            model.pixels.position.fill_(math.log(share / (1 - share)) + shift)
        rec = model.log_likelihood(x, z).sum()
        return torch.autograd.grad(rec, model.pixels.position)[0].item()

    assert slope(-0.5) > 1
    assert abs(slope(0.0)) < 1e-3
    assert slope(0.5) < -1


# Types


@each_network
@each_kind
def test_a_model_is_float32_whatever_the_default(network, kind, float64_by_default):
    model, x = small_vae(kind, network=network), pictures(kind)
    assert {p.dtype for p in model.parameters()} == {torch.float32}
    numbers = [*model.elbo(x.double()), model.generate(2), model.reconstruct(x)]
    numbers += [model.sample_prior(2), model.sample_x(randn(B, L).double()), model.decode(randn(L))]
    numbers += [model.log_likelihood(x, randn(K, 1, L).double())]
    assert {number.dtype for number in numbers} == {torch.float32}
    model.elbo(x).elbo.mean().backward()


def test_the_default_type_is_as_it_was():
    """Guards the test above: the fixture puts things back."""
    assert torch.get_default_dtype() == torch.float32
