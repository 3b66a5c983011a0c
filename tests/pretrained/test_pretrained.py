"""The bundled models: what their files hold, what is refused, what a card promises, the command."""

import ast
import dataclasses
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch
from gates import gate
from test_mnist import REAL, TEST_X, TEST_Y, TRAIN_X, TRAIN_Y, idx, put

from course_utils.data import ImageData, _mnist
from course_utils.data._mnist import find_mnist, read_mnist
from course_utils.densities import DiagonalNormal, kl, kl_to_standard_normal
from course_utils.models import CVAE, VAE
from course_utils.pretrained import NAMES, Codes, ModelCard, load_pretrained
from course_utils.pretrained import _card as _model_card
from course_utils.pretrained import _load as pretrained
from course_utils.pretrained import _train as _pretraining

BARS = {  # test ELBO, log p(x)
    "mnist-2d": (-143.0, -143.0),
    "mnist-20d": (-98.7, -93.0),
    "mnist-cvae": (-127.1, -125.6),
    "mnist-half": (-45.0, -43.0),
}
SMALLEST, LARGEST = 500_000, 2_500_000  # bytes
ASKED = {"mnist-cvae": torch.arange(5), "mnist-half": torch.ones(5, 28, 14) / 2}  # y, else n = 5

each = pytest.mark.parametrize("name", NAMES)


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.fixture(scope="module")
def models():
    return {name: load_pretrained(name) for name in NAMES}


@pytest.fixture
def copy(tmp_path):
    """A folder with the bundled files, to be spoilt."""
    return shutil.copytree(pretrained.WEIGHTS, tmp_path / "weights")


# --- the files -----------------------------------------------------------------------------


def test_names_files_and_recipes_are_the_same_models():
    files = {path.name for path in pretrained.WEIGHTS.iterdir()}
    assert files == {f"{name}{end}" for name in NAMES for end in (".safetensors", ".json")}
    assert tuple(_pretraining.RECIPES) == NAMES
    known = set(_model_card.CONDITIONS)
    assert known == {recipe.condition for recipe in _pretraining.RECIPES.values()}
    assert known == set(_pretraining.INPUTS) == set(_pretraining.DETAILS)


@each
def test_a_file_is_small_and_the_one_of_its_card(name, models):
    content = (pretrained.WEIGHTS / f"{name}.safetensors").read_bytes()
    assert SMALLEST < len(content) <= LARGEST
    assert hashlib.sha256(content).hexdigest() == models[name].card.sha256


@each
def test_a_file_holds_half_precision_weights_and_codes_and_nothing_else(name, models):
    """So no pixels: every tensor is either a parameter of the model or one of the three codes."""
    tensors = safetensors.torch.load_file(pretrained.WEIGHTS / f"{name}.safetensors")
    labels, mu, log_var = (tensors.pop(f"codes.{part}") for part in ("labels", "mu", "log_var"))
    assert labels.dtype == torch.uint8 and labels.shape == (1000,)
    assert mu.shape == log_var.shape == (1000, models[name].latent_dim)
    assert {tensor.dtype for tensor in (mu, log_var, *tensors.values())} == {torch.float16}
    assert {key: half.shape for key, half in tensors.items()} == {
        key: weight.shape for key, weight in models[name].state_dict().items()
    }


@each
def test_the_float32_weights_are_exactly_the_halves(name, models):
    """A browser that is sent the halves computes with the same numbers."""
    tensors = safetensors.torch.load_file(pretrained.WEIGHTS / f"{name}.safetensors")
    for key, weight in models[name].state_dict().items():
        assert weight.dtype == torch.float32
        assert torch.equal(weight, tensors[key].to(torch.float32))
        assert torch.equal(weight.half().float(), weight)


# --- the model -----------------------------------------------------------------------------


@each
def test_a_model_is_ready_to_use(name, models):
    model = models[name]
    assert type(model) is (CVAE if name in ASKED else VAE) and not model.training
    assert model.image_shape == ((28, 14) if name == "mnist-half" else (28, 28))
    assert isinstance(model.card, ModelCard) and isinstance(model.codes, Codes)
    pictures = model.generate(ASKED.get(name, 5), generator=seeded(0))
    assert pictures.shape == (5, *model.image_shape) and pictures.dtype == torch.float32


def test_each_call_gives_a_model_of_its_own_with_the_same_weights(models):
    mine = load_pretrained("mnist-2d")
    with torch.no_grad():
        mine.decoder[0].weight.zero_()
    again = load_pretrained("mnist-2d")
    for key, weight in models["mnist-2d"].state_dict().items():
        assert torch.equal(again.state_dict()[key], weight)
    assert again.decoder[0].weight.any()


@each
def test_a_loaded_model_can_be_trained_further(name):
    model = load_pretrained(name)
    x, eps = torch.ones(5, *model.image_shape), torch.ones(5, model.latent_dim)
    y = [ASKED[name]] if name in ASKED else []
    model.elbo(x, *y, eps=eps).elbo.mean().backward()
    gradients = {key: p.grad for key, p in model.named_parameters()}
    assert all(grad is not None and grad.abs().sum() > 0 for grad in gradients.values())


def test_loading_leaves_random_numbers_and_the_default_dtype_alone():
    before = torch.get_rng_state()
    torch.set_default_dtype(torch.float64)
    try:
        model = load_pretrained("mnist-2d")
        assert torch.get_default_dtype() == torch.float64
    finally:
        torch.set_default_dtype(torch.float32)
    assert {p.dtype for p in model.parameters()} == {torch.float32}
    assert model.codes.mu.dtype == model.codes.log_var.dtype == torch.float32
    assert torch.equal(torch.get_rng_state(), before)


# --- the codes -----------------------------------------------------------------------------


@each
def test_codes_are_one_normal_and_one_label_per_image(name, models):
    mu, log_var, labels = models[name].codes
    assert mu.shape == log_var.shape == (1000, models[name].latent_dim)
    assert mu.isfinite().all() and log_var.isfinite().all()
    assert labels.dtype == torch.int64
    counts = [96, 115, 89, 123, 87, 99, 88, 111, 89, 103]  # of MNIST's test labels, every tenth
    assert torch.bincount(labels).tolist() == counts


@pytest.mark.parametrize("name", NAMES[:3])  # the prior of the last one is not N(0, I)
def test_the_kl_of_the_codes_is_the_one_on_the_card(name, models):
    mu, log_var, _ = models[name].codes
    kl = kl_to_standard_normal(mu, log_var)
    assert abs(kl.mean() - models[name].card.test_kl) < 5 * kl.std() / len(kl) ** 0.5


def pictures_of_codes(model) -> torch.Tensor:
    """E[x | z] at each code, for a CVAE together with its label."""
    y = [model.codes.labels] if model.card.condition else []
    with torch.no_grad():
        return model.mean_x(model.codes.mu, *y)


@pytest.mark.parametrize("name", NAMES[:3])  # the last one needs pixels, which are not bundled
def test_codes_decode_to_pictures_of_their_digits(name, models):
    """A one has the least ink and a zero the most, as in the real digits; all are in [0, 1]."""
    model = models[name]
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


def test_neighbours_among_the_codes_are_the_same_digit(models):
    """Three in four already in two dimensions, and twenty have room for more."""
    two, twenty = (told_by_neighbours(models[name].codes) for name in ("mnist-2d", "mnist-20d"))
    gate("in two dimensions", two, above=0.75, below=twenty)


def test_the_codes_of_the_model_that_is_given_the_label_leave_it_out(models):
    """The same neighbours in the same two dimensions: here they share a style, not a digit."""
    without, given = (told_by_neighbours(models[name].codes) for name in ("mnist-2d", "mnist-cvae"))
    gate("given the label", given, below=without / 2)


# --- the condition -------------------------------------------------------------------------


def inputs(model, data: ImageData, seed: int, rows: slice = slice(None)) -> list[torch.Tensor]:
    """x, or x and y: the pixels 0 or 1, and from them or from the grey ones what is given."""
    pixels = data.binarized(generator=seeded(seed)).images
    return [part[rows] for part in _pretraining.INPUTS[model.card.condition](pixels, data)]


def test_what_a_model_is_given(models):
    """Nothing, the label, or the grey left half; pixels of 0 and 1 are the ones to be modelled."""
    grey = ImageData(torch.rand(20, 28, 28, generator=seeded(0)), torch.arange(20) % 10)
    pixels = grey.binarized(generator=seeded(1)).images
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
    pictures = model.generate(y, generator=seeded(0))
    distances = torch.cdist(pictures.flatten(1), pictures_of_codes(known).flatten(1))
    read = known.codes.labels[distances.argmin(dim=1)]
    gate("read as asked", (read == y).double().mean(), above=0.8)


def test_a_completion_goes_with_its_left_half(models):
    """Of whole pictures from another model: nearer to their own right half than to the next one's.

    And not one guess for all draws of z: somewhere in it a pixel is ink in some, paper in others.
    """
    whole, model = pictures_of_codes(models["mnist-20d"]), models["mnist-half"]
    y, x = whole[..., :14], whole[..., 14:]
    draws = torch.stack([model.generate(y, generator=seeded(seed)) for seed in range(20)])
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


# --- the card ------------------------------------------------------------------------------


@each
def test_a_card_satisfies_the_bars_of_the_course(name, models):
    card, (elbo, log_px) = models[name].card, BARS[name]
    assert card.test_elbo > elbo and card.log_px > max(log_px, card.log_px_elbo)
    assert (card.n_test, card.log_px_images, card.log_px_draws) == (10_000, 1000, 500)


@each
def test_a_card_tells_how_its_model_was_made(name, models):
    card, recipe = models[name].card, _pretraining.RECIPES[name]
    assert (card.name, card.kind) == (name, recipe.kind)
    assert (card.architecture, card.condition) == (recipe.architecture, recipe.condition)
    assert (card.seed, card.epochs) == (recipe.seed, recipe.epochs)
    assert card.command == f"python -m course_utils.pretrained {name}"
    assert "60,000 training images" in card.data and "cheques" in card.not_for


@pytest.mark.parametrize(
    "name, given, evidence",
    [
        ("mnist-2d", "image over", "log p(x)   -"),
        ("mnist-20d", "image over", "log p(x)   -"),
        ("mnist-cvae", "image given the label over", "log p(x | y)  -"),
        ("mnist-half", "image given the left half over", "log p(x | y)  -"),
    ],
)
def test_a_printed_card_says_all_of_it(name, given, evidence, models):
    card = models[name].card
    lines = str(card).splitlines()
    assert len(lines) == 7 and all(len(line.split()) > 1 for line in lines)
    assert f"nats per {given}" in lines[3] and lines[4].startswith(evidence)
    for part in (card.name, card.command, card.data, card.not_for, card.sha256):
        assert part in str(card)
    assert f"{card.test_elbo:.2f} nats" in str(card) and f"{card.log_px:.2f} ±" in str(card)


@pytest.mark.parametrize(
    "change, message",
    [
        ({"kind": "GAN"}, "no kind of model called 'GAN'; known are: VAE, CVAE"),
        ({"condition": "name"}, "no condition called 'name'; known are: .*label, left half"),
        (
            {"condition": "label"},
            "condition should name what goes into the condition_dim .*'label'",
        ),
        ({"epochs": 0}, "epochs should be a whole number"),
        ({"log_px_draws": 0.5}, "log_px_draws should be a whole number"),
        ({"log_px": float("nan")}, "finite"),
        ({"test_kl": 0.0}, "test_elbo should be test_rec - test_kl"),
        ({"sha256": "abc"}, "sha256 should be 64 digits"),
        ({"sha256": "G" * 64}, "sha256 should be 64 digits"),
    ],
)
def test_what_is_no_card_is_refused(change, message, models):
    with pytest.raises(ValueError, match=message):
        dataclasses.replace(models["mnist-2d"].card, **change)


def test_the_card_of_a_model_with_a_condition_names_it(models):
    with pytest.raises(
        ValueError, match=r"condition should name .*'' came.* are: label, left half"
    ):
        dataclasses.replace(models["mnist-cvae"].card, condition="")


@each
def test_a_card_is_written_as_it_was_read(name, models):
    """So that cards from before there were conditions stay the same bytes, too."""
    content = (pretrained.WEIGHTS / f"{name}.json").read_bytes()
    assert _pretraining._as_json(models[name].card).encode() == content
    assert (b'"condition"' in content) == (name in ASKED)


# --- what is refused -----------------------------------------------------------------------


@pytest.mark.parametrize("name", ["mnist", "mnist-2D", "", None, "../weights/mnist-2d"])
def test_an_unknown_name_is_refused_with_the_list(name):
    known = ", ".join(NAMES)
    with pytest.raises(ValueError, match=f"no pretrained model called .*{known}"):
        load_pretrained(name)


def flipped(content: bytes, at: int) -> bytes:
    """The same with one bit of one byte changed."""
    at %= len(content)
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda content: flipped(content, 0),
        lambda content: flipped(content, len(content) // 2),
        lambda content: flipped(content, -1),
        lambda content: content[:-1],
        lambda content: content[: len(content) // 2],
        lambda content: content + b"\0",
        lambda content: b"",
    ],
    ids=["first byte", "a byte", "last byte", "one byte short", "half", "one byte more", "empty"],
)
@each
def test_a_damaged_file_is_refused_before_anything_is_read_from_it(name, spoil, copy, monkeypatch):
    monkeypatch.setattr(safetensors.torch, "load", lambda data: pytest.fail("it was parsed"))
    path = copy / f"{name}.safetensors"
    expected = hashlib.sha256(path.read_bytes()).hexdigest()
    content = spoil(path.read_bytes())
    path.write_bytes(content)
    with pytest.raises(ValueError, match="it is damaged") as caught:
        load_pretrained(name, folder=copy)
    came = hashlib.sha256(content).hexdigest()
    for part in (str(path), expected[:16], came[:16], f"{len(content):,} bytes", "--out"):
        assert part in str(caught.value)


@pytest.mark.parametrize("end", [".safetensors", ".json"])
def test_a_missing_file_is_refused_by_name(end, copy):
    (copy / f"mnist-2d{end}").unlink()
    with pytest.raises(FileNotFoundError, match=f"mnist-2d{end} should be there") as caught:
        load_pretrained("mnist-2d", folder=str(copy))
    assert f'pretrained mnist-2d --out "{copy}"` makes it anew' in str(caught.value)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text[: len(text) // 2],
        lambda text: "[]",
        lambda text: text.replace('"seed"', '"sead"'),
        lambda text: text.replace('"VAE"', '"Unpickler"'),
    ],
    ids=["half", "no object", "other field", "other kind"],
)
def test_a_damaged_card_is_refused_by_name(spoil, copy):
    path = copy / "mnist-2d.json"
    path.write_text(spoil(path.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(ValueError, match=r"mnist-2d.json should hold a model card, but: "):
        load_pretrained("mnist-2d", folder=copy)


def test_a_bundled_file_is_brought_back_by_git_or_a_new_installation(copy, monkeypatch):
    monkeypatch.setattr(pretrained, "WEIGHTS", copy)
    path = copy / "mnist-20d.safetensors"
    path.write_bytes(flipped(path.read_bytes(), 9))
    with pytest.raises(ValueError) as caught:
        load_pretrained("mnist-20d")
    assert f'`git checkout -- "{path}"`' in str(caught.value)
    assert "install it again" in str(caught.value)


@pytest.mark.parametrize("module", [pretrained, _pretraining, _model_card])
def test_no_pickle_is_involved(module):
    tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))
    imported = {
        name.partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in [getattr(node, "module", None), *(alias.name for alias in node.names)]
        if name
    }
    called = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    assert "course_utils" in imported and called  # the search above does find what there is
    assert not imported & {"pickle", "cPickle", "dill", "joblib", "cloudpickle", "shelve"}
    assert not called & {"torch.load", "torch.save", "np.load", "eval", "exec"}


def test_the_loader_brings_in_neither_training_nor_data():
    """A notebook that only loads a model does not wait for what trains one."""
    code = (
        "import sys, course_utils; assert 'torch' not in sys.modules; "
        "import course_utils.pretrained; "
        "assert 'course_utils.training' not in sys.modules; "
        "assert 'course_utils.data' not in sys.modules; print('light')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "light\n", done.stderr


# --- against the real images ---------------------------------------------------------------


@pytest.fixture(scope="module")
def real():
    """The 10 000 test images of MNIST, where they are at hand."""
    folder = find_mnist(REAL) or find_mnist()
    if folder is None:
        pytest.skip(f"the real MNIST files are neither in {REAL} nor in the data folder")
    _, _, images, labels = read_mnist(folder)
    return ImageData(torch.tensor(images).float() / 255, torch.tensor(labels).long())


@each
def test_the_codes_belong_to_every_tenth_test_image(name, models, real):
    codes = models[name].codes
    assert torch.equal(codes.labels, real.labels[::10])
    with torch.no_grad():
        q = models[name].encode(*inputs(models[name], real, 0, slice(None, None, 10)))
    one_half = 2.0**-11  # relative rounding of a half, and below its smallest normal number
    torch.testing.assert_close(codes.mu, q.mu, rtol=one_half, atol=2e-5)
    torch.testing.assert_close(codes.log_var, q.log_var, rtol=one_half, atol=2e-5)


@each
def test_the_elbo_on_the_card_is_found_again(name, models, real):
    """With pixels and noise drawn anew, twice: the two runs differ as much as run and card may."""
    runs = []
    for seed in (11, 12):
        rows, g = _pretraining._split(1000, *inputs(models[name], real, seed)), seeded(seed + 100)
        with torch.no_grad():
            parts = [models[name].elbo(*part, generator=g) for part in rows]
        runs.append(tuple(map(torch.cat, zip(*parts, strict=True))))
    card = models[name].card
    for one, other, on_card in zip(*runs, (card.test_elbo, card.test_rec, card.test_kl)):  # noqa: B905
        std_error = (one - other).std() / len(one) ** 0.5
        assert abs(one.mean() - on_card) < 5 * std_error


@each
def test_log_p_x_on_the_card_is_found_again(name, models, real):
    part = inputs(models[name], real, 21, slice(1000, 1100))  # others than the card's
    log_px = _pretraining.estimate_evidence(models[name], *part, generator=seeded(22))
    card = models[name].card
    std_error = (log_px.var() / len(log_px) + card.log_px_std_error**2).sqrt()
    assert abs(log_px.mean() - card.log_px) < 5 * std_error


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
def test_the_wrong_condition_costs_nats(name, models, real):
    """The next digit's label, or another picture's left half: the bound falls, image by image."""
    x, y = inputs(models[name], real, 31, slice(1000))
    wrong = (y + 1) % 10 if name == "mnist-cvae" else y.roll(1, dims=0)
    with torch.no_grad():
        terms = [models[name].elbo(x, given, generator=seeded(32)) for given in (y, wrong)]
    cost = terms[0].elbo - terms[1].elbo
    assert cost.mean() - 5 * cost.std() / len(cost) ** 0.5 > 10


# --- the command ---------------------------------------------------------------------------


def small_files() -> dict[str, bytes]:
    """MNIST in small: 40 training images, 12 test images."""
    draws = np.random.default_rng(0)
    return {
        TRAIN_X: idx(draws.integers(0, 256, (40, 28, 28), dtype=np.uint8)),
        TRAIN_Y: idx(np.arange(40, dtype=np.uint8) % 10),
        TEST_X: idx(draws.integers(0, 256, (12, 28, 28), dtype=np.uint8)),
        TEST_Y: idx(np.arange(12, dtype=np.uint8) % 10),
    }


@pytest.fixture
def small(tmp_path, monkeypatch):
    """A world in which MNIST, the networks, the stages and the number of draws are small."""
    files = small_files()
    put(tmp_path / "data" / "mnist", files)
    known = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    monkeypatch.setattr(_mnist, "FILES", known)
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "data"))
    for name, whole in _pretraining.RECIPES.items():
        recipe = dataclasses.replace(
            whole, architecture=whole.architecture | {"hidden": [8]}, stages=((1, 1e-3), (1, 1e-4))
        )
        monkeypatch.setitem(_pretraining.RECIPES, name, recipe)
    monkeypatch.setattr(_pretraining, "DRAWS", 20)
    return tmp_path


SMALL = {
    "mnist-2d": "VAE(784-8-2, bernoulli, 13,396 parameters)",
    "mnist-20d": "VAE(784-8-20, bernoulli, 13,864 parameters)",
    "mnist-cvae": "CVAE(784-8-2 given 10, bernoulli, 13,556 parameters)",
    "mnist-half": "CVAE(392-8-16 given 392, learned prior, bernoulli, 16,800 parameters)",
}


@each
def test_the_command_writes_a_model_that_loads(name, small, capsys):
    out = small / "made" / "here"
    rng, precision = torch.get_rng_state(), torch.get_float32_matmul_precision()
    assert _pretraining.main([name, "--out", str(out)]) == 0
    assert sorted(path.name for path in out.iterdir()) == [f"{name}.json", f"{name}.safetensors"]
    shown = capsys.readouterr()
    assert f"card are in {out}" in shown.out and "test ELBO" in shown.out
    assert "elbo" in shown.err and "log p(x)" in shown.err  # two bars
    assert torch.equal(torch.get_rng_state(), rng)
    assert torch.get_float32_matmul_precision() == precision

    model = load_pretrained(name, folder=out)
    assert repr(model) == SMALL[name]
    card = model.card
    assert (card.epochs, card.n_test, card.log_px_images, card.log_px_draws) == (2, 12, 12, 20)
    assert "40 training images" in card.data
    assert len(model.codes) == 2 and model.codes.labels.tolist() == [0, 0]


@pytest.mark.parametrize("name", ["mnist-2d", "mnist-half"])
def test_the_command_twice_writes_the_same_bytes(name, small):
    contents = []
    for folder in (small / "one", small / "two"):
        assert _pretraining.main([name, "--out", str(folder)]) == 0
        contents.append({path.name: path.read_bytes() for path in folder.iterdir()})
    assert contents[0] == contents[1] and len(contents[0]) == 2


def test_without_out_the_bundled_model_is_replaced(small, monkeypatch):
    monkeypatch.setattr(_pretraining, "WEIGHTS", small / "bundled")
    assert _pretraining.main(["mnist-2d"]) == 0
    assert (small / "bundled" / "mnist-2d.safetensors").is_file()


def test_a_training_that_was_stopped_writes_nothing(small, monkeypatch, capsys):
    def stop(model, history):
        raise KeyboardInterrupt

    whole = _pretraining.fit
    monkeypatch.setattr(
        _pretraining, "fit", lambda *args, **kwargs: whole(*args, **kwargs, callbacks=[stop])
    )
    assert _pretraining.main(["mnist-2d", "--out", str(small / "made")]) == 1
    assert list((small / "made").iterdir()) == []
    assert "Nothing was written: " in capsys.readouterr().err


def test_what_is_missing_is_said_before_the_training(small, monkeypatch, capsys):
    monkeypatch.setattr(_pretraining, "train", lambda *_: pytest.fail("it was trained"))
    (small / "a file").write_text("no folder")
    assert _pretraining.main(["mnist-2d", "--out", str(small / "a file")]) == 1
    assert "a file" in capsys.readouterr().err
    with monkeypatch.context() as read_only:  # root may write anywhere, so the system is asked
        read_only.setattr(_pretraining.os, "access", lambda path, mode: False)
        assert _pretraining.main(["mnist-2d", "--out", str(small / "made")]) == 1
    assert "made cannot be written" in capsys.readouterr().err
    monkeypatch.setenv("COURSE_DATA", str(small / "empty"))
    monkeypatch.setenv("COURSE_MIRROR", "http://127.0.0.1:9/")  # nobody listens there
    assert _pretraining.main(["mnist-2d", "--out", str(small / "made")]) == 1
    assert "MNIST's file" in capsys.readouterr().err


@pytest.mark.parametrize("name", NAMES)
def test_scores_of_a_model_with_a_known_answer(name, monkeypatch):
    """A decoder that ignores z: log p(x) = rec = -D log 2 exactly, and q is the prior: no KL."""
    recipe = _pretraining.RECIPES[name]
    model = _model_card.KINDS[recipe.kind](**recipe.architecture | {"hidden": [8]})
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
    grey = ImageData(torch.rand(1500, 28, 28, generator=seeded(1)), torch.arange(1500) % 10)
    x = torch.randint(0, 2, (1500, 28, 28), generator=seeded(0)).float()
    monkeypatch.setattr(_pretraining, "DRAWS", 3)
    scores = _pretraining.measure(model, *_pretraining.INPUTS[recipe.condition](x, grey))
    exact = -model.data_dim * np.log(2)
    assert scores["test_kl"] == 0 and scores["n_test"] == 1500 and scores["log_px_images"] == 1000
    for key in ("test_elbo", "test_rec", "log_px", "log_px_elbo"):
        assert abs(scores[key] - exact) < 1e-3  # the rounding of a card
    assert scores["log_px_std_error"] == 0


def test_log_p_x_given_y_is_that_of_the_row_s_own_condition(monkeypatch):
    """A decoder of y alone: log p(x | y) is in closed form, for each row another one."""
    model = CVAE((28, 28), latent_dim=2, condition_dim=10, hidden=(8,))
    y = torch.arange(120) % 10
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
        model.decoder[0].weight[0, 2:] = torch.arange(10)  # one unit, as large as the label
        model.decoder[2].weight[:, 0] = 0.1
    x = torch.randint(0, 2, (120, 28, 28), generator=seeded(0)).float()
    monkeypatch.setattr(_pretraining, "DRAWS", 3)
    log_px = _pretraining.estimate_evidence(model, x, y, generator=seeded(1))
    pixels = torch.distributions.Bernoulli(logits=(0.1 * y)[:, None].double())
    torch.testing.assert_close(
        log_px.double(), pixels.log_prob(x.flatten(1).double()).sum(dim=1), rtol=1e-5, atol=0
    )


def test_the_door_of_the_command():
    run = [sys.executable, "-m", "course_utils.pretrained"]
    environment = os.environ | {"COLUMNS": "100"}
    asked = subprocess.run([*run, "--help"], capture_output=True, text=True, env=environment)
    assert asked.returncode == 0 and f"{{{','.join(NAMES)}}}" in asked.stdout
    assert "--out FOLDER" in asked.stdout and asked.stderr == ""
    wrong = subprocess.run([*run, "mnist-3d"], capture_output=True, text=True, env=environment)
    assert wrong.returncode == 2 and "mnist-20d" in wrong.stderr


def test_a_card_is_readable_json(models):
    text = (pretrained.WEIGHTS / "mnist-2d.json").read_text(encoding="utf-8")
    assert text.startswith("{\n  ") and text.endswith("}\n")
    assert ModelCard(**json.loads(text)) == models["mnist-2d"].card
