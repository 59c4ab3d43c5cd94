"""`tracker audit`: whether the record of what happened is whole."""

import sys
from time import monotonic

import click
from flask.cli import with_appcontext
from flask_babel import force_locale
from flask_babel import gettext as _

from tracker.cli.reporting import stop_on_fault
from tracker.counters.recounting import differences
from tracker.progress import proposal_counts
from tracker.storage.db import db
from tracker.tasks import text_index
from tracker.tasks.importing.report import peak_memory_mb
from tracker.tasks.verifying import Verified, verify


@click.group(name="audit")
def audit() -> None:
    """Check the record of what happened."""


@audit.command(name="verify")
@click.option("--task", "number", help="任务编号 / check one task only.")
@with_appcontext
def verify_chains(number: str | None) -> None:
    """Walk the chain of events of every task and count all figures anew.

    Prints each fault and ends with 1 when there is one.
    """
    seen, started = Verified(), monotonic()
    with force_locale("zh_Hans_CN"):
        with stop_on_fault():
            for fault in verify(db.session(), seen, number=number):
                click.echo(fault)
            wrong: list[object] = []
            if not number:
                wrong += differences(db.session())
                _see_one_snapshot()
                wrong += proposal_counts.differences(db.session())
                wrong += text_index.differences(db.session())
            for difference in wrong:
                click.echo(_("计数与重新统计不符：%(what)s", what=str(difference)))
        seconds = monotonic() - started
        if not number and not wrong:
            click.echo(_("统计数据与事件重新统计的结果一致。"))
        elif wrong:
            click.echo(_("请运行 tracker rebuild 重新统计。"))
        click.echo(
            _(
                "核对任务 %(tasks)d 项、事件 %(events)d 条，发现问题 %(faults)d 处；"
                "用时 %(seconds).1f 秒，每秒 %(speed).0f 条，内存峰值 %(memory).0f MB",
                tasks=seen.tasks, events=seen.events, faults=seen.faults, seconds=seconds,
                speed=seen.events / seconds if seconds else 0, memory=peak_memory_mb(),
            )
        )  # fmt: skip
    sys.exit(1 if seen.faults or wrong else 0)


def _see_one_snapshot() -> None:
    """What others write meanwhile is no difference: a reading transaction sees one moment."""
    db.session().rollback()
