"""What is read of a notebook's file: equations and their gaps, sentences, minutes left."""

import json
from xml.etree import ElementTree

import pytest

from course_utils._door.setup import ROOT
from course_utils.exercises._engine import lessons
from course_utils.exercises._engine.lessons import GAP, LINE, Lesson, find_lesson, gapped, mathml

NUMBERS = [f"{number:02}" for number in range(10)]
IDENTITY = (
    r"\log p(x) - \mathrm{KL}(q \,\Vert\, p) \;=\; \mathbb E_q \log p(x \mid z) - K. \tag{3.10}"
)


def lesson(*texts):
    return Lesson(tuple({"cell_type": "markdown", "source": [text]} for text in texts))


def test_equations_of_the_core_are_found_with_their_numbers_and_places():
    found = lesson(
        "# T\n$$ a = b \\tag{1.1} $$",
        "## ● one\n$$ no = number $$ and $$ c = d \\tag{1.2} $$",
        "## ○ two\n$$ e = f \\tag{1.3} $$\n### three\n$$ e = f \\tag{1.4} $$",
        "$$ e = f \\tag{1.5} $$",
        "## ● four\n### ○ small print\n$$ e = f \\tag{1.6} $$\n### five\n$$ g = h \\tag{1.7}. $$",
        "<details><summary>x</summary>$$ a = b \\tag{1.8} $$</details>",
    )
    places = [(tag, place) for tag, _, place in found.equations()]
    assert places == [("1.1", 0), ("1.2", 1), ("1.7", 4)]
    assert found.equations()[1][1] == "c = d"


@pytest.mark.parametrize(
    ("tex", "without"),
    [
        (r"a = b + \frac{c}{d}", rf"a = b + {GAP} "),
        (r"p(x, z) = p(x \mid z)\, p(z).", rf"p(x, z) = {GAP} "),
        (r"-\frac12 = -\sum_{d=1}^D x_d", rf"-\frac12 = - {GAP} "),
        (r"x = a, \qquad \text{long} + word = yy", rf"x = a, \qquad \text{{long}} + word = {GAP} "),
        (r"x = a_{i=1}, \qquad bbbbbbb + c", rf"x = {GAP} , \qquad bbbbbbb + c"),
        (r"\begin{aligned} x &= a \\ y &= b + cc \end{aligned}", None),
    ],
)
def test_the_longest_term_on_the_right_is_left_out(tex, without):
    found = gapped(tex)
    if without:
        assert " ".join(found.split()) == " ".join(without.split())
    assert found.count(LINE) == 1


def test_without_a_right_side_there_is_no_gap():
    assert gapped(r"f(x = 2) + g") is None


@pytest.mark.parametrize("notebook", NUMBERS)
def test_each_equation_has_a_gap_and_a_form_for_the_browser(notebook):
    for tag, tex, _ in find_lesson(notebook).equations():
        gap = gapped(tex)
        assert gap and gap.count(LINE) == 1, tag
        lost = len(tex) - len(gap.replace(GAP, ""))
        assert 0 < lost < len(tex), tag
        for formula in (tex, gap):
            math = ElementTree.fromstring(mathml(formula))
            assert math.tag.endswith("math") and "\\" not in "".join(math.itertext()), tag
        words = lessons.plain(gap)
        assert "\\" not in words and "{" not in words and LINE in words, tag


@pytest.mark.parametrize(
    ("tex", "words"),
    [
        (r"\mathrm{KL}(q \,\Vert\, p) = \mathbb E_{q(z)} \log q", "KL(q ‖ p) = E_(q(z)) log q"),
        (r"\frac12 \sum_{l=1}^{L} \sigma_l^2", "1/2 ∑_(l=1)^L σ_l^2"),
        (r"\sqrt{\frac{1}{\mathrm{ESS}} - \frac1n}", "sqrt (1/(ESS) - 1/n)"),
        (r"a\mu \le \tfrac{v}{2n}", "aμ ≤ v/(2n)"),
    ],
)
def test_a_terminal_gets_words(tex, words):
    assert lessons.plain(tex) == words


def test_four_sentences_are_told_apart():
    text = "**In four sentences.** $p(x)$ is one. Its bound,\nthe ELBO, two. A 1.5 three.\n\n**Read"
    assert lesson("# A", text).sentences() == [
        "$p(x)$ is one.",
        "Its bound, the ELBO, two.",
        "A 1.5 three.",
    ]
    assert lesson("# A").sentences() == []


def test_minutes_left_are_those_of_the_core_behind_a_cell():
    found = lesson("# T\n" + "word " * 119, "## ● a\n" + "word " * 240, "## ○ b\n" + "word " * 900)
    assert found.core() == pytest.approx(3, abs=0.02)
    assert found.core(0) == pytest.approx(2, abs=0.02)
    assert found.core(1) == 0


def test_the_learner_s_copy_comes_first_and_what_cannot_be_read_is_passed_over(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(lessons, "ROOT", tmp_path)
    monkeypatch.chdir(tmp_path)
    assert find_lesson("01") is None
    original = (ROOT / "notebooks" / "01_latent_variables.ipynb").read_text(encoding="utf-8")
    mine = json.loads(original)
    mine["cells"][0]["source"] = "# 01 · mine"
    for folder in ("my_course", "notebooks"):
        (tmp_path / folder).mkdir()
    (tmp_path / "notebooks" / "01_latent_variables.ipynb").write_text(original, encoding="utf-8")
    assert find_lesson("01").title == "01 · Where do pictures come from?"
    copy = tmp_path / "my_course" / "01_latent_variables.ipynb"
    copy.write_text(json.dumps(mine))
    (tmp_path / "my_course" / "01_latent_variables (new).ipynb").write_text(original)
    assert find_lesson("01").title == "01 · mine"
    broken = (
        "{",
        "[]",
        '{"metadata": {"course": 1}}',
        '{"metadata": {"course": 1}, "cells": [1]}',
        '{"metadata": {"course": 1}, "cells": [{"cell_type": "markdown", "source": [1]}]}',
        '{"metadata": {}, "cells": []}',
        "[" * 100_000,
    )
    for text in broken:
        copy.write_text(text)
        assert find_lesson("01").title == "01 · Where do pictures come from?", text[:80]
