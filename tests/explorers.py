"""What the tests of the explorers share."""

import re

import pytest


def assert_refused_in_words(make, state, wrong, says):
    """By the state, by the call, and by assignment to an explorer, which then stays as it was."""
    widget = make()
    for refuse in (
        lambda: state(**wrong),
        lambda: make(**wrong),
        lambda: [setattr(widget, name, value) for name, value in wrong.items()],
    ):
        with pytest.raises(ValueError, match=re.escape(says)):
            refuse()
    assert widget.state == state()
