"""Writes the rejected rows of a file as they were, with row number and reason, to be mended."""

import csv
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from tracker.errors import Invalid
from tracker.tasks.importing.reading import ADDED, Line
from tracker.tasks.importing.reasons import RowRejected
from tracker.texts import N_


class RejectFile:
    """A CSV (UTF-8 with a mark, for Excel) made when the first row is rejected.

    The cells are kept as they were, so that the mended file is read by the same profile.
    """

    def __init__(self, path: Path | None, header: tuple[str, ...]) -> None:
        self.path = path
        #: where the columns lie that an earlier import added
        self._kept = [place for place, name in enumerate(header) if name not in ADDED]
        self._header = header
        self._file: IO[str] | None = None
        self._writer: Any = None

    def add(self, line: Line, rejected: RowRejected) -> None:
        """Append one row. Raises Invalid when the file cannot be written."""
        if self.path is None:
            return
        if self._file is None:
            try:
                self._file = self.path.open("w", encoding="utf-8-sig", newline="")
            except OSError as error:
                raise Invalid(
                    N_("无法写入退回清单 %(file)s：%(what)s"), file=str(self.path), what=str(error)
                ) from error
            self._writer = csv.writer(self._file)
            self._writer.writerow([*(self._header[place] for place in self._kept), *ADDED])
        cells = line.cells
        row = [cells[place] if place < len(cells) else "" for place in self._kept]
        surplus = cells[len(self._header) :]
        self._writer.writerow([*row, line.number, str(rejected), *surplus])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._file is not None:
            self._file.close()
