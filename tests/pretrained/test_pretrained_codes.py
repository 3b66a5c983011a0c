"""The codes that come with a bundled model, the condition of two of them, and the real images."""

import pytest
import torch
from bundled_models import ASKED, inputs
from gates import gate
from mnist_files import REAL
from routes import generator

from course_utils.data import ImageData
from course_utils.data._mnist import find_mnist, read_mnist
from course_utils.densities import DiagonalNormal, kl, kl_to_standard_normal
from course_utils.pretrained import NAMES, Codes
from course_utils.pretrained import _measure as _measuring

NOT_OF_HALVES = [name for name in NAMES if name != "mnist-half"]


def test_codes_are_one_normal_and_one_label_per_image(model):
    mu, log_var, labels = model.codes
    assert mu.shape == log_var.shape == (1000, model.latent_dim)
    assert mu.isfinite().all() and log_var.isfinite().all()
    assert labels.dtype == torch.int64
    counts = [96, 115, 89, 123, 87, 99, 88, 111, 89, 103]  # of MNIST's test labels, every tenth
    assert torch.bincount(labels).tolist() == counts


@pytest.mark.parametrize("name", NOT_OF_HALVES)  # whose prior is not N(0, I)
def test_the_kl_of_the_codes_is_the_one_on_the_card(model):
    mu, log_var, _ = model.codes
    kl = kl_to_standard_normal(mu, log_var)
    assert abs(kl.mean() - model.card.test_kl) < 5 * kl.std() / len(kl) ** 0.5


def pictures_of_codes(model) -> torch.Tensor:
    """E[x | z] at each code, for a CVAE together with its label."""
    y = [model.codes.labels] if model.card.condition else []
    with torch.no_grad():
        return model.mean_x(model.codes.mu, *y)


@pytest.mark.parametrize("name", NOT_OF_HALVES)  # which need pixels, that are not bundled
def test_codes_decode_to_pictures_of_their_digits(model):
    """A one has the least ink and a zero the most, as in the real digits; all are in [0, 1]."""
    pictures = pictures_of_codes(model)
    assert pictures.shape == (1000, 28, 28) and pictures.min() >= 0 and pictures.max() <= 1
    brightest = pictures.amax(dim=(1, 2))
    gate("ink, not a grey blur", brightest.median(), above=0.9)
    ink = pictures.sum(dim=(1, 2))
    by_digit = torch.stack([ink[model.codes.labels == digit].mean() for digit in range(10)])
    assert by_digit.argmin() == 1 and by_digit.argmax() == 0


def told_by_neighbours(codes: Codes) -> float:
    """How many of the digits are those of most of their ten nearest codes; by chance, 12 %."""
    distances = torch.cdist(codes.mu, codes.mu).fill_diagonal_(torch.inf)
    voters = codes.labels[distances.topk(10, largest=False).indices]
    return float((voters.mode(dim=1).values == codes.labels).double().mean())


def test_neighbours_among_the_codes_are_the_same_digit_unless_the_model_was_given_it(models):
    """Three in four already in two dimensions, and twenty have room for more.

    Given the label, the neighbours in two dimensions share a style, not a digit.
    """
    two, twenty, given = (
        told_by_neighbours(models[name].codes) for name in ("mnist-2d", "mnist-20d", "mnist-cvae")
    )
    gate("in two dimensions", two, above=0.75, below=twenty)
    gate("given the label", given, below=two / 2)


def test_what_a_model_is_given(models):
    """Nothing, the label, or the grey left half; pixels of 0 and 1 are the ones to be modelled."""
    grey = ImageData(torch.rand(20, 28, 28, generator=generator(0)), torch.arange(20) % 10)
    pixels = grey.binarized(generator=generator(1)).images
    (x,) = inputs(models["mnist-20d"], grey, 1)
    assert torch.equal(x, pixels)
    x, y = inputs(models["mnist-cvae"], grey, 1)
    assert torch.equal(x, pixels) and torch.equal(y, grey.labels)
    x, y = inputs(models["mnist-half"], grey, 1)
    assert torch.equal(x, pixels[:, :, 14:]) and torch.equal(y, grey.images[:, :, :14])


def test_the_digit_that_is_asked_for_is_drawn(models):
    """By the nearest of 1000 pictures with a label, themselves from another model's codes."""
    known, model = models["mnist-20d"], models["mnist-cvae"]
    y = torch.arange(10).repeat(40)
    pictures = model.generate(y, generator=generator(0))
    distances = torch.cdist(pictures.flatten(1), pictures_of_codes(known).flatten(1))
    read = known.codes.labels[distances.argmin(dim=1)]
    gate("read as asked", (read == y).double().mean(), above=0.8)


def test_a_completion_goes_with_its_left_half(models):
    """Of whole pictures from another model: nearer to their own right half than to the next one's.

    And not one guess for all draws of z: somewhere in it a pixel is ink in some, paper in others.
    """
    whole, model = pictures_of_codes(models["mnist-20d"]), models["mnist-half"]
    y, x = whole[..., :14], whole[..., 14:]
    draws = torch.stack([model.generate(y, generator=generator(seed)) for seed in range(20)])
    guess = draws.mean(dim=0)
    own, other = ((guess - right).square().sum(dim=(1, 2)) for right in (x, x.roll(1, dims=0)))
    excess = other - own
    assert excess.mean() > 5 * excess.std() / len(excess) ** 0.5
    gate("nearer to their own half", (own < other).double().mean(), above=0.9)
    gate("spread of the pixel most in doubt", draws.std(0).amax((1, 2)).median(), above=0.25)


MU, LOG_VAR, LABELS = torch.ones(4, 2), torch.zeros(4, 2), torch.arange(4)


@pytest.mark.parametrize(
    "parts, message",
    [
        ((MU, LOG_VAR[:3], LABELS), r"equal shapes"),
        ((MU[:0], LOG_VAR[:0], LABELS[:0]), r"at least one example"),
        ((MU / 0, LOG_VAR, LABELS), r"mu should be finite"),
        ((MU, LOG_VAR, LABELS[:3]), r"labels \(N,\), but \(4, 2\) and \(3,\) came"),
        ((MU[None], LOG_VAR[None], LABELS[:1]), r"mu and log_var \(N, L\)"),
        ((MU, LOG_VAR, LABELS.float()), r"int64, but torch.float32 came"),
        ((MU, LOG_VAR, [0, 1, 2, 3]), r"labels should be a torch tensor, but a list came"),
    ],
)
def test_what_is_no_code_is_refused(parts, message):
    with pytest.raises(ValueError, match=message):
        Codes(*parts)


def test_codes_unpack_and_say_what_they_are():
    codes = Codes(MU, LOG_VAR, LABELS)
    assert [part is given for part, given in zip(codes, (MU, LOG_VAR, LABELS), strict=True)]
    assert len(codes) == 4 and repr(codes) == "Codes(4 images, L = 2)"


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
