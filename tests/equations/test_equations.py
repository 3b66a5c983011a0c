"""The table of equations has no gap; and the checks that say so do find each kind of gap."""

import json

import make_table
import pytest

CORRECT = {
    "text": [
        "# 03 · KL",
        "## ● 1 · A | bound\n$$ a = b. \\tag{3.1} $$",
        "$$ c \\tag{3.2} $$ eq. 3.1",
    ],
    "code": ["b = a  # eq. 3.1", "", "print('eqs. 3.1 and 3.2')"],
    "test": '@pytest.mark.equation("3.1", "3.2")\ndef test_both():\n    assert True\n',
    "package": '"""Eq. 3.2 of the course; Tipping & Bishop (1999), eqs. 7 and 8."""\n',
}


@pytest.fixture(scope="module")
def course():
    return make_table.collect(make_table.ROOT)


@pytest.mark.parametrize("check", make_table.CHECKS, ids=lambda check: check.__name__)
def test_the_course_has_no_gap(check, course):
    assert check(course) == []


def test_the_stored_table_is_up_to_date(course):
    stored = make_table.STORED.read_text(encoding="utf-8")
    assert stored == make_table.table(course), "run: python tests/equations/make_table.py"


@pytest.fixture
def small(tmp_path):
    """Collects a course of one notebook, one test and one module, each changed at will."""

    def collected(**change):
        parts = CORRECT | change
        cells = [{"cell_type": "markdown", "source": [text]} for text in parts["text"]]
        cells += [{"cell_type": "code", "source": [text], "metadata": {}} for text in parts["code"]]
        for name, text in {
            "notebooks/03_kl.ipynb": json.dumps({"cells": cells}),
            "tests/test_kl.py": parts["test"],
            "course_utils/kl.py": parts["package"],
        }.items():
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_text(text, encoding="utf-8")
        return make_table.collect(tmp_path)

    return collected


def gaps(course):
    return {check.__name__: found for check in make_table.CHECKS if (found := check(course))}


def test_a_course_without_gaps_has_none_and_the_table_names_all_three(small):
    course = small()
    assert gaps(course) == {}
    rows = make_table.table(course).removeprefix(make_table.HEAD).splitlines()
    assert rows == [
        r"| 3.1 | 03, 1 · A \| bound | [1], [2] | test_kl.py::test_both |",
        r"| 3.2 | 03, 1 · A \| bound | [2] | test_kl.py::test_both |",
    ]


@pytest.mark.parametrize(
    ("part", "old", "new", "check", "says"),
    [
        ("text", r"\tag{3.2}", r"\tag{3.1}", "not_in_order", "should state 3.2 here, but 3.1"),
        ("text", r"\tag{3.2}", r"\tag{3.3}", "not_in_order", "should state 3.2 here, but 3.3"),
        ("text", r"\tag{3.1}", r"\tag{2.1}", "not_in_order", "should state 3.1 here, but 2.1"),
        ("text", r"\tag{3.2}", r"\tag{*}", "not_in_order", "should state 3.2 here, but *"),
        ("code", "3.1 and 3.2", "3.1", "without_a_cell", "3.2 (1 · A | bound) is named by no"),
        ("code", "eqs. 3.1 and 3.2", "3.1, 3.2", "without_a_cell", "3.2 (1 · A | bound) is named"),
        ("test", '"3.1", "3.2"', '"3.1"', "without_a_test", "3.2 has no test"),
        ("test", "def test_both", "def both", "without_a_test", "3.1 has no test"),
        ("code", "3.1 and 3.2", "3.1, 3.2 and 3.3", "unknown", "03_kl [2] names 3.3"),
        ("test", '"3.2"', '"3.2", "4.1"', "unknown", "test_kl.py test_both names 4.1"),
        ("text", "eq. 3.1", "equation (3.7)", "unknown", "03_kl text names 3.7"),
        ("package", "3.2", "3.5", "unknown", "kl.py source names 3.5"),
    ],
)
def test_each_kind_of_gap_is_found(small, part, old, new, check, says):
    value = CORRECT[part]
    whole = isinstance(value, str)
    wrong = value.replace(old, new) if whole else [text.replace(old, new) for text in value]
    assert wrong != value
    assert says in " ".join(gaps(small(**{part: wrong}))[check])


def test_a_cell_of_another_notebook_does_not_count(small):
    course = small()
    moved = [cell._replace(file="04_x") for cell in course.cells]
    assert len(make_table.without_a_cell(course._replace(cells=moved))) == 2
    assert "| 04 [1], 04 [2] |" in make_table.table(course._replace(cells=moved))


def test_skipped_cells_have_no_number():
    cells = [
        {"cell_type": "code", "source": "a", "metadata": {"tags": ["skip-execution"]}},
        {"cell_type": "code", "source": "b", "metadata": {}},
    ]
    assert make_table.run_cells(cells) == ["b"]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("# eq. 3.4", ["3.4"]),
        ("(Eq. 3.4)", ["3.4"]),
        ("eqs. 4.9, 4.10", ["4.9", "4.10"]),
        ("eqs. 3.4 and 3.5.", ["3.4", "3.5"]),
        ("equations (3.4), (3.5), and (3.6)", ["3.4", "3.5", "3.6"]),
        ("eqs. 3.2, 3.6 to 3.9", ["3.2", "3.6", "3.7", "3.8", "3.9"]),
        ("eqs. 3.16 to 4.2", ["3.16", "4.2"]),
        ("eq. 2.1: 1.5 z + 0.3", ["2.1"]),
        ("E3.4, P2.1, 3.5 nats, eqs. 7 and 8, seq. 3.4", []),
        ("eq. 3.4 twice: eq. 3.4", ["3.4"]),
    ],
)
def test_equations_are_found_where_they_are_named(text, numbers):
    assert [naming.number for naming in make_table.named_in(text, "", "")] == numbers


def test_the_heading_is_that_of_the_section():
    """Not a comment in a fenced block, nor the exercise that stands above."""
    texts = ["## Real\n```python\n# a comment\n```", "### Exercise E1.1\n$$ a \\tag{1.1} $$"]
    assert [equation.heading for equation in make_table.stated_in(texts, "01")] == ["Real"]


def test_marks_may_stand_on_one_case_of_many(tmp_path):
    path = tmp_path / "test_x.py"
    case = 'pytest.param(1, marks=pytest.mark.equation("1.2"))'
    path.write_text(f'@pytest.mark.parametrize("n", [{case}])\ndef test_n(n):\n    assert n\n')
    assert [naming.number for naming in make_table.marked_in(path)] == ["1.2"]
