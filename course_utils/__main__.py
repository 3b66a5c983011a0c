"""The one door: `python3 -m course_utils <verb>`, straight from a clone.

It parses and starts under any Python 3, so that an old one gets a sentence; what a verb needs is
imported when the verb is called.
"""

import sys

if __name__ == "__main__" and not __package__:  # python3 course_utils, from wherever
    sys.path[0] = sys.path[0] + "/.."
if __name__ == "__main__" and not (__package__ and getattr(sys.flags, "safe_path", False)):
    sys.path.append(sys.path.pop(0))  # a file of the learner's in this folder is to hide nothing

import argparse
import os
from pathlib import Path

from course_utils._door import OLDEST, TOO_NEW

VERBS = {
    "lab": "set the course up and open JupyterLab on your own copy of the notebooks",
    "test": "set the course up and run all that a change needs",
    "notebooks": "run the original notebooks again and store their outputs",
    "doctor": "look at this machine and say what is missing, with the mend",
    "data": "fetch a data set for offline use",
    "wheels": "fetch the packages for machines without a network",
    "progress": "show which exercises are done and how your predictions fare",
    "review": "ask again, days later, what you learned; or write sheets to fill in",
}
FRESH = "start NN anew; yours is kept"
WHEELS = "install from this folder, without an index"
CHECK = "only say which are stale (exit code 1 if any is)"
SHEETS = "instead, write a page for each notebook, gaps in front and answers behind, to print"
SWITCH = {"action": "store_true"}
PASSED_ON = {
    "lab": "JupyterLab, e.g. --no-browser --port 9999",
    "test": "pytest, e.g. -k densities or tests/toys/test_toys.py",
}
OPTIONS = (  # of each verb, as argparse takes them
    ("lab", "--fresh", {"metavar": "NN", "action": "append", "default": [], "help": FRESH}),
    ("lab", "--prepare-only", {**SWITCH, "help": "set up and copy, do not start JupyterLab"}),
    ("lab", "--wheels", {"metavar": "FOLDER", "help": WHEELS}),
    ("test", "--thorough", {**SWITCH, "help": "all seeds, and coverage: three times as long"}),
    ("test", "--rehearsal", {**SWITCH, "help": "notebooks and tests as on other processors"}),
    ("notebooks", "names", {"nargs": "*", "help": "e.g. 02; all if none is given"}),
    ("notebooks", "--check", {**SWITCH, "help": CHECK}),
    ("data", "name", {"choices": ["mnist"], "help": "the data set"}),
    ("data", "--to", {"metavar": "FOLDER", "help": "where to put it, e.g. for a class"}),
    ("wheels", "--to", {"metavar": "FOLDER", "required": True, "help": "where to put them"}),
    ("progress", "--reset", {**SWITCH, "help": "forget all of it"}),
    ("review", "--sheets", {"metavar": "FOLDER", "help": SHEETS}),
)


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
        if options.verb != "doctor":  # which installs nothing
            _move_in(options, arguments)
        return globals()["_run_" + options.verb](options, more, arguments)
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
        known = ", ".join(VERBS)
        print(f"there is no verb called {arguments[0]!r}; there are: {known}.", file=sys.stderr)
        raise SystemExit(2)
    parser = _parser()
    if not arguments:
        parser.print_help()
        raise SystemExit(2)
    options, more = parser.parse_known_args(arguments)
    if more and options.verb not in PASSED_ON:
        parser.error(f"{options.verb} does not take {' '.join(more)}")
    return options, more


def _parser():
    parser = argparse.ArgumentParser(
        prog="python3 -m course_utils", description="A notebook course on variational autoencoders."
    )
    verbs, add = parser.add_subparsers(dest="verb", metavar="verb"), {}
    for name, text in VERBS.items():
        sentence = text[0].upper() + text[1:] + "."
        add[name] = verbs.add_parser(name, help=text, description=sentence, allow_abbrev=False)
    for name, *flags, settings in OPTIONS:
        add[name].add_argument(*flags, **settings)
    for name, where in PASSED_ON.items():
        add[name].epilog = f"Other arguments reach {where}."
    return parser


def _move_in(options, arguments):
    """Install what is missing, and go on in the Python that has it; some verbs need a clone."""
    from course_utils._door import setup

    if options.verb in ("lab", "test", "notebooks", "wheels"):
        setup.require_clone(options.verb)
    extras = ["test"] if options.verb == "test" else []
    wheels = getattr(options, "wheels", None)
    python = setup.ensure(*extras, wheels=wheels and os.path.abspath(wheels))
    setup.hand_over(python, arguments)


def _run_lab(options, more, arguments):
    from course_utils._door import lab

    return lab.lab(options.fresh, options.prepare_only, more)


def _run_test(options, more, arguments):
    from course_utils._door import test

    return test.rehearse(more) if options.rehearsal else test.test(more, options.thorough)


def _run_notebooks(options, more, arguments):
    from course_utils._door import notebooks

    return notebooks.notebooks(options.names, check=options.check)


def _run_doctor(options, more, arguments):
    """Without an installation it says so."""
    from course_utils._door import install, setup

    python = setup.home_python() or setup.venv_python()
    if not install.fits(python):
        print("[fail] the course is not set up yet: run python3 -m course_utils lab")
        return 1
    setup.hand_over(python, arguments)
    if setup.running_in_venv() and not setup.is_ready():
        print("[note] the installation is not up to date: run python3 -m course_utils lab again")
    from course_utils._door import doctor

    return doctor.doctor()


def _run_data(options, more, arguments):
    from course_utils._door.steps import SetupError
    from course_utils.data import fetch_mnist

    try:
        folder = fetch_mnist(Path(options.to) if options.to else None)
    except OSError as err:
        raise SetupError(str(err)) from err
    print(f"MNIST is in {folder}")
    return 0


def _run_wheels(options, more, arguments):
    from course_utils._door import wheels

    return wheels.wheels(Path(options.to).expanduser().resolve())


def _run_progress(options, more, arguments):
    from course_utils import exercises

    exercises.reset_progress() if options.reset else exercises.progress()
    return 0


def _run_review(options, more, arguments):
    from course_utils import exercises
    from course_utils._door import setup
    from course_utils._door.steps import SetupError, cannot_write
    from course_utils.exercises._engine.sheets import write_sheets

    if options.sheets is None:
        exercises.review()
        return 0
    setup.require_clone("review --sheets")
    folder = Path(options.sheets).expanduser()
    try:
        written = write_sheets(folder)
    except OSError as err:
        raise SetupError(cannot_write(folder, err)) from err
    print("\n".join(["Open in a browser and print:", *map(str, written)]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
