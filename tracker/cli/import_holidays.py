"""`tracker import holidays`: a yearly notice, or stop-work days, from a table."""

import sys
from pathlib import Path
from uuid import uuid4

import click
from flask.cli import with_appcontext
from flask_babel import force_locale
from flask_babel import gettext as _

from tracker.access.actor import SYSTEM
from tracker.calendar.storing import Plan, plan
from tracker.cli.recalculate import tell_recalculated
from tracker.cli.reporting import refused_rows, stop_on_fault
from tracker.storage.db import db
from tracker.workdays.importing import Notice, read_notice
from tracker.workdays.operations import change_calendar, notice_change
from tracker.workdays.recomputing import affected


@click.command("holidays")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--encoding", help="文字编码 / text encoding, e.g. gb18030.")
@click.option("--dry-run", is_flag=True, help="只检查不写入 / check and report, write nothing.")
@with_appcontext
def command(file: Path, encoding: str | None, dry_run: bool) -> None:
    """Import the yearly notice of holidays from FILE: .csv or .xlsx.

    Columns: date 日期 and kind 类别 (休, 班 or 停工) (required), name 名称, source 来源. All of a
    file comes in or nothing: mend a rejected row and import the file again, known days stay. The
    deadlines of open tasks are recomputed. Ends with 1 when a row was rejected.
    """
    with force_locale("zh_Hans_CN"), stop_on_fault():
        notice = read_notice(file, encoding=encoding)
        planned = plan(db.session(), notice_change(Notice(notice.days), file.name))
        _tell(notice, planned)
        refused_rows((one.row, one.what, one.reason, one.facts) for one in notice.rejections)
        if dry_run:
            moved = affected(db.session(), planned.before, planned.after)
            click.echo(_("将移动 %(n)d 件在办任务的时限", n=moved.moved))
            click.echo(_("只检查，未写入"))
        elif notice.rejections:
            click.echo(_("有不能用的行，没有导入。请改好后再导入整个文件。"))
        else:
            change = notice_change(notice, file.name)
            change_calendar(change, seen=None, actor=SYSTEM, request_uuid=str(uuid4()))
            tell_recalculated()
    sys.exit(1 if notice.rejections else 0)


def _tell(notice: Notice, planned: Plan) -> None:
    click.echo(
        _(
            "读取 %(read)d 条 · 更新 %(stored)d · 已有 %(known)d · 不能用 %(rejected)d",
            read=notice.read,
            stored=0 if notice.rejections else len(planned.changes),
            known=planned.known,
            rejected=len(notice.rejections),
        )
    )
    for year in sorted({one.day.year for one in notice.days}):
        if planned.after.is_predicted(year):
            click.echo(
                _("%(year)d 年的休息日不全，其余日期仍按周一至周五计算", year=year), err=True
            )
