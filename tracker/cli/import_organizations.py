"""`tracker import organizations`: responsible units from a table."""

import sys
from pathlib import Path

import click
from flask.cli import with_appcontext
from flask_babel import force_locale

from tracker.access.actor import SYSTEM
from tracker.cli.reporting import refused_rows, stop_on_fault, tell_counts
from tracker.places.importing_organizations import import_organizations


@click.command("organizations")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--encoding", help="文字编码 / text encoding, e.g. gb18030.")
@click.option("--dry-run", is_flag=True, help="只检查不写入 / check and report, write nothing.")
@with_appcontext
def command(file: Path, encoding: str | None, dry_run: bool) -> None:
    """Import organizations from FILE: .csv or .xlsx.

    Columns: name 名称 (required), kind 类型, area 区域代码, categories 问题类别代码, active 启用.
    A known name is brought up to date. Ends with 1 when a row was rejected.
    """
    with force_locale("zh_Hans_CN"):
        with stop_on_fault():
            report = import_organizations(file, actor=SYSTEM, encoding=encoding, dry_run=dry_run)
        tell_counts(report, dry_run=dry_run)
        refused_rows((one.row, one.name, one.reason, one.facts) for one in report.rejections)
    sys.exit(1 if report.rejected else 0)
