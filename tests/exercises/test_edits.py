"""Edits of a reference: what each kind of item makes of it, and what a bad one is told."""

import linecache

import pytest
import torch

from course_utils.exercises._engine.edits import EditError, compiled, edited

SOURCE = '''def my_loss(x, mu):
    """Half the square, (B,)."""
    squared = (x - mu) ** 2  # (B, D)
    squared = squared.clone()
    half = 0.5 * squared
    return half.sum(dim=-1)
'''


@pytest.mark.parametrize(
    ("item", "line"),
    [
        ("`.sum(dim=-1)` → `.mean(-1)`", "return half.mean(-1)"),
        ("`( x-mu )**2` → `(x - mu).abs()`", "squared = (x - mu).abs()  # (B, D)"),
        ("`0.5 *` → nothing", "half =  squared"),
        ("`squared = squared.clone()` → nothing", "# (B, D)\n    \n    half"),
        ("`half = squared`", "half = squared"),
        ("`return -half.sum(-1)`", "return -half.sum(-1)"),
        ("`0.5` → `2`, `return half`", "half = 2 * squared"),
        ("`half = 0.5` → `half = 0.25; half = half`", "half = 0.25; half = half * squared"),
    ],
)
def test_an_item_changes_what_it_names(item, line):
    assert line in edited(SOURCE, item).partition('"""\n')[2]


@pytest.mark.parametrize(
    ("item", "mend"),
    [
        ("`0.5` → `0.5`", "this changes nothing"),
        ("`0.5 * squared` → `0.5*squared`", "this changes nothing"),
        ("`half = 0.5` → `break; half = 0.5`", "no Python any more: 'break' outside loop"),
        ("`squared` → `x`", "stands 4 times in the reference; write more of its surroundings"),
        ("`.mean()` → nothing", "stands 0 times in the reference; copy it from the reference"),
        ("`Half the square` → nothing", "stands 0 times"),
        ("`def my_loss` → `def mine`", "stands 0 times"),
        ("`.sum(` → `.mean(`", "`.sum(` is no piece of Python by itself: are its brackets"),
        ("`-1)` → `0)`", "`-1)` is no piece of Python by itself: are its brackets balanced?"),
        ("`0.5` → `0.5) * (2`", "`0.5) * (2` is no piece of Python by itself"),
        ("`return half + `", "is no Python"),
        ("`0.5` → `0.5 0.5`", "no Python any more"),
        ("`half.sum()`", "should be `name = value` or `return value`, or lacks its →"),
        ("`other = 3`", "0 statements of the reference make other, expected one"),
        ("`squared = x`", "2 statements of the reference make squared, expected one"),
        ("`0.5` -> `1`", "expected `old` → `new`"),
        ("`0.5` → `1`,", "expected `old` → `new`"),
        ("0.5 → 1", "expected `old` → `new`"),
    ],
)
def test_a_bad_item_is_told_what_to_write(item, mend):
    with pytest.raises(EditError) as told:
        compiled(edited(SOURCE, item), "<an item>")
    assert mend in str(told.value)


def test_what_comes_out_is_a_function_that_tracebacks_can_show():
    answer = compiled(edited(SOURCE, "`half = undefined`"), "<E0.1.md, line 7>")
    with pytest.raises(NameError, match="undefined"):
        answer(torch.ones(2), 1)
    assert linecache.getline("<E0.1.md, line 7>", 5).strip() == "half = undefined"
    with pytest.raises(EditError, match="expected one `def`"):
        compiled("x = 3\n", "<no function>")
