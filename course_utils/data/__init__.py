"""Digits: drawn by code, real 8x8, real 28x28, in one shape."""

from course_utils.data._mnist import fetch_mnist

__all__ = ["ImageData", "fetch_mnist", "load"]


def __getattr__(name: str) -> object:
    """The other names once they are asked for: they take torch, the doctor and fetching do not."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from course_utils.data import _image_data

    return getattr(_image_data, name)
