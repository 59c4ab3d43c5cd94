"""`tracker import checklist`: a new edition of a checklist from a table."""

import sys
from datetime import datetime
from pathlib import Path
from uuid import uuid4

import click
from flask.cli import with_appcontext
from flask_babel import force_locale
from flask_babel import gettext as _

from tracker.access.actor import SYSTEM
from tracker.cli.reporting import refused_rows, stop_on_fault
from tracker.points.checklist_drafts import against_current
from tracker.points.checklist_importing import Draft, read_draft
from tracker.points.checklist_models import EditionKind, LabelSet
from tracker.points.checklist_operations import EditionGiven, check_given, publish
from tracker.storage.db import db


@click.command("checklist")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--name", required=True, help="版本名称 / name of the edition.")
@click.option(
    "--valid-from",
    type=click.DateTime(["%Y-%m-%d"]),
    help="生效日期，不填为备用 / first day in force; kept aside without it.",
)
@click.option(
    "--kind",
    type=click.Choice([one.value for one in EditionKind]),
    default=EditionKind.CHECKLIST.value,
    help="哪一种清单 / which card.",
)
@click.option(
    "--labels",
    type=click.Choice([one.value for one in LabelSet]),
    default=LabelSet.CONFORMITY.value,
    help="结果用词 / words for the results.",
)
@click.option("--source", default="", help="来源 / where it comes from.")
@click.option("--encoding", help="文字编码 / text encoding, e.g. gb18030.")
@click.option(
    "--without-rejected", is_flag=True, help="不含有误的行也发布 / publish without rejected rows."
)
@click.option("--dry-run", is_flag=True, help="只检查不写入 / check and report, write nothing.")
@with_appcontext
def command(
    file: Path,
    name: str,
    valid_from: datetime | None,
    kind: str,
    labels: str,
    source: str,
    encoding: str | None,
    without_rejected: bool,
    dry_run: bool,
) -> None:
    """Publish a new edition from FILE: .csv or .xlsx.

    Columns: 编号, 点位类型, 维度, 检查内容, 达标标准, 检查方法, 问题类别代码, 权重, 关键项. A
    published edition never changes, so nothing is published when a row is rejected, unless
    --without-rejected is given. Ends with 1 when a row was rejected.
    """
    day = valid_from.date() if valid_from else None
    given = EditionGiven(name, EditionKind(kind), day, LabelSet(labels), source)
    with force_locale("zh_Hans_CN"), stop_on_fault():
        draft = read_draft(db.session(), file, encoding=encoding)
        check_given(db.session(), given)
        _tell(draft, given)
        if dry_run:
            click.echo(_("只检查，未写入"))
        elif draft.rejections and not without_rejected:
            click.echo(_("有不能用的行，没有发布。改好后再导入，或加 --without-rejected。"))
        else:
            code = publish(given, draft.lines, actor=SYSTEM, request_uuid=str(uuid4()))
            click.echo(_("已发布 %(code)s。", code=code))
    sys.exit(1 if draft.rejections else 0)


def _tell(draft: Draft, given: EditionGiven) -> None:
    found = against_current(db.session(), given, draft.lines).difference
    click.echo(
        _(
            "读取 %(read)d 行 · 新增 %(added)d · 修改 %(changed)d · 删去 %(removed)d · 未变 %(unchanged)d · 不能用 %(rejected)d",
            read=draft.read,
            added=len(found.added),
            changed=len(found.changed),
            removed=len(found.removed),
            unchanged=found.unchanged,
            rejected=len(draft.rejections),
        )
    )
    refused_rows((one.row, one.code, one.reason, one.facts) for one in draft.rejections)
