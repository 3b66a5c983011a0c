"""The command that trains a bundled model anew, on MNIST in small."""

import dataclasses
import os
import subprocess
import sys
from functools import partial

import numpy as np
import pytest
import torch
from mnist_files import CLOSED, known_files, put
from routes import generator

from course_utils.data import ImageData
from course_utils.models import CVAE
from course_utils.pretrained import NAMES, load_pretrained
from course_utils.pretrained import _card as _model_card
from course_utils.pretrained import _train as _pretraining


@pytest.fixture
def small(tmp_path, monkeypatch):
    """A world in which MNIST, the networks, the stages and the number of draws are small."""
    put(tmp_path / "data" / "mnist", known_files(monkeypatch, 40, 12))
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "data"))
    for name, whole in _pretraining.RECIPES.items():
        network, stages = whole.architecture | {"hidden": [8]}, ((1, 1e-3), (1, 1e-4))
        recipe = dataclasses.replace(whole, architecture=network, stages=stages)
        monkeypatch.setitem(_pretraining.RECIPES, name, recipe)
    monkeypatch.setattr(_pretraining, "DRAWS", 20)
    return tmp_path


SMALL = {
    "mnist-2d": "VAE(784-8-2, bernoulli, 13,396 parameters)",
    "mnist-20d": "VAE(784-8-20, bernoulli, 13,864 parameters)",
    "mnist-cvae": "CVAE(784-8-2 given 10, bernoulli, 13,556 parameters)",
    "mnist-half": "CVAE(392-8-16 given 392, learned prior, bernoulli, 16,800 parameters)",
}


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

    monkeypatch.setattr(_pretraining, "fit", partial(_pretraining.fit, callbacks=[stop]))
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
    monkeypatch.setenv("COURSE_MIRROR", CLOSED)
    assert _pretraining.main(["mnist-2d", "--out", str(small / "made")]) == 1
    assert "MNIST's file" in capsys.readouterr().err


def test_scores_of_a_model_with_a_known_answer(name, monkeypatch):
    """A decoder that ignores z: log p(x) = rec = -D log 2 exactly, and q is the prior: no KL."""
    recipe = _pretraining.RECIPES[name]
    model = _model_card.KINDS[recipe.kind](**recipe.architecture | {"hidden": [8]})
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
    grey = ImageData(torch.rand(1500, 28, 28, generator=generator(1)), torch.arange(1500) % 10)
    x = torch.randint(0, 2, (1500, 28, 28), generator=generator(0)).float()
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
    x = torch.randint(0, 2, (120, 28, 28), generator=generator(0)).float()
    monkeypatch.setattr(_pretraining, "DRAWS", 3)
    log_px = _pretraining.estimate_evidence(model, x, y, generator=generator(1))
    pixels = torch.distributions.Bernoulli(logits=(0.1 * y)[:, None].double())
    exact = pixels.log_prob(x.flatten(1).double()).sum(dim=1)
    torch.testing.assert_close(log_px.double(), exact, rtol=1e-5, atol=0)


def test_the_door_of_the_command():
    run = [sys.executable, "-m", "course_utils.pretrained"]
    environment = os.environ | {"COLUMNS": "100"}
    asked = subprocess.run([*run, "--help"], capture_output=True, text=True, env=environment)
    assert asked.returncode == 0 and f"{{{','.join(NAMES)}}}" in asked.stdout
    assert "--out FOLDER" in asked.stdout and asked.stderr == ""
    wrong = subprocess.run([*run, "mnist-3d"], capture_output=True, text=True, env=environment)
    assert wrong.returncode == 2 and "mnist-20d" in wrong.stderr
