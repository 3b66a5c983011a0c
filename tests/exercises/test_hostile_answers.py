"""Answers that misbehave: `check` says what happened, never raises, and leaves all as it was."""

import builtins
import contextlib
import sys
import threading
import time
import warnings
from functools import partial

import pytest
import torch
from learner import limit, said

from course_utils.exercises import check, verdict
from course_utils.exercises._engine import trial
from course_utils.exercises._engine.registry import find_exercise

pytestmark = pytest.mark.usefixtures("fresh_learner")


def right(p):
    return p.mean(0)


class Unspeakable(Exception):
    def __str__(self):
        raise RuntimeError("no words")


class Uncounted(list):
    def __len__(self):
        raise RuntimeError("len")

    __iter__ = __len__


class Shy:
    def __call__(self, p):
        return right(p)

    def __getattr__(self, name):
        raise RuntimeError(name)


def raising(error):
    def answer(p):
        raise error

    return answer


def looping(p):
    looping.__wrapped__ = looping
    return p


def itself():
    entries = []
    entries.append(entries)
    return entries


ODD = {
    "generator": (lambda p: (row for row in p), "yours is a generator"),
    "text": (lambda p: "<b>", "yours is a str"),
    "complex": (lambda p: right(p) + 0j, "a tensor of torch.complex128, torch.strided, on cpu"),
    "sparse": (lambda p: right(p).to_sparse(), "torch.sparse_coo"),
    "elsewhere": (lambda p: right(p).to("meta"), "on meta"),
    "huge": (lambda p: torch.zeros(1).expand(10**12), "shape (4,), yours (1000000000000,)"),
    "long": (lambda p: 10**400, "yours is a int"),
    "itself": (lambda p: itself(), "yours returns a list of 1"),
    "uncounted": (lambda p: Uncounted(), "cannot be compared: RuntimeError"),
    "unspeakable": (raising(Unspeakable()), "Unspeakable: (its message stops with RuntimeError)"),
    "endless": (raising(ValueError("x" * 10**6)), "xxx ... (p of shape"),
    "control": (raising(ValueError("\x1b[2J \ud800")), "ValueError: \ufffd[2J \ufffd (p"),
    "exit": (raising(SystemExit(0)), "stops with SystemExit: 0"),
    "stop": (raising(KeyboardInterrupt()), "stops with KeyboardInterrupt"),
    "deep": (lambda p: ODD["deep"][0](p), "stops with RecursionError"),
    "no argument": (lambda: 1, "TypeError: <lambda>() takes 0 positional arguments"),
}


@pytest.mark.parametrize(("answer", "words"), ODD.values(), ids=ODD)
def test_what_an_answer_returns_or_raises_is_said(answer, words, shown):
    check("E0.1", answer)
    assert words in said(shown) and len(said(shown)) < 3000


@pytest.mark.parametrize(
    ("answer", "status"),
    [(Shy(), "right"), (partial(right), "right"), (looping, "not yet"), (len, "not yet")],
    ids=["shy", "partial", "looping", "len"],
)
def test_any_callable_is_judged(answer, status):
    assert verdict("E0.1", answer).status == status


def test_an_interrupted_answer_is_told_its_line(monkeypatch):
    begun = threading.Event()

    def endless(p):
        while True:
            begun.set()

    def interrupted(worker, timeout):
        begun.wait(10)
        monkeypatch.undo()
        raise KeyboardInterrupt

    monkeypatch.setattr(threading.Thread, "join", interrupted)
    says = verdict("E0.1", endless)
    assert says.says.startswith("You stopped it (p of shape") and "(in endless)" in says.line


def replaces(p):
    builtins.len = lambda _: 0
    torch.allclose = lambda *_, **__: True
    torch.Tensor.exp = lambda self: self


def closes(p):
    sys.stdout.close()
    sys.stdout = None


SPOILERS = {
    "dtype": lambda p: torch.set_default_dtype(torch.float16),
    "replaces": replaces,
    "digs": lambda p: sys.setrecursionlimit(5000),
    "closes": closes,
    "prints": lambda p: [print("line") for _ in range(50_000)],
}


@pytest.mark.parametrize("spoil", SPOILERS.values(), ids=SPOILERS)
def test_what_an_answer_does_to_python_and_torch_is_undone(spoil, shown):
    def now():
        torch_s = (torch.allclose, torch.Tensor.exp, torch.get_default_dtype())
        return (*torch_s, builtins.len, sys.stdout, sys.getrecursionlimit())

    def answer(p):
        spoil(p)
        return torch.zeros(p.shape[1], dtype=p.dtype)

    before = now()
    check("E0.1", answer)
    assert now() == before
    assert "[not yet]" in said(shown) and len(said(shown)) < 3000


SETTINGS = {
    "no gradients": torch.no_grad(),
    "inference": torch.inference_mode(),
    "float64": contextlib.nullcontext(),
    "meta": torch.device("meta"),
}


@pytest.mark.parametrize("setting", SETTINGS)
def test_a_notebook_s_own_settings_change_no_verdict(setting, set_default_dtype):
    if setting == "float64":
        set_default_dtype(torch.float64)
    with SETTINGS[setting]:
        trial.known.cache_clear()
        for name in ("E3.1", "E4.1", "E5.3"):
            exercise = find_exercise(name)
            assert verdict(name, exercise.reference).status == "right"
            for slip in exercise.slips[:3]:
                assert verdict(name, slip.answers[0]).mistake == slip.name


def test_a_coming_change_of_a_library_is_not_heard_and_other_warnings_are():
    def answer(p):
        for kind in (DeprecationWarning, UserWarning):
            warnings.warn("soon", kind, stacklevel=2)
        return p.mean(0)

    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        assert verdict("E0.1", answer).status == "right"
    assert {warning.category for warning in heard} == {UserWarning}


def test_what_an_answer_left_behind_prints_later_is_not_heard(monkeypatch, capsys, shown):
    limit(monkeypatch, seconds=0.05)
    wake, printed = threading.Event(), threading.Event()

    def sleeper(p):
        while not wake.is_set():
            try:
                time.sleep(0.6)
            except BaseException:  # noqa: BLE001 - the point: nothing stops it
                continue
        print("much later")
        printed.set()
        raise SystemExit  # or it would go on with the next case

    try:
        check("E0.1", sleeper)
        assert "restart the kernel" in said(shown)
        wake.set()
        assert printed.wait(10)
        print("heard")
        assert capsys.readouterr().out.strip() == "heard"
    finally:
        for name in ("stdout", "stderr"):
            stream = getattr(sys, name)
            setattr(sys, name, getattr(stream, "_stream", stream))
