"""The explorer of notebook 07: ask a conditional VAE, for a class in a style, or for a right half.

Two kinds of model, told apart by the sizes: condition_dim from 2 to 20 means classes; a
condition_dim as large as the number of pixels means that y is the left half of a picture, x the
right half. Both decode in the browser, from weights that are sent once.
"""

from course_utils.data import ImageData
from course_utils.models import CVAE
from course_utils.widgets.conditional import _classes, _halves
from course_utils.widgets.conditional._classes import ClassExplorer, ClassPicture, ClassState
from course_utils.widgets.conditional._halves import HalfExplorer, HalfPicture, HalfState
from course_utils.widgets.conditional._networks import kind_of

__all__ = ["ClassExplorer", "ClassPicture", "ClassState", "HalfExplorer", "HalfPicture"]
__all__ += ["HalfState", "conditional_explorer", "conditional_picture"]


def conditional_explorer(
    cvae: CVAE, data: ImageData | None = None, **state: object
) -> ClassExplorer | HalfExplorer:
    """An explorer of p(x | z, y): choose y and move z, the decoded pictures follow.

    Args:    cvae: a CVAE. With a condition_dim from 2 to 20, y is a class: every class is drawn in
             the style z under the pointer. With as many numbers as x has pixels (and more than 20),
             y is a left half, drawn by hand or picked: nine completions of it are shown;
             data: classes: images to place on the pad (the first 400, by cvae.encode(x, labels)),
             None for cvae.codes where the model has them; halves: whole pictures to pick from (the
             first 40); state: as in ClassState or HalfState, e.g. z=(0.5, 1.0), digit=3, or
             left=torch.zeros(28, 14), seed=1, each settable later too (w.digit = 3).
    Raises:  ValueError if cvae is none, or of other sizes or more than a million decoder weights;
             if data do not fit it, or a value of the state does not fit them.
    """
    explorers = {"classes": ClassExplorer, "halves": HalfExplorer}
    return explorers[kind_of(cvae)](cvae, data, **state)


def conditional_picture(
    state: ClassState | HalfState, shown: _classes.Classes | _halves.Halves
) -> ClassPicture | HalfPicture:
    """Everything the explorer shows, computed without a browser; `conditional/*.js` agree.

    Args:    state: what a learner can move; shown: of the same kind, the model as numbers
             (`explorer.shown`).
    """
    if isinstance(state, ClassState):
        return _classes.class_picture(state, shown)
    return _halves.half_picture(state, shown)
