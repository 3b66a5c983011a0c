"""Numbers beside each other."""

import re

import numpy as np
import pytest
import torch
from learner import said

from course_utils.exercises import table

ROWS = [("KL", 0.28315, torch.tensor(0.2832)), ("draws", 10000, "any"), ("`x`", -1e-9, True)]


def test_text_is_aligned_names_to_the_left_numbers_to_the_right(shown):
    table(["", "mine", "exact"], ROWS)
    assert repr(shown[-1]).splitlines() == [
        "         mine  exact",
        "KL      0.283  0.283",
        "draws  10,000    any",
        "`x`     0.000   True",  # a zero has no sign
    ]


def test_html_has_headings_of_rows_and_columns_and_numbers_to_the_right(shown):
    table(["a < b", "mine"], [("`x`", 1.5)], digits=1)
    markup = shown[-1]._repr_html_()
    heads = re.findall(r'<th scope="(\w+)" style="text-align: (\w+)">(.*?)</th>', markup)
    assert heads == [
        ("col", "left", "a &lt; b"),
        ("col", "right", "mine"),
        ("row", "left", "<code>x</code>"),
    ]
    assert '<td style="text-align: right">1.5</td>' in markup


def test_a_column_without_a_name_has_no_heading(shown):
    table(["", "mine", ""], [("KL", 1, "draws")])
    head = shown[-1]._repr_html_().partition("</thead>")[0]
    assert head.startswith("<table><thead><tr><td></td><th")
    assert head.endswith("mine</th><td></td></tr>")


def test_numbers_of_torch_and_numpy_are_numbers(shown):
    ones = (torch.ones(1, 1), torch.tensor(1), np.float32(1), np.array([1.0]), np.int64(1000))
    table(["a", *"bcdef"], [("one", *ones)], digits=2)
    assert said(shown).endswith("one 1.00 1 1.00 1.00 1,000")


def test_rows_may_be_made_one_by_one(shown):
    table(["", "mine"], zip("ab", torch.tensor([1.0, 2.0]), strict=True))
    assert said(shown) == "mine a 1.000 b 2.000"


@pytest.mark.parametrize("row", [(), ("KL",), ("KL", 1, 2)])
def test_a_row_of_another_length_is_refused(row, shown):
    with pytest.raises(ValueError, match=r"should have 2 entries, as \['', 'mine'\] has, but"):
        table(["", "mine"], [("KL", 1), row])
    with pytest.raises(ValueError, match="head should name one column or more, but none came"):
        table([], [])
    assert not shown
