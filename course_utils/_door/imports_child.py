"""Load, one after the other, what notebooks load, and report each step on standard output.

`imports_check` runs this file as a script in a process of its own, which may hang or die:

    python -P imports_child.py FOLDER MODULES [DIRECTORY ...]

FOLDER is the learner's, MODULES has commas, the directories are `sys.path`; without them it is that
of a kernel started in FOLDER. Nothing but `os` and `sys`, which Python has loaded anyway, is
imported before the guard stands: it sees only what is not there yet.
"""

import os
import sys

REPORT = 1  # the file descriptor
NEEDED_LATER = ("sympy",)  # by torch's first optimizer; loading it takes a second


class Guard:
    """A finder before all others: no file of the learner's runs in place of what is asked for."""

    def __init__(self, folder):
        self.folder = os.path.realpath(folder)
        self.others = list(sys.meta_path)

    def find_spec(self, name, path=None, target=None):
        """What the others find; report and leave if that is the learner's."""
        if path is not None:
            return None  # inside a package
        specs = (finder.find_spec(name, None, target) for finder in self.others)
        spec = next((spec for spec in specs if spec is not None), None)
        place = spec and _place(spec)
        in_folder = place and os.path.realpath(os.path.dirname(place)) == self.folder
        if in_folder and not _is_ours(place):
            _say("hides", name, place)
            os._exit(0)
        return spec


def main(folder, modules, *directories):
    """Import the modules in turn and let torch compute; the last word is `done` or `failed`."""
    guard = Guard(folder)
    sys.meta_path.insert(0, guard)
    try:
        sys.path[:] = directories or _path_of_a_kernel(folder)
        for module in modules.split(","):
            _say("at", module)
            __import__(module)
        for module in NEEDED_LATER:
            guard.find_spec(module)
        if "torch" in sys.modules:
            _compute(sys.modules["torch"])
    except BaseException as err:  # noqa: BLE001 - whatever a broken package raises is the answer
        _say("failed", f"{type(err).__name__}: {err}")
    else:
        _say("done")


def _path_of_a_kernel(folder):
    """As ipykernel makes it: the folder first while `python -m` starts, then after Python's own."""
    _say("at", "the kernel")
    before = list(sys.path)
    sys.path.insert(0, folder)
    import pathlib  # noqa: F401 - by ipykernel_launcher
    import runpy  # noqa: F401 - by python -m

    installed = [os.path.basename(entry) in ("site-packages", "dist-packages") for entry in before]
    position = installed.index(True) if True in installed else 0
    return [*before[:position], folder, *before[position:]]


def _compute(torch):
    """A product that crosses from torch to NumPy."""
    _say("at", "torch")
    total = (torch.ones(2, 3) @ torch.ones(3, 2)).numpy().sum()
    if total != 12:
        raise ArithmeticError(f"torch computes {total}, not 12")
    _say("threads", str(torch.get_num_threads()))


def _place(spec):
    """The file of a module, the folder of a package; None for what is in no file."""
    if not spec.has_location:
        return None
    return os.path.dirname(spec.origin) if spec.submodule_search_locations else spec.origin


def _is_ours(place):
    """The course's own package, where the learner's folder is the clone itself."""
    return os.path.realpath(place) == os.path.dirname(os.path.dirname(os.path.realpath(__file__)))


def _say(*words):
    """One line of the report; an error may go on over several, so it is the last word."""
    os.write(REPORT, ("\t".join(words) + "\n").encode("utf-8", "backslashreplace"))


if __name__ == "__main__":
    REPORT = os.dup(1)
    os.dup2(2, 1)  # whatever packages print goes elsewhere
    main(*sys.argv[1:])
