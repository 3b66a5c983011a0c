"""Wrap-up sheets: gaps and questions on a page, all answers on the next, ready to be printed."""

import re
from pathlib import Path
from string import Template

from course_utils.exercises._engine.lessons import LINE, Lesson, find_lesson, gapped, mathml
from course_utils.exercises._engine.registry import all_predictions, all_questions, registries
from course_utils.exercises._engine.render import inline
from course_utils.exercises._engine.review import asked

PAGE = Path(__file__).with_name("sheet.html")
QUESTIONS = 4
_TERM = re.compile(  # the course's words, of which a sentence may lose one
    r"\b(?:amorti\w+|posterior|prior|likelihood|evidence|divergence|densit\w+|integral|(?:un)?bias\w*"
    r"|score|pathwise|noise|weigh\w+|entropy|encoder|decoder|gap|bounds?|ELBO|independent|latents?"
    r"|probability|gradient|path|error bar|error|components|collapse|average|search)\b",
    re.IGNORECASE,
)


def write_sheets(folder: Path) -> list[Path]:
    """Write a page for each notebook that can be found; returns their paths.

    Raises:  OSError if the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for notebook in registries():
        if (lesson := find_lesson(notebook)) and lesson.sentences():
            written.append(folder / f"{notebook}_sheet.html")
            written[-1].write_text(sheet(notebook, lesson), encoding="utf-8")
    return written


def sheet(notebook: str, lesson: Lesson) -> str:
    """Both sides as one page of HTML that needs nothing from elsewhere."""
    equations = [(n, gap, tex) for n, tex, _ in lesson.equations() if (gap := gapped(tex))]
    questions, used = _questions(notebook), set()
    sentences = lesson.sentences()
    gaps = [_with_gap(sentence, used) for sentence in sentences]
    sides = (
        ([(tag, gap) for tag, gap, _ in equations], gaps, [(q, "") for q, _ in questions]),
        ([(tag, tex) for tag, _, tex in equations], sentences, questions),
    )
    front, back = (_side(*side) for side in sides)
    page = Template(PAGE.read_text(encoding="utf-8"))
    return page.substitute(title=inline(lesson.title), front=front, back=back)


def _side(equations: list, sentences: list[str], questions: list[tuple[str, str]]) -> str:
    rows = [f'<div class="equation"><span>({n})</span>{mathml(tex)}</div>' for n, tex in equations]
    items = [f"<li>{_rich(asks)} <em>{_rich(answer)}</em></li>" for asks, answer in questions]
    side = ["<h2>In four sentences</h2>", f"<p>{_rich(' '.join(sentences))}</p>"]
    if rows:
        side = ["<h2>What stands in the gaps</h2>", *rows, *side]
    if items:
        side += ["<h2>Questions</h2>", "<ol>", *items, "</ol>"]
    return "\n".join(side)


def _questions(notebook: str) -> list[tuple[str, str]]:
    """What later notebooks ask about this one, and its own predictions, with their answers."""
    source = f"(Notebook {notebook}.)"
    later = [item for items in all_questions().values() for item in items]
    found = [(i.question.replace(source, ""), i.answer) for i in later if source in i.question]
    own = [p for p in all_predictions(notebook).values() if "these" not in p.question]  # lines
    return [*found, *((asked(p), f"{p.right}. {p.because}") for p in own)][:QUESTIONS]


def _with_gap(sentence: str, used: set[str]) -> str:
    """Without the last of the course's words that no other sentence has lost; else a long one."""
    without = re.sub(r"\$[^$]*\$", lambda formula: " " * len(formula[0]), sentence)
    words = list(_TERM.finditer(without))
    words = words or sorted(re.finditer(r"[^\W\d]{4,}", without), key=lambda word: len(word[0]))
    fresh = [word for word in words if word[0].lower() not in used] or words
    if not fresh:
        return sentence
    used.add(fresh[-1][0].lower())
    return sentence[: fresh[-1].start()] + LINE + sentence[fresh[-1].end() :]


def _rich(text: str) -> str:
    """Words, *emphasis*, `code` and $formulas$ as HTML."""
    parts = re.split(r"\$([^$]+)\$", text)
    words = [re.sub(r"\*([^*]+)\*", r"<em>\1</em>", inline(part)) for part in parts[::2]]
    formulas = [mathml(tex, "inline") for tex in parts[1::2]]
    return "".join(a + b for a, b in zip(words, [*formulas, ""], strict=True))
