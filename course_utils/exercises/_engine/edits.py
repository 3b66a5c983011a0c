"""Edits of a reference's source, compared as Python tokens: from the words of an item to an answer.

An item is `old` → `new`, `old` → nothing, or a whole statement that takes the place of the one that
makes the same name or returns; several, joined by commas, are applied from left to right.
"""

import ast
import contextlib
import functools
import io
import itertools
import linecache
import math
import re
from collections.abc import Callable
from tokenize import COMMENT, DEDENT, ENDMARKER, INDENT, NEWLINE, NL, TokenError, generate_tokens

import numpy as np
import torch

NAMES = {"torch": torch, "math": math, "np": np}  # at hand in every answer

_STEP = re.compile(r"`([^`]+)`(?: → (?:`([^`]+)`|(nothing)))?(?:, |$)")
_NO_CODE = {NL, COMMENT, INDENT, DEDENT, ENDMARKER, NEWLINE}
_UNBALANCED = "is no piece of Python by itself: are its brackets balanced?"
_OPENING, _CLOSING = {"(", "[", "{"}, {")", "]", "}"}
Span = tuple[int, int]  # from one place in a source to another


class EditError(ValueError):
    """An item that cannot be applied, with what to write instead."""


def edited(source: str, item: str) -> str:
    """The source of the reference after all steps of an item.

    Raises:  EditError with the mend, if a step is misspelt, or matches not exactly once, or if what
             comes out is no Python or is the reference itself.
    """
    changed, end = source, 0
    for step in _STEP.finditer(item):
        if step.start() != end:
            break
        end, (old, new, nothing) = step.end(), step.groups()
        if new or nothing:
            changed = _put(changed, _place_of(changed, old), new)
        else:
            changed = _put(changed, _place_of_statement(changed, old), old)
    if end != len(item) or item.endswith(", ") or not item:
        raise EditError("expected `old` → `new`, `old` → nothing or `name = value`, joined by `, `")
    if "".join(changed.split()) == "".join(source.split()):
        raise EditError("this changes nothing")
    return changed


def compiled(source: str, filename: str) -> Callable:
    """The one function that a source defines; the source is registered, so tracebacks show it.

    Raises:  EditError if it is no Python, or not exactly one function.
    """
    try:
        body = ast.parse(source).body
        code = compile(source, filename, "exec")
    except SyntaxError as error:
        line = source.splitlines()[(error.lineno or 1) - 1].strip()
        raise EditError(f"no Python any more: {error.msg} in {line!r}") from None
    if len(body) != 1 or not isinstance(body[0], ast.FunctionDef):
        raise EditError("expected one `def`")
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    space = dict(NAMES)
    exec(code, space)
    return space[body[0].name]


def _put(source: str, place: Span, new: str | None) -> str:
    """The source with `new` in that place; None takes out what is there, a statement by `pass`."""
    before, after = source[: place[0]], source[place[1] :]
    if new is not None:
        _require_balance(new)
        return before + new + after
    with contextlib.suppress(SyntaxError):
        ast.parse(before + after)
        return before + after
    return before + "pass" + after


def _place_of(source: str, old: str) -> Span:
    """Where the tokens of `old` stand in the body; EditError unless there is one such place."""
    _require_balance(old)
    wanted, found = [text for text, _ in _tokens(old)], _body_tokens(source)
    texts = [text for text, _ in found]
    hits = [i for i in range(len(texts)) if texts[i : i + len(wanted)] == wanted]
    if len(hits) != 1:
        more = "write more of its surroundings" if hits else "copy it from the reference's body"
        raise EditError(f"`{old}` stands {len(hits)} times in the reference; {more}")
    first, last = found[hits[0]], found[hits[0] + len(wanted) - 1]
    return first[1][0], last[1][1]


@functools.lru_cache(maxsize=256)
def _body_tokens(source: str) -> list[tuple[str, Span]]:
    """What follows the `def` line and the docstring."""
    body = ast.parse(source).body[0].body
    has_docstring = isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant)
    start = _place(source, body[1 if has_docstring and len(body) > 1 else 0])[0]
    return [token for token in _tokens(source) if token[1][0] >= start]


def _tokens(code: str) -> list[tuple[str, Span]]:
    starts = _line_starts(code)
    try:
        found = list(generate_tokens(io.StringIO(code).readline))
    except (TokenError, IndentationError):
        raise EditError(f"`{code}` {_UNBALANCED}") from None
    return [
        (t.string, (starts[t.start[0] - 1] + t.start[1], starts[t.end[0] - 1] + t.end[1]))
        for t in found
        if t.type not in _NO_CODE
    ]


def _line_starts(code: str) -> list[int]:
    lengths = map(len, code.splitlines(keepends=True))
    return list(itertools.accumulate(lengths, initial=0))


def _place_of_statement(source: str, statement: str) -> Span:
    """Where the one statement stands that makes the same name as this one, or returns."""
    try:
        body = ast.parse(statement).body
    except SyntaxError as error:
        raise EditError(f"`{statement}` is no Python: {error.msg}") from None
    if not body:
        raise EditError(f"`{statement}` is no statement")
    wanted = _made_by(body[0])
    if wanted is None:
        raise EditError(f"`{statement}` should be `name = value` or `return value`, or lacks its →")
    places = [place for made, place in _statements(source) if made == wanted]
    if len(places) != 1:
        what = "return" if wanted == "return" else f"make {wanted}"
        raise EditError(f"{len(places)} statements of the reference {what}, expected one")
    return places[0]


@functools.lru_cache(maxsize=256)
def _statements(source: str) -> list[tuple[str, Span]]:
    """What each statement that returns or makes a name makes, and where it stands."""
    found = ((_made_by(node), node) for node in ast.walk(ast.parse(source)))
    return [(made, _place(source, node)) for made, node in found if made]


def _made_by(node: ast.AST) -> str | None:
    if isinstance(node, ast.Return):
        return "return"
    if isinstance(node, ast.Assign) and len(node.targets) == 1:
        return ast.unparse(node.targets[0])
    return None


def _place(source: str, node: ast.stmt) -> Span:
    lines, starts = source.splitlines(keepends=True), _line_starts(source)

    def at(line: int, column: int) -> int:  # ast counts bytes
        return starts[line - 1] + len(lines[line - 1].encode()[:column].decode())

    return at(node.lineno, node.col_offset), at(node.end_lineno, node.end_col_offset)


def _require_balance(code: str) -> None:
    still_open = 0
    for text, _ in _tokens(code):
        still_open += (text in _OPENING) - (text in _CLOSING)
        if still_open < 0:
            raise EditError(f"`{code}` {_UNBALANCED}")
