"""Awkward inputs, and every public function that may meet them."""

import math
import warnings
from functools import partial

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
PARTS = ImageData(torch.rand(5, 1, 3), torch.arange(5), n_train=3)
STEPS = {"epochs": 1, "progress": False}


def full(value, dtype=torch.float32):
    return torch.full((2, 3), value, dtype=dtype)


with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # torch itself warns of some
    TENSORS = {
        "sparse": torch.eye(3)[:2].to_sparse(),
        "csr": torch.eye(3)[:2].to_sparse_csr(),
        "nested": torch.nested.nested_tensor([torch.zeros(2), torch.zeros(3)]),
        "quantized": torch.quantize_per_tensor(torch.zeros(2, 3), 0.1, 0, torch.qint8),
        "complex": full(1, torch.complex64),
        "meta": torch.zeros(2, 3, device="meta"),
    }

NO_TENSORS = (None, True, 3, 10**30, 0.5, math.nan, math.inf, 1e5, 3j, 0, -1)
NO_TENSORS += (np.int64(3), np.float64(2.0), "hello", b"abc", ["1", "2"], {"a": 1}, {1, 2})
NO_TENSORS += (math.sqrt, dict)
AWKWARD = TENSORS | {
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
    "long text": "x" * 10**5,
    **{repr(value): value for value in NO_TENSORS},
    "a q": Q,
    "a toy": LINEAR,
    "a vae": VAE_,
    "an autoencoder": Autoencoder((1, 3), 2, (4,)),
    "generator": torch.Generator(),
    "images": ImageData(torch.rand(6, 1, 3), torch.zeros(6, dtype=torch.int64), n_train=4),
}


def each_in_turn(v, use, *good, **options):
    """Calls of use with v in place of each of its good arguments."""
    for i in range(len(good)):
        yield partial(use, *good[:i], v, *good[i + 1 :], **options)
    for name in options:
        yield partial(use, *good, **options | {name: v})


def each(v, *uses):
    """Calls of each use with v alone."""
    return (partial(use, v) for use in uses)


def densities_of(v):
    for normal in (densities.DiagonalNormal(OK, OK), densities.FullNormal(OK, torch.eye(3))):
        yield from each_in_turn(v, type(normal), *normal)
        yield from each(v, normal.rsample, normal.log_prob)
    yield from each_in_turn(v, densities.log_normal, OK, OK, OK)
    yield from each_in_turn(v, densities.log_standard_normal, OK)
    yield from each_in_turn(v, densities.log_bernoulli, OK.round(), OK)
    yield from each_in_turn(v, densities.kl_normal, OK, OK, OK, OK)
    yield from each_in_turn(v, densities.kl_to_standard_normal, OK, OK)
    yield from each_in_turn(v, densities.log_mean_exp, OK, 0)
    yield from each_in_turn(v, densities.kl, Q, Q)


def toys_of(v):
    pixels, one, six = toys.FourPixels(), torch.tensor([[1.0]]), torch.randn(50, 6)
    yield lambda: toys.LinearGaussian(v, torch.zeros(2), 0.5)
    yield lambda: toys.LinearGaussian(torch.ones(3, 2), v, 0.5)
    yield from each_in_turn(v, toys.LinearGaussian.fit_ml, six, 1)
    yield lambda: toys.LinearGaussian.fit_ml(six, 2, sigma=v)
    yield from each(v, LINEAR.log_px, LINEAR.posterior, LINEAR.sample_prior, LINEAR.log_prior)
    yield from each_in_turn(v, LINEAR.log_likelihood, OK, Z)
    yield from each_in_turn(v, LINEAR.exact_elbo, OK, Q)
    for toy in (toys.Ring(0.1), toys.TwoRoots(0.3), toys.TwoModes(0.3), pixels):
        yield from each(v, toy.log_px, toy.mean_x)
        yield partial(toy.posterior_on_grid, toy.sample(2)[1], v)
    for kind in (toys.Ring, toys.TwoRoots, toys.TwoModes):
        yield lambda kind=kind: kind(v).log_likelihood(*kind(v).sample(1)[::-1])
    yield lambda: toys.TwoRoots(0.3).log_likelihood(one, v)
    for toy in (LINEAR, pixels):
        yield partial(toy.sample, 2, generator=v)
    yield from each(v, WITH_Y.given, WITH_Y.sample)
    yield lambda: toys.ConditionalLinearGaussian(torch.ones(3, 2), v, torch.zeros(3), 0.5)


def estimators_of(v):
    yield from each_in_turn(v, estimators.naive_monte_carlo, LINEAR, OK, 10, generator=None)
    yield from each_in_turn(v, estimators.importance_sampling, LINEAR, OK, Q, 10, generator=None)
    anneal = partial(estimators.annealed_importance_sampling, n_chains=2, n_temperatures=2)
    yield from each_in_turn(v, anneal, LINEAR, OK, z=None, generator=None)
    yield from each_in_turn(v, estimators.effective_sample_size, OK)
    yield from each_in_turn(v, estimators.iwae_bound, OK)
    yield from each_in_turn(v, estimators.elbo, LINEAR, OK, Q, Z)
    for gradient in (estimators.pathwise_gradient, estimators.score_function_gradient):
        yield from each_in_turn(v, partial(gradient, lambda z: z**2), 1.0, 0.5, OK)
        if not callable(v):  # errors of a function are its own
            yield partial(gradient, v, 1.0, 0.5, OK)
        yield partial(gradient, lambda z: v, 1.0, 0.5, OK)


def models_of(v):
    for model in (VAE_, GREY):
        yield from each(v, model.encode, model.reconstruct, model.decode, model.mean_x)
        yield from each(v, model.sample_x, model.generate, model.log_prior, model.sample_prior)
        yield from each_in_turn(v, model.elbo, OK, eps=None, beta=1.0, generator=None)
        yield from each_in_turn(v, model.log_likelihood, OK, Z)
        yield partial(model.sample_x, Z, generator=v)
    for model in (CVAE_, LEARNED):
        yield from each_in_turn(v, model.encode, OK, Y)
        yield from each_in_turn(v, model.decode, Z, Y)
        yield from each_in_turn(v, model.generate, Y, generator=None)
        yield partial(model.elbo, OK, v)
        yield partial(model.generate, Y, v)
        known = model.given(Y)
        yield from each(v, model.prior_given, model.given, known.log_prior, known.sample_prior)
    regressor = Regressor((1, 3), 3, (4,))
    yield partial(regressor.elbo, OK, v)
    yield partial(regressor.generate, v)
    yield from each_in_turn(v, VAE, (8, 8), 2, (4,), likelihood="bernoulli")
    yield lambda: VAE((8, 8), 2, likelihood="gaussian", sigma=v)
    yield lambda: CVAE((8, 8), 2, v)
    yield lambda: CVAE((8, 8), 2, 3, prior_kind=v)


def training_of(v):
    small, data = VAE((1, 3), 2, (4,)), torch.rand(4, 3)
    given_y = CVAE((1, 3), 2, 3, hidden=(4,))
    yield from each_in_turn(v, partial(fit, progress=False), small, data, epochs=1)
    yield from each_in_turn(v, lambda x, y: fit(given_y, (x, y), **STEPS), OK, Y)
    for name in ("batch_size", "learning_rate", "seed", "callbacks", "history", "device"):
        yield partial(fit, VAE((1, 3), 2, (4,)), data, **STEPS | {name: v})


def data_of(v):
    labels, pictures = torch.zeros(2, dtype=torch.int64), torch.zeros(2, 2, 2)
    yield from each_in_turn(v, ImageData, pictures, labels, n_train=None)
    yield partial(AWKWARD["images"].binarized, generator=v)
    yield from each(v, load, draw, FACTORS.take, load_pretrained)
    yield from each_in_turn(v, sample_factors, 3, generator=None)
    yield lambda: Factors(v, *list(FACTORS)[1:])
    if v is not None:
        yield lambda: load_pretrained("mnist-2d", folder=v)
    if v is not None and not isinstance(v, str):
        yield lambda: fetch_mnist(v)


def pictures_of(v):
    table, pictures = np.zeros((2, 3)), np.zeros((2, 3, 3))
    yield lambda: plots.plot_line(v, table[0], role="p")
    yield lambda: plots.plot_line([1, 2], [1, 2], role=v)
    yield from each(v, plots.plot_weights, plots.image_grid)
    yield partial(plots.plot_weights, [1.0, 2.0], largest=v)
    yield from each_in_turn(v, plots.density_image, table, extent=(0, 1, 0, 1))
    yield partial(plots.image_grid, pictures, columns=v)
    yield partial(plots.image_grid, pictures, titles=v)


def explorers_of(v):
    yield from each_in_turn(v, widgets.monte_carlo_explorer, 2, 0.3, 100, 0)
    yield from each_in_turn(v, widgets.elbo_explorer, "linear", mu=0.5)
    yield from each_in_turn(v, widgets.gradient_explorer, "z^2", sigma=0.5)
    yield from each_in_turn(v, widgets.stroke_writer, 3, wobble=None)
    if not isinstance(v, VAE):
        yield from each(v, widgets.latent_explorer, widgets.conditional_explorer)
    yield from each_in_turn(v, widgets.rate_distortion_explorer, [GREY, GREY], PARTS, model=0)


def exercises_of(v):
    yield from each(v, hint, solution, predict, reveal, recall)
    yield from each_in_turn(v, check, "E1.1", lambda x: x)
    yield partial(band, "x", v, 0, 1)
    yield partial(band, "x", 0.5, v, 1)


GROUPS = (densities_of, toys_of, estimators_of, models_of, training_of, data_of)
GROUPS += (pictures_of, explorers_of, exercises_of)
