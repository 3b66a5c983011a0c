"""Each figure is what its script draws, on any page and at every run, and is told in words."""

import os
import platform
import re
import runpy
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
from places import FIGURES, NOTEBOOKS, PAGES, ROOT, markdown_of

from course_utils.plots import PALETTE

NAMES = sorted(path.stem.removeprefix("make_") for path in FIGURES.glob("make_*.py"))
DRAWN_WITH = ("matplotlib", "numpy", "torch", "daft-pgm")
NUMBER = r"-?\b\d+(?:\.\d+)?"
LAST_DIGIT = 1.5e-6  # an svg has six digits after the point
PICTURE = re.compile(r"!\[([^\]]*)\]\((?:\.\./)?figures/(\w+)\.svg\)")

each_name = pytest.mark.parametrize("name", NAMES)


@pytest.fixture(autouse=True)
def scripts_find_what_they_share(monkeypatch):
    monkeypatch.syspath_prepend(FIGURES)


def build(name: str, folder: Path) -> str:
    """The svg that a figure's script draws, written into a folder."""
    script = FIGURES / f"make_{name}.py"
    module = runpy.run_path(str(script))
    return module["save"](module["make"], script, folder).read_text(encoding="utf-8")


def stored(name: str) -> str:
    return (FIGURES / f"{name}.svg").read_text(encoding="utf-8")


def alt_of(name: str) -> str:
    return (FIGURES / f"{name}.txt").read_text(encoding="utf-8").removesuffix("\n")


def outline(svg: str) -> tuple[str, list[str]]:
    """What another version of matplotlib keeps: the size, and the words in their order."""
    return re.search(r'viewBox="[^"]*"', svg)[0], re.findall(r"<!-- (.*?) -->", svg)


def on_the_lock() -> bool:
    """Whether all that a figure is drawn with is as when the figures were stored."""
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    installed = {f"{name}=={version(name).partition('+')[0]}" for name in DRAWN_WITH}
    return installed <= set(lines) and (sys.platform, platform.machine()) == ("linux", "x86_64")


def test_every_script_has_its_figure_and_its_words():
    assert len(NAMES) >= 7  # over no figures the tests below would pass
    for suffix in ("svg", "txt"):
        assert sorted(path.stem for path in FIGURES.glob(f"*.{suffix}")) == NAMES


def parts_of(svg: str) -> tuple[str, np.ndarray]:
    """All that is no number, without the ids that are hashes of numbers; and the numbers."""
    text = re.sub(r'(#|id=")[a-zA-Z][0-9a-f]{10}(?=[")])', r"\1hash", svg)
    return re.sub(NUMBER, "0", text), np.array(re.findall(NUMBER, text), float)


def test_another_last_digit_is_no_other_figure_and_another_number_is():
    svg = '<path id="m0123456789" d="M 1.5 -2.000001"/><use xlink:href="#m0123456789" x="3"/>'
    text, numbers = parts_of(svg)
    other_text, other = parts_of(svg.replace("m01234", "m43210").replace("000001", "000002"))
    assert text == other_text and np.abs(numbers - other).max() <= LAST_DIGIT
    assert parts_of(svg.replace("1.5", "1.50001"))[1][0] - numbers[0] > LAST_DIGIT
    assert parts_of(svg.replace("M", "L"))[0] != text


@each_name
def test_the_stored_figure_is_what_its_script_draws(name, tmp_path):
    """To the last digit on the lock; elsewhere in size and words, since versions round differently.

    In the last of six digits a processor shows: its logarithms and sums are its own.
    """
    again, before = f"run: python figures/make_{name}.py", plt.get_fignums()
    built = build(name, tmp_path)
    assert plt.get_fignums() == before
    assert outline(built) == outline(stored(name)), again
    if on_the_lock():
        (text, numbers), (stored_text, stored_numbers) = parts_of(built), parts_of(stored(name))
        same = text == stored_text
        assert same, again
        assert np.abs(numbers - stored_numbers).max() <= LAST_DIGIT, again


def test_a_script_runs_from_any_folder_whatever_the_readers_settings(tmp_path):
    """In a process of its own, where ids or hashes drawn at random would come out anew."""
    copy = shutil.copytree(FIGURES, tmp_path / "figures")
    script, home = copy / "make_graphical_model.py", tmp_path / "elsewhere"
    home.mkdir()
    (home / "matplotlibrc").write_text("font.family: serif\nlines.linewidth: 9\nsvg.fonttype: none")
    (copy / "graphical_model.svg").unlink()
    environment = os.environ | {"PYTHONHASHSEED": "1"}
    subprocess.run([sys.executable, script], cwd=home, env=environment, check=True)
    again = (copy / "graphical_model.svg").read_text(encoding="utf-8")
    same = again == build("graphical_model", tmp_path)
    assert same


@each_name
def test_a_figure_is_small_opaque_undated_and_in_the_colours_of_the_palette_or_grey(name):
    svg = stored(name)
    assert len(svg.encode()) < 150_000
    card = re.search(r'<g id="patch_1">\s*<path d="([^"]*)"\s*style="fill: (#\w+)', svg)
    width, height = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg).groups()
    assert card[2] == "#ffffff"
    assert f"L {width} {height}" in card[1]  # white to the last corner: legible on a dark page
    assert "<dc:date>" not in svg
    assert "<text" not in svg  # letters are paths: no font is asked of the reader
    colours = set(re.findall(r'(?:fill|stroke)(?:: |=")(#[0-9a-f]{6})\b', svg))
    meant = {colour.lower() for colour in PALETTE.values()}
    assert [c for c in colours - meant if not c[1:3] == c[3:5] == c[5:7]] == []
    assert colours


@each_name
def test_the_words_state_a_finding(name):
    """One to three sentences on one line that markdown can hold."""
    alt = alt_of(name)
    assert 1 <= len(re.findall(r"\.(?= |$)", alt)) <= 3
    assert alt.endswith(".")
    assert len(alt) > 60
    assert not set(alt) & set("[]\n\r")


@pytest.mark.parametrize("path", [*PAGES, *NOTEBOOKS], ids=lambda path: path.name)
def test_a_figure_is_shown_with_its_words(path):
    text = markdown_of(path)
    shown = PICTURE.findall(text)
    assert [name for alt, name in shown if alt != alt_of(name)] == []
    assert len(shown) == len(re.findall(r"figures/\w+\.svg", text)), "a figure without its words"


def test_the_search_for_figures_finds_those_of_the_readme():
    assert "two_averages" in [name for _, name in PICTURE.findall(markdown_of(ROOT / "README.md"))]


def test_the_map_knows_every_notebook():
    course = runpy.run_path(str(FIGURES / "make_course_map.py"))
    assert list(course["NAMES"]) == [f"{number:02}" for number in range(12)]
    assert tuple(path.stem[:2] for path in NOTEBOOKS) == course["WRITTEN"]
