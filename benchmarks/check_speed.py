"""How long does a learner wait for a check? Hands in an answer that nobody has written before.

    python benchmarks/check_speed.py

Such an answer is compared with every slip of its page: the first time their edits are compiled and
run, later they are remembered. Bars, in a kernel that has imported torch: 300 ms, and then 60.
"""

import functools
import time
from collections.abc import Callable

import torch

from course_utils.exercises import verdict
from course_utils.exercises._engine.compare import as_tensor, parts_of
from course_utils.exercises._engine.registry import all_exercises


def odd(reference: Callable) -> Callable:
    """The right answer, moved and stretched."""

    @functools.wraps(reference)
    def answer(*args: object) -> object:
        output = reference(*args)
        moved = [_moved(part) for part in parts_of(output)]
        return tuple(moved) if isinstance(output, tuple) else moved[0]

    return answer


def _moved(part: object) -> object:
    tensor = as_tensor(part)
    if tensor is None or tensor.dtype == torch.bool:
        return part
    return 1.37 * tensor + 0.11


def milliseconds(run: Callable[[], object]) -> float:
    """Of one call."""
    start = time.perf_counter()
    run()
    return 1000 * (time.perf_counter() - start)


def main() -> None:
    """Print a line per exercise, the slowest last."""
    torch.optim.Adam([torch.zeros(1, requires_grad=True)])  # imports a compiler; notebooks have
    rows = []
    for name, exercise in all_exercises().items():
        answer = odd(exercise.reference)
        first, later, right = (
            milliseconds(functools.partial(verdict, name, given))
            for given in (answer, answer, exercise.reference)
        )
        rows.append((first, f"{name}: first {first:.0f} ms, later {later:.0f}, right {right:.0f}"))
    print(*(text for _, text in sorted(rows)), sep="\n")


if __name__ == "__main__":
    main()
