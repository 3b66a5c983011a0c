"""The one door: `python3 -m course_utils <verb>`, straight from a clone.

It parses and starts under any Python 3, so that an old one gets a sentence; what a verb needs is
imported when the verb is called.
"""

import sys

if __name__ == "__main__" and not getattr(sys.flags, "safe_path", False):
    sys.path.append(sys.path.pop(0))  # a file of the learner's in this folder is to hide nothing

import argparse

OLDEST, TOO_NEW = (3, 11), (3, 15)  # as requires-python in pyproject.toml says
VERBS = {
    "lab": "set the course up and open JupyterLab on your own copy of the notebooks",
    "test": "set the course up and run everything that CI runs",
    "notebooks": "run the original notebooks again and store their outputs",
    "doctor": "look at this machine and say what is missing, with the mend",
    "data": "fetch a data set for offline use",
    "progress": "show which exercises are done and how your predictions fare",
}


def main(arguments=None):
    """Run one verb; return the exit code (0 good, 1 failed, 2 not understood)."""
    complaint = python_complaint()
    if complaint:
        print(complaint)
        return 1
    from course_utils._door.steps import SetupError

    arguments = list(sys.argv[1:] if arguments is None else arguments)
    options, more = _parse(arguments)
    try:
        return RUN[options.verb](options, more, arguments)
    except SetupError as err:
        print(err, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped; the same command goes on from here.", file=sys.stderr)
        return 130


def python_complaint(version=sys.version_info):
    """One sentence for a Python the course does not run on, or the empty string."""
    if OLDEST <= tuple(version[:2]) < TOO_NEW:
        return ""
    return (
        "The course needs Python 3.11 to 3.14, but this is Python "
        f"{version[0]}.{version[1]} ({sys.executable}); get a fitting one from python.org and "
        "call it by name, e.g. python3.13 -m course_utils lab."
    )


def _parse(arguments):
    """Options of the verb, and what is left over for JupyterLab or pytest."""
    if arguments and not arguments[0].startswith("-") and arguments[0] not in VERBS:
        print(
            "there is no verb called {!r}; there are: {}.".format(arguments[0], ", ".join(VERBS)),
            file=sys.stderr,
        )
        raise SystemExit(2)
    parser = _parser()
    if not arguments:
        parser.print_help()
        raise SystemExit(2)
    options, more = parser.parse_known_args(arguments)
    if more and options.verb not in ("lab", "test"):
        parser.error("{} does not take {}".format(options.verb, " ".join(more)))
    return options, more


def _parser():
    parser = argparse.ArgumentParser(
        prog="python3 -m course_utils", description="A notebook course on variational autoencoders."
    )
    verbs = parser.add_subparsers(dest="verb", metavar="verb")
    add = {
        name: verbs.add_parser(name, help=text, description=_sentence(text), allow_abbrev=False)
        for name, text in VERBS.items()
    }
    add["lab"].epilog = "Other arguments reach JupyterLab, e.g. --no-browser --port 9999."
    add[
        "test"
    ].epilog = "Other arguments reach pytest, e.g. -k densities or tests/toys/test_toys.py."
    _add_options(add)
    return parser


def _add_options(add):
    """The options of each verb; `add` maps a verb to its parser."""
    option = add["lab"].add_argument
    option(
        "--fresh", metavar="NN", action="append", default=[], help="start NN anew; yours is kept"
    )
    option("--prepare-only", action="store_true", help="set up and copy, do not start JupyterLab")
    option = add["test"].add_argument
    option("--thorough", action="store_true", help="all seeds, and coverage: three times as long")
    option("--rehearsal", action="store_true", help="notebooks and tests as on other processors")
    option = add["notebooks"].add_argument
    option("names", nargs="*", help="e.g. 02; all if none is given")
    option("--check", action="store_true", help="only say which are stale (exit code 1 if any is)")
    option = add["data"].add_argument
    option("name", choices=["mnist"], help="the data set")
    option("--to", metavar="FOLDER", help="where to put it, e.g. for a class")
    add["progress"].add_argument("--reset", action="store_true", help="forget all of it")


def _sentence(text):
    return text[0].upper() + text[1:] + "."


def _move_in(arguments, *extras):
    """Install what is missing, and go on in the Python that has it."""
    from course_utils._door import setup

    setup.hand_over(setup.ensure(*extras), arguments)


def _run_lab(options, more, arguments):
    from course_utils._door import lab, setup

    setup.require_clone("lab")
    _move_in(arguments)
    return lab.lab(options.fresh, options.prepare_only, more)


def _run_test(options, more, arguments):
    from course_utils._door import rehearsal, setup, test

    setup.require_clone("test")
    _move_in(arguments, "test")
    return rehearsal.rehearse(more) if options.rehearsal else test.test(more, options.thorough)


def _run_notebooks(options, more, arguments):
    from course_utils._door import setup

    setup.require_clone("notebooks")
    _move_in(arguments)
    from course_utils._door import notebooks

    return notebooks.notebooks(options.names, check=options.check)


def _run_doctor(options, more, arguments):
    """The doctor installs nothing; without an installation it says so."""
    from course_utils._door import setup

    python = setup.home_python() or setup.venv_python()
    if not python.exists():
        print("[fail] the course is not set up yet: run python3 -m course_utils lab")
        return 1
    setup.hand_over(python, arguments)
    if setup.running_in_venv() and not setup.is_ready():
        print("[note] the installation is not up to date: run python3 -m course_utils lab again")
    from course_utils._door import doctor

    return doctor.doctor()


def _run_data(options, more, arguments):
    from pathlib import Path

    _move_in(arguments)
    from course_utils._door.steps import SetupError
    from course_utils.data import fetch_mnist

    try:
        folder = fetch_mnist(Path(options.to) if options.to else None)
    except OSError as err:
        raise SetupError(str(err)) from err
    print(f"MNIST is in {folder}")
    return 0


def _run_progress(options, more, arguments):
    _move_in(arguments)
    from course_utils import exercises

    if options.reset:
        exercises.reset_progress()
    else:
        exercises.progress()
    return 0


RUN = {
    "lab": _run_lab,
    "test": _run_test,
    "notebooks": _run_notebooks,
    "doctor": _run_doctor,
    "data": _run_data,
    "progress": _run_progress,
}

if __name__ == "__main__":
    sys.exit(main())
