"""`tracker import tasks`: tasks of any origin from a file, read by a profile."""

import sys
from pathlib import Path

import click
from flask.cli import with_appcontext
from flask_babel import force_locale
from flask_babel import gettext as _

from tracker.access.actor import SYSTEM
from tracker.cli.reporting import stop_on_fault
from tracker.tasks.importing.profile import load_profile
from tracker.tasks.importing.reasons import REASON_LABELS
from tracker.tasks.importing.report import Report, peak_memory_mb
from tracker.tasks.importing.run import BATCH, TaskImport, import_tasks


@click.command("tasks")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--profile",
    default="native",
    show_default=True,
    help="导入配置 / a shipped profile (native, la311, pingshan) or the path of a .toml file.",
)
@click.option(
    "--crs", help="坐标系 / wgs84, gcj02, bd09, cgcs2000 or EPSG:n; overrides the profile."
)
@click.option(
    "--rejects",
    type=click.Path(dir_okay=False, path_type=Path),
    help="退回清单 / rejected rows with reasons, to mend and import again [FILE-rejects.csv].",
)
@click.option(
    "--batch", type=click.IntRange(1, 5000), default=BATCH, show_default=True,
    help="每次提交的行数 / rows of one transaction.",
)  # fmt: skip
@click.option("--dry-run", is_flag=True, help="只检查不写入 / check and report, write nothing.")
@with_appcontext
def command(
    file: Path, profile: str, crs: str | None, rejects: Path | None, batch: int, dry_run: bool
) -> None:
    """Import tasks from FILE (.csv or .xlsx) through the same rules as everybody's.

    Safe to run again: rows that came in before are counted as known and change nothing. Ends
    with 1 when a row was rejected, with 2 when the file cannot be used.
    """
    rejects = rejects or file.with_name(f"{file.stem}-rejects.csv")
    with force_locale("zh_Hans_CN"):
        with stop_on_fault():
            asked = TaskImport(
                load_profile(profile), crs=crs, dry_run=dry_run, rejects=rejects, batch=batch
            )
            report = import_tasks(file, asked, actor=SYSTEM, progress=_progress)
        _tell(report, rejects)
    sys.exit(1 if report.refused else 0)


def _progress(report: Report) -> None:
    click.echo(
        _(
            "已读 %(read)d 行，保存 %(stored)d，已有 %(known)d，退回 %(refused)d",
            read=report.read, stored=report.stored, known=report.known, refused=report.refused,
        ),
        err=True,
    )  # fmt: skip


def _tell(report: Report, rejects: Path) -> None:
    click.echo(_("试运行，没有写入任何内容") if report.dry_run else _("导入完成"))
    click.echo(_("读取：%(n)d 行", n=report.read))
    click.echo(
        _("保存：%(n)d 行，其中未落入网格 %(queued)d 行", n=report.stored, queued=report.queued)
    )
    click.echo(_("已有：%(n)d 行", n=report.known))
    click.echo(_("退回：%(n)d 行", n=report.refused))
    for reason, count in report.rejected.most_common():
        click.echo(f"  {_(REASON_LABELS[reason])} ({reason.value})：{count}")
    if report.units_made:
        click.echo(_("新建责任单位：%(n)d 个", n=report.units_made))
    click.echo(
        _(
            "用时 %(seconds).1f 秒，每秒 %(speed).0f 行，内存峰值 %(memory).0f MB",
            seconds=report.seconds, speed=report.rows_per_second, memory=peak_memory_mb(),
        )
    )  # fmt: skip
    if report.refused:
        click.echo(_("退回的行已写入 %(file)s，修改后用同一配置再次导入即可", file=str(rejects)))
