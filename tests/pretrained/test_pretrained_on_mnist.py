"""The bundled models against the real images of MNIST."""

import pytest
import torch
from bundled_models import ASKED, inputs
from mnist_files import REAL
from routes import generator

from course_utils.data import ImageData
from course_utils.data._mnist import find_mnist, read_mnist
from course_utils.densities import DiagonalNormal, kl, kl_to_standard_normal
from course_utils.pretrained import _measure as _measuring


@pytest.fixture(scope="module")
def real():
    """The 10 000 test images of MNIST, where they are at hand."""
    folder = find_mnist(REAL) or find_mnist()
    if folder is None:
        pytest.skip(f"the real MNIST files are neither in {REAL} nor in the data folder")
    _, _, images, labels = read_mnist(folder)
    return ImageData(torch.tensor(images).float() / 255, torch.tensor(labels).long())


def test_the_codes_belong_to_every_tenth_test_image(model, real):
    codes = model.codes
    assert torch.equal(codes.labels, real.labels[::10])
    with torch.no_grad():
        q = model.encode(*inputs(model, real, 0, slice(None, None, 10)))
    one_half = 2.0**-11  # relative rounding of a half, and below its smallest normal number
    torch.testing.assert_close(codes.mu, q.mu, rtol=one_half, atol=2e-5)
    torch.testing.assert_close(codes.log_var, q.log_var, rtol=one_half, atol=2e-5)


def test_the_elbo_on_the_card_is_found_again(model, card, real):
    """With pixels and noise drawn anew, twice: the two runs differ as much as run and card may."""
    runs = []
    for seed in (11, 12):
        rows, g = _measuring._split(1000, *inputs(model, real, seed)), generator(seed + 100)
        with torch.no_grad():
            parts = [model.elbo(*part, generator=g) for part in rows]
        runs.append(tuple(map(torch.cat, zip(*parts, strict=True))))
    means = card.test_elbo, card.test_rec, card.test_kl
    for one, other, on_card in zip(*runs, means, strict=True):
        std_error = (one - other).std() / len(one) ** 0.5
        assert abs(one.mean() - on_card) < 5 * std_error


def test_log_p_x_on_the_card_is_found_again(model, card, real):
    """By 500 draws, of a hundred test images, with pixels and noise drawn anew."""
    part = inputs(model, real, 21, slice(None, None, 100))
    found = _measuring.weigh(model, card.few_draws, *part, generator=generator(22))
    std_error = found.log_px.std() / len(found.log_px) ** 0.5
    assert abs(found.log_px.mean() - card.few_log_px) < 5 * std_error
    assert card.log_px_std_error == pytest.approx(std_error.item() / 10, rel=0.3)
    spread = (card.few_void * (1 - card.few_void) / 100) ** 0.5
    assert abs(found.void - card.few_void) <= 5 * spread


def test_the_kl_of_the_codes_of_halves_is_to_the_learned_prior(models, real):
    """And that one, which knows the left half, is nearer to them than N(0, I) is."""
    model = models["mnist-half"]
    q = DiagonalNormal(model.codes.mu, model.codes.log_var)
    with torch.no_grad():
        p = model.prior_given(real.images[::10, :, :14])
    learned, standard = kl(q, p), kl_to_standard_normal(*q)
    assert abs(learned.mean() - model.card.test_kl) < 5 * learned.std() / len(learned) ** 0.5
    excess = standard - learned
    assert excess.mean() > 5 * excess.std() / len(excess) ** 0.5


@pytest.mark.parametrize("name", list(ASKED))
def test_the_wrong_condition_costs_nats(name, model, real):
    """The next digit's label, or another picture's left half: the bound falls, image by image."""
    x, y = inputs(model, real, 31, slice(1000))
    wrong = (y + 1) % 10 if name == "mnist-cvae" else y.roll(1, dims=0)
    with torch.no_grad():
        terms = [model.elbo(x, given, generator=generator(32)) for given in (y, wrong)]
    cost = terms[0].elbo - terms[1].elbo
    assert cost.mean() - 5 * cost.std() / len(cost) ** 0.5 > 10
