"""No small change of a reference passes its check, unless it changes nothing that is asked for."""

import random

import pytest
from learner import with_slips
from mutants import mutants
from thorough import thorough

from course_utils.exercises._engine.edits import compiled
from course_utils.exercises._engine.judge import NOT_YET, judge
from course_utils.exercises._engine.registry import all_exercises, find_exercise

DRAWN = 40
LAST_AXIS = {"-1 → 1": "(B, D): its last axis is 1"}
SHIFT = dict.fromkeys(("0.0 → 1.0", "0.0 → -1.0"), "any shift will do where all are log 0")
TABLE = "(log_q.exp() * (log_joint - log_q)).sum(dim=-1)"
EQUIVALENT = {  # by exercise: the change, and why it changes nothing
    "E1.1": LAST_AXIS,
    "E1.2": {"a * z + b + noise → a * z + b - noise": "the noise is symmetric about 0"},
    "E1.3": {"x - a * z → x + a * z": "so are the prior and the grid", "grid → z": "the same"},
    "E1.5": {"grid → z": "z is the grid, as a column"},
    "E2.1": SHIFT,
    "E2.2": SHIFT,
    "E2.4": SHIFT,
    "E2.5": SHIFT,
    "E2.6": {"log_w → w": "the length of both is K"},
    "E3.1": LAST_AXIS,
    "E3.2": LAST_AXIS,
    "E3.5": {
        **LAST_AXIS,
        "1 → 2": "(V, G): its last axis is 1, and the grid is even",
        **dict.fromkeys(("z → mus", "z → v", "z → log_joint"), "one number for all q"),
        **dict.fromkeys(("log_vars → log_q", "log_vars → v"), "the length of all is V"),
        f"{TABLE} * (z[1] - z[0]) → {TABLE}": "one factor for all q",
        f"{TABLE} * (z[1] - z[0]) → {TABLE} / (z[1] - z[0])": "another one",
        **dict.fromkeys(
            ("2 * torch.pi → 2", "2 * torch.pi → 2 / torch.pi", "2 → 3", "2 → 1", "2 → 4"),
            "log q moves by one number for all q",
        ),
    },
    "E4.3": {
        "mu ** 2 + log_var.exp() - 1 → mu ** 2 + log_var.exp()": "no gradient sees a constant",
        "mu ** 2 + log_var.exp() - 1 → mu ** 2 + log_var.exp() + 1": "nor its sign",
        **dict.fromkeys(("1 → 2", "1 → 0"), "nor its size"),
        **dict.fromkeys(
            ("mu.clone() → mu", "log_var.clone() → log_var"), "only the caller's tensor asks, too"
        ),
    },
    "E4.4": LAST_AXIS,
    "E5.1": LAST_AXIS,
    "E5.2": {**LAST_AXIS, "x → mean": "both are D long"},
    "E5.3": LAST_AXIS,
    "E5.4": {"optimizer → model": "a model can clear its gradients, too"},
    "E6.3": {"0 → 1": "N - 1 is accepted"},
    "E6.4": {
        "sigma2.sqrt().item() → sigma2.sqrt()": "a number as a tensor",
        "0 → -1": "the covariance is symmetric",
        **dict.fromkeys(
            ("x - b → x", "x - b → x + b", "b → latent_dim"), "one centred factor is enough"
        ),
    },
    "E7.2": LAST_AXIS,
    "E7.4": LAST_AXIS,
    "E8.2": {"1 → 0": "begins with a move at beta = 0, which is as right"},
}


@pytest.mark.parametrize("name", all_exercises())
def test_no_mutant_of_a_reference_passes(name):
    exercise = find_exercise(name)
    found, bare = mutants(exercise.source), with_slips(exercise)
    drawn = found if thorough() else random.Random(name).sample(found, min(DRAWN, len(found)))
    passed = {
        change
        for change, source in drawn
        if judge(bare, compiled(source, f"<{name}: {change}>")).status != NOT_YET
    }
    listed = EQUIVALENT.get(name, {}).keys()
    assert passed <= listed
    if thorough():
        assert listed <= passed
