"""How long from a command to something that can be used: an import, and `lab` cold and warm?

    python benchmarks/starting.py                  # needs a network, or pip's cache; 3 minutes
    python benchmarks/starting.py --no-lab         # the imports alone

`lab` is timed in a clone of its own, from the command to the moment when its page answers: cold,
when it makes .venv and installs everything (from pip's cache, if that has it), and warm, when all
is there. The clone is of the last commit. The bar: 50 ms for `import course_utils`.
"""

import argparse
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parents[1]
IMPORTS = {
    "course_utils": "import course_utils",
    "torch alone": "import torch",
    "course_utils.training": "from course_utils.training import fit",
    "all of notebook 05": "from course_utils import data, exercises, models, plots, pretrained, "
    "toys, training, widgets",
}
BAR, LIMIT = 50, 600  # milliseconds of the first import; seconds that a lab may take


def seconds_of(code: str, rounds: int = 5) -> float:
    """Of the import alone, the median of fresh interpreters."""
    timed = f"import time\nbegun = time.perf_counter()\n{code}\nprint(time.perf_counter() - begun)"
    runs = [subprocess.check_output([sys.executable, "-c", timed]) for _ in range(rounds)]
    return statistics.median(map(float, runs))


def seconds_to_lab(clone: Path) -> float:
    """From the command until the page that it names answers."""
    begun = time.perf_counter()
    command = ["python3", "-m", "course_utils", "lab", "--no-browser"]
    how = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    lab = subprocess.Popen(command, cwd=clone, start_new_session=True, **how)
    watch = threading.Timer(LIMIT, os.killpg, (lab.pid, signal.SIGTERM))  # which ends the loop
    watch.start()
    try:
        for line in lab.stdout:
            if address := re.search(r"http://\S+", line):
                wait_for(address[0], begun + LIMIT)
                return time.perf_counter() - begun
        raise RuntimeError(f"{' '.join(command)} should name its page, but it did not; try it.")
    finally:
        watch.cancel()
        if lab.poll() is None:
            os.killpg(lab.pid, signal.SIGTERM)
        lab.wait()


def wait_for(address: str, until: float) -> None:
    """Ask for a page until it comes: Jupyter names it before it listens."""
    while True:
        try:
            with urllib.request.urlopen(address, timeout=60) as page:
                page.read()
            return
        except urllib.error.URLError as error:
            refused = isinstance(error.reason, ConnectionRefusedError)
            if not refused or time.perf_counter() > until:
                raise
            time.sleep(0.02)


def main() -> None:
    """Print a line each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--no-lab", action="store_true", help="measure the imports alone")
    options = parser.parse_args()
    for name, code in IMPORTS.items():
        took = 1000 * seconds_of(code)
        bar = f" (bar {BAR}: {'kept' if took <= BAR else 'MISSED'})" * (name == "course_utils")
        print(f"{name:24s} {took:6.0f} ms{bar}", flush=True)
    if options.no_lab:
        return
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "clone"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        for name in ("cold", "warm", "warm again"):
            print(f"{'lab, ' + name:24s} {seconds_to_lab(clone):6.1f} s", flush=True)


if __name__ == "__main__":
    main()
