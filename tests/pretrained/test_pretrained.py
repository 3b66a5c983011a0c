"""The bundled models: what their files hold, and what they are once loaded."""

import hashlib

import safetensors.torch
import torch
from bundled_models import ASKED, each, seeded

from course_utils.models import CVAE, VAE
from course_utils.pretrained import NAMES, Codes, ModelCard, load_pretrained
from course_utils.pretrained import _card as _model_card
from course_utils.pretrained import _load as pretrained
from course_utils.pretrained import _train as _pretraining

SMALLEST, LARGEST = 500_000, 2_500_000  # bytes


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
    """So no pixels: every tensor is either a parameter of the model or one of the three codes.

    And the model's float32 weights are exactly the halves: a browser that is sent these computes
    with the same numbers.
    """
    tensors = safetensors.torch.load_file(pretrained.WEIGHTS / f"{name}.safetensors")
    labels, mu, log_var = (tensors.pop(f"codes.{part}") for part in ("labels", "mu", "log_var"))
    assert labels.dtype == torch.uint8 and labels.shape == (1000,)
    assert mu.shape == log_var.shape == (1000, models[name].latent_dim)
    assert {tensor.dtype for tensor in (mu, log_var, *tensors.values())} == {torch.float16}
    weights = models[name].state_dict()
    assert tensors.keys() == weights.keys()
    for key, weight in weights.items():
        assert weight.dtype == torch.float32
        assert torch.equal(weight, tensors[key].to(torch.float32))


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


def test_loading_leaves_random_numbers_and_the_default_dtype_alone(set_default_dtype):
    before = torch.get_rng_state()
    set_default_dtype(torch.float64)
    model = load_pretrained("mnist-2d")
    assert torch.get_default_dtype() == torch.float64
    assert {p.dtype for p in model.parameters()} == {torch.float32}
    assert model.codes.mu.dtype == model.codes.log_var.dtype == torch.float32
    assert torch.equal(torch.get_rng_state(), before)
