"""What explorers say: sentences stand once, in tables that Python and the page both read.

A table is a flat TOML file, name = "sentence with {places}". `{x}` takes text or a whole number,
`{x:.2f}` a number in two decimals, `{x:,}` a whole number by thousands. `say.js` fills in the same.
"""

import math
import string
import tomllib
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).parents[1]  # the files' names begin with their folder


def read_words(*names: str) -> dict[str, str]:
    """All sentences of these tables, by name.

    Raises:  ValueError if two tables have a sentence of the same name.
    """
    words: dict[str, str] = {}
    for name in names:
        table = tomllib.loads((HERE / name).read_text(encoding="utf-8"))
        if twice := words.keys() & table.keys():
            raise ValueError(f"{name} should name its sentences anew, but has {sorted(twice)} too.")
        words |= table
    return words


def sayer(*names: str) -> Callable[..., str]:
    """Of these tables, say(name, **values): the sentence of that name, filled in."""
    words = read_words(*names)
    return lambda name, /, **values: _Filled().format(words[name], **values)


class _Filled(string.Formatter):
    def format_field(self, value: object, spec: str) -> str:
        """As `say.js` writes it."""
        return two_decimals(value) if spec == ".2f" else format(value, spec)


def two_decimals(value: float) -> str:
    """Halves upwards, with a true minus."""
    return signed(math.floor(100 * value + 0.5) / 100)


def signed(value: float) -> str:
    """Two decimals with a true minus, rounded as Python does."""
    return f"{value:z.2f}".replace("-", "−")
