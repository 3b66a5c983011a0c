"""How long does a learner wait for the first training cell, alone and beside a busy neighbour?

    python benchmarks/first_cell.py                # a minute or two; the cell is in notebook 00
    python benchmarks/first_cell.py --rounds 3

The cell is read out of the notebook, with all imports above it, and runs in a fresh process: as the
course sets its threads (one, unless the learner says otherwise), and with a thread for each core,
as torch would have it. Its neighbours compute without a pause, one for each core but one. OpenMP's
threads spin while they wait for each other, so one that has to share its core holds up all.

The bar: beside the neighbours at most 2 times the quiet time, as the course sets it.
"""

import argparse
import ast
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import nbformat
from turns import in_turns, ratio

NOTEBOOK = Path(__file__).parents[1] / "notebooks" / "00_start_here.ipynb"
BAR, LIMIT = 2, 60  # times the quiet time; seconds after which a run is broken off
THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS")
TIMED = """{imports}
import time
start = time.perf_counter()
{cell}
print("seconds", time.perf_counter() - start)
"""


def program() -> str:
    """The first cell that trains, below all imports that precede it; it prints its seconds."""
    imports = []
    for cell in nbformat.read(NOTEBOOK, as_version=4).cells:
        if cell.cell_type != "code":
            continue
        if ".backward()" in cell.source:
            return TIMED.format(imports="\n".join(imports), cell=cell.source)
        body = ast.parse(cell.source).body
        imports += [ast.unparse(s) for s in body if isinstance(s, (ast.Import, ast.ImportFrom))]
    raise ValueError(f"{NOTEBOOK} should have a cell that trains, but none calls backward().")


@contextmanager
def neighbours(n: int) -> Iterator[None]:
    """So many processes that do nothing, without a pause."""
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(n)]
    try:
        yield
    finally:
        for process in busy:
            process.kill()
            process.wait()


def seconds(code: str, threads: dict[str, str], n_neighbours: int) -> float:
    """How long the cell takes, or LIMIT if it is not done by then."""
    own = {name: value for name, value in os.environ.items() if name not in THREADS}
    environment = {**own, "MPLBACKEND": "agg", **threads}
    with neighbours(n_neighbours):
        try:
            run = subprocess.run(
                [sys.executable, "-c", code],
                check=True,
                capture_output=True,
                text=True,
                env=environment,
                timeout=LIMIT,
            )
        except subprocess.TimeoutExpired:
            return LIMIT
    return float(run.stdout.split()[-1])


def main() -> None:
    """Print the median seconds of each case and, of each choice of threads, busy over quiet."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=1)
    rounds, cores, code = parser.parse_args().rounds, os.cpu_count(), program()
    choices = {"course": {}, "a thread a core": {"OMP_NUM_THREADS": str(cores)}}
    places = {"quiet": 0, "busy": max(1, cores - 1)}
    work = {
        (choice, place): partial(seconds, code, threads, n)
        for choice, threads in choices.items()
        for place, n in places.items()
    }
    print(f"{cores} cores, {places['busy']} busy neighbours")
    times = in_turns(work, rounds)
    for choice in choices:
        quiet, busy = (statistics.median(times[choice, place]) for place in places)
        slower = ratio(times, (choice, "quiet"), (choice, "busy"))
        words = f"{slower:.2f} times" + " or more" * (busy == LIMIT)
        if choice == "course":
            words += f" (bar {BAR}: {'kept' if slower <= BAR else 'MISSED'})"
        print(f"{choice:16s} quiet {quiet:5.1f} s, busy {busy:5.1f} s: {words}")


if __name__ == "__main__":
    main()
