"""Notebooks in pieces, each marked ● or ○, and the names that cells take from one another."""

import dis
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import CodeType

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


def needs_and_makes(source: str | CodeType) -> tuple[set[str], set[str]]:
    """The names that a cell takes from cells before it, and those that it makes: by its bytecode.

    What lives in a function, a class or a comprehension is made nowhere else.
    """
    needs: set[str] = set()
    makes: set[str] = set()
    for step in dis.get_instructions(source):
        if isinstance(step.argval, CodeType):
            needs |= needs_and_makes(step.argval)[0] - makes
        elif step.opname in ("LOAD_NAME", "LOAD_GLOBAL"):
            needs |= {step.argval} - makes
        elif step.opname == "STORE_NAME":
            makes.add(step.argval)
    return needs, makes
