"""Three questions from memory at the top of a notebook, their answers folded."""

from course_utils.exercises._registry import recall_questions
from course_utils.exercises._render import Page, show


def recall(notebook: str) -> None:
    """Show the questions from memory that open a notebook; "02" asks about notebook 01.

    Raises:  ValueError with the known notebooks if this one has no questions.
    """
    page = Page("From memory: answer aloud, then open the answer.")
    for number, item in enumerate(recall_questions(notebook), 1):
        page.say(item.question, label=f"Question {number}")
        page.fold(f"A good answer to question {number}", item.answer)
    show(page)
