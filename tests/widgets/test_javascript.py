"""The JavaScript of explorers, forms and exported pages as one reads it."""

import re

import pytest
from places import PACKAGE

LONGEST = 25  # lines of a function, its first and last among them
OPENS = re.compile(
    r" *(?!(?:if|for|while|switch|catch)\b)(?:.*\bfunction\b.*|.*=>|\w+\(.*\) )[ ({\[`]*$"
)


def long_functions(text: str) -> list[str]:
    """The first lines of functions that are too long, each after how many lines it has.

    As prettier lays it out, what a line opens reaches to the next one that is indented no further;
    that one belongs to it where it closes a bracket, and opens the body where it ends with {.
    """
    lines, found = text.splitlines(), []
    for start, line in enumerate(lines):
        if OPENS.match(line):
            length = _length(lines[start:])
            found += [f"{length} lines: {line.strip()}"] if length > LONGEST else []
    return found


def _length(lines: list[str]) -> int:
    indent = len(lines[0]) - len(lines[0].lstrip())
    for i, line in enumerate(lines[1:], start=1):
        if line.strip() and len(line) - len(line.lstrip()) <= indent and not line.endswith("{"):
            return i + line.lstrip().startswith(("}", ")", "]", "`"))
    return len(lines)


@pytest.mark.parametrize(
    "file", sorted(PACKAGE.rglob("*.js")), ids=lambda f: f"{f.parent.name}/{f.name}"
)
def test_no_function_is_long(file):
    assert not long_functions(file.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "opening", ["function f(a) {", "const f = (a) => {", "  const f = async (a) => {", "  get(a) {"]
)
def test_a_long_function_is_found(opening):
    indent = opening[: len(opening) - len(opening.lstrip())]
    body = [f"{indent}  a += 1;"] * (LONGEST - 2)
    just = "\n".join([opening, *body, f"{indent}}}", f"{indent}a = 2;"])
    assert not long_functions(just)
    assert long_functions(just.replace("a += 1;", "a += 1;\n\n", 1))[0].startswith("27 lines")
