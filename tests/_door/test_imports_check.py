"""The doctor's child process: whatever goes wrong in it becomes a sentence with the right mend."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from places import ROOT, notebook, sources_of

from course_utils._door import imports_check as _imports_check
from course_utils._door import setup as _setup
from course_utils._door.imports_check import Place, Report, look


@pytest.fixture
def unmeasured(monkeypatch):
    """Children without coverage, which loads random, types and others beforehand."""
    monkeypatch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)


LAB_AGAIN = "run python3 -m course_utils lab again"
NO_FILE = "cannot open shared object file: No such file or directory"
PYTHONS = tuple(entry for entry in sys.path if entry)


def torch_of(tmp_path, source):
    """A kernel's place whose `torch` is this source, with nothing else to load."""
    (tmp_path / "packages" / "torch").mkdir(parents=True)
    (tmp_path / "packages" / "torch" / "__init__.py").write_text(source)
    (tmp_path / "work").mkdir()
    return Place(tmp_path / "work", (str(tmp_path / "packages"), *PYTHONS), ("torch",))


def imports_of(place, limit=60):
    (imports, _), _ = look(place, limit)
    return imports


WINDOWS = "[WinError 1114] A dynamic link library (DLL) initialization routine failed."
ADVICE = "READ THIS\n\nOriginal error was: DLL load failed while importing _multiarray_umath"
WRONG_SUM = """
class Total:
    sum = lambda self: 11
    numpy = lambda self: self
    __matmul__ = lambda self, other: self
ones = lambda *shape: Total()
"""
ERRORS = {
    "DLL of torch": (f"raise OSError({WINDOWS!r})", f"OSError: {WINDOWS}", "vc_redist.x64.exe"),
    "DLL of NumPy": (
        f"raise ImportError({ADVICE!r})",
        "Original error was: DLL load failed while importing _multiarray_umath",
        "Microsoft Visual C++ Redistributable for x64",
    ),
    "paging file": ("raise OSError('[WinError 1455] too small')", "too small", "close programs"),
    "known library": (
        f"raise ImportError('libgomp.so.1: {NO_FILE}')",
        f"ImportError: libgomp.so.1: {NO_FILE}",
        "has libgomp.so.1 (on Debian or Ubuntu: sudo apt install libgomp1)",
    ),
    "other library": (f"raise OSError('/x/libz.so.1: {NO_FILE}')", "libz.so.1", "has libz.so.1"),
    "half a package": (f"raise OSError('libtorch_cpu.so: {NO_FILE}')", "libtorch_cpu", LAB_AGAIN),
    "missing part": ("import torch.no_such_part", "No module named 'torch.no_such", LAB_AGAIN),
    "wrong sum": (WRONG_SUM, "ArithmeticError: torch computes 11, not 12)", LAB_AGAIN),
    "leaving": ("raise SystemExit(3)", "SystemExit: 3", LAB_AGAIN),
    "empty": ("", "AttributeError: module 'torch' has no attribute 'ones'", LAB_AGAIN),
}


@pytest.mark.parametrize(("source", "detail", "mend"), ERRORS.values(), ids=ERRORS)
def test_an_error_is_told_by_its_last_line_and_kind(tmp_path, monkeypatch, source, detail, mend):
    monkeypatch.setattr(_setup, "running_in_venv", lambda: True)
    finding = imports_of(torch_of(tmp_path, f"print('talks')\n{source}"))
    assert finding.state == "fail" and finding.detail.startswith("torch cannot be used (")
    assert detail in finding.detail and mend in finding.mend


def test_a_child_that_dies_or_cannot_be_started_is_a_finding(tmp_path):
    finding = imports_of(torch_of(tmp_path, "import os; os.abort()"))
    assert finding.state == "fail" and finding.detail.startswith("loading torch ends Python (")
    finding = imports_of(Place(tmp_path / "gone", (), ()))
    assert finding.state == "fail" and finding.detail.startswith("Python cannot be used (")


NO_MEMORY = "the system stopped Python while it loaded torch, as it does for want of"
ENDS = {
    -11: ("loading torch ends Python (SIGSEGV: last words)", "install torch anew in"),
    3: ("loading torch ends Python (exit code 3: last words)", "install torch anew in"),
    -4: ("torch uses instructions that this processor does not have", "newer computer"),
    0xC000001D: ("torch uses instructions that this processor does not have", "newer computer"),
    -9: (NO_MEMORY, "close programs"),
}


@pytest.mark.parametrize(("end", "expected"), ENDS.items(), ids=ENDS)
def test_a_death_is_told_by_its_kind(monkeypatch, end, expected):
    monkeypatch.setattr(_setup, "running_in_venv", lambda: False)
    report = Report([("at", "numpy"), ("at", "torch")], end, "first\nlast words\n")
    finding = _imports_check._imports(report, Place(Path(), None, ()), 1)
    assert finding.state == "fail"
    assert finding.detail.startswith(expected[0]) and expected[1] in finding.mend


def test_a_child_that_hangs_is_stopped(tmp_path):
    (finding, _), loaded = look(torch_of(tmp_path, "import time; time.sleep(60)"), 1)
    assert finding.detail == "torch was not loaded within 1 s" and "less busy" in finding.mend
    assert loaded == []


SHADOWS = {  # file: (module asked for, what it hides); "" is where a kernel would look first
    "torch.py": ("torch", "the package torch"),
    "psutil.py": ("psutil", "the package psutil"),
    "numpy/__init__.py": ("numpy", "the package numpy"),
    "sympy.py": ("packaging", "the package sympy"),
    "random.py": ("tempfile", "Python's own module random"),
    "course_utils.py": ("course_utils", "the course's own package course_utils"),
}


@pytest.mark.parametrize(("name", "expected"), SHADOWS.items(), ids=SHADOWS)
def test_a_file_of_the_learners_that_hides_something_is_named(tmp_path, unmeasured, name, expected):
    """It is found and not run: it might ask for input, or write."""
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("open('it ran', 'w')")
    before = sorted(tmp_path.rglob("*"))
    # course_utils comes first, as in a notebook, and has a finder of its own.
    finding = imports_of(Place(tmp_path, ("", *PYTHONS), ("course_utils", expected[0])))
    hidden_by = path.parent if path.name == "__init__.py" else path
    assert finding.state == "fail" and finding.detail == f"{hidden_by} hides {expected[1]}"
    assert finding.mend.startswith("rename it, delete the folder __pycache__ beside it")
    assert sorted(tmp_path.rglob("*")) == before


def test_a_new_kernel_meets_hidden_modules_as_it_starts_packages_later(tmp_path, unmeasured):
    """`python -m ipykernel_launcher` looks in its folder first, and then after Python's own."""
    (tmp_path / "random.py").write_text("")
    assert imports_of(Place(tmp_path, None, ("random", "packaging"))).state == "ok"
    (tmp_path / "packaging.py").write_text("")
    assert "packaging.py hides" in imports_of(Place(tmp_path, None, ("packaging",))).detail
    (tmp_path / "types.py").write_text("")
    assert "types.py hides Python's own" in imports_of(Place(tmp_path, None, ("random",))).detail


def test_what_hides_nothing_is_no_finding(tmp_path):
    """A helper, a folder of data that is called like a package, the clone itself."""
    (tmp_path / "helper.py").write_text("")
    (tmp_path / "packaging").mkdir()
    assert imports_of(Place(tmp_path, ("", *PYTHONS), ("packaging",))).state == "ok"
    assert imports_of(Place(ROOT, ("", *PYTHONS), ("course_utils",))).state == "ok"


SUMMARY = "import sys; sys.path[0] = ''; from course_utils.doctor import summary; print(summary())"


@pytest.mark.parametrize("name", ["psutil", "packaging", "random", "jupyter_client"])
def test_the_doctor_speaks_where_its_own_imports_are_hidden(tmp_path, unmeasured, name):
    """And in one line: its other checks look past the learner's folder."""
    (tmp_path / f"{name}.py").write_text("raise SystemExit('it ran')")
    done = subprocess.run(
        [sys.executable, "-c", SUMMARY], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith(f"[fail] imports: {tmp_path / name}.py hides ")
    assert done.stdout.count("\n") == 1 and not done.stderr


def test_the_doctor_imports_nothing_that_is_installed(ask, unmeasured):
    load = "import course_utils.doctor, course_utils._door.imports_check"
    new = ask(f"import sys; old = {{*sys.modules}}; {load}; print(*{{*sys.modules}} - old)")
    loaded = {name.partition(".")[0] for name in new.split()} - {"course_utils"}
    assert loaded <= sys.stdlib_module_names


def test_the_first_cell_of_the_course_speaks_where_torch_is_broken(tmp_path, monkeypatch, ask):
    first, second, *_ = sources_of(notebook("00"))
    assert first == "from course_utils.doctor import summary\n\nprint(summary())"
    assert "latent_explorer(" in second
    torch_of(tmp_path, f"raise OSError({WINDOWS!r})")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "packages"))
    broken, around = ask(first).splitlines()
    assert broken.startswith("[fail] imports: torch cannot be used (OSError: [WinError 1114]")
    assert around.startswith("[note] surroundings: PYTHONPATH is set")


TORCH_S_OWN = "[note] threads: 2 (torch's own choice); a busy machine then slows training"
THREADS = {
    "one": ("1", {"OMP_NUM_THREADS": "1"}, "[ok] threads: 1 (set by OMP_NUM_THREADS)"),
    "many": ("4", {"OMP_NUM_THREADS": "4"}, "unset OMP_NUM_THREADS, or set it to 1"),
    "mkl": ("2", {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "2"}, "[note] threads: 2 (set by MKL"),
    "unset": ("2", {}, TORCH_S_OWN),
    "no torch": ("", {}, "[note] threads: not known, since torch was not loaded"),
}


@pytest.mark.parametrize(("number", "environment", "line"), THREADS.values(), ids=THREADS)
def test_the_number_of_threads_and_whence_it_comes(monkeypatch, number, environment, line):
    for name in _imports_check.COUNTS:
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    report = Report([("threads", number)] if number else [], 0, "")
    assert line in str(_imports_check._threads(report, Place(Path(), None, ())))


def test_a_kernel_that_has_loaded_torch_is_asked_itself(monkeypatch):
    monkeypatch.setattr(torch, "get_num_threads", lambda: 3)
    for name, value in (("OMP_NUM_THREADS", "1"), ("MKL_NUM_THREADS", "")):
        monkeypatch.setenv(name, value)
    report = Report([("threads", "1")], 0, "")
    line = str(_imports_check._threads(report, Place(Path(), (), ())))
    assert line.startswith("[note] threads: 3 (in this kernel)") and "restart it" in line


def test_the_learners_folder_is_that_of_the_kernel_or_of_the_copies(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert _imports_check.here(("",)) == (tmp_path, ("",), _imports_check.MODULES)
    monkeypatch.setattr(_setup, "ROOT", tmp_path / "clone")
    for name in ("notebooks", "my_course"):
        os.makedirs(tmp_path / "clone" / name)
        assert _imports_check.in_the_course().folder == tmp_path / "clone" / name
