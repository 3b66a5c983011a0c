"""A hint is a claim: what can be computed of it holds for every answer that is shown it.

`claims_0N.py` has them, for the pages of notebook N, as {"E2.4: not normalised": predicate}.
"""

from importlib import import_module
from pathlib import Path

import pytest
from seen import seen

from course_utils.exercises._engine.registry import find_exercise

FILES = sorted(Path(__file__).parent.glob("claims_*.py"))
TABLES = [import_module(path.stem).CLAIMS for path in FILES]
CLAIMS = [entry for table in TABLES for entry in table.items()]


@pytest.mark.parametrize(("name", "holds"), CLAIMS, ids=[name for name, _ in CLAIMS])
def test_what_a_hint_claims_holds_for_every_answer_under_it(name, holds):
    exercise_id, _, slip = name.partition(": ")
    slips = {known.name: known.answers for known in find_exercise(exercise_id).slips}
    assert slip in slips, "no slip of the page has this name"
    found = seen(exercise_id, slips[slip])
    false = [each.answer.__code__.co_filename for each in found if not holds(each)]
    assert false == []


def test_every_notebook_has_claims_and_no_claim_is_written_twice():
    assert {path.stem[:9] for path in FILES} == {f"claims_0{number}" for number in range(1, 10)}
    assert len({name for name, _ in CLAIMS}) == len(CLAIMS)
