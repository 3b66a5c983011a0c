"""A hint is a claim: what can be computed of it holds for every answer that is shown it.

`claims_0N.py` has them, for the pages of notebook N, in TABLES, by exercise and slip.
"""

from importlib import import_module
from pathlib import Path

import pytest
from each_case import seen

from course_utils.exercises._engine.registry import find_exercise

FILES = sorted(Path(__file__).parent.glob("claims_*.py"))
TABLES = [entry for path in FILES for entry in import_module(path.stem).TABLES.items()]
CLAIMS = [
    pytest.param(name, slip, holds, id=f"{name}: {slip}")
    for name, table in TABLES
    for slip, holds in table.items()
]


@pytest.mark.parametrize(("name", "slip", "holds"), CLAIMS)
def test_what_a_hint_claims_holds_for_every_answer_under_it(name, slip, holds):
    slips = {known.name: known.answers for known in find_exercise(name).slips}
    assert slip in slips, "no slip of the page has this name"
    found = seen(name, slips[slip])
    false = [each.answer.__code__.co_filename for each in found if not holds(each)]
    assert false == []


def test_every_notebook_has_claims_and_no_exercise_two_tables():
    assert {path.stem[:9] for path in FILES} == {f"claims_0{number}" for number in range(1, 10)}
    assert len({name for name, _ in TABLES}) == len(TABLES)
