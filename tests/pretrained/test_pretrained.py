"""The bundled models: their files, what they are once loaded, their cards, and what is refused."""

import dataclasses
import hashlib
import json
import shutil

import pytest
import safetensors.torch
import torch
from bundled_models import ASKED
from routes import generator

from course_utils.models import CVAE, VAE
from course_utils.pretrained import NAMES, Codes, ModelCard, load_pretrained
from course_utils.pretrained import _card as _model_card
from course_utils.pretrained import _load as pretrained
from course_utils.pretrained import _train as _pretraining

SMALLEST, LARGEST = 500_000, 2_500_000  # bytes
BARS = {  # test ELBO, log p(x)
    "mnist-2d": (-143.0, -143.0),
    "mnist-20d": (-98.7, -93.0),
    "mnist-50d": (-95.0, -85.0),
    "mnist-cvae": (-127.1, -125.6),
    "mnist-half": (-45.0, -43.0),
}
GIVEN = {"mnist-cvae": " given the label", "mnist-half": " given the left half"}


def test_names_files_and_recipes_are_the_same_models():
    files = {path.name for path in pretrained.WEIGHTS.iterdir()}
    assert files == {f"{name}{end}" for name in NAMES for end in (".safetensors", ".json")}
    assert tuple(_pretraining.RECIPES) == (*NAMES, "mnist-50d-elbo")
    known = set(_model_card.CONDITIONS)
    assert known == {recipe.condition for recipe in _pretraining.RECIPES.values()}
    assert known == set(_pretraining.INPUTS) == set(_pretraining.DETAILS)


def test_a_file_is_small_and_holds_half_precision_weights_and_codes_alone(name, model):
    """It is the one of its card. No pixels: each tensor is a parameter or one of the three codes.

    And the model's float32 weights are exactly the halves: a browser that is sent these computes
    with the same numbers.
    """
    content = (pretrained.WEIGHTS / f"{name}.safetensors").read_bytes()
    assert SMALLEST < len(content) <= LARGEST
    assert hashlib.sha256(content).hexdigest() == model.card.sha256
    tensors = safetensors.torch.load(content)
    labels, mu, log_var = (tensors.pop(f"codes.{part}") for part in ("labels", "mu", "log_var"))
    assert labels.dtype == torch.uint8 and labels.shape == (1000,)
    assert mu.shape == log_var.shape == (1000, model.latent_dim)
    assert {tensor.dtype for tensor in (mu, log_var, *tensors.values())} == {torch.float16}
    weights = model.state_dict()
    assert tensors.keys() == weights.keys()
    for key, weight in weights.items():
        assert weight.dtype == torch.float32
        assert torch.equal(weight, tensors[key].to(torch.float32))


def test_a_model_is_ready_to_use(name, model):
    assert type(model) is (CVAE if name in ASKED else VAE) and not model.training
    assert model.image_shape == ((28, 14) if name == "mnist-half" else (28, 28))
    assert isinstance(model.card, ModelCard) and isinstance(model.codes, Codes)
    pictures = model.generate(ASKED.get(name, 5), generator=generator(0))
    assert pictures.shape == (5, *model.image_shape) and pictures.dtype == torch.float32


def test_each_call_gives_a_model_of_its_own_with_the_same_weights(models):
    mine = load_pretrained("mnist-2d")
    with torch.no_grad():
        mine.decoder[0].weight.zero_()
    again = load_pretrained("mnist-2d")
    for key, weight in models["mnist-2d"].state_dict().items():
        assert torch.equal(again.state_dict()[key], weight)
    assert again.decoder[0].weight.any()


def test_a_loaded_model_can_be_trained_further(name):
    model = load_pretrained(name)
    x, eps = torch.ones(5, *model.image_shape), torch.ones(5, model.latent_dim)
    y = [ASKED[name]] if name in ASKED else []
    model.elbo(x, *y, eps=eps).elbo.mean().backward()
    gradients = {key: p.grad for key, p in model.named_parameters()}
    assert all(grad is not None and grad.abs().sum() > 0 for grad in gradients.values())


def test_loading_leaves_random_numbers_and_the_default_dtype_alone(set_default_dtype):
    before = torch.get_rng_state()
    set_default_dtype(torch.float64)
    model = load_pretrained("mnist-2d")
    assert torch.get_default_dtype() == torch.float64
    assert {p.dtype for p in model.parameters()} == {torch.float32}
    assert model.codes.mu.dtype == model.codes.log_var.dtype == torch.float32
    assert torch.equal(torch.get_rng_state(), before)


def test_a_card_satisfies_the_bars_and_tells_how_its_model_was_made(name, card):
    recipe, (elbo, log_px) = _pretraining.RECIPES[name], BARS[name]
    assert card.test_elbo > elbo and card.log_px > max(log_px, card.few_log_px)
    assert card.few_log_px > card.test_elbo and card.few_void > card.log_px_void
    assert (card.n_test, card.few_draws, card.log_px_draws) == (10_000, 500, 5000)
    assert card.annealed_images == 200 and card.drawn_lower < card.drawn_upper
    assert (card.name, card.kind) == (name, recipe.kind)
    assert (card.architecture, card.condition) == (recipe.architecture, recipe.condition)
    assert (card.seed, card.epochs) == (recipe.seed, recipe.epochs)
    assert (card.training, card.annealed_temperatures) == (recipe.in_words(), recipe.temperatures)
    assert card.command == f"python -m course_utils.pretrained {name}"
    seen = "55,000" if name == "mnist-50d" else "60,000"
    assert f"{seen} training images" in card.data and "cheques" in card.not_for
    assert (f"last {60_000 - 55_000:,} were held out" in card.data) == (seen == "55,000")
    assert "CC BY-SA 3.0" in card.licences and card.pixel_seed == 0


def test_a_printed_card_says_all_of_it(name, card):
    given, lines = GIVEN.get(name, ""), str(card).splitlines()
    assert len(lines) == 10 and all(len(line.split()) > 1 for line in lines)
    assert f"nats per image{given} over" in lines[3]
    assert lines[4].split("mean over")[0].strip() == ("log p(x | y)" if given else "log p(x)")
    for part in (card.name, card.command, card.data, card.not_for, card.licences, card.sha256):
        assert part in str(card)
    assert card.training in lines[2]
    assert f"{card.test_elbo:.2f} nats" in lines[3] and f"{card.log_px:.2f} nats" in lines[4]
    assert f"below 10 for {card.log_px_void:.0%} of them" in lines[4]
    assert f"between {card.drawn_lower:.2f} and {card.drawn_upper:.2f}" in lines[5]
    assert f"at least {card.test_lower:.2f}" in lines[6]


def test_both_sides_of_the_best_model_are_less_than_a_third_of_a_nat_apart(models):
    card = models["mnist-50d"].card
    assert 0 < card.drawn_upper - card.drawn_lower < 0.3


NO_CARD = {
    "mnist-2d": [
        ({"kind": "GAN"}, "no kind of model called 'GAN'; known are: VAE, CVAE"),
        ({"condition": "name"}, "no condition called 'name'; known are: .*label, left half"),
        ({"condition": "label"}, "condition should name what goes into the condition_dim .*label"),
        ({"epochs": 0}, "epochs should be a whole number"),
        ({"log_px_draws": 0.5}, "log_px_draws should be a whole number"),
        ({"log_px": float("nan")}, "finite"),
        ({"log_px_void": 1.5}, "log_px_void should be a share, from 0 to 1, but 1.5 came"),
        ({"annealed_chains": 0}, "annealed_chains should be a whole number"),
        ({"test_kl": 0.0}, "test_elbo should be test_rec - test_kl"),
        ({"sha256": "abc"}, "sha256 should be 64 digits"),
        ({"sha256": "G" * 64}, "sha256 should be 64 digits"),
    ],
    "mnist-cvae": [({"condition": ""}, "condition should name .*'' came.* are: label, left half")],
}


@pytest.mark.parametrize(
    ("name", "change", "says"), [(name, *row) for name in NO_CARD for row in NO_CARD[name]]
)
def test_what_is_no_card_is_refused(card, change, says):
    with pytest.raises(ValueError, match=says):
        dataclasses.replace(card, **change)


def test_a_card_is_written_as_it_was_read(name, card):
    """In readable json, with a condition only where there is one."""
    content = (pretrained.WEIGHTS / f"{name}.json").read_bytes()
    assert _pretraining._as_json(card).encode() == content
    assert (b'"condition"' in content) == (name in ASKED)
    assert content.startswith(b"{\n  ") and content.endswith(b"}\n")
    assert ModelCard(**json.loads(content)) == card


@pytest.fixture
def copy(tmp_path):
    """A folder with the bundled files, to be spoilt."""
    return shutil.copytree(pretrained.WEIGHTS, tmp_path / "weights")


@pytest.mark.parametrize("name", ["mnist", "mnist-2D", "", None, "../weights/mnist-2d"])
def test_an_unknown_name_is_refused_with_the_list(name):
    known = ", ".join(NAMES)
    with pytest.raises(ValueError, match=f"no pretrained model called .*{known}"):
        load_pretrained(name)


def flipped(content: bytes, at: int) -> bytes:
    """The same with one bit of one byte changed."""
    at %= len(content)
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


DAMAGES = {
    "first byte": lambda content: flipped(content, 0),
    "a byte": lambda content: flipped(content, len(content) // 2),
    "last byte": lambda content: flipped(content, -1),
    "one byte short": lambda content: content[:-1],
    "half": lambda content: content[: len(content) // 2],
    "one byte more": lambda content: content + b"\0",
    "empty": lambda content: b"",
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_refused_before_anything_is_read_from_it(name, damage, copy, monkeypatch):
    monkeypatch.setattr(safetensors.torch, "load", lambda data: pytest.fail("it was parsed"))
    path = copy / f"{name}.safetensors"
    expected = hashlib.sha256(path.read_bytes()).hexdigest()
    content = DAMAGES[damage](path.read_bytes())
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


CARD_DAMAGES = {
    "half": lambda text: text[: len(text) // 2],
    "no object": lambda text: "[]",
    "other field": lambda text: text.replace('"seed"', '"sead"'),
    "other kind": lambda text: text.replace('"VAE"', '"Unpickler"'),
}


@pytest.mark.parametrize("damage", CARD_DAMAGES)
def test_a_damaged_card_is_refused_by_name(damage, copy):
    path = copy / "mnist-2d.json"
    path.write_text(CARD_DAMAGES[damage](path.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(ValueError, match=r"mnist-2d.json should hold a model card, but: "):
        load_pretrained("mnist-2d", folder=copy)


def other_values(card):
    """(what is changed, the card so): each field taken away, and of other types and values."""
    odd = [None, True, 1e400, float("nan"), 10**400, "x", "", [], {}, {"a": 1}]
    for part in (card, card["architecture"]):
        for field in part:
            others = [{field: value} for value in odd if type(value) is not type(part[field])]
            for change in ({}, *others):
                changed = {name: part[name] for name in part if name != field} | change
                yield field, changed if part is card else {**card, "architecture": changed}


@pytest.mark.parametrize("name", ["mnist-2d", "mnist-cvae"])
def test_a_tampered_card_is_a_value_error_that_names_file_and_field(name, copy):
    path = copy / f"{name}.json"
    card, optional = json.loads(path.read_text(encoding="utf-8")), ("condition", "prior_kind")
    for field, changed in other_values(card):
        path.write_text(json.dumps(changed), encoding="utf-8")
        if field in optional and field not in str(changed):
            continue
        with pytest.raises(ValueError) as told:
            load_pretrained(name, folder=copy)
        assert str(path) in str(told.value), field
        part = "architecture" if field in card["architecture"] else field
        assert part in str(told.value), field


def test_a_card_of_another_name_is_refused(copy):
    shutil.copy(copy / "mnist-2d.json", copy / "mnist-20d.json")
    with pytest.raises(ValueError, match="name should be 'mnist-20d', but 'mnist-2d' came"):
        load_pretrained("mnist-20d", folder=copy)


def test_a_bundled_file_is_brought_back_by_git_or_a_new_installation(copy, monkeypatch):
    monkeypatch.setattr(pretrained, "WEIGHTS", copy)
    path = copy / "mnist-20d.safetensors"
    path.write_bytes(flipped(path.read_bytes(), 9))
    with pytest.raises(ValueError) as caught:
        load_pretrained("mnist-20d")
    assert f'`git checkout -- "{path}"`' in str(caught.value)
    assert "install it again" in str(caught.value)
