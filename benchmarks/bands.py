"""The bands of the notebooks, measured: run one with other seeds and note what `band` was given.

    python benchmarks/bands.py 05 --seeds 5

Every seed that stands in the notebook, manual_seed(5) or seed=5, is shifted by 100, 200, ...; the
table shows the band as written and the range that came. The cells that only show are run as well.
"""

import argparse
import os
import re
import sys
import tempfile
from collections import defaultdict
from contextlib import redirect_stdout
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SEED = re.compile(r"(manual_seed\(|\bseed=)(\d+)")


def main() -> int:
    """Print one line for each band; 1 if a value fell outside."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("notebook", help="how its file name begins, e.g. 05")
    parser.add_argument("--seeds", type=int, default=5)
    options = parser.parse_args()
    (path,) = (ROOT / "notebooks").glob(f"{options.notebook}*.ipynb")
    os.chdir(path.parent)
    os.environ["COURSE_STATE"] = tempfile.mkdtemp()
    values, bounds = defaultdict(list), {}
    for shift in range(options.seeds):
        for name, value, low, high in bands_of(path, 100 * shift):
            values[name].append(value)
            bounds[name] = low, high
    outside = 0
    for name, seen in values.items():
        low, high = bounds[name]
        outside += not low <= min(seen) <= max(seen) <= high
        print(f"{name:45} {min(seen):9.3f} to {max(seen):9.3f}   written {low:g} to {high:g}")
    return int(outside > 0)


def bands_of(path: Path, shift: int) -> list[tuple[str, float, float, float]]:
    """(name, value, low, high) of each call of band, in order, with all seeds shifted."""
    import matplotlib.pyplot as plt
    import nbformat

    import course_utils.exercises

    plt.switch_backend("Agg")
    seen: list[tuple[str, float, float, float]] = []
    course_utils.exercises.band = lambda name, *numbers: seen.append((name, *map(float, numbers)))
    names: dict = {"__name__": "__main__"}
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code":
            source = SEED.sub(lambda m: f"{m[1]}{int(m[2]) + shift}", cell.source)
            with open(os.devnull, "w") as nowhere, redirect_stdout(nowhere):
                exec(compile(source, path.name, "exec"), names)
        plt.close("all")
    return seen


if __name__ == "__main__":
    sys.exit(main())
