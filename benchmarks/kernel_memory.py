"""What does a kernel weigh after Run All, and what did it compute?

The bars: 400 MB after notebook 02, 520 MB after 05; 40 seconds of the processor for each.

    python benchmarks/kernel_memory.py             # all notebooks, a fresh kernel each
    python benchmarks/kernel_memory.py 02 05       # some of them
    python benchmarks/kernel_memory.py 05 --cells  # and which cells made it grow

A kernel reads its own /proc/self/status, so this runs on Linux. Resident memory is what the system
cannot give to others: its own (RssAnon) and what is mapped from files such as torch's libraries
(RssFile), which kernels share. The notebooks run as `python3 -m course_utils notebooks` runs them,
with one thread; nothing is stored. Heavy modules are those of HEAVY that were imported.
"""

import argparse
import json
from pathlib import Path

import nbformat

from course_utils._door.copies import find_notebook, notebooks_in
from course_utils._door.notebooks import execute
from course_utils._door.setup import ROOT

FIELDS = ("VmRSS", "VmHWM", "RssAnon", "RssFile")
HEAVY = (
    *("sklearn", "scipy", "pandas", "sympy", "networkx", "requests", "pooch", "PIL"),
    *("torch._dynamo", "torch._inductor", "torch.distributions", "torch.fx.experimental"),
    *("matplotlib.pyplot", "matplotlib.animation"),
)
PROBE = f"""
import json as _json, sys as _sys, time as _time
_status = dict(_line.split(":", 1) for _line in open("/proc/self/status"))
_heavy = [_name for _name in {HEAVY!r} if _name in _sys.modules]
_sizes = [int(_status[_name].split()[0]) for _name in {FIELDS!r}]
print(_json.dumps([_sizes, _heavy, _time.process_time()]))
"""
LEAST = 2.0  # MB by which a cell must grow the kernel for `--cells` to name it


def probed(path: Path, *, each: bool) -> list[tuple[str, list[float], list[str], float]]:
    """After the last cell, or after each: its source, megabytes, heavy modules, CPU seconds."""
    notebook = nbformat.read(path, as_version=4)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    probes = [nbformat.v4.new_code_cell(PROBE) for _ in cells]
    pairs = zip(cells, probes, strict=True)
    notebook.cells = [cell for pair in pairs for cell in pair] if each else [*cells, probes[-1]]
    execute(notebook, path.parent)
    pairs = zip(cells, probes, strict=True)
    return [(cell.source, *measured(probe)) for cell, probe in pairs if probe.outputs]


def measured(probe: nbformat.NotebookNode) -> tuple[list[float], list[str], float]:
    """What a probe printed, kibibytes as megabytes."""
    sizes, heavy, seconds = json.loads(probe.outputs[0].text)
    return [size * 1024 / 1e6 for size in sizes], heavy, seconds


def print_growth(rows: list[tuple]) -> None:
    """A line for each cell after which the kernel holds more, or knows another heavy module."""
    before, known = 0.0, set()
    for source, (resident, *_), heavy, _ in rows:
        new = [name for name in heavy if name not in known]
        if resident - before >= LEAST or new:
            first = source.strip().splitlines()[0]
            print(f"   {resident - before:+6.1f} {first[:60]:60s} {' '.join(new)}")
        before, known = resident, {*known, *heavy}


def main() -> None:
    """Print a row per notebook."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("notebooks", nargs="*", help="starts of file names, such as 02")
    parser.add_argument("--cells", action="store_true", help="also which cells made it grow")
    options = parser.parse_args()
    folder = ROOT / "notebooks"
    paths = [find_notebook(folder, name) for name in options.notebooks] or notebooks_in(folder)
    print("MB after Run All   resident    peak     own  mapped   CPU s   heavy modules")
    for path in paths:
        rows = probed(path, each=options.cells)
        _, (resident, peak, own, mapped), heavy, seconds = rows[-1]
        sizes = f"{resident:8.0f}{peak:8.0f}{own:8.0f}{mapped:8.0f}{seconds:8.1f}"
        print(f"{path.stem[:18]:18s} {sizes}   {' '.join(heavy)}", flush=True)
        if options.cells:
            print_growth(rows)


if __name__ == "__main__":
    main()
