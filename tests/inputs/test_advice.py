"""What a refusal advises works: the code behind "try" is run on the very input."""

import math
import re
from contextlib import suppress
from functools import partial

import numpy as np
import pytest
import torch

from course_utils import densities, estimators, plots, toys
from course_utils.data import ImageData, load
from course_utils.models import CVAE, VAE
from course_utils.strokes import draw, sample_factors
from course_utils.training import fit

DIGITS = load("digits")
X, LABELS = DIGITS.test.images[:20], DIGITS.test.labels[:20]
FLAT = X.flatten(1)
MODEL, GREY = VAE((8, 8), 2, (4,)), VAE((8, 8), 2, (4,), "gaussian")
COLOR = VAE((3, 8, 8), 2, (4,))
CLASSES = CVAE((8, 8), 2, 10, hidden=(4,))
Q = MODEL.encode(X)
LINEAR = toys.LinearGaussian.fit_ml(DIGITS.train.vectors, 2)
ONE = toys.LinearGaussian([[1.5]], [0.3], 0.5)
SPOILT = torch.cat([X[:3], torch.full((1, 8, 8), math.nan)])

naive = partial(estimators.naive_monte_carlo, n=10)
on_grid = partial(toys.TwoRoots(0.3).posterior_on_grid, torch.tensor([[1.0]]))
log_bernoulli = partial(densities.log_bernoulli, logits=torch.zeros(20, 64))


def train(data, model=MODEL):
    return fit(model, data, epochs=1, progress=False)


def weighted_at(mu):
    q = densities.DiagonalNormal(mu, torch.zeros_like(mu))
    return estimators.importance_sampling(MODEL, X, q, 10)


PICTURES = {  # what comes as x
    "bytes of 0 and 1": X.round().byte(),
    "whole numbers of 0 and 1": X.round().long(),
    "whole numbers to 255": (255 * X).long(),
    "floats to 255": 255 * X,
    "counts to 16": 16 * X,
    "from -1 to 1": 2 * X - 1,
    "standardised": (X - X.mean()) / X.std(),
    "a hair outside": X * 1.0001 - 0.00001,
    "one of them is NaN": SPOILT,
    "a channel": X[:, None],
    "a channel at the end": X[..., None],
    "bytes with a channel": (255 * X).byte()[:, None],
    "three channels": X[:, None].expand(-1, 3, -1, -1),
    "three channels at the end": X[..., None].expand(-1, -1, -1, 3),
    "bytes in three channels": (255 * X).byte()[:, None].expand(-1, 3, -1, -1),
    "one picture": X[0],
    "one row of pixels": FLAT[0],
    "columns instead of rows": FLAT.T,
    "array": X.numpy(),
    "list": X.tolist(),
    "list of pictures": list(X),
    "a set of images": DIGITS.test,
    "sparse": FLAT.to_sparse(),
    "complex": FLAT.to(torch.complex64),
}
USES = {
    "encode": MODEL.encode,
    "reconstruct": GREY.reconstruct,
    "elbo": GREY.elbo,
    "fit": train,
    "estimate": partial(naive, MODEL),
    "with y": lambda x: CLASSES.encode(x, LABELS[:1]),
}
FIT_SAYS_OTHERWISE = {"array", "list", "list of pictures", "a set of images"}  # it is `data` there

CASES = {
    f"{use}: {what}": ("x", x, call)
    for what, x in PICTURES.items()
    for use, call in USES.items()
    if not (use == "fit" and what in FIT_SAYS_OTHERWISE)
} | {
    "colour: last": ("x", torch.rand(4, 8, 8, 3), COLOR.encode),
    "colour, fit: last": ("x", torch.rand(4, 8, 8, 3), lambda x: train(x, COLOR)),
    "colour: one": ("x", torch.rand(3, 8, 8), COLOR.encode),
    "fit: array": ("data", X.numpy(), train),
    "labels: floats": ("y", LABELS.float(), lambda y: CLASSES.encode(X, y)),
    "labels: column": ("y", LABELS[:, None], lambda y: CLASSES.encode(X, y)),
    "labels: column of floats": ("y", LABELS[:, None].float(), lambda y: CLASSES.encode(X, y)),
    "labels: from 1": ("y", LABELS + 1, lambda y: CLASSES.encode(X, y)),
    "labels: list": ("y", LABELS.tolist(), lambda y: CLASSES.encode(X, y)),
    "labels: array": ("y", LABELS.numpy(), lambda y: CLASSES.encode(X, y)),
    "labels, fit: column": ("y", LABELS[:, None], lambda y: train((X, y), CLASSES)),
    "labels, fit: from 1": ("y", LABELS + 1, lambda y: train((X, y), CLASSES)),
    "labels, fit: floats": ("y", LABELS.float(), lambda y: train((X, y), CLASSES)),
    "labels, fit: words": ("y", [str(n.item()) for n in LABELS], lambda y: train((X, y), CLASSES)),
    "labels, generate: words": ("y", ["3", "7"], CLASSES.generate),
    "rows: bytes of 0 and 1": ("y", torch.eye(10).byte(), CLASSES.generate),
    "rows: one": ("y", torch.eye(10)[0], CLASSES.generate),
    "z: a q": ("z", Q, MODEL.decode),
    "z: array": ("z", Q.mu.detach().numpy(), MODEL.mean_x),
    "z: columns": ("z", Q.mu.detach().T, MODEL.decode),
    "z: one number each": ("z", torch.zeros(20), ONE.log_prior),
    "z: K of them": ("z", torch.zeros(5, 2), lambda z: MODEL.log_likelihood(X, z)),
    "z: one alone": ("z", torch.zeros(2), lambda z: MODEL.log_likelihood(X, z)),
    "toy: one number each": ("x", torch.zeros(7), ONE.log_px),
    "toy: one example": ("x", FLAT[0], LINEAR.log_px),
    "toy: columns": ("x", FLAT.T, LINEAR.log_px),
    "toy: channel": ("x", X[:, None], LINEAR.log_px),
    "toy: bytes": ("x", (255 * FLAT).byte(), LINEAR.log_px),
    "toy: NaN": ("x", SPOILT.flatten(1), LINEAR.log_px),
    "grid: a line": ("grid", torch.linspace(-1, 1, 5), on_grid),
    "density: 1e38": ("z", torch.full((2, 2), 1e38), densities.log_standard_normal),
    "density: array": ("z", np.zeros((2, 3)), densities.log_standard_normal),
    "density: a number": ("z", torch.tensor(1.0), densities.log_standard_normal),
    "log_bernoulli: bytes of 0 and 1": ("x", FLAT.round().byte(), log_bernoulli),
    "generator: a seed": ("generator", 3, lambda g: MODEL.generate(2, generator=g)),
    "generator: a seed for factors": ("generator", 3, lambda g: sample_factors(2, generator=g)),
    "n: a float": ("n", 100.0, MODEL.sample_prior),
    "beta: a tensor": ("beta", torch.tensor(0.5), lambda b: MODEL.elbo(X, beta=b)),
    "model: needs y": ("model", CLASSES, lambda model: naive(model, X), {"y": LABELS}),
    "q: shared": ("mu", torch.zeros(2), weighted_at),
    "eps: shared": ("eps", torch.zeros(1, 2), lambda eps: MODEL.elbo(X, eps=eps), {"K": 3}),
    "images: rows": ("images", FLAT, lambda i: ImageData(i, LABELS)),
    "images: bytes": ("images", (255 * X).byte(), lambda i: ImageData(i, LABELS)),
    "images: channel": ("images", X[:, None].double(), lambda i: ImageData(i, LABELS)),
    "images: to 255": ("images", 255 * X, lambda i: ImageData(i, LABELS)),
    "image labels: one-hot": ("labels", torch.eye(10)[LABELS], lambda n: ImageData(X, n)),
    "image labels: bytes": ("labels", LABELS.byte(), lambda n: ImageData(X, n)),
    "factors": ("factors", 3, draw, {"draw": lambda f: f, "sample_factors": sample_factors}),
    "titles": ("titles", "abc", lambda t: plots.image_grid(X[:3], titles=t)),
    "extent": ("extent", (1, 0), lambda e: plots.density_image(FLAT, extent=e)),
}


def advice_of(message):
    """The first expression behind "try"."""
    found = re.search(r"\btry (.+?)[.?]?$", message)
    assert found, message
    for end in re.finditer(r" for |, and |, or |; |\. |$", found[1]):
        with suppress(SyntaxError):
            return compile(found[1][: end.start()], message, "eval")
    pytest.fail(message)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_what_a_refusal_advises_works(case):
    name, value, call, *more = case
    names = {"torch": torch, "np": np, name: value} | (more[0] if more else {})
    for _ in range(3):  # shape first, then values, at the most
        with pytest.raises(ValueError) as refused:
            call(names[name])
        names[name] = eval(advice_of(str(refused.value)), {}, names)
        with suppress(ValueError):
            call(names[name])
            return
    pytest.fail(f"{refused.value}")
