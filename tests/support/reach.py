"""Which cells of a notebook it takes to run some of them."""

import builtins
import re
from collections.abc import Callable, Sequence

from core_pieces import needs_and_makes

IMPORTS = re.compile(r"import |from ")
CHECKS = re.compile(r"\bcheck\(")
SHARED = {*dir(builtins), "rng"}  # every cell draws from rng; what it draws decides nothing


def needed(sources: Sequence[str], wanted_is: Callable = CHECKS.search) -> set[int]:
    """Those that are wanted (that check an answer), and those that these need, directly or not.

    What comes after a check runs on the same code whether it is the learner's or the course's.
    """
    names = [needs_and_makes(source) for source in sources]
    imports = [makes for s, (_, makes) in zip(sources, names, strict=True) if IMPORTS.match(s)]
    shared = SHARED.union(*imports)
    run: set[int] = set()
    wanted: set[str] = set()
    for n, (needs, makes) in reversed(list(enumerate(names))):
        if makes & wanted or wanted_is(sources[n]) or IMPORTS.match(sources[n]):
            run.add(n)
            wanted |= needs - shared
    return run
