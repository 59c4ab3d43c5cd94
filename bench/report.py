"""Knows how a measurement is written down: a table with what it means, as text and as Markdown."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Section:
    """One table; the first column names the row, `notes` say what was compared and what it is not."""

    title: str
    columns: tuple[str, ...]
    rows: list[tuple[str, ...]]
    notes: list[str] = field(default_factory=list)

    def as_text(self) -> str:
        """For the terminal."""
        table = [self.columns, *self.rows]
        widths = [max(len(row[index]) for row in table) for index in range(len(self.columns))]
        lines = [
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in table
        ]
        return "\n".join([self.title, *lines, *self.notes])

    def as_markdown(self) -> str:
        """For the document."""
        ruler = ["---", *("--:" for _ in self.columns[1:])]
        lines = [f"| {' | '.join(row)} |" for row in (self.columns, ruler, *self.rows)]
        notes = "\n".join(f"- {note}" for note in self.notes)
        return "\n".join([f"## {self.title}", "", *lines, "", notes, ""])
