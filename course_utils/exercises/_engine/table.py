"""Numbers beside each other, without a line of formatting in the notebook."""

from collections.abc import Sequence

from course_utils.exercises._engine.render import show, table_of


class Table:
    """A table of texts; see `table`."""

    def __init__(self, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Hold the columns' names and the rows."""
        self.head, self.rows = head, rows

    def __repr__(self) -> str:
        """Aligned columns: names to the left, the others to the right."""
        widths = [max(map(len, column)) for column in zip(self.head, *self.rows, strict=True)]
        return "\n".join(
            "  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]).rstrip()
            for row in (self.head, *self.rows)
        )

    def _repr_html_(self) -> str:
        """The same with headings that a screen reader knows."""
        return table_of(self.head, self.rows)


def table(head: Sequence[str], rows: Sequence[Sequence], *, digits: int = 3) -> None:
    """Show numbers beside each other, as a table.

    Args:    head: the columns' names, the first may be ""; rows: a name, and numbers (tensors of
             one number, too) or texts; digits: behind the point, of what is no whole number.
    Raises:  ValueError if a row is not as long as the head.

    >>> table(["", "mine", "exact"], [("KL", 0.28315, 0.2832), ("draws", 10000, "any")])
             mine  exact
    KL      0.283  0.283
    draws  10,000    any
    """
    rows = [list(row) for row in rows]
    for row in rows:
        if len(row) != len(head) or not row:
            raise ValueError(
                f"a row should have {len(head)} entries, as {list(head)} has, but {row!r} came."
            )
    show(Table(head, [[_words(entry, digits) for entry in row] for row in rows]))


def _words(entry: object, digits: int) -> str:
    """An entry as it is shown."""
    count = entry.numel() if hasattr(entry, "numel") else getattr(entry, "size", 0)  # torch, NumPy
    entry = entry.item() if count == 1 else entry
    if isinstance(entry, float):
        return f"{entry:z,.{digits}f}"
    return f"{entry:,}" if isinstance(entry, int) and not isinstance(entry, bool) else str(entry)
