"""How a process of the course begins: how many threads it has, and imports no stop can break."""

import os
import signal
import sys
import time
from types import SimpleNamespace

import pytest

from course_utils._door import begin as _begin

THREADS = "; print(torch.get_num_threads())"


@pytest.fixture(autouse=True)
def nothing_said(monkeypatch):
    """Nobody has said how many threads; neither have the settings that these tests run with."""
    for name in _begin.OWN_SETTING:
        monkeypatch.delenv(name, raising=False)


# --- threads -------------------------------------------------------------------------------


@pytest.mark.parametrize("imports", ["import course_utils, torch", "import torch, course_utils"])
def test_torch_has_one_thread_whichever_is_imported_first(ask, imports):
    assert ask(imports + THREADS) == "1\n"


@pytest.mark.parametrize("name", _begin.OWN_SETTING)
def test_a_number_in_the_environment_is_left_alone(ask, monkeypatch, name):
    """It is 2, or as many as there are cores."""
    monkeypatch.setenv(name, "2")
    before, after = ask(f"import torch{THREADS}; import course_utils{THREADS}").splitlines()
    assert before == after


def test_a_number_chosen_later_stays_through_a_training_and_an_estimate(ask):
    code = (
        "import torch; from course_utils.models import VAE; from course_utils.training import fit;"
        "from course_utils.estimators import importance_sampling as estimate;"
        "torch.set_num_threads(3); model, x = VAE((2, 2), 1, (3,)), torch.ones(5, 2, 2);"
        "fit(model, x, epochs=1, progress=False); estimate(model, x, model.encode(x), 2)"
    )
    assert ask(code + THREADS) == "3\n"


@pytest.mark.parametrize(
    ("cores", "chosen", "left"),
    [(8, 8, 1), (8, 4, 1), (8, 3, 3), (8, 1, 1), (2, 2, 1), (1, 1, 1)],
    ids=["all", "half: no hyper-threads", "fewer: a person's", "one", "two of two", "one of one"],
)
def test_a_number_chosen_before_stays_if_it_cannot_be_torch_s(monkeypatch, cores, chosen, left):
    numbers = [chosen]
    torch = SimpleNamespace(get_num_threads=lambda: numbers[-1], set_num_threads=numbers.append)
    monkeypatch.setitem(sys.modules, "torch", torch)
    monkeypatch.setattr(_begin, "cores", lambda: cores)
    _begin.use_one_thread()
    assert numbers[-1] == left
    assert os.environ["OMP_NUM_THREADS"] == "1"  # for children


def test_a_torch_that_is_half_there_is_no_harm(monkeypatch):
    """A learner's own torch.py, or one broken off: the doctor has something to say about it."""
    monkeypatch.setitem(sys.modules, "torch", SimpleNamespace())
    _begin.use_one_thread()
    assert os.environ["OMP_NUM_THREADS"] == "1"


def test_a_second_beginning_changes_nothing(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    finders = list(sys.meta_path)
    _begin.begin()
    assert sys.meta_path == finders
    assert sum(isinstance(finder, _begin.WholeImports) for finder in finders) == 1


# --- imports that come whole ----------------------------------------------------------------

PRESS = "import signal; signal.raise_signal(signal.SIGINT)\n"


@pytest.fixture
def pressed_in(tmp_path, monkeypatch):
    """A package during whose import somebody presses the stop button."""
    package = tmp_path / "interrupted"
    package.mkdir()
    (package / "__init__.py").write_text(f"import interrupted.part\n{PRESS}done = True\n")
    (package / "part.py").write_text("from interrupted import other\n")
    (package / "other.py").write_text(f"{PRESS}whole = True\n")
    monkeypatch.syspath_prepend(tmp_path)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
    for name in [name for name in sys.modules if name.partition(".")[0] == "interrupted"]:
        del sys.modules[name]


@pytest.mark.usefixtures("pressed_in")
def test_the_stop_button_waits_until_the_import_is_whole(monkeypatch):
    monkeypatch.setattr(_begin, "WHOLE", ("interrupted",))
    import interrupted  # no interrupt escapes from this line

    assert interrupted.done and interrupted.other.whole
    with pytest.raises(KeyboardInterrupt):
        time.sleep(10)  # here it comes
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert sys.modules["interrupted"] is interrupted


@pytest.mark.usefixtures("pressed_in")
def test_other_imports_are_broken_off_as_ever(monkeypatch):
    """Tries the package of the test before: without the finder it is left half made."""
    with pytest.raises(KeyboardInterrupt):
        import interrupted  # noqa: F401
    assert "interrupted" not in sys.modules


FIRST_FIT = """
import signal, sys
import torch
from course_utils.models import VAE
from course_utils.training import fit

class Press:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            sys.meta_path.remove(self)
            signal.raise_signal(signal.SIGINT)

signal.signal(signal.SIGINT, signal.default_int_handler)
sys.meta_path.insert(0, Press())
x = torch.ones(5, 2, 2)
print(fit(VAE((2, 2), 1, (3,)), x, epochs=10**6, progress=False).stopped)
for _ in range(2):
    print(len(fit(VAE((2, 2), 1, (3,)), x, epochs=1, progress=False)))
model = VAE((2, 2), 1, (3,))
torch.optim.Adam(model.parameters()).step()
"""


@pytest.mark.parametrize("module", ["torch._dynamo.utils", "sympy"])
def test_a_first_fit_stopped_while_it_loads_its_optimiser_ends_well(ask, module):
    """Broken off there, every later fit failed until the kernel was started anew."""
    stopped, *epochs = ask(FIRST_FIT.format(module=module)).splitlines()
    assert stopped.startswith("interrupted ")
    assert epochs == ["1", "1"]
