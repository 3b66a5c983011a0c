"""All speed benchmarks, one after the other; writes RESULTS.md beside itself.

    COURSE_DATA=FOLDER .venv/bin/python benchmarks/run.py          # an hour; FOLDER holds mnist/
    .venv/bin/python benchmarks/run.py --only "Starting"           # one part anew, in its place

Leave the machine alone meanwhile: the load before each part stands beside it. pythae, which some
parts compare with, is installed into an environment of its own unless --pythae names one.
"""

import argparse
import datetime
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy
import torch

HERE = Path(__file__).parent
PYTHAE = "pythae==0.1.2"
INTRODUCTION = """# How fast the course is

Written by `python benchmarks/run.py` on {date}: {processor}, {cores} cores, {system}, Python
{python}, torch {torch}, numpy {numpy}; one thread unless a line says otherwise. Two things differ
between processors, and the scripts measure them rather than guess: whether denormal numbers cost
time (Intel's do), and whether torch's "medium" precision, which `fit(fast=True)` uses, rounds the
factors of a matrix product to bfloat16, as oneDNN does where there is AMX. Each script says in its
head what it does, how often, and which bars it has.
"""
PARTS = {  # title: script, and whether it takes --pythae
    "Training, in turns": ("training_speed.py", False),
    "After a minute of each": ("after_a_minute.py", True),
    "A draw of importance sampling": ("sampling_speed.py", True),
    "How the estimators grow": ("scaling.py", False),
    "Explorers, from an input to changed pixels": ("explorer_latency.py", False),
    "The usual way beside them": ("interactive_latency.py", False),
    "Notebooks after Run All": ("kernel_memory.py", False),
    "Starting": ("starting.py", False),
    "Checks of answers": ("check_speed.py", False),
    "The first training cell beside a busy neighbour": ("first_cell.py", False),
}


def processor() -> str:
    """Its name, where the system tells."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.partition(": ")[2] for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or "an unknown processor"


def introduction() -> str:
    """Who measured, with what."""
    return INTRODUCTION.format(
        date=datetime.date.today().isoformat(),
        processor=processor(),
        cores=os.cpu_count(),
        system=platform.system(),
        python=platform.python_version(),
        torch=torch.__version__,
        numpy=numpy.__version__,
    )


def measured(title: str, command: list[str]) -> str:
    """The part as Markdown: what was run, under which load, what it printed."""
    load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    begun, environment = time.perf_counter(), os.environ | {"COLUMNS": "100"}
    how = {"text": True, "cwd": HERE.parent, "env": environment, "stdout": subprocess.PIPE}
    run = subprocess.run([sys.executable, *command], **how, stderr=subprocess.PIPE)
    minutes = (time.perf_counter() - begun) / 60
    said = f"`{Path(command[0]).name}` on {datetime.date.today().isoformat()}, "
    said += f"{minutes:.1f} minutes, load before {load}"
    said += f"; it ended with {run.returncode}" * bool(run.returncode)
    lines = [line.rstrip() for line in run.stdout.splitlines()]
    if run.returncode:
        lines += run.stderr.splitlines()[-8:]
    return f"## {title}\n\n{said}\n\n```text\n" + "\n".join(lines).strip("\n") + "\n```\n"


def make_pythae(folder: Path) -> str:
    """The interpreter of a new environment that has pythae and this torch."""
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    version = torch.__version__.partition("+")[0]
    install = [str(python), "-m", "pip", "install", "--quiet", PYTHAE, f"torch=={version}"]
    subprocess.run(install, check=True)
    return str(python)


def kept_parts(results: Path) -> list[str]:
    """The introduction and the parts of an earlier run, which must be of this processor."""
    parts = re.split(r"\n(?=## )", results.read_text())
    if processor() not in parts[0]:
        came = f"{results} is of another processor than {processor()}"
        raise SystemExit(f"{came}: run all parts, without --only.")
    return parts


def main() -> int:
    """Run the parts; 1 if one of them failed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", choices=PARTS, help="measure this part of RESULTS.md anew")
    parser.add_argument("--pythae", metavar="PYTHON", help="of an environment that has pythae")
    options, results = parser.parse_args(), HERE / "RESULTS.md"
    parts = kept_parts(results) if options.only else [introduction()]
    with tempfile.TemporaryDirectory() as folder:
        for place, (title, (script, compared)) in enumerate(PARTS.items(), start=1):
            if options.only not in (None, title):
                continue
            command = [str(HERE / script)]
            if compared:
                options.pythae = options.pythae or make_pythae(Path(folder) / "pythae")
                command += ["--pythae", options.pythae]
            parts[place : place + 1] = [measured(title, command)]
            print(parts[place], flush=True)
            (HERE / "RESULTS.md.part").write_text("\n".join(parts))  # kept if a later one fails
    os.replace(HERE / "RESULTS.md.part", results)
    return int(any("; it ended with " in part for part in parts))


if __name__ == "__main__":
    sys.exit(main())
