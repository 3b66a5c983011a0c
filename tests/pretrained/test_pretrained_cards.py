"""What a model card promises, and what is no card."""

import dataclasses
import json

import pytest
from bundled_models import ASKED, each

from course_utils.pretrained import ModelCard
from course_utils.pretrained import _load as pretrained
from course_utils.pretrained import _train as _pretraining

BARS = {  # test ELBO, log p(x)
    "mnist-2d": (-143.0, -143.0),
    "mnist-20d": (-98.7, -93.0),
    "mnist-cvae": (-127.1, -125.6),
    "mnist-half": (-45.0, -43.0),
}
GIVEN = {"mnist-cvae": " given the label", "mnist-half": " given the left half"}


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


@each
def test_a_printed_card_says_all_of_it(name, models):
    card, given = models[name].card, GIVEN.get(name, "")
    lines = str(card).splitlines()
    assert len(lines) == 7 and all(len(line.split()) > 1 for line in lines)
    assert f"nats per image{given} over" in lines[3]
    assert lines[4].startswith("log p(x | y)  -" if given else "log p(x)   -")
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


def test_a_card_is_readable_json(models):
    text = (pretrained.WEIGHTS / "mnist-2d.json").read_text(encoding="utf-8")
    assert text.startswith("{\n  ") and text.endswith("}\n")
    assert ModelCard(**json.loads(text)) == models["mnist-2d"].card
