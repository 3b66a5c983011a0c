"""What the speed benchmarks share: work in turns, its ratios, and what this processor is like.

Other programs slow a processor for seconds at a time. So contenders take turns, an equal share of
work each, it is the processor's time that is compared, and a ratio is the median of the ratios of
neighbours in time. One thread, as the course has it unless a learner says otherwise.
"""

import statistics
import time
from collections.abc import Callable
from functools import partial

import torch

PENALTY = 2  # times as long: less is no penalty


def processor_time(work: Callable[[], object]) -> float:
    """Seconds that all threads of this program computed."""
    start = time.process_time()
    work()
    return time.process_time() - start


def in_turns(work: dict[str, Callable[[], object]], rounds: int) -> dict[str, list]:
    """What each says of itself, e.g. seconds, one number a round."""
    said = {name: [] for name in work}
    for _ in range(rounds):
        for name, measure in work.items():
            said[name].append(measure())
    return said


def ratio(times: dict[str, list[float]], fast: str, slow: str) -> float:
    """How many times as fast as `slow` is `fast`: the median over the rounds."""
    pairs = zip(times[slow], times[fast], strict=True)
    return statistics.median(a / b for a, b in pairs)


def judged(value: float, bar: float) -> str:
    """A ratio beside the bar that it should reach."""
    return f"{value:5.2f} (bar {bar:g}: {'reached' if value >= bar else 'MISSED'})"


def _often(work: Callable[[], object]) -> None:
    for _ in range(99):
        work()


def has_penalty() -> bool:
    """Whether denormal numbers cost time here: where exp makes them, or a product takes them."""
    logits, tiny, times = torch.linspace(-100, -90, 2**16), torch.full((2**16,), 1e-39), []
    for name, work in {"exp of -100 to -90": logits.exp, "1e-39 doubled": lambda: 2 * tiny}.items():
        seconds = {}
        for flush in (False, True):
            torch.set_flush_denormal(flush)
            seconds[flush] = min(processor_time(partial(_often, work)) for _ in range(3))
        times.append(seconds[False] / seconds[True])
        print(f"{name} takes {times[-1]:.1f} times as long as with denormals flushed")
    torch.set_flush_denormal(False)
    return max(times) > PENALTY


def products_round() -> bool:
    """Whether precision "medium" rounds factors to bfloat16 here, where a product of ones shows it.

    torch leaves that to oneDNN, which has it for processors with AMX; elsewhere its products keep
    all digits, and gain little or nothing.
    """
    factor = torch.full((128, 784), 1 + 2**-12)  # bfloat16 has 8 bits: it makes this 1
    torch.set_float32_matmul_precision("medium")
    rounded = (factor @ torch.ones(784, 400) == 784).all().item()
    torch.set_float32_matmul_precision("highest")
    print(
        f'matrix products with precision "medium" round to bfloat16: {"yes" if rounded else "no"}'
    )
    return rounded
