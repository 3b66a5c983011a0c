"""What `fit` refuses, in words."""

import math
from contextlib import nullcontext

import numpy as np
import pytest
import torch
from fit_fixtures import Recorder, grey, kept, tiny_vae, train
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from course_utils.models import VAE
from course_utils.training import _checks

OPTIONS = [
    ("epochs", 0, "epochs should be a whole number of at least 1, but 0 came"),
    ("epochs", 2.0, "epochs should be a whole number"),
    ("batch_size", -1, "batch_size should be a whole number"),
    ("learning_rate", 0, "learning_rate should be a number above 0, but 0 came; 1e-3 suits"),
    ("learning_rate", math.nan, "learning_rate should be a number above 0"),
    ("learning_rate", math.inf, "learning_rate should be a number above 0"),
    ("learning_rate", "fast", "learning_rate should be a number above 0, but 'fast'"),
    ("seed", -1, "seed should be a whole number from 0 on, but -1 came"),
    ("seed", 1.5, "seed should be a whole number"),
    ("callbacks", print, r"a list of functions .* in brackets: \[f\]"),
    ("callbacks", [1], r"a list of functions of \(model, history\), but \[1\] came"),
    ("device", "gpu", r"there is no device 'gpu' here; there is: cpu"),
    ("device", "cpu:99", "there is no device 'cpu:99' here"),
    ("device", None, "there is no device 'None' here"),
]
LOADER = DataLoader(TensorDataset(grey()))
ONE_NAN = grey().masked_fill(grey() == grey().max(), math.nan)
DATA = [
    (grey().numpy(), r"a tensor x or .* but a ndarray came; try torch.as_tensor\(data\)"),
    (LOADER, "a DataLoader came; .* takes the tensors behind a DataLoader"),
    ("strokes", r"a str came; try load\(\"strokes\"\)"),
    ([grey(), grey()], "a list of 2 came"),
    ((grey(), grey(), grey()), "a tuple of 3 came"),
    (grey()[:0], "at least one example"),
    (grey()[0, 0], r"pictures, \(B, 16\) or \(B, 4, 4\), but \(4,\) came"),
    (grey()[:, None], r"\(20, 1, 4, 4\) came; try x.squeeze\(1\)"),
    (torch.rand(5, 3, 3), r"\(B, 16\) or \(B, 4, 4\), but \(5, 3, 3\) came"),
    (torch.rand(5, 2, 8), r"but \(5, 2, 8\) came; perhaps the model"),
    (torch.rand(5, 15), r"but \(5, 15\) came; perhaps the model was made for other data"),
    (grey() * 2, r"pixels in \[0, 1\], .* from 0.* to 1.9.* came; try x / x.max"),
    (grey() - 0.5, r"from -0.4.* came; try \(x \+ 1\) / 2"),
    (ONE_NAN, "x should be finite, but 1 of 320 entries"),
    (grey().mul(9).long(), r"torch.int64 from 0 to 8 came; try x / x.max"),
    ((grey() > 0.5).to(torch.uint8), "bytes came of which none is above 1; try x.float"),
    (grey().to("meta"), "without numbers .device meta. came"),
    ((grey(), grey()), r"should have elbo\(x, y, \*, generator\), but .*too many"),
]
BELOW_4 = "from 0 to 3, .* but labels from "
CONDITIONS = [
    (torch.arange(19), r"equally long, but 20 images came with y of shape \(19,\)"),
    (torch.tensor(1), r"equally long, but 20 images came with y of shape \(\)"),
    (torch.arange(20), BELOW_4 + "0 to 19 came; 20 classes need condition_dim=20"),
    (torch.full((20,), -1), BELOW_4 + "-1 to -1 came"),
    (torch.ones(20), r"\(B,\) labels or 4 numbers .* torch.float32 .* try y.long\(\)"),
    (torch.ones(20, 5), r"labels or 4 numbers for each picture, but .* \(20, 5\) came"),
    (torch.full((20, 4), math.nan), "y should be finite"),
    (torch.full((20, 4), math.inf), "y should be finite"),
    (np.arange(20), "y should be a torch tensor, but a ndarray came"),
    (torch.ones(20, 4, device="meta"), "without numbers .device meta. came"),
]


class NoGenerator(Recorder):
    def elbo(self, x):
        raise AssertionError("never called")


MODELS = [
    (VAE, "with a method elbo, but a type came; try VAE"),
    (nn.Linear(2, 2), "with a method elbo, but a Linear came"),
    (NoGenerator(), r"should have elbo\(x, \*, generator\), but .* 'generator'"),
    (Recorder(condition_dim=4), r"a condition y of 4 numbers .* try fit\(model, \(x, y\)"),
    (Recorder().requires_grad_(False), "should have weights to train, .* nn.ModuleList"),
]
CASES = [({option: value}, words) for option, value, words in OPTIONS]
CASES += [({"x": x}, words) for x, words in DATA]
CASES += [({"model": Recorder(4), "x": (grey(), y)}, words) for y, words in CONDITIONS]
CASES += [({"model": model}, words) for model, words in MODELS]


@pytest.mark.parametrize("given, words", CASES)
def test_what_makes_no_sense_is_refused(given, words):
    given = {"model": tiny_vae()} | given
    module = isinstance(given["model"], nn.Module)
    with kept(given["model"]) if module else nullcontext(), pytest.raises(ValueError, match=words):
        train(**given)


def test_an_accelerator_that_is_absent_is_refused_by_name(monkeypatch):
    monkeypatch.setattr(torch.accelerator, "current_accelerator", lambda **_: None)
    with pytest.raises(ValueError, match="no device 'cuda' here; there is: cpu. .* 'cpu' in min"):
        train(tiny_vae(), device="cuda")


def test_accelerators_that_are_there_are_listed_and_taken(monkeypatch):
    accelerator = lambda check_available: torch.device("cuda")  # noqa: E731
    monkeypatch.setattr(torch.accelerator, "current_accelerator", accelerator)
    monkeypatch.setattr(torch.accelerator, "device_count", lambda: 2)
    assert _checks.find_device("cuda:1") == torch.device("cuda", 1)
    with pytest.raises(ValueError, match="there is: cpu, cuda, cuda:0, cuda:1"):
        _checks.find_device("cuda:2")


def test_a_history_goes_on_where_it_began(model, monkeypatch):
    history = train(model)
    monkeypatch.setattr(_checks, "find_device", lambda name: torch.device("meta"))
    with pytest.raises(ValueError, match="on cpu, but device meta came; try device='cpu'"):
        train(model, history=history, device="meta")


def test_a_batch_larger_than_the_data_is_all_of_them():
    model = Recorder()
    train(model, grey(3), batch_size=1000, epochs=1)
    assert [len(x) for x, _ in model.given(training=True)] == [3]
