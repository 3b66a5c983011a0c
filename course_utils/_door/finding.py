"""What a check of the doctor found."""

from __future__ import annotations

from typing import NamedTuple

AGAIN = "run python3 -m course_utils lab again"


class Finding(NamedTuple):
    """What one check found: `state` is "ok", "fail" or "note"; `mend` says what to do."""

    what: str
    state: str
    detail: str
    mend: str = ""

    def __str__(self) -> str:
        """One line, such as `[ok] Python: 3.13`."""
        mend = f"; {self.mend}" if self.mend else ""
        return f"[{self.state}] {self.what}: {self.detail}{mend}"
