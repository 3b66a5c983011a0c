"""What VAE, autoencoder and CVAE refuse, in words."""

import math
import re
from functools import partial

import pytest
import torch
from model_cases import AUTOENCODER, CVAES, REGRESSOR, VAES, black_or_white, given, of
from model_sizes import LABELS, SHAPE, B, C, D, K, L, numbers, randn

from course_utils import estimators
from course_utils.models import Regressor

ONES = torch.ones(B, D, dtype=torch.float32)
BLACK = torch.zeros(B, 2, 4, dtype=torch.uint8)
NEITHER = r"y should be \(B,\) labels or 8 numbers for each picture, but "

# Models

ONE_OF_EACH = [AUTOENCODER, VAES[0], CVAES[0], REGRESSOR]
COUNT = "{0} should be a whole number of at least 1, but {1} came"
NO_PRIOR = "no prior called {1}; known are: fixed, learned"
POSITIVE = "{0} should be a number above 0, but {1} came"


def each(option, values, says, **others):
    """Values of one option, and what is said of each: {0} is the option, {1} the value."""
    return [(others | {option: v}, says.format(option, re.escape(repr(v)))) for v in values]


PICTURES = [
    ({"image_shape": 28}, "image_shape should be a tuple of sizes, but 28 came"),
    ({"image_shape": "28"}, "image_shape should be a tuple of sizes"),
    ({"image_shape": ()}, "image_shape should name at least one size"),
    ({"image_shape": (28, 0)}, "image_shape should be a whole number of at least 1"),
    ({"image_shape": (2.5, 3)}, "image_shape should be a whole number"),
    ({"hidden": 400}, r"hidden should be a tuple of sizes, but 400 came; try \(400,\)"),
    ({"hidden": (400, -1)}, "hidden should be a whole number of at least 1"),
    *each("likelihood", ["normal", None], "no {0} called {1}; known are: bernoulli"),
    *each("sigma", [0, -0.1, math.nan, math.inf, "free"], POSITIVE, likelihood="gaussian"),
]
LATENTS = each("latent_dim", [0, -2, 2.0, True], COUNT)
CONDITIONS = each("condition_dim", [0, -1, 10.0, (8, 4)], COUNT)
# Of the kinds the last is hidden, by its place.
PRIORS = each("prior_kind", ["standard", None, True, (128,)], NO_PRIOR)
PRIORS.append(({"prior": "learned"}, "no longer takes prior; write prior_kind='learned'"))
WRONG = [
    (ONE_OF_EACH, PICTURES),
    (ONE_OF_EACH[:3], LATENTS),
    (ONE_OF_EACH[2:], CONDITIONS),
    (CVAES[:1], PRIORS),
]


@pytest.mark.parametrize(
    ("case", "change", "says"),
    [(case, *row) for cases, rows in WRONG for case in cases for row in rows],
)
def test_what_is_no_model_of_pictures_is_refused(case, change, says):
    with pytest.raises(ValueError, match=says):
        case.network(**{"image_shape": SHAPE, "hidden": (5,)} | case.sizes | change)


# The condition


@pytest.mark.parametrize(
    ("y", "says"),
    [
        (torch.tensor([0, 1, 2, 8]), r"from 0 to 7, since .* condition_dim 8, but .* 0 to 8 came"),
        (torch.tensor([-1, 1, 2, 3]), "from 0 to 7, .* but labels from -1 to 3 came"),
        (torch.tensor(8), "labels from 8 to 8 came; try y - 1"),
        (LABELS.float(), NEITHER + r"torch.float32 of shape \(4,\) came; try y\.long\(\)"),
        (torch.tensor(3.0), NEITHER + r"torch.float32 of shape \(\) came"),
        (torch.zeros(C), NEITHER + r"torch.float32 of shape \(8,\) came; try y\[None\]"),
        (LABELS[:, None], NEITHER + r"torch.int64 of shape \(4, 1\) came"),
        (torch.zeros(B, C + 1), NEITHER + r"torch.float32 of shape \(4, 9\) came"),
        (torch.zeros(B, 2, 3), NEITHER + r"torch.float32 of shape \(4, 2, 3\) came"),
        (BLACK.flatten(1), r"bytes came of which none is above 0; try y\.float"),
        (BLACK, r"bytes came .* y / 255 for dark"),
        (torch.full((B, C), math.nan), "y should be finite, but 32 of 32"),
        (torch.full((B, C), math.inf), "y should be finite"),
        (torch.zeros(0, C), "y should hold at least one example"),
        (torch.zeros(0, dtype=torch.int64), "y should hold at least one example"),
        (LABELS.numpy(), "y should be a torch tensor, but a ndarray came; try torch.as_tensor"),
        ([3, 0, 7, 3], "y should be a torch tensor, but a list came"),
        (3, "y should be a torch tensor, but a int came"),
        (None, "y should be a torch tensor, but a NoneType came"),
    ],
)
@of.all_with_y
@black_or_white
def test_what_is_no_condition_is_refused(case, model, x, y, says):
    z = case.latents(randn(B, L))
    uses = [model.generate, partial(model.elbo, x)]
    uses += [partial(use, *z) for use in (model.decode, model.mean_x, model.sample_x)]
    if z:
        uses += [model.given, model.prior_given, lambda y: model.generate(y, *z)]
        uses += [partial(model.encode, x), partial(model.reconstruct, x)]
    for use in uses:
        with pytest.raises(ValueError, match=says):
            use(y)


@of.all_with_y
@black_or_white
@pytest.mark.parametrize("n", [2, 3, 5])
def test_x_and_y_of_different_lengths_are_refused(case, model, x, n):
    y, z = numbers(n), randn(B, L)
    calls = [("x", partial(model.elbo, x, y))]
    if case.prior:
        left = model.given(y)
        calls += [("x", partial(use, x, y)) for use in (model.encode, model.reconstruct)]
        calls += [("z", partial(use, z, y)) for use in (model.decode, model.mean_x, model.sample_x)]
        calls += [("x", partial(left.log_likelihood, x, randn(K, rows, L))) for rows in (1, B)]
        calls.append(("x", partial(estimators.naive_monte_carlo, left, x, 10)))
        calls.append(("z", partial(model.generate, y, z)))
        calls.append(("z", partial(left.mean_x, randn(K, B, L))))
    for whose, call in calls:
        says = f"y should have 4 rows, one for each {whose}, or one row for all, but {n} came; "
        with pytest.raises(ValueError, match=says + rf".*{whose}\[i\]"):
            call()


# Data


@pytest.mark.parametrize(
    ("x", "says"),
    [
        (torch.full((B, D), math.nan), "x should be finite, but 24 of 24"),
        (torch.full((B, D), math.inf), "x should be finite"),
        (torch.ones(B, D + 1), r"\(B, 6\) or \(B, 2, 3\), but \(4, 7\) came; perhaps the model"),
        (torch.ones(B, 3, 3), r"but \(4, 3, 3\) came; perhaps the model was made for other data"),
        (torch.ones(B, 3, 2), r"but \(4, 3, 2\) came; try x\.transpose"),
        (torch.ones(D), r"but \(6,\) came; try x\[None\]"),
        (torch.ones(B, 1, 2, 3), r"but \(4, 1, 2, 3\) came; try x\.squeeze\(1\)"),
        (torch.ones(0, D), "x should hold at least one example"),
        (ONES.numpy(), "x should be a torch tensor, but a ndarray came"),
        (ONES.tolist(), "x should be a torch tensor, but a list came"),
    ],
)
@of.all
def test_what_is_no_data_is_refused(case, model, x, y, says):
    uses = [model.elbo]
    if case.network is not Regressor:
        uses += [model.encode, model.reconstruct]
        with pytest.raises(ValueError, match=says):
            given(model, *y).log_likelihood(x, torch.zeros(K, 1, L))
    for use in uses:
        with pytest.raises(ValueError, match=says):
            use(x, *y)


@pytest.mark.parametrize("x", [255 * ONES, -ONES, 1.01 * ONES], ids=["bytes", "signed", "over"])
@of.all_with_a_density
def test_pixels_outside_are_refused(case, model, x, y):
    with pytest.raises(ValueError, match=r"pixels in \[0, 1\]"):
        model.elbo(x, *y)
    for lead in ((B,), (K, B), (K, 1)) if case.network is not Regressor else ():
        with pytest.raises(ValueError, match=r"pixels in \[0, 1\]"):
            given(model, *y).log_likelihood(x, torch.zeros(*lead, L))


# Latents and noise


@pytest.mark.parametrize(
    ("use", "wrong", "says"),
    [
        ("decode", torch.zeros(B, L + 1), r"z should be \(\.\.\., 2\), one number for"),
        ("decode", torch.tensor(1.0), r"but \(\) came"),
        ("decode", [0.0, 1.0], "z should be a torch tensor"),
        ("mean_x", torch.zeros(B, 1), r"but \(4, 1\) came"),
        ("sample_x", torch.zeros(B, D), r"but \(4, 6\) came"),
        ("log_likelihood", torch.zeros(3, L), r"try z\[:, None\]"),
        ("log_likelihood", torch.zeros(K, 3, L), "z should be"),
        ("log_likelihood", torch.zeros(B, 1), "z should be"),
        ("log_likelihood", torch.zeros(L), "z should be"),
        ("log_likelihood", [[0.0, 0.0]], "z should be a torch tensor"),
        ("mean_x of what is left", torch.zeros(B, L + 1), "z should be"),
        ("log_prior", torch.zeros(B, L + 1), "z should be"),
        ("elbo", torch.zeros(1, L), "fresh noise for each x"),
        ("elbo", torch.zeros(B, L + 1), r"eps should be \(4, 2\)"),
        ("elbo", torch.zeros(K, 1, L), "eps should be"),
        ("elbo", torch.zeros(0, B, L), "eps should hold at least one"),
        ("elbo", torch.zeros(L), "eps should be"),
        ("elbo", torch.full((B, L), math.nan), "eps should be finite"),
        ("elbo", 0.5, "eps should be a torch tensor, but a float"),
        ("sample_prior", 0, "n should be a whole number of at least 1"),
        ("sample_prior", -1, "n should be a whole number of at least 1"),
        ("sample_prior", 1e3, r"write 10\*\*5, not 1e5"),
    ],
)
def test_latents_and_noise_that_do_not_fit_are_refused(model, y, use, wrong, says):
    left = given(model, *y)
    uses = {
        "decode": lambda z: model.decode(z, *y),
        "mean_x": lambda z: model.mean_x(z, *y),
        "sample_x": lambda z: model.sample_x(z, *y),
        "log_likelihood": lambda z: left.log_likelihood(ONES, z),
        "mean_x of what is left": left.mean_x,
        "log_prior": left.log_prior,
        "elbo": lambda eps: model.elbo(ONES, *y, eps=eps),
        "sample_prior": left.sample_prior,
    }
    with pytest.raises(ValueError, match=says):
        uses[use](wrong)


WRONG_STYLES = [
    ((LABELS, torch.zeros(B, 1)), r"but \(4, 1\) came"),
    ((LABELS, 0.5), "z should be a torch tensor, but a float"),
]


@pytest.mark.parametrize(
    ("case", "wrong", "says"),
    [
        (VAES[0], (0,), "n should be a whole number of at least 1"),
        (VAES[0], (1e3,), r"write 10\*\*5, not 1e5"),
        *((case, *row) for case in CVAES for row in WRONG_STYLES),
    ],
)
def test_pictures_that_cannot_be_generated_are_refused(model, wrong, says):
    with pytest.raises(ValueError, match=says):
        model.generate(*wrong)
