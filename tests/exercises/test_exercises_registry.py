"""The data of all exercises: references are right, mistakes get their own hints, stubs wait."""

import ast
import inspect
import textwrap

import numpy as np
import pytest
import torch
from learner import be_patient, from_single_precision, in_single_precision, said
from places import markdown_of, notebook, sources_of
from thorough import seeds

from course_utils.exercises import check
from course_utils.exercises._engine import compare
from course_utils.exercises._engine import run as running
from course_utils.exercises._engine.judge import NOT_YET, RIGHT, WAITING, judge
from course_utils.exercises._engine.registry import all_exercises, all_predictions, registries
from course_utils.exercises._engine.trial import known

EXERCISES = all_exercises()
each_exercise = pytest.mark.parametrize("exercise", EXERCISES.values(), ids=EXERCISES)
SLIPS = [
    pytest.param(exercise, slip, id=f"{exercise.id} {slip.name}")
    for exercise in EXERCISES.values()
    for slip in exercise.slips
]
DIFFERENTIATED = [
    pytest.param(exercise, position, id=f"{name} {position}")
    for name, exercise in EXERCISES.items()
    for position in next((c.gradients for c in exercise.cases(0) if c.gradients), ())
]


@each_exercise
def test_references_are_right_for_every_seed(exercise):
    """benchmarks/exercise_false_alarms.py tries a thousand."""
    for seed in seeds(3, 20):
        for right in (exercise.reference, *exercise.also_right):
            verdict = judge(exercise, right, seed)
            assert verdict.status == RIGHT, (seed, verdict.says)


@pytest.mark.parametrize(("exercise", "slip"), SLIPS)
def test_every_answer_under_a_slip_gets_its_hint_whatever_the_inputs(exercise, slip):
    """On some inputs that no learner meets two slips are one: E2.5's of seed 1, E5.5's of 4."""
    for seed in seeds(1, 10):
        for answer in slip.answers:
            verdict, where = judge(exercise, answer, seed), (seed, answer.__code__.co_filename)
            assert verdict.status == NOT_YET, where
            if seed < (1 if exercise.id == "E2.5" else 4):
                assert verdict.mistake == slip.name, (*where, verdict)
                assert verdict.hint == slip.hint


def returning(converted, function):
    """The answer that converts what a function returns, part by part."""

    def answer(*args):
        output = function(*args)
        parts = tuple(map(converted, compare.parts_of(output)))
        return parts if isinstance(output, tuple) else parts[0]

    return answer


def in_numpy(part):
    return np.asarray(part.detach() if isinstance(part, torch.Tensor) else part)


def no_history(part):
    return part.detach().clone() if isinstance(part, torch.Tensor) else part


def all_in_numpy(function):
    """The answer that a learner writes in NumPy: of arrays, with arrays in a list."""

    def answer(*args):
        parts = (torch.tensor(arg.numpy()) if type(arg) is torch.Tensor else arg for arg in args)
        return function(*parts)  # a network, a tensor of another type, comes as it is

    numpy = returning(in_numpy, answer)
    return lambda *args: list(out) if isinstance(out := numpy(*args), tuple) else out


@each_exercise
def test_references_in_single_precision_and_in_numpy_are_right(exercise, monkeypatch):
    """Rounded at the end, and from the inputs on where no network or model comes in."""
    be_patient(monkeypatch)
    right = (exercise.reference, *exercise.also_right)
    answers = [returning(in_single_precision, exercise.reference)]
    if not exercise.in_torch:
        answers += [form for one in right for form in (returning(in_numpy, one), all_in_numpy(one))]
    if exercise.id not in ("E4.4", "E5.3", "E5.5", "E7.3"):  # whose networks are in double
        answers += [from_single_precision(answer) for answer in (exercise.reference, *answers[2:3])]
    for seed in seeds(1, 5):
        for answer in answers:
            verdict = judge(exercise, answer, seed)
            assert verdict.status == RIGHT, (seed, verdict.says)


@pytest.mark.parametrize(("exercise", "slip"), SLIPS)
def test_a_slip_in_single_precision_or_in_numpy_gets_its_hint_too(exercise, slip):
    if not known(exercise, 0).wrong_gradients(slip):
        for converted in (in_single_precision, in_numpy):
            verdict = judge(exercise, returning(converted, slip.answers[0]))
            assert verdict.mistake == slip.name, verdict.says


@each_exercise
def test_no_two_slips_share_a_hint(exercise):
    hints = [slip.hint for slip in exercise.slips]
    assert len(set(hints)) == len(hints)


@pytest.mark.parametrize(("exercise", "position"), DIFFERENTIATED)
def test_an_input_that_is_cut_off_is_noticed(exercise, position):
    """Values right, a part of the gradient gone; all of it, where nothing differentiates."""

    def answer(*args):
        parts = [arg.detach() if i == position else arg for i, arg in enumerate(args)]
        return exercise.reference(*parts)

    verdict = judge(exercise, answer)
    if exercise.in_torch or len(exercise.cases(0)[0].gradients) > 1:
        assert verdict.status == NOT_YET and "gradient" in verdict.says
    else:
        assert verdict.status == RIGHT and verdict.says == compare.NO_WAY_BACK


@each_exercise
def test_numbers_alone_are_right_where_nothing_differentiates_them(exercise):
    verdict = judge(exercise, returning(no_history, exercise.reference))
    assert (verdict.status == RIGHT) is not exercise.in_torch, verdict.says
    told = compare.GRADIENT_CUT if exercise.in_torch else compare.NO_WAY_BACK
    differentiated = any(case.gradients for case in exercise.cases(0))
    assert (told in verdict.says) is differentiated
    assert bool(verdict.mistake) is exercise.in_torch
    if exercise.in_torch:  # the notebook differentiates through the answer
        verdict = judge(exercise, returning(in_numpy, exercise.reference))
        assert verdict.status == NOT_YET
        assert verdict.says.startswith("The values are right, but the gradient is cut")


@each_exercise
def test_the_untouched_stub_waits_and_the_notebook_goes_on(exercise, shown):
    names = ", ".join(inspect.signature(exercise.reference).parameters)
    space = {}
    exec(f"def stub({names}):\n    'docstring'\n    ...", space)
    assert running.is_stub(space["stub"])
    assert judge(exercise, space["stub"]).status == WAITING
    assert check(exercise.id, space["stub"]) is exercise.reference
    assert f"{exercise.id} is waiting for you" in said(shown)


@pytest.mark.parametrize("name", [n for n, e in EXERCISES.items() if e.judge is None])
def test_slips_are_further_away_than_single_precision(name, monkeypatch):
    """Ten times the loose tolerance, so that a float32 answer is never taken for a mistake.

    E2.3, which judges noise within standard errors, has no such tolerance.
    """
    inputs = known(EXERCISES[name], 0)
    slips = [slip for slip in EXERCISES[name].slips if not inputs.wrong_gradients(slip)]
    ten_times = {kind: 10 * size for kind, size in compare.SINGLE.items()}
    monkeypatch.setattr(compare, "tolerance", lambda value: ten_times)
    for slip in slips:
        for wrong in inputs.wrong(slip)[:1]:
            assert not compare.same_outputs(inputs.expected[-1], wrong), slip.name


@each_exercise
def test_the_notebook_has_the_registry_s_heading_and_the_solution_s_first_line(exercise):
    path, text = notebook(exercise.id[1:].split(".")[0].zfill(2)), exercise.text
    heading = f"{exercise.id} (difficulty {text.difficulty}, {text.minutes} minutes)"
    assert f"### Exercise {heading}" in markdown_of(path)
    first_line = exercise.source.splitlines()[0]
    assert first_line in "\n".join(sources_of(path)).splitlines()


@each_exercise
def test_a_solution_as_it_is_shown_is_right_with_torch_alone(exercise):
    """Pasted where there is nothing else: besides builtins it needs nothing but torch."""
    source, space = exercise.source, {"torch": torch}
    exec(source, space)
    assert judge(exercise, space[exercise.reference.__name__]).status == RIGHT
    tree = ast.parse(textwrap.dedent(source))
    loaded = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    outside = loaded - set(exercise.reference.__code__.co_varnames) - {"len"}
    assert outside <= {"torch"}
    assert ast.get_docstring(tree.body[0])


def test_ids_belong_to_their_registry_and_every_ladder_has_rungs():
    for number, module in registries().items():
        for item in (*module.EXERCISES, *all_predictions(number).values()):
            assert item.id[1:].split(".")[0].zfill(2) == number
    assert all(len(exercise.text.hints) >= 3 for exercise in EXERCISES.values())


def test_not_every_prediction_has_the_same_answer_for_the_same_question():
    first, second = (all_predictions()[name] for name in ("P2.3", "P2.4"))
    assert first.choices == second.choices and first.right != second.right
