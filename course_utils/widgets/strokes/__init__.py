"""The explorer of notebook 01: the writer of digits, one knob a factor."""

from course_utils.widgets.strokes._writer import (
    StrokePicture,
    StrokeState,
    StrokeWriter,
    stroke_picture,
    stroke_writer,
)

__all__ = ["StrokePicture", "StrokeState", "StrokeWriter", "stroke_picture", "stroke_writer"]
