"""`fit` and models that are wrong: each refusal, and that what it advises helps."""

import math

import pytest
import torch
from fit_fixtures import Plain, Recorder, grey, kept, tiny_vae, train
from torch import nn
from torch.distributions import Normal

from course_utils.data import load
from course_utils.densities import DiagonalNormal, ElboTerms, kl_to_standard_normal
from course_utils.models import CVAE, VAE, Autoencoder, Regressor
from course_utils.training import _checks, fit


def fresh(kind=VAE, **options):
    torch.manual_seed(0)
    return kind(image_shape=(8, 8), hidden=(128,), **options)


@pytest.mark.parametrize("rate", [3, 10, 100, 1000])
def test_divergence_without_a_nan_is_named_and_the_rate_it_advises_trains(rate):
    digits, model = load("digits"), fresh(latent_dim=8)
    with kept(model), pytest.warns(RuntimeWarning, match="nats, far below the -4.* before train"):
        history = fit(model, digits, epochs=1, learning_rate=rate, progress=False)
    assert history.stopped.startswith("stopped in epoch 1, batch 12 of 12: the mean ELBO of this")
    for word in (f"{rate:g} here; try 0.001)", "again those from before that epoch"):
        assert word in history.stopped
    assert len(history) == 0 and not model.training
    again = fit(model, digits, epochs=3, learning_rate=0.001, progress=False, history=history)
    assert again.stopped is None and again.elbo[-1] > -36


def test_divergence_after_good_epochs_keeps_them():
    digits, model = load("digits"), fresh(latent_dim=8)
    history = fit(model, digits, epochs=2, progress=False)
    with kept(model), pytest.warns(RuntimeWarning, match="in epoch 3, .* far below"):
        fit(model, digits, epochs=2, learning_rate=100, progress=False, history=history)
    assert history.epochs == [1, 2]
    fit(model, digits, epochs=1, progress=False, history=history)
    assert history.stopped is None and history.elbo[2] > history.elbo[1]


HONEST = {
    "vae": (VAE, {"latent_dim": 20}),
    "gaussian": (VAE, {"latent_dim": 2, "likelihood": "gaussian"}),
    "autoencoder": (Autoencoder, {"latent_dim": 8}),
    "cvae": (CVAE, {"latent_dim": 2, "condition_dim": 10, "prior_kind": "learned"}),
    "regressor": (Regressor, {"condition_dim": 10}),
}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("rate", [1e-4, 1e-2, 3e-2])
@pytest.mark.parametrize("kind, options", HONEST.values(), ids=HONEST)
def test_honest_runs_are_no_divergence(kind, options, rate):
    model, (x, y) = fresh(kind, **options), load("digits").train
    data = (x[:500], y[:500]) if hasattr(model, "condition_dim") else x[:500]
    how = {"binarize": options.get("likelihood") != "gaussian", "learning_rate": rate}
    for batch_size in (500, 64, 7):
        history = fit(model, data, epochs=2, batch_size=batch_size, progress=False, **how)
        assert history.stopped is None


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_weights_that_are_no_numbers_are_refused_before_training(value):
    model = fresh(latent_dim=2)
    good = {name: weight.clone() for name, weight in model.state_dict().items()}
    model.encoder[2].bias.data[1] = value
    words = r"before training 1 of 4 in encoder.2.bias are NaN or infinite; make the model anew, or"
    with pytest.raises(ValueError, match=words):
        train(model, grey(side=8))
    model.load_state_dict(good)
    assert train(model, grey(side=8)).stopped is None
    assert train(fresh(latent_dim=2), grey(side=8)).stopped is None


def test_a_buffer_may_mask_with_infinity_but_not_be_nan():
    model = tiny_vae()
    model.register_buffer("mask", torch.tensor([0.0, -math.inf]))
    assert train(model).stopped is None
    model.mask[0] = math.nan
    with pytest.raises(ValueError, match="1 of 2 in mask are NaN"):
        train(model)


def with_elbo(write):
    """A VAE whose elbo a learner wrote: from rec, kl, q and z."""
    model = tiny_vae()

    def elbo(x, *, generator=None):
        q = model.encode(x)
        z = q.rsample(torch.randn(q.mu.shape, generator=generator))
        return model.write(model.log_likelihood(x, z), kl_to_standard_normal(*q), q, z)

    model.write, model.elbo = write, elbo
    return model


def sampled_kl(rec, kl, q, z):
    """The KL by one draw, which may come out below 0; here q is close to the prior."""
    near = DiagonalNormal(q.mu * 0.01, q.log_var * 0.01)
    eps = torch.randn(q.mu.shape, generator=torch.Generator().manual_seed(int(1e6 * rec[0].abs())))
    at, zero = near.rsample(eps), torch.zeros_like(q.mu)
    return ElboTerms.of(rec, near.log_prob(at) - DiagonalNormal(zero, zero).log_prob(at))


GOOD = {
    "of": lambda rec, kl, *_: ElboTerms.of(rec, kl),
    "tuple": lambda rec, kl, *_: (rec - kl, rec, kl),
    "list": lambda rec, kl, *_: [rec - kl, rec, kl],
    "stacked": lambda rec, kl, *_: torch.stack([rec - kl, rec, kl]),
    "beta": lambda rec, kl, *_: ElboTerms.of(rec, kl, 4.0),
    "no kl": lambda rec, kl, *_: (rec, rec, kl),
    "zeros": lambda rec, *_: ElboTerms.of(rec, torch.zeros_like(rec)),
    "free bits": lambda rec, kl, *_: (rec - kl.clamp(min=2), rec, kl),
    "sampled": sampled_kl,
    "bound by weights": lambda rec, kl, *_: (rec + (kl * rec).sin().abs() * kl, rec, kl),
}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("write", GOOD.values(), ids=GOOD)
def test_an_elbo_of_one_s_own_is_trained(write):
    history = train(with_elbo(write), epochs=20)
    assert len(history) == 20 and history.stopped is None


SLIPS = {
    "rec + kl": (lambda rec, kl, *_: (rec + kl, rec, kl), "its rec .* is it rec \\+ kl, or a loss"),
    "kl negated": (lambda rec, kl, *_: ElboTerms.of(rec, -kl - 9), "kl of -.* no KL is below"),
    "a loss": (lambda rec, kl, *_: (kl - rec, -rec, kl), "rec of .* pixels of 0 and 1 .* a loss"),
    "half a loss": (lambda rec, kl, *_: (kl - rec, rec, kl), "above its rec .* or a loss"),
    "rec negated": (lambda rec, kl, *_: (-rec - kl, rec, kl), "its rec .* or a loss"),
    "rec + beta kl": (lambda rec, kl, *_: (rec + 0.3 * kl, rec, kl), "its rec .* is it rec"),
    "one loss": (lambda rec, kl, *_: (rec - kl).mean(), "three tensors of .* but a Tensor came;"),
    "two terms": (lambda rec, kl, *_: (rec, kl), "a tuple of 2 torch.float32 came; .*ElboTerms"),
    "a dict": (lambda rec, kl, *_: dict(zip("abc", (rec, rec, kl), strict=True)), "dict of 3 str"),
    "floats": (lambda rec, kl, *_: (-9.0, -8.0, 1.0), "but a tuple of 3 float came"),
    "kl is 0": (lambda rec, *_: (rec, rec, 0.0), "3 float and torch.float32 .*zeros_like"),
    "counts": (lambda rec, kl, *_: (rec, rec, (kl * 0).long()), "torch.float32 and torch.int64"),
    "arrays": (lambda rec, *_: (rec.detach().numpy(),) * 3, "a tuple of 3 float32 came"),
    "one number": (lambda rec, kl, *_: -9.0, "but a float came"),
    "nothing": (lambda rec, kl, *_: None, "but a NoneType came"),
    "per latent": (lambda rec, kl, q, _: (rec, rec, q.mu), r"one number per image.* \(5, 2\)"),
    "summed": (lambda rec, kl, *_: (rec.mean(), rec, kl), r"\(5,\), but \(\) came; sum over"),
    "detached": (lambda *terms: ElboTerms.of(*(t.detach() for t in terms[:2])), r"\.detach\(\)"),
}


@pytest.mark.parametrize("write, words", SLIPS.values(), ids=SLIPS)
def test_an_elbo_that_cannot_be_is_refused_before_any_step(write, words):
    words = f"the model's (elbo|rec|kl) .*{words}"
    with kept(with_elbo(write)) as model, pytest.raises(ValueError, match=words):
        train(model, epochs=40)
    model.write = GOOD["of"]  # what each of them advises
    assert train(model).stopped is None


def test_a_negated_kl_is_found_as_soon_as_it_is_no_chance():
    """Sampled KLs of a batch add up to less than -25 once in e^25 batches."""
    with pytest.raises(ValueError, match="has a kl of -5.* no KL is below 0"):
        train(with_elbo(lambda rec, kl, *_: ElboTerms.of(rec, -kl)), learning_rate=0.01, epochs=99)


def test_a_density_may_be_above_zero_where_its_model_says_so():
    """Of pixels that are normal and narrow."""
    black = torch.zeros(20, 4, 4)
    model = Plain(torch.zeros(16), lambda mu, x: Normal(mu, 0.01).log_prob(x).sum(1))
    with pytest.raises(ValueError, match="say model.likelihood = 'gaussian', and pass binarize=F"):
        train(model, black)
    model.likelihood = "gaussian"
    assert train(model, black, binarize=False).rec[0] > 0


def test_rounding_is_no_slip():
    each = torch.zeros(128, dtype=torch.float32).requires_grad_()
    for means in ((-45.0, -45.000001, 1e-7), (1e-6, 1e-6, 0.0), (-45.0, -45.0, -0.1)):
        _checks.require_possible([each + mean for mean in means], means, VAE, True)
    half, means = each.to(torch.bfloat16), (-45.0, -45.25, 0.2)
    _checks.require_possible([half + mean for mean in means], means, VAE, True)


def with_batchnorm():
    model = tiny_vae()
    first, *others = model.encoder
    model.encoder = nn.Sequential(first, nn.BatchNorm1d(8), *others)
    return model


@pytest.mark.parametrize("n, size, better", [(129, 128, 127), (11, 5, 4), (11, 1, 3), (3, 2, 3)])
def test_a_last_batch_of_one_image_is_named_where_batchnorm_refuses_it(n, size, better):
    words = f"but of {n} in batches of {size} one is alone; try batch_size={better}\\."
    with kept(with_batchnorm()) as model, pytest.raises(ValueError, match=words):
        train(model, grey(n), batch_size=size)
    assert train(model, grey(n), batch_size=better).stopped is None


def test_one_image_alone_is_too_few_for_batchnorm():
    with pytest.raises(ValueError, match="try batch_size=2 and more images"):
        train(with_batchnorm(), grey(1))
    assert train(with_batchnorm(), grey(2), batch_size=2).stopped is None
    assert train(tiny_vae(), grey(1)).stopped is None


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("bytes_too", [False, True])
def test_a_gaussian_model_says_when_it_would_see_no_grey(bytes_too):
    x = (grey() * 255).to(torch.uint8) if bytes_too else grey()
    words = "0s and 1s of the grey values of x; pass binarize=False"
    with pytest.warns(UserWarning, match=words) as warned:
        train(tiny_vae(likelihood="gaussian"), x)
    assert warned[0].filename == train.__code__.co_filename  # where fit was called
    for model, data, binarize in (
        (tiny_vae(likelihood="gaussian"), x, False),
        (tiny_vae(likelihood="gaussian"), grey().round(), True),
        (tiny_vae(), x, True),
        (Recorder(), x, True),
    ):
        assert train(model, data, binarize=binarize).stopped is None
