"""The VAE and the autoencoder: each number a second way, and what they refuse."""

import math

import pytest
import torch
from torch import nn
from torch.testing import assert_close
from vae_fixtures import (
    KINDS,
    SHAPE,
    B,
    D,
    L,
    elbo_by_hand,
    exact_elbo,
    exact_log_px,
    generator,
    heads,
    pictures,
    pixel_law,
    randn,
    small_vae,
)

from course_utils import estimators
from course_utils.densities import DiagonalNormal
from course_utils.models import LOG_VAR_RANGE, VAE, Autoencoder
from course_utils.models._likelihoods import SIGMA_RANGE

K = 5
SHORT = {"rtol": 1e-4, "atol": 1e-4}  # float32 against float64
each_kind = pytest.mark.parametrize("kind", KINDS)
each_network = pytest.mark.parametrize("network", [VAE, Autoencoder])


class NotToBeUsed(nn.Module):
    """Stands where the encoder was."""

    def forward(self, x):
        raise AssertionError("the encoder was asked")


@pytest.fixture
def float64_by_default():
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(before)


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


# The bound


@each_kind
def test_the_bound_and_its_terms_agree_with_torch(kind):
    model, x, eps = small_vae(kind), pictures(kind), randn(K, B, L)
    terms, by_hand = model.elbo(x, eps=eps), elbo_by_hand(model, x, eps)
    for name in ("elbo", "rec", "kl"):
        got = getattr(terms, name)
        assert (got.shape, got.dtype) == ((B,), torch.float32)
        assert_close(got.double(), getattr(by_hand, name), **SHORT)


@each_kind
def test_the_estimator_of_notebook_03_runs_on_it(kind):
    model, x, eps = small_vae(kind), pictures(kind), randn(K, B, L)
    general = estimators.elbo(model, x, model.encode(x), eps)
    assert_close(tuple(model.elbo(x, eps=eps)), tuple(general), **SHORT)


@each_kind
def test_the_bound_lies_below_the_evidence_by_its_gap(kind):
    """Both by a grid over z; the mean over draws meets the one, and stays below the other."""
    model, x, n = small_vae(kind), pictures(kind), 50_000
    bound, log_px = exact_elbo(model, x), exact_log_px(model, x)
    # Halving the step quarters the error, so a third of this is left: less than any error bar here.
    assert_close(log_px, exact_log_px(model, x, n=201), rtol=0, atol=1e-3)
    assert (log_px - bound > 0.01).all()
    for picture, exact, above in zip(x, bound, log_px, strict=True):
        draws = model.elbo(picture.expand(n, D), generator=generator()).elbo.detach().double()
        error = draws.std() / math.sqrt(n)
        assert (draws.mean() - exact).abs() < 5 * error
        assert draws.mean() < above


@each_kind
@pytest.mark.parametrize("estimator", ["prior", "encoder"])
def test_estimates_of_the_evidence_meet_the_integral(kind, estimator):
    model, x = small_vae(kind), pictures(kind)
    if estimator == "prior":
        found = estimators.naive_monte_carlo(model, x, 100_000, generator=generator())
    else:
        q = model.encode(x)
        wide = DiagonalNormal(q.mu, q.log_var + 1)  # a q too narrow has weights without variance
        found = estimators.importance_sampling(model, x, wide, 100_000, generator=generator())
    assert (found.ess > 1000).all()
    assert ((found.log_px - exact_log_px(model, x)).abs() < 5 * found.std_error).all()


@each_kind
def test_the_three_shapes_of_latents_agree(kind):
    model, x, z = small_vae(kind), pictures(kind), randn(K, 1, L)
    shared = model.log_likelihood(x, z)
    each = model.log_likelihood(x, z.expand(K, B, L))
    rows = torch.stack([model.log_likelihood(x, row.expand(B, L)) for row in z])
    assert shared.shape == each.shape == (K, B)
    assert_close(shared, each, rtol=1e-5, atol=1e-5)
    assert_close(rows, each, rtol=1e-5, atol=1e-5)
    assert_close(each.double(), pixel_law(model, z).log_prob(x.double()).sum(-1), **SHORT)


@each_kind
def test_the_shapes_of_latents_agree_in_their_gradients(kind):
    model, x, z = small_vae(kind), pictures(kind), randn(K, 1, L)

    def gradients(latents):
        value = model.log_likelihood(x, latents).square().sum()
        parameters = [*model.decoder.parameters(), *model.pixels.parameters()]
        return torch.autograd.grad(value, parameters)

    assert_close(gradients(z), gradients(z.expand(K, B, L)), rtol=1e-3, atol=1e-2)


@each_kind
def test_pictures_come_flat_or_not_and_of_any_type(kind):
    model, eps = small_vae(kind), randn(B, L)
    x = pictures("bernoulli")
    flat = model.elbo(x, eps=eps).elbo
    for other in (x.reshape(B, *SHAPE), x.double(), x.bool(), x.byte()):
        assert torch.equal(model.elbo(other, eps=eps).elbo, flat)


@each_kind
def test_examples_do_not_know_of_each_other(kind):
    """The same batch twice: every row as before."""
    model, x, eps = small_vae(kind), pictures(kind), randn(B, L)
    once, twice = model.elbo(x, eps=eps), model.elbo(x.repeat(2, 1), eps=eps.repeat(2, 1))
    for one, two in zip(once, twice, strict=True):
        assert_close(two, one.repeat(2), rtol=1e-6, atol=1e-6)


@each_kind
def test_twice_the_pixels_double_the_reconstruction_alone(kind):
    """A mean over the pixels would leave rec as it is."""
    model, x, eps = small_vae(kind), pictures(kind), randn(B, L)
    wide = small_vae(kind)
    wide.data_dim = 2 * D
    twice = wide.encoder[0].weight.repeat(1, 2) / 2  # sees the same picture, in two halves
    wide.encoder[0].weight = nn.Parameter(twice)
    for name in ("weight", "bias"):
        rows = getattr(wide.decoder[2], name)
        setattr(wide.decoder[2], name, nn.Parameter(torch.cat([rows, rows])))
    once, double = model.elbo(x, eps=eps), wide.elbo(x.repeat(1, 2), eps=eps)
    assert_close(double.rec, 2 * once.rec, **SHORT)
    assert_close(double.kl, once.kl, **SHORT)


@each_kind
def test_many_draws_are_averaged(kind):
    model, x, eps = small_vae(kind), pictures(kind), randn(K, B, L)
    each = [model.elbo(x, eps=one) for one in eps]
    together = model.elbo(x, eps=eps)
    assert_close(together.rec, torch.stack([terms.rec for terms in each]).mean(0))
    assert torch.equal(together.kl, each[0].kl)
    assert each[0].rec[0] != each[1].rec[0]


@each_kind
def test_beta_weighs_the_kl_in_the_bound_alone(kind):
    model, x, eps = small_vae(kind), pictures(kind), randn(B, L)
    plain, heavy = model.elbo(x, eps=eps), model.elbo(x, eps=eps, beta=4.0)
    assert torch.equal(heavy.rec, plain.rec)
    assert torch.equal(heavy.kl, plain.kl)
    assert_close(heavy.elbo, plain.rec - 4 * plain.kl)
    assert_close(plain.elbo, plain.rec - plain.kl)


@each_kind
def test_noise_comes_from_the_generator_and_from_nowhere_else(kind):
    model, x = small_vae(kind), pictures(kind)
    before = torch.get_rng_state()
    drawn = model.elbo(x, generator=generator(3)).elbo
    model.generate(2, generator=generator())
    model.sample_x(randn(B, L), generator=generator())
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.equal(drawn, model.elbo(x, eps=randn(B, L, seed=3)).elbo)
    assert (drawn != model.elbo(x, generator=generator(4)).elbo).all()


# Gradients


@each_network
@each_kind
def test_gradients_reach_every_parameter(network, kind):
    model = small_vae(kind, network=network)
    model.elbo(pictures(kind), eps=randn(B, L)).elbo.mean().backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.isfinite().all(), name
        assert parameter.grad.abs().max() > 0, name


@each_kind
def test_the_reconstruction_reaches_both_heads(kind):
    """At mu = 0, log_var = 0 the KL has no slope: what arrives there came through z."""
    model = small_vae(kind)
    last = model.encoder[-1]
    with torch.no_grad():
        last.weight.zero_(), last.bias.zero_()
    terms = model.elbo(pictures(kind), eps=randn(B, L))
    (from_kl,) = torch.autograd.grad(terms.kl.sum(), last.bias, retain_graph=True)
    (from_rec,) = torch.autograd.grad(terms.rec.sum(), last.bias)
    assert_close(from_kl, torch.zeros(2 * L), rtol=0, atol=0)
    assert from_rec.abs().min() > 1e-3


@each_kind
def test_pictures_and_draws_carry_no_graph(kind):
    model, x, z = small_vae(kind), pictures(kind), randn(B, L)
    assert model.mean_x(z).requires_grad  # to follow a picture's slope in z
    for picture in (model.generate(2), model.sample_x(z), model.reconstruct(x)):
        assert not picture.requires_grad


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


# Pictures and draws


@each_kind
def test_generation_needs_no_encoder(kind):
    model = small_vae(kind)
    model.encoder = NotToBeUsed()
    with pytest.raises(AssertionError, match="the encoder was asked"):
        model.encode(pictures(kind))
    made = model.generate(7, generator=generator())
    assert made.shape == (7, *SHAPE)
    assert torch.equal(made, model.mean_x(model.sample_prior(7, generator=generator())))
    assert not torch.equal(made, model.generate(7, generator=generator(1)))


@each_kind
def test_latents_are_drawn_from_a_standard_normal(kind):
    model, n = small_vae(kind), 100_000
    z = model.sample_prior(n, generator=generator())
    assert (z.shape, z.dtype) == ((n, L), torch.float32)
    assert (z.mean(0).abs() < 5 / math.sqrt(n)).all()
    assert ((z.var(0) - 1).abs() < 5 * math.sqrt(2 / n)).all()
    standard = torch.distributions.Normal(0.0, 1.0).log_prob(z).sum(-1)
    assert_close(model.log_prior(z), standard)
    assert_close(model.prior.log_prob(z), standard)


@each_kind
def test_draws_of_x_have_the_mean_and_the_noise_of_their_pixels(kind):
    model, n = small_vae(kind), 100_000
    z = randn(1, L)
    mean = model.mean_x(z)[0]
    x = model.sample_x(z.expand(n, L), generator=generator())
    if kind == "bernoulli":
        assert set(x.unique().tolist()) == {0.0, 1.0}
        variance = mean * (1 - mean)
    else:
        assert (x < 0).any() and (x > 1).any()  # noise is not cut at the ends
        variance = model.pixels.sigma.detach().square().expand(SHAPE)
    deviations = x - mean
    assert (deviations.mean(0).abs() < 5 * (variance / n).sqrt()).all()
    squares = deviations.square()
    assert ((squares.mean(0) - variance).abs() < 5 * squares.std(0) / math.sqrt(n)).all()
    pair = deviations[:, 0, 0] * deviations[:, 1, 2]  # given z, pixels are independent
    assert pair.mean().abs() < 5 * pair.std() / math.sqrt(n)


@each_network
@each_kind
def test_a_reconstruction_is_the_same_every_time(network, kind):
    model, x = small_vae(kind, network=network), pictures(kind)
    first = model.reconstruct(x)
    torch.rand(3)  # the global generator moves on
    assert torch.equal(model.reconstruct(x), first)
    code = model.encode(x) if network is Autoencoder else model.encode(x).mu
    assert torch.equal(first, model.mean_x(code))
    assert first.shape == (B, *SHAPE)


# The autoencoder


@each_kind
def test_an_autoencoder_has_no_noise_and_no_kl(kind):
    model, x = small_vae(kind, network=Autoencoder), pictures(kind)
    terms = model.elbo(x, generator=generator(0))
    assert torch.equal(terms.kl, torch.zeros(B))
    assert torch.equal(terms.elbo, terms.rec)
    assert torch.equal(terms.rec, model.elbo(x, generator=generator(1), beta=3.0).elbo)
    code = model.encode(x)
    assert code.shape == (B, L)
    law = pixel_law(model, code.detach())
    assert_close(terms.rec.double(), law.log_prob(x.double()).sum(-1), **SHORT)


def test_an_autoencoder_has_one_output_a_latent():
    vae, plain = VAE(SHAPE, L, (5,)), Autoencoder(SHAPE, L, (5,))
    assert (vae.encoder[-1].out_features, plain.encoder[-1].out_features) == (2 * L, L)
    assert repr(plain) == f"Autoencoder(6-5-2, bernoulli, {35 + 12 + 15 + 36} parameters)"


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


# Refusals


GREY = {"likelihood": "gaussian"}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"image_shape": 28}, r"image_shape should be a tuple of sizes, but 28 came"),
        ({"image_shape": "28"}, "image_shape should be a tuple of sizes"),
        ({"image_shape": ()}, "image_shape should name at least one size"),
        ({"image_shape": (28, 0)}, "image_shape should be a whole number of at least 1"),
        ({"image_shape": (2.5, 3)}, "image_shape should be a whole number"),
        ({"latent_dim": 0}, "latent_dim should be a whole number of at least 1"),
        ({"latent_dim": -2}, "latent_dim should be a whole number of at least 1"),
        ({"latent_dim": 2.0}, "latent_dim should be a whole number"),
        ({"latent_dim": True}, "latent_dim should be a whole number"),
        ({"hidden": 400}, "hidden should be a tuple of sizes, but 400 came"),
        ({"hidden": (400, -1)}, "hidden should be a whole number of at least 1"),
        ({"likelihood": "normal"}, "no likelihood called 'normal'; known are: bernoulli"),
        ({"likelihood": None}, "no likelihood called None"),
        (GREY | {"sigma": 0}, "sigma should be a number above 0, but 0 came"),
        (GREY | {"sigma": -0.1}, "sigma should be a number above 0"),
        (GREY | {"sigma": math.nan}, "sigma should be a number above 0"),
        (GREY | {"sigma": math.inf}, "sigma should be a number above 0"),
        (GREY | {"sigma": "free"}, "sigma should be a number above 0"),
    ],
)
@each_network
def test_what_is_no_model_is_refused(network, change, says):
    with pytest.raises(ValueError, match=says):
        network(**{"image_shape": SHAPE, "latent_dim": L, "hidden": (5,)} | change)


ONES = torch.ones(B, D)


@pytest.mark.parametrize(
    ("x", "says"),
    [
        (torch.full((B, D), math.nan), "x should be finite, but 24 of 24"),
        (torch.full((B, D), math.inf), "x should be finite"),
        (torch.ones(B, D + 1), "6 numbers an example, but 7 came"),
        (torch.ones(B, 3, 3), "6 numbers an example, but 9 came"),
        (torch.ones(D), r"x should be \(B, D\) or \(B, H, W\)"),
        (torch.ones(B, 1, 2, 3), r"x should be \(B, D\) or \(B, H, W\)"),
        (torch.ones(0, D), "x should hold at least one example"),
        (ONES.numpy(), "x should be a torch tensor, but a ndarray came"),
        (ONES.tolist(), "x should be a torch tensor, but a list came"),
    ],
)
@each_network
@each_kind
def test_what_is_no_data_is_refused(network, kind, x, says):
    model = small_vae(kind, network=network)
    for use in (
        model.encode,
        model.elbo,
        model.reconstruct,
        lambda x: model.log_likelihood(x, torch.zeros(K, 1, L)),
    ):
        with pytest.raises(ValueError, match=says):
            use(x)


@pytest.mark.parametrize("x", [255 * ONES, -ONES, 1.01 * ONES], ids=["bytes", "signed", "over"])
@pytest.mark.parametrize("lead", [(B,), (K, B), (K, 1)])
def test_black_or_white_refuses_pixels_outside(x, lead):
    model = small_vae("bernoulli")
    with pytest.raises(ValueError, match=r"pixels in \[0, 1\]"):
        model.log_likelihood(x, torch.zeros(*lead, L))
    with pytest.raises(ValueError, match=r"pixels in \[0, 1\]"):
        model.elbo(x)


def test_normal_pixels_may_leave_the_range():
    """Data with noise of their own do."""
    assert small_vae("fixed").elbo(1.5 * ONES).elbo.isfinite().all()


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda m: m.decode(torch.zeros(B, L + 1)), r"z should be \(\.\.\., 2\), one number for"),
        (lambda m: m.decode(torch.tensor(1.0)), r"but \(\) came"),
        (lambda m: m.decode([0.0, 1.0]), "z should be a torch tensor"),
        (lambda m: m.mean_x(torch.zeros(B, 1)), r"but \(4, 1\) came"),
        (lambda m: m.sample_x(torch.zeros(B, D)), r"try z\.reshape\(-1, 2\)"),
        (lambda m: m.log_likelihood(ONES, torch.zeros(3, L)), r"write z\[:, None\]"),
        (lambda m: m.log_likelihood(ONES, torch.zeros(K, 3, L)), "z should be"),
        (lambda m: m.log_likelihood(ONES, torch.zeros(B, 1)), "z should be"),
        (lambda m: m.log_likelihood(ONES, torch.zeros(L)), "z should be"),
        (lambda m: m.log_likelihood(ONES, [[0.0, 0.0]]), "z should be a torch tensor"),
        (lambda m: m.elbo(ONES, eps=torch.zeros(1, L)), "fresh noise for each x"),
        (lambda m: m.elbo(ONES, eps=torch.zeros(B, L + 1)), r"eps should be \(4, 2\)"),
        (lambda m: m.elbo(ONES, eps=torch.zeros(K, 1, L)), "eps should be"),
        (lambda m: m.elbo(ONES, eps=torch.zeros(0, B, L)), "eps should hold at least one"),
        (lambda m: m.elbo(ONES, eps=torch.zeros(L)), "eps should be"),
        (lambda m: m.elbo(ONES, eps=torch.full((B, L), torch.nan)), "eps should be finite"),
        (lambda m: m.elbo(ONES, eps=0.5), "eps should be a torch tensor, but a float"),
        (lambda m: m.generate(0), "n should be a whole number of at least 1"),
        (lambda m: m.generate(1e3), r"write 10\*\*5, not 1e5"),
        (lambda m: m.sample_prior(-1), "n should be a whole number of at least 1"),
    ],
)
@each_kind
def test_latents_and_noise_that_do_not_fit_are_refused(kind, call, says):
    with pytest.raises(ValueError, match=says):
        call(small_vae(kind))


def test_a_picture_on_its_side_is_refused():
    """Turned, it has as many pixels; flat rows say nothing of their shape and pass."""
    model = small_vae("bernoulli")
    turned = ONES.reshape(B, *reversed(model.image_shape))
    with pytest.raises(ValueError, match=r"x should be pictures of \(2, 3\), but \(3, 2\) came"):
        model.elbo(turned)
    assert model.elbo(ONES.reshape(B, -1)).elbo.shape == (B,)


def test_sizes_that_are_no_tuple_are_told_one_that_fits():
    with pytest.raises(ValueError, match=r"hidden should be a tuple of sizes.*try \(400,\)"):
        VAE((2, 3), 2, hidden=400)


def test_a_model_made_double_takes_data_of_any_type():
    model = small_vae("bernoulli").double()
    assert model.elbo(ONES.float()).elbo.dtype == torch.float64


def test_weights_bring_their_fixed_sigma_along():
    fixed = {"hidden": (), "likelihood": "gaussian"}
    source, other = (VAE((2, 3), 2, **fixed, sigma=sigma) for sigma in (0.3, 0.9))
    other.load_state_dict(source.state_dict())
    assert other.pixels.sigma.item() == pytest.approx(0.3, rel=1e-6)
