"""How do the estimators' time and memory grow with n, B, D and L?

    python benchmarks/scaling.py                   # some two minutes

A VAE with one hidden layer of 400, new weights, pictures of its own; one thread. Each size is four
times the one before, all in turns (see turns.py), medians of three. The exponent is the slope of
log time over log size, by least squares: 1 is proportional. The bar: no exponent above 1.05.
Memory is by how much a call lifts the highest resident size of a process of its own (Linux).
"""

import argparse
import math
import statistics
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import torch
from turns import in_turns, processor_time

from course_utils.estimators import (
    annealed_importance_sampling,
    elbo,
    importance_sampling,
    naive_monte_carlo,
)
from course_utils.models import VAE

BASE = {"n": 1000, "B": 50, "D": 784, "L": 20}
SIZES = {"n": (500, 2000, 8000), "B": (16, 64, 256), "D": (256, 1024, 4096), "L": (8, 32, 128)}
BAR = 1.05


def task(estimator: str, n: int, B: int, D: int, L: int) -> Callable[[], object]:
    """One call of an estimator at these sizes: n draws, or n / 50 draws of elbo and chains."""
    torch.manual_seed(0)
    model, generator = VAE((D,), L, (400,)).eval(), torch.Generator().manual_seed(0)
    x = model.sample_x(model.sample_prior(B, generator=generator), generator=generator)
    with torch.no_grad():
        q = model.encode(x)
    if estimator == "naive_monte_carlo":
        return lambda: naive_monte_carlo(model, x, n, generator=generator)
    if estimator == "importance_sampling":
        return lambda: importance_sampling(model, x, q, n, generator=generator)
    k = max(1, n // 50)
    if estimator == "elbo":
        return lambda: elbo(model, x, q, torch.randn(k, B, L, generator=generator))
    return lambda: annealed_importance_sampling(model, x, k, 5, generator=generator)


# elbo keeps all draws for its gradient, and annealing is slow: of both fewer draws, or chains.
MEMORY = {"elbo": (), "annealed_importance_sampling": ("1000", "10000")}
ESTIMATORS = "naive_monte_carlo", "importance_sampling", "elbo", "annealed_importance_sampling"


def exponent(sizes: tuple[int, ...], seconds: list[float]) -> float:
    """The slope of log seconds over log sizes."""
    u, v = ([math.log(value) for value in values] for values in (sizes, seconds))
    a, b = statistics.mean(u), statistics.mean(v)
    return sum((p - a) * (q - b) for p, q in zip(u, v, strict=True)) / sum((p - a) ** 2 for p in u)


def resident(field: str) -> float:
    """This process's memory now (VmRSS) or at its highest (VmHWM), MB.

    Not by getrusage: a child's begins at what its parent once held.
    """
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(field)) / 1024


def main() -> None:
    """Print a row for each estimator and size."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--memory", nargs=2, metavar=("ESTIMATOR", "N"), help="measure that alone")
    options = parser.parse_args()
    torch.set_num_threads(1)
    if options.memory:
        estimator, n = options.memory
        task(estimator, **BASE | {"n": 50})()  # the first call loads what it needs
        work, before = task(estimator, **BASE | {"n": int(n)}), resident("VmRSS")
        work()
        print(max(0.0, resident("VmHWM") - before))
        return
    print(
        f"{'':30}"
        + "".join(f"{'over ' + name:>12}" for name in SIZES)
        + "   MB at n = 1e3, and 1e5 (1e4)"
    )
    highest = 0.0
    for estimator in ESTIMATORS:
        exponents = []
        for name, sizes in SIZES.items():
            work = {size: task(estimator, **BASE | {name: size}) for size in sizes}
            for call in work.values():
                call()
            times = in_turns(
                {s: partial(processor_time, c) for s, c in work.items()}, options.rounds
            )
            exponents += [exponent(sizes, [statistics.median(times[size]) for size in sizes])]
        megabytes = []
        for n in MEMORY.get(estimator, ("1000", "100000")):
            command = [sys.executable, __file__, "--memory", estimator, n]
            megabytes += [f"{float(subprocess.check_output(command)):.0f}"]
        highest = max(highest, *exponents)
        row = "".join(f"{value:12.2f}" for value in exponents)
        print(f"{estimator:30}{row}   {', '.join(megabytes)}", flush=True)
    print(f"largest exponent {highest:.2f} (bar {BAR}: {'kept' if highest <= BAR else 'MISSED'})")


if __name__ == "__main__":
    main()
