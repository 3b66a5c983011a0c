"""Which cells of a notebook can tell whether its exercises are solved."""

import builtins
import re
from collections.abc import Sequence

from core_pieces import needs_and_makes

IMPORTS = re.compile(r"import |from ")
BEGINS = re.compile(r"\bcheck\(")
SHARED = {*dir(builtins), "rng"}  # every cell draws from rng; what it draws decides nothing


def reached(sources: Sequence[str]) -> set[int]:
    """Those that check an answer or take from one, directly or not, and those that they need.

    All others do the same whatever is answered. A cell may change whatever it takes.
    """
    names = [needs_and_makes(source) for source in sources]
    shared = SHARED.union(*(makes for source, (_, makes) in _imports(sources, names)))
    used = [(needs - shared, makes) for needs, makes in names]
    run: set[int] = set()
    changed: set[str] = set()
    for n, (needs, makes) in enumerate(used):
        if BEGINS.search(sources[n]) or needs & changed:
            run.add(n)
            changed |= makes | needs
        else:
            changed -= makes
    wanted: set[str] = set()
    for n, (needs, makes) in reversed(list(enumerate(used))):
        if n in run or IMPORTS.match(sources[n]) or (needs | makes) & wanted:
            run.add(n)
            wanted |= needs
    return run


def _imports(sources, names):
    return ((s, made) for s, made in zip(sources, names, strict=True) if IMPORTS.match(s))
