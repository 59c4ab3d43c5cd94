"""Knows how an import answers at the terminal: refusals in words, rejected rows with reasons."""

import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import click
from flask_babel import gettext as _

from tracker.errors import Fault
from tracker.web.errors import words


class Counts(Protocol):
    """What every import of a register counts."""

    @property
    def read(self) -> int: ...
    @property
    def created(self) -> int: ...
    @property
    def changed(self) -> int: ...
    @property
    def unchanged(self) -> int: ...
    @property
    def rejected(self) -> int: ...


def tell_counts(report: Counts, *, dry_run: bool) -> None:
    """Print how many rows were read and what became of them."""
    if dry_run:
        click.echo(_("只检查，未写入"))
    click.echo(
        _(
            "读取 %(read)d 条 · 新增 %(created)d · 更新 %(changed)d · 未变 %(unchanged)d · 未导入 %(rejected)d",
            read=report.read,
            created=report.created,
            changed=report.changed,
            unchanged=report.unchanged,
            rejected=report.rejected,
        )
    )


@contextmanager
def stop_on_fault() -> Iterator[None]:
    """Turn a refusal of the whole file into words on standard error and exit code 2."""
    try:
        yield
    except Fault as fault:
        click.echo(words(fault), err=True)
        sys.exit(2)


def refused_rows(rows: Iterable[tuple[int, str, str, Mapping[str, Any]]]) -> None:
    """Print (row, what, reason, facts) of each rejected row on standard error."""
    for row, what, reason, facts in rows:
        said = _(reason, **facts)
        click.echo(
            _("第 %(row)d 条 %(what)s：%(reason)s", row=row, what=what, reason=said), err=True
        )


def write_file(path: Path, text: str) -> None:
    """Write a file the person asked for; a refusal of the disk is told in words, exit code 2."""
    try:
        path.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        click.echo(
            _("无法写入 %(file)s：%(why)s", file=str(path), why=error.strerror or ""), err=True
        )
        sys.exit(2)
