"""How often does a check refuse its own reference? Runs every exercise with many seeds.

    python benchmarks/exercise_false_alarms.py            # 1000 seeds, a minute or two
    python benchmarks/exercise_false_alarms.py --seeds 50

Expected: no refusal. E2.3 accepts within five standard errors of a closed form; the others
compare with the reference's own values, on new inputs for each seed. Ends with status 1 if a
right answer was refused or a known slip accepted.
"""

import argparse
import sys
import time
from dataclasses import replace

from course_utils.exercises._engine.exercise import Exercise
from course_utils.exercises._engine.judge import RIGHT, judge
from course_utils.exercises._engine.registry import all_exercises


def refused(exercise: Exercise, seeds: int) -> list[int]:
    """Seeds whose inputs or noise make the check refuse a right answer."""
    answers = (exercise.reference, *exercise.also_right)
    return [
        seed
        for seed in range(seeds)
        if any(judge(exercise, answer, seed).status != RIGHT for answer in answers)
    ]


def accepted(exercise: Exercise, seeds: int) -> list[tuple[int, str]]:
    """Seeds and slips that the check lets pass."""
    bare = replace(exercise)
    bare.__dict__["slips"] = ()  # whether it is refused, not what for: that takes far longer
    return [
        (seed, slip.name)
        for seed in range(seeds)
        for slip in exercise.slips
        for wrong in slip.answers
        if judge(bare, wrong, seed).status == RIGHT
    ]


def main() -> int:
    """Print a line per exercise; the exit status says whether all is well."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=1000)
    parser.add_argument("--slips", type=int, default=20, help="seeds for the slips")
    options = parser.parse_args()
    trouble = 0
    for exercise in all_exercises().values():
        start = time.perf_counter()
        alarms, passed = refused(exercise, options.seeds), accepted(exercise, options.slips)
        trouble += len(alarms) + len(passed)
        print(
            f"{exercise.id}: right answers refused {len(alarms)} of {options.seeds} {alarms[:5]}, "
            f"slips accepted {len(passed)} {passed[:5]} "
            f"({time.perf_counter() - start:.0f} s)",
            flush=True,
        )
    return 1 if trouble else 0


if __name__ == "__main__":
    sys.exit(main())
