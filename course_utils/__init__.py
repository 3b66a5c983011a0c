"""Helpers of the course on variational autoencoders; start at `densities`, then read to the right:

densities < toys < estimators; strokes < data; plots; widgets; exercises.
"""

from course_utils._begin import begin

__version__ = "0.1.0"

begin()


def _jupyter_server_extension_points():
    """Tell jupyter-server which module holds the extension that sends widget messages at once."""
    return [{"module": "course_utils._server"}]
