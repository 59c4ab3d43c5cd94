"""`tracker rebuild`: the counters made anew from the events."""

import click
from flask.cli import with_appcontext
from flask_babel import force_locale
from flask_babel import gettext as _

from tracker.cli.reporting import stop_on_fault


@click.command()
@with_appcontext
def rebuild() -> None:
    """Make the figures of maps and boards anew from the events; nothing else is touched.

    One transaction: ended half-way it changes nothing. Others cannot write meanwhile.
    """
    from tracker.counters import recounting

    def told(done: int, total: int) -> None:
        click.echo(_("已统计 %(done)d / %(total)d 项任务…", done=done, total=total))

    with force_locale("zh_Hans_CN"), stop_on_fault():
        counted = recounting.rebuild(progress=told)
        click.echo(_("统计数据已按事件重建，共 %(n)d 项任务。", n=counted))
