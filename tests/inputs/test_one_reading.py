"""No two functions read the same pictures, or the same condition, differently."""

from functools import partial

import pytest
import torch
from routes import generator

from course_utils import densities, estimators
from course_utils.data import load
from course_utils.models import CVAE, VAE
from course_utils.training import fit

BYTES = (255 * load("digits").test.images[:12]).round().byte()
X, LABELS = BYTES.double() / 255, torch.arange(12) % 4
MODELS = [VAE((8, 8), 2, (4,), kind) for kind in ("bernoulli", "gaussian")]
WITH_Y = [CVAE((8, 8), 2, 4, prior, hidden=(4,)) for prior in ("fixed", "learned")]
EPS = torch.randn(12, 2, generator=generator())


def first_elbo(data, model):
    """The bound that fit records for a first step, which moves nothing to speak of."""
    options = {"epochs": 1, "learning_rate": 1e-12, "binarize": False, "progress": False}
    return torch.tensor(fit(model, data, batch_size=12, **options).elbo)


def readings(x):
    """Every public use of x, as numbers."""
    for model in MODELS:
        q = model.encode(x)
        yield from q
        yield model.reconstruct(x)
        yield from model.elbo(x, eps=EPS)
        yield model.log_likelihood(x, EPS)
        yield model.log_likelihood(x, EPS[:5, None])
        yield estimators.naive_monte_carlo(model, x, 5, generator=generator()).log_px
        yield estimators.importance_sampling(model, x, q, 5, generator=generator()).log_px
        yield estimators.elbo(model, x, q, EPS).elbo
        yield first_elbo(x, model)
    for model in WITH_Y:
        yield from model.encode(x, LABELS)
        yield from model.elbo(x, LABELS, eps=EPS)
        yield model.given(LABELS).log_likelihood(x, EPS)
        yield first_elbo((x, LABELS), model)
    yield densities.log_bernoulli(x.flatten(1), torch.zeros(12, 64))


BLACK = X.round()
PAIRS = {  # what comes, and the same as floats
    "float64": (X, X),
    "float32": (X.float(), X),
    "bytes": (BYTES, X),
    "rows": (X.flatten(1), X),
    "rows of bytes": (BYTES.flatten(1), X),
    "strided": (X.float().mT.contiguous().mT, X),
    "black and white": (BLACK, BLACK),
    "black and white, bools": (BLACK.bool(), BLACK),
}


@pytest.mark.parametrize(("x", "like"), PAIRS.values(), ids=PAIRS)
def test_the_same_pictures_are_read_alike_everywhere(x, like):
    for came, expected in zip(readings(x), readings(like.float()), strict=True):
        torch.testing.assert_close(came.double(), expected.double(), rtol=1e-5, atol=1e-4)


def assert_one_refusal(uses, value):
    """Each use refuses the value, and all in the same words."""
    said = set()
    for use in uses:
        with pytest.raises(ValueError) as refused:
            use(value)
        said.add(str(refused.value))
    assert len(said) == 1, said


NEITHER = {
    "floats to 255": 255 * X,
    "from -1 to 1": 2 * X - 1,
    "whole numbers": BYTES.long(),
    "bytes of 0 and 1": X.round().byte(),
    "one NaN": X.where(X > 0, torch.nan),
    "another size": torch.rand(12, 5, 5),
    "a channel": X[:, None],
    "one picture": X[0],
    "labels": LABELS,
}


@pytest.mark.parametrize("x", NEITHER.values(), ids=NEITHER)
def test_what_is_no_picture_is_refused_everywhere_in_the_same_words(x):
    uses = [use for model in MODELS for use in (model.encode, model.reconstruct, model.elbo)]
    uses += [lambda x: first_elbo(x, MODELS[0]), lambda x: MODELS[1].log_likelihood(x, EPS)]
    uses += [lambda x: estimators.naive_monte_carlo(MODELS[0], x, 5)]
    uses += [lambda x: WITH_Y[0].encode(x, LABELS), lambda x: WITH_Y[1].elbo(x, LABELS)]
    assert_one_refusal(uses, x)


CONDITIONS = {
    "labels": (LABELS, LABELS),
    "short labels": (LABELS.to(torch.int8), LABELS),
    "one-hot": (torch.eye(4)[LABELS], LABELS),
    "one-hot, whole": (torch.eye(4)[LABELS].long(), LABELS),
    "one-hot, bools": (torch.eye(4)[LABELS].bool(), LABELS),
    "grey": (X[:, 0, :4], X[:, 0, :4]),
    "grey bytes": (BYTES[:, 2, :4], BYTES[:, 2, :4] / 255),
    "pictures": (X[:, :2, :2], X[:, :2, :2].flatten(1)),
}


@pytest.mark.parametrize(("y", "like"), CONDITIONS.values(), ids=CONDITIONS)
def test_the_same_condition_is_read_alike_everywhere(y, like):
    for model in WITH_Y:
        pairs = [
            (model.encode(X, y).mu, model.encode(X, like).mu),
            (model.decode(EPS, y), model.decode(EPS, like)),
            (model.generate(y, EPS), model.generate(like, EPS)),
            (model.prior_given(y).mu, model.prior_given(like).mu),
            (model.given(y).log_prior(EPS), model.given(like).log_prior(EPS)),
            (first_elbo((X, y), model), first_elbo((X, like), model)),
        ]
        for came, expected in pairs:
            torch.testing.assert_close(came, expected, rtol=1e-5, atol=1e-5)


NO_CONDITION = {
    "too large": LABELS + 1,
    "floats": LABELS.float(),
    "column": LABELS[:, None],
    "another length": torch.zeros(12, 5),
    "bytes of 0 and 1": torch.eye(4)[LABELS].byte(),
    "NaN": torch.full((12, 4), torch.nan),
}


@pytest.mark.parametrize("y", NO_CONDITION.values(), ids=NO_CONDITION)
def test_what_is_no_condition_is_refused_everywhere_in_the_same_words(y):
    uses = []
    for model in WITH_Y:
        uses += [partial(model.encode, X), partial(model.decode, EPS), partial(model.elbo, X)]
        uses += [model.generate, model.prior_given, model.given]
        uses += [lambda y, m=model: first_elbo((X, y), m)]
    assert_one_refusal(uses, y)
