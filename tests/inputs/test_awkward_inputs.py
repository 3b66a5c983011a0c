"""Every public function against awkward inputs: a right answer, or a sentence that helps.

Of numbers that come back none is NaN, none infinite (but where 0 is a right probability), none
complex; of errors each is ours and says what was expected and what came.
"""

import traceback
from dataclasses import fields, is_dataclass
from pathlib import Path

import matplotlib.pyplot as plt
import pytest
from awkward import AWKWARD, GROUPS
from torch import Tensor

import course_utils

HERE = str(Path(course_utils.__file__).parent)
HELPS = ("came", "known are", "there is no", "should be")
MAY_BE_ZERO = {"log_bernoulli", "log_mean_exp", "iwae_bound"}  # what they are the logarithm of


def numbers_of(result):
    """The tensors of an answer."""
    if isinstance(result, Tensor):
        return [result]
    if is_dataclass(result) and not isinstance(result, type):
        result = [getattr(result, field.name) for field in fields(result)]
    if isinstance(result, (tuple, list)):
        return [t for part in result for t in numbers_of(part)]
    return []


def amiss(call, *, possible_zero):
    """What is wrong with what comes back, or ""."""
    try:
        result = call()
    except Exception as error:  # noqa: BLE001 - of whatever class it is
        inside = traceback.extract_tb(error.__traceback__)[-1].filename.startswith(HERE)
        ours = isinstance(error, (ValueError, TypeError, OSError)) and inside
        helps = any(word in str(error) for word in HELPS)
        return "" if ours and helps and len(str(error)) < 1000 else repr(error)[:200]
    finally:
        plt.close("all")
    for t in numbers_of(result):
        infinite = t.isinf().any() and not possible_zero
        if not t.numel() or t.is_complex() or t.isnan().any() or infinite:
            return f"{t}"[:200]
    return ""


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.__name__)
@pytest.mark.filterwarnings("ignore")
def test_an_awkward_input_gets_a_right_answer_or_a_sentence_that_helps(group, capsys):
    wrong = {}
    for name, value in AWKWARD.items():
        for at, call in enumerate(group(value)):
            zero = getattr(call, "func", call).__name__ in MAY_BE_ZERO
            if found := amiss(call, possible_zero=zero):
                wrong[f"{name}, call {at}"] = found
    assert not wrong, "\n".join(f"{case}: {found}" for case, found in wrong.items())
