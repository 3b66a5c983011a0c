"""Awkward inputs, and every public function that may meet them."""

import math
import warnings

import numpy as np
import torch
from torch import nn

from course_utils import densities, estimators, plots, toys, widgets
from course_utils.data import ImageData, fetch_mnist, load
from course_utils.exercises import band, check, hint, predict, recall, reveal, solution
from course_utils.models import CVAE, VAE, Autoencoder, Regressor
from course_utils.pretrained import load_pretrained
from course_utils.strokes import Factors, draw, sample_factors
from course_utils.training import fit

OK = torch.rand(2, 3)
Y = torch.tensor([0, 2])
Z = torch.zeros(2, 2)
Q = densities.DiagonalNormal(Z, Z)
LINEAR = toys.LinearGaussian(torch.ones(3, 2), torch.zeros(3), 0.5)
WITH_Y = toys.ConditionalLinearGaussian(torch.ones(3, 2), torch.ones(3, 2), torch.zeros(3), 0.5)
VAE_, GREY = VAE((1, 3), 2, (4,)), VAE((1, 3), 2, (4,), "gaussian")
CVAE_, LEARNED = (CVAE((1, 3), 2, 3, kind, hidden=(4,)) for kind in ("fixed", "learned"))
FACTORS = sample_factors(3, generator=torch.Generator().manual_seed(0))
STEPS = {"epochs": 1, "progress": False}


def full(value, dtype=torch.float32):
    return torch.full((2, 3), value, dtype=dtype)


def kinds_of_tensor():
    """Some that torch itself warns of."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return {
            "sparse": torch.eye(3)[:2].to_sparse(),
            "csr": torch.eye(3)[:2].to_sparse_csr(),
            "nested": torch.nested.nested_tensor([torch.zeros(2), torch.zeros(3)]),
            "quantized": torch.quantize_per_tensor(torch.zeros(2, 3), 0.1, 0, torch.qint8),
            "complex": full(1, torch.complex64),
            "meta": torch.zeros(2, 3, device="meta"),
        }


AWKWARD = kinds_of_tensor() | {
    **{f"dtype {d}": full(1, getattr(torch, d)) for d in ("int64", "int8", "bool", "uint8")},
    **{f"dtype {d}": full(1, getattr(torch, d)) for d in ("float16", "bfloat16", "float64")},
    **{f"full of {v}": full(v) for v in (math.nan, math.inf, -math.inf, 1e38, -5.0, 255.0)},
    "one nan": torch.tensor([[0.0, 1.0, math.nan], [0.0, 0.0, 0.0]]),
    "1e300": full(1e300, torch.float64),
    **{f"shape {s}": torch.zeros(s) for s in ((), (3,), (2,), (2, 4), (0, 3), (2, 0), (3, 2))},
    **{f"shape {s}": torch.zeros(s) for s in ((2, 1, 3), (2, 1, 1, 3), (2, 3, 1, 3), (1, 3))},
    "grad": torch.zeros(2, 3, requires_grad=True),
    "parameter": nn.Parameter(torch.zeros(2, 3)),
    "strided": torch.zeros(3, 2).T,
    "expanded": torch.zeros(1, 3).expand(2, 3),
    "array": np.zeros((2, 3)),
    "array of words": np.array([["a", "b", "c"]] * 2),
    "list": [[0.0, 0.0, 0.0], [0.0, 0.0, 0.0]],
    "list of tensors": [torch.zeros(3), torch.zeros(3)],
    "words": ["1", "2"],
    "text": "hello",
    "long text": "x" * 10**5,
    "bytes": b"abc",
    "none": None,
    "true": True,
    "int": 3,
    "huge int": 10**30,
    "float": 0.5,
    "nan": math.nan,
    "inf": math.inf,
    "1e5": 1e5,
    "complex number": 3j,
    "numpy int": np.int64(3),
    "numpy float": np.float64(2.0),
    "zero": 0,
    "negative": -1,
    "dict": {"a": 1},
    "set": {1, 2},
    "function": math.sqrt,
    "class": dict,
    "a q": Q,
    "a toy": LINEAR,
    "a vae": VAE_,
    "an autoencoder": Autoencoder((1, 3), 2, (4,)),
    "generator": torch.Generator(),
    "images": ImageData(torch.rand(6, 1, 3), torch.zeros(6, dtype=torch.int64), n_train=4),
}


def densities_of(v):
    yield lambda: densities.log_normal(v, OK, OK)
    yield lambda: densities.log_normal(OK, v, OK)
    yield lambda: densities.log_normal(OK, OK, v)
    yield lambda: densities.log_standard_normal(v)
    yield lambda: densities.log_bernoulli(v, OK)
    yield lambda: densities.log_bernoulli(OK.round(), v)
    yield lambda: densities.kl_normal(v, OK, OK, OK)
    yield lambda: densities.kl_normal(OK, OK, OK, v)
    yield lambda: densities.kl_to_standard_normal(v, OK)
    yield lambda: densities.kl_to_standard_normal(OK, v)
    yield lambda: densities.log_mean_exp(v, 0)
    yield lambda: densities.log_mean_exp(OK, v)
    yield lambda: densities.DiagonalNormal(v, OK)
    yield lambda: densities.DiagonalNormal(OK, v)
    yield lambda: densities.FullNormal(v, torch.eye(3))
    yield lambda: densities.FullNormal(OK, v)
    yield lambda: densities.DiagonalNormal(OK, OK).rsample(v)
    yield lambda: densities.DiagonalNormal(OK, OK).log_prob(v)
    yield lambda: densities.FullNormal(OK, torch.eye(3)).rsample(v)
    yield lambda: densities.FullNormal(OK, torch.eye(3)).log_prob(v)
    yield lambda: densities.kl(v, Q)
    yield lambda: densities.kl(Q, v)


def toys_of(v):
    ring, roots, modes = toys.Ring(0.1), toys.TwoRoots(0.3), toys.TwoModes(0.3)
    pixels, one = toys.FourPixels(), torch.tensor([[1.0]])
    yield lambda: toys.LinearGaussian(v, torch.zeros(2), 0.5)
    yield lambda: toys.LinearGaussian(torch.ones(3, 2), v, 0.5)
    yield lambda: toys.LinearGaussian.fit_ml(v, 1)
    yield lambda: toys.LinearGaussian.fit_ml(torch.randn(50, 6), v)
    yield lambda: toys.LinearGaussian.fit_ml(torch.randn(50, 6), 2, sigma=v)
    for use in (LINEAR.log_px, LINEAR.posterior, LINEAR.sample_prior, LINEAR.log_prior):
        yield lambda use=use: use(v)
    yield lambda: LINEAR.log_likelihood(v, Z)
    yield lambda: LINEAR.log_likelihood(OK, v)
    yield lambda: LINEAR.exact_elbo(v, Q)
    yield lambda: LINEAR.exact_elbo(OK, v)
    yield lambda: LINEAR.sample(2, generator=v)
    for toy in (ring, roots, modes, pixels):
        yield lambda toy=toy: toy.log_px(v)
        yield lambda toy=toy: toy.mean_x(v)
        yield lambda toy=toy: toy.posterior_on_grid(toy.sample(2)[1], v)
    for kind in (toys.Ring, toys.TwoRoots, toys.TwoModes):
        yield lambda kind=kind: kind(v).log_likelihood(*kind(v).sample(1)[::-1])
    yield lambda: roots.log_likelihood(one, v)
    yield lambda: pixels.sample(2, generator=v)
    yield lambda: WITH_Y.given(v)
    yield lambda: WITH_Y.sample(v)
    yield lambda: toys.ConditionalLinearGaussian(torch.ones(3, 2), v, torch.zeros(3), 0.5)


def estimators_of(v):
    yield lambda: estimators.naive_monte_carlo(LINEAR, v, 10)
    yield lambda: estimators.naive_monte_carlo(v, OK, 10)
    yield lambda: estimators.naive_monte_carlo(LINEAR, OK, v)
    yield lambda: estimators.naive_monte_carlo(LINEAR, OK, 10, generator=v)
    yield lambda: estimators.importance_sampling(LINEAR, v, Q, 10)
    yield lambda: estimators.importance_sampling(LINEAR, OK, v, 10)
    yield lambda: estimators.importance_sampling(v, OK, Q, 10)
    yield lambda: estimators.importance_sampling(LINEAR, OK, Q, 10, generator=v)
    yield lambda: estimators.effective_sample_size(v)
    yield lambda: estimators.elbo(LINEAR, v, Q, Z)
    yield lambda: estimators.elbo(LINEAR, OK, v, Z)
    yield lambda: estimators.elbo(LINEAR, OK, Q, v)
    yield lambda: estimators.elbo(v, OK, Q, Z)
    for gradient in (estimators.pathwise_gradient, estimators.score_function_gradient):
        yield lambda g=gradient: g(lambda z: z**2, 1.0, 0.5, v)
        yield lambda g=gradient: g(lambda z: z**2, 1.0, v, OK)
        yield lambda g=gradient: g(lambda z: z**2, v, 0.5, OK)
        if not callable(v):  # errors of a function are its own
            yield lambda g=gradient: g(v, 1.0, 0.5, OK)
        yield lambda g=gradient: g(lambda z: v, 1.0, 0.5, OK)


def models_of(v):
    for model in (VAE_, GREY):
        for use in (model.encode, model.reconstruct, model.elbo, model.decode, model.mean_x):
            yield lambda use=use: use(v)
        for use in (model.sample_x, model.generate, model.log_prior, model.sample_prior):
            yield lambda use=use: use(v)
        yield lambda model=model: model.elbo(OK, eps=v)
        yield lambda model=model: model.elbo(OK, beta=v)
        yield lambda model=model: model.elbo(OK, generator=v)
        yield lambda model=model: model.log_likelihood(v, Z)
        yield lambda model=model: model.log_likelihood(OK, v)
        yield lambda model=model: model.sample_x(Z, generator=v)
    for model in (CVAE_, LEARNED):
        yield lambda model=model: model.encode(v, Y)
        yield lambda model=model: model.encode(OK, v)
        yield lambda model=model: model.decode(v, Y)
        yield lambda model=model: model.decode(Z, v)
        yield lambda model=model: model.elbo(OK, v)
        yield lambda model=model: model.generate(v)
        yield lambda model=model: model.generate(Y, v)
        yield lambda model=model: model.generate(Y, generator=v)
        yield lambda model=model: model.prior_given(v)
        yield lambda model=model: model.given(v)
        yield lambda model=model: model.given(Y).log_prior(v)
        yield lambda model=model: model.given(Y).sample_prior(v)
    yield lambda: Regressor((1, 3), 3, (4,)).elbo(OK, v)
    yield lambda: Regressor((1, 3), 3, (4,)).generate(v)
    yield lambda: VAE(v, 2)
    yield lambda: VAE((8, 8), v)
    yield lambda: VAE((8, 8), 2, v)
    yield lambda: VAE((8, 8), 2, likelihood=v)
    yield lambda: VAE((8, 8), 2, likelihood="gaussian", sigma=v)
    yield lambda: CVAE((8, 8), 2, v)
    yield lambda: CVAE((8, 8), 2, 3, prior_kind=v)


def training_of(v):
    small, data = VAE((1, 3), 2, (4,)), torch.rand(4, 3)
    yield lambda: fit(v, data, **STEPS)
    yield lambda: fit(small, v, **STEPS)
    yield lambda: fit(CVAE((1, 3), 2, 3, hidden=(4,)), (OK, v), **STEPS)
    yield lambda: fit(CVAE((1, 3), 2, 3, hidden=(4,)), (v, Y), **STEPS)
    for name in ("batch_size", "learning_rate", "seed", "callbacks", "history", "device"):
        yield lambda name=name: fit(VAE((1, 3), 2, (4,)), data, **STEPS | {name: v})
    few = v if not isinstance(v, int) or v < 100 else 1
    yield lambda: fit(small, data, progress=False, epochs=few)


def data_of(v):
    labels = torch.zeros(2, dtype=torch.int64)
    yield lambda: ImageData(v, labels)
    yield lambda: ImageData(torch.zeros(2, 2, 2), v)
    yield lambda: ImageData(torch.zeros(2, 2, 2), labels, n_train=v)
    yield lambda: AWKWARD["images"].binarized(generator=v)
    yield lambda: load(v)
    yield lambda: draw(v)
    yield lambda: FACTORS.take(v)
    yield lambda: sample_factors(v)
    yield lambda: sample_factors(3, generator=v)
    yield lambda: Factors(v, *list(FACTORS)[1:])
    yield lambda: load_pretrained(v)
    if v is not None:
        yield lambda: load_pretrained("mnist-2d", folder=v)
    if v is not None and not isinstance(v, str):
        yield lambda: fetch_mnist(v)


def pictures_of(v):
    table = np.zeros((2, 3))
    yield lambda: plots.plot_line(v, table[0], role="p")
    yield lambda: plots.plot_line([1, 2], [1, 2], role=v)
    yield lambda: plots.plot_weights(v)
    yield lambda: plots.plot_weights([1.0, 2.0], largest=v)
    yield lambda: plots.density_image(v, extent=(0, 1, 0, 1))
    yield lambda: plots.density_image(table, extent=v)
    yield lambda: plots.image_grid(v)
    yield lambda: plots.image_grid(np.zeros((2, 3, 3)), columns=v)
    yield lambda: plots.image_grid(np.zeros((2, 3, 3)), titles=v)


def explorers_of(v):
    yield lambda: widgets.monte_carlo_explorer(v)
    yield lambda: widgets.monte_carlo_explorer(2, v)
    yield lambda: widgets.monte_carlo_explorer(2, 0.3, 100, v)
    yield lambda: widgets.elbo_explorer(v)
    yield lambda: widgets.elbo_explorer(mu=v)
    yield lambda: widgets.gradient_explorer(v)
    yield lambda: widgets.gradient_explorer(sigma=v)
    yield lambda: widgets.stroke_writer(v)
    yield lambda: widgets.stroke_writer(3, wobble=v)
    if not isinstance(v, VAE):
        yield lambda: widgets.latent_explorer(v)
        yield lambda: widgets.conditional_explorer(v)


def exercises_of(v):
    for use in (hint, solution, predict, reveal, recall):
        yield lambda use=use: use(v)
    yield lambda: check(v, lambda x: x)
    yield lambda: check("E1.1", v)
    yield lambda: band("x", v, 0, 1)
    yield lambda: band("x", 0.5, v, 1)


GROUPS = (densities_of, toys_of, estimators_of, models_of, training_of, data_of)
GROUPS += (pictures_of, explorers_of, exercises_of)
