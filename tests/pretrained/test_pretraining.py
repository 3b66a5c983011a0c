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
from course_utils.pretrained import _card as _model_card
from course_utils.pretrained import _measure as _measuring
from course_utils.pretrained import _train as _pretraining
from course_utils.pretrained import load_pretrained
from course_utils.training import History


@pytest.fixture
def small(tmp_path, monkeypatch):
    """A world in which MNIST, the networks, the stages and the number of draws are small."""
    put(tmp_path / "data" / "mnist", known_files(monkeypatch, 40, 12))
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "data"))
    for name, whole in _pretraining.RECIPES.items():
        n, held_out = (5, 10) if whole.held_out else (1, 0)
        how = {"batch_size": 15, "temperatures": 4, "held_out": held_out}
        how["architecture"] = whole.architecture | {"hidden": [8]}
        how["stages"] = tuple(whole.stages[i]._replace(epochs=n) for i in (0, -1))
        monkeypatch.setitem(_pretraining.RECIPES, name, dataclasses.replace(whole, **how))
    return tmp_path


@pytest.fixture(autouse=True)
def shorten(monkeypatch):
    """Few draws, images and chains."""
    for name, value in (("DRAWS", (5, 20)), ("N_ANNEALED", 6), ("CHAINS", 2)):
        monkeypatch.setattr(_measuring, name, value)


def command(name, out, *options):
    return _pretraining.main([name, "--out", str(out), *options])


def files_in(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


SMALL = {
    "mnist-2d": "VAE(784-8-2, bernoulli, 13,396 parameters)",
    "mnist-20d": "VAE(784-8-20, bernoulli, 13,864 parameters)",
    "mnist-50d": "VAE(784-8-50, bernoulli, 14,644 parameters)",
    "mnist-cvae": "CVAE(784-8-2 given 10, bernoulli, 13,556 parameters)",
    "mnist-half": "CVAE(392-8-16 given 392, learned prior, bernoulli, 16,800 parameters)",
}


def test_the_command_writes_a_model_that_loads(name, small, capsys):
    out = small / "made" / "here"
    rng, precision = torch.get_rng_state(), torch.get_float32_matmul_precision()
    assert command(name, out) == 0
    assert files_in(out).keys() == {f"{name}.json", f"{name}.safetensors"}
    shown = capsys.readouterr()
    assert f"card are in {out}" in shown.out and "test ELBO" in shown.out
    assert "elbo" in shown.err and "20 draws" in shown.err and "from above" in shown.err  # bars
    assert torch.equal(torch.get_rng_state(), rng)
    assert torch.get_float32_matmul_precision() == precision

    model = load_pretrained(name, folder=out)
    assert repr(model) == SMALL[name]
    card = model.card
    assert (card.n_test, card.few_draws, card.log_px_draws) == (12, 5, 20)
    assert (card.annealed_images, card.annealed_chains, card.annealed_temperatures) == (6, 2, 4)
    held_out = name == "mnist-50d"
    assert f"{30 if held_out else 40} training images, every" in card.data
    assert ("the last 10 were held out" in card.data) == held_out
    assert card.epochs == (10 if held_out else 2) and len(card.log) == held_out
    for epoch, elbo, bound in card.log:
        assert epoch == 10 and elbo < bound < 0
    assert len(model.codes) == 2 and model.codes.labels.tolist() == [0, 0]


@pytest.mark.parametrize("name", ["mnist-2d", "mnist-half"])
def test_the_command_twice_writes_the_same_bytes(name, small):
    assert command(name, small / "one") == command(name, small / "two") == 0
    assert files_in(small / "one") == files_in(small / "two")
    assert len(files_in(small / "one")) == 2


def test_measured_alone_the_weights_stay_and_the_card_comes_out_again(name, small, capsys):
    out, weights = small / "made", small / "made" / f"{name}.safetensors"
    assert command(name, out) == 0
    before = files_in(out)
    (out / f"{name}.json").write_text("no card")
    assert command(name, out, "--measure") == 0
    assert files_in(out) == before
    for broken in (b"no weights", before[weights.name][:-9]):
        weights.write_bytes(broken)
        assert command(name, out, "--measure") == 1
        assert f"should hold the weights of {name}, but" in capsys.readouterr().err
    weights.unlink()
    assert command(name, out, "--measure") == 1
    assert f"{name}.safetensors" in capsys.readouterr().err


def test_what_is_held_out_is_never_seen(small, monkeypatch):
    """And the decoder begins with the mean of what is seen, for every z."""
    calls = []

    def keep(model, given, **how):
        calls.append((given, model.decoder[-1].bias.detach().clone(), how))
        return History()

    monkeypatch.setattr(_pretraining, "fit", keep)
    data = _pretraining.load("mnist")
    _pretraining.train(_pretraining.RECIPES["mnist-50d"], data)
    for given, bias, _ in calls:
        assert torch.equal(given, data.train.images[:30])
        mean = given.mean(dim=0).flatten().clamp(1e-3, 1 - 1e-3)
        torch.testing.assert_close(bias.sigmoid(), mean)
    assert [(how["beta"], how["n_draws"]) for *_, how in calls] == [(0.1, 1), (1.0, 20)]


def test_without_out_the_bundled_model_is_replaced(small, monkeypatch):
    monkeypatch.setattr(_pretraining, "WEIGHTS", small / "bundled")
    assert _pretraining.main(["mnist-2d"]) == 0
    assert (small / "bundled" / "mnist-2d.safetensors").is_file()


def test_a_training_that_was_stopped_writes_nothing(small, monkeypatch, capsys):
    def stop(model, history):
        raise KeyboardInterrupt

    monkeypatch.setattr(_pretraining, "fit", partial(_pretraining.fit, callbacks=[stop]))
    assert command("mnist-2d", small / "made") == 1
    assert files_in(small / "made") == {}
    assert "Nothing was written: " in capsys.readouterr().err


def test_what_is_missing_is_said_before_the_training(small, monkeypatch, capsys):
    monkeypatch.setattr(_pretraining, "train", lambda *_: pytest.fail("it was trained"))
    (small / "a file").write_text("no folder")
    assert command("mnist-2d", small / "a file") == 1
    assert "a file" in capsys.readouterr().err
    with monkeypatch.context() as read_only:  # root may write anywhere, so the system is asked
        read_only.setattr(_pretraining.os, "access", lambda path, mode: False)
        assert command("mnist-2d", small / "made") == 1
    assert "made cannot be written" in capsys.readouterr().err
    monkeypatch.setenv("COURSE_DATA", str(small / "empty"))
    monkeypatch.setenv("COURSE_MIRROR", CLOSED)
    assert command("mnist-2d", small / "made") == 1
    assert "MNIST's file" in capsys.readouterr().err


def all_zero(model):
    """The same model without its weights."""
    for parameter in model.parameters():
        torch.nn.init.zeros_(parameter)
    return model


def test_scores_of_a_model_with_a_known_answer(name):
    """A decoder that ignores z: log p(x) = rec = -D log 2 exactly, and q is the prior: no KL."""
    recipe = _pretraining.RECIPES[name]
    model = all_zero(_model_card.KINDS[recipe.kind](**recipe.architecture | {"hidden": [8]}))
    grey = ImageData(torch.rand(1500, 28, 28, generator=generator(1)), torch.arange(1500) % 10)
    x = torch.randint(0, 2, (1500, 28, 28), generator=generator(0)).float()
    scores = _measuring.measure(model, 4, *_pretraining.INPUTS[recipe.condition](x, grey))
    exact = -model.data_dim * np.log(2)
    assert scores["test_kl"] == 0 and scores["n_test"] == 1500
    keys = {"log_px", "few_log_px", "drawn_lower", "drawn_upper"}
    for key in keys | {f"test_{part}" for part in ("elbo", "rec", "log_px", "lower")}:
        assert abs(scores[key] - exact) < 2e-3  # the rounding of a card, and of sums
    assert scores["log_px_std_error"] == 0
    # Equal weights, so that every draw counts: 20, of 20 no fewer than 10, and 5, all below.
    assert (scores["log_px_ess"], scores["log_px_void"]) == (20, 0)
    assert (scores["few_ess"], scores["few_void"]) == (5, 1)
    assert scores["drawn_lower_ess"] == scores["drawn_upper_ess"] == scores["test_lower_ess"] == 2


def test_what_each_stage_makes_larger_is_said_in_words():
    assert _pretraining.RECIPES["mnist-2d"].in_words() == (
        "60 by the ELBO; Adam at 0.001 to 0.0001, batches of 128"
    )
    assert _pretraining.RECIPES["mnist-50d"].in_words() == (
        "10 by the ELBO with KL weight 0.1 to 0.9, 60 by the ELBO, 90 by the bound of 5 weights, "
        "35 by the bound of 20 weights; Adam at 0.001 to 4e-05, batches of 200, from the mean "
        "picture"
    )


def test_log_p_x_given_y_is_that_of_the_row_s_own_condition():
    """A decoder of y alone: log p(x | y) is in closed form, for each row another one."""
    model = all_zero(CVAE((28, 28), latent_dim=2, condition_dim=10, hidden=(8,)))
    y = torch.arange(120) % 10
    with torch.no_grad():
        model.decoder[0].weight[0, 2:] = torch.arange(10)  # one unit, as large as the label
        model.decoder[2].weight[:, 0] = 0.1
    x = torch.randint(0, 2, (120, 28, 28), generator=generator(0)).float()
    log_px = _measuring.weigh(model, 3, x, y, generator=generator(1)).log_px
    pixels = torch.distributions.Bernoulli(logits=(0.1 * y)[:, None].double())
    exact = pixels.log_prob(x.flatten(1).double()).sum(dim=1)
    torch.testing.assert_close(log_px.double(), exact, rtol=1e-5, atol=0)
    scores = _measuring.measure(model, 4, x, y)
    assert scores["log_px"] == pytest.approx(exact.mean().item(), abs=1e-3)
    for key in ("test_lower", "test_log_px"):  # of six of the pictures, every twentieth
        assert scores[key] == pytest.approx(exact[::20].mean().item(), abs=1e-2)


def test_the_door_of_the_command():
    run = [sys.executable, "-m", "course_utils.pretrained"]
    how = {"capture_output": True, "text": True, "env": os.environ | {"COLUMNS": "100"}}
    asked = subprocess.run([*run, "--help"], **how)
    assert asked.returncode == 0 and f"{{{','.join(_pretraining.RECIPES)}}}" in asked.stdout
    assert "--out FOLDER" in asked.stdout and "--measure" in asked.stdout and asked.stderr == ""
    wrong = subprocess.run([*run, "mnist-3d"], **how)
    assert wrong.returncode == 2 and "mnist-20d" in wrong.stderr
