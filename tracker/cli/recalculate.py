"""`tracker recalculate`: the deadlines of open tasks by the calendar in force."""

import click
from flask.cli import with_appcontext
from flask_babel import force_locale
from flask_babel import gettext as _

from tracker.cli.reporting import stop_on_fault


@click.command()
@with_appcontext
def recalculate() -> None:
    """Finish what changes of the calendar left: move the deadlines of open tasks.

    Safe to end at any moment and to start again.
    """
    with force_locale("zh_Hans_CN"), stop_on_fault():
        tell_recalculated()


def tell_recalculated() -> None:
    """Recompute everything that waits, saying how far it is."""
    from tracker.workdays.recomputing import BATCH, recompute_open

    def told(moved: int) -> None:
        if moved and moved % BATCH == 0:
            click.echo(_("已移动 %(n)d 件任务的时限…", n=moved))

    done = recompute_open(progress=told)
    click.echo(_("在办任务的时限已按新日历重算，移动了 %(n)d 件。", n=done.moved))
