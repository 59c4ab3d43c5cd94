"""`tracker rebuild`: the counters made anew from the events, and what else is derived from tasks."""

import click
from flask.cli import with_appcontext
from flask_babel import force_locale
from flask_babel import gettext as _

from tracker.cli.reporting import stop_on_fault
from tracker.storage.unit_of_work import unit_of_work


@click.command()
@with_appcontext
def rebuild() -> None:
    """Make the figures of maps and boards, and the index of words, anew; nothing else is touched.

    Two transactions: ended half-way each changes nothing. Others cannot write meanwhile.
    """
    from tracker.counters import recounting
    from tracker.progress import proposal_counts
    from tracker.tasks import text_index

    def told(done: int, total: int) -> None:
        click.echo(_("已统计 %(done)d / %(total)d 项任务…", done=done, total=total))

    with force_locale("zh_Hans_CN"), stop_on_fault():
        counted = recounting.rebuild(progress=told)
        with unit_of_work() as session:
            proposal_counts.remake(session)
            text_index.remake(session)
        click.echo(_("统计数据已按事件重建，共 %(n)d 项任务。", n=counted))
