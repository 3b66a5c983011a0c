"""Notebooks in pieces, each marked ● or ○, and the names that cells take from one another."""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

HEADING = re.compile(r"(?m)^(?=#{1,3} )")
TAG = re.compile(r"\\tag\{(\d+\.\d+)\}")
PROMISE = re.compile(r"\b(predict|reveal)\(\s*[\"'](P\d+\.\d+)")


@dataclass
class Piece:
    """A part of a notebook with one mark: a code cell, or text below one heading."""

    notebook: str
    place: str
    text: str
    core: bool
    code: bool = False


@dataclass
class Course:
    """All notebooks, and what in them is marked ○."""

    pieces: list[Piece] = field(default_factory=list)
    tags: dict[str, str] = field(default_factory=dict)  # equation -> its place, of those in ○
    sections: dict[tuple[str, int], bool] = field(default_factory=dict)  # whether it is ●
    promises: dict[str, Piece] = field(default_factory=dict)  # prediction -> where it is asked

    def code_of(self, number: str) -> list[Piece]:
        """The code cells of a notebook."""
        return [piece for piece in self.pieces if piece.notebook == number and piece.code]


def read_course(notebooks: dict[str, dict], texts: dict[str, str]) -> Course:
    """Notebooks by number; texts by the name of their page, such as "02" or "E3.1"."""
    course = Course()
    for number, notebook in notebooks.items():
        course.pieces += pieces_of(number, notebook)
    for piece in course.pieces:
        if piece.code:
            asked = [name for verb, name in PROMISE.findall(piece.text) if verb == "predict"]
            course.promises |= dict.fromkeys(asked, piece)
        elif found := re.match(r"## ([●○]) (\d+)", piece.text):
            course.sections[piece.notebook, int(found[2])] = found[1] == "●"
        if not piece.core and not piece.code:
            where = f"{piece.notebook} {piece.place}"
            course.tags |= dict.fromkeys(TAG.findall(piece.text), where)
    course.pieces += pages_of(course, texts)
    return course


def pieces_of(number: str, notebook: dict) -> Iterator[Piece]:
    """Cells, and the texts below the headings in a cell; [n] counts all cells from 0."""
    section = part = True  # marked ●; a part lies below a heading of the third level
    for n, cell in enumerate(notebook["cells"]):
        source = "".join(cell["source"])
        if cell["cell_type"] == "code":
            yield Piece(number, f"[{n}]", source, section and part, code=True)
            continue
        for text in HEADING.split(source):
            heading = text.partition("\n")[0]
            if heading.startswith(("# ", "## ")):
                section, part = "○" not in heading, True
            elif heading.startswith("### "):
                part = not heading.startswith("### ○")
            yield Piece(number, f"[{n}]", text, section and part)


def pages_of(course: Course, texts: dict[str, str]) -> Iterator[Piece]:
    """What is asked from memory, and the words of the predictions and exercises marked ●."""
    headings = {
        found[1]: piece.core and "○" not in found[0]
        for piece in course.pieces
        if (found := re.match(r"### Exercise (E\d+\.\d+).*", piece.text))
    }
    for page, text in texts.items():
        number = re.sub(r"\D*(\d+).*", r"\1", page).zfill(2)
        if page.startswith("E"):
            yield Piece(number, f"{page}.md", text, headings.get(page, False))
            continue
        for question in re.split(r"(?m)^### ", text):
            name = question.partition("\n")[0].strip()
            asked = course.promises.get(name)
            core = asked.core if asked else not name.startswith("P")
            yield Piece(number, f"{page}.md, {name}", question, core)


def needs_and_makes(source: str) -> tuple[set[str], set[str]]:
    """The names that a cell takes from cells before it, and those that it makes."""
    needs: set[str] = set()
    makes: set[str] = set()
    for step in steps(ast.parse(source).body):
        loaded, stored, inner = names_of(step)
        needs |= loaded - inner - makes
        makes |= stored - inner
    return needs, makes


def steps(body: list[ast.stmt]) -> Iterator[ast.AST]:
    """What runs one after the other: a loop's iterable before its target, and then its body."""
    for statement in body:
        match statement:
            case ast.For():
                yield from (statement.iter, statement.target, *steps(statement.body))
            case ast.With():
                yield from statement.items
                yield from steps(statement.body)
            case ast.If() | ast.While():
                yield statement.test
                yield from steps([*statement.body, *statement.orelse])
            case ast.Try():
                yield from steps([*statement.body, *statement.orelse, *statement.finalbody])
                yield from (step for one in statement.handlers for step in steps(one.body))
            case _:
                yield statement


def names_of(step: ast.AST) -> tuple[set[str], set[str], set[str]]:
    """(loaded, stored, inner): what is inner lives in a function or a comprehension."""
    nodes = list(ast.walk(step))
    names = [node for node in nodes if isinstance(node, ast.Name)]
    loaded = {node.id for node in names if isinstance(node.ctx, ast.Load)}
    loaded |= {ast.unparse(node.target) for node in nodes if isinstance(node, ast.AugAssign)}
    stored = {node.id for node in names if isinstance(node.ctx, ast.Store)}
    stored |= {(node.asname or node.name) for node in nodes if isinstance(node, ast.alias)}
    inner = {node.arg for node in nodes if isinstance(node, ast.arg)}
    inner |= stored_in(node.target for node in nodes if isinstance(node, ast.comprehension))
    functions = [node for node in nodes if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    inner |= stored_in(functions)
    stored |= {node.name for node in functions}
    return loaded, stored, inner - {getattr(step, "name", "")}


def stored_in(nodes: Iterable[ast.AST]) -> set[str]:
    names = (name for node in nodes for name in ast.walk(node) if isinstance(name, ast.Name))
    return {name.id for name in names if isinstance(name.ctx, ast.Store)}
