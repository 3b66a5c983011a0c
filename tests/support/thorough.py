"""How much is tried: a few seeds at each change, all of them where COURSE_THOROUGH=1."""

import os


def thorough() -> bool:
    """Whether the environment asks for everything, as the weekly job does."""
    return os.environ.get("COURSE_THOROUGH") == "1"


def seeds(few: int, all: int) -> range:
    """The first `all` seeds in the weekly job, of which the first `few` at each change."""
    return range(all if thorough() else few)
