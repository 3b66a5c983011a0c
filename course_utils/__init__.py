"""Helpers of the course on variational autoencoders: a folder is a chapter, read to the right.

densities < toys < estimators < models < training < pretrained: the mathematics, in that order;
data, with strokes, the writer of digits; plots; widgets, the explorers; exercises; doctor, which
looks at the machine. What begins with an underscore is not for notebooks: _door has the verbs of
`python3 -m course_utils`, _jupyter what runs inside Jupyter.
"""

from course_utils._door.begin import begin

__version__ = "0.1.0"

begin()


def _jupyter_server_extension_points():
    """Tell jupyter-server which module holds the extension that sends widget messages at once."""
    return [{"module": "course_utils._jupyter.server"}]
