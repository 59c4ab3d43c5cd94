"""`tracker init`: the schema, the catalogue and the first administrator."""

import os
import sys

import click
from flask.cli import with_appcontext

from tracker.storage.schema import upgrade_schema


@click.command()
@click.option("--no-admin", is_flag=True, help="Create the schema alone.")
@with_appcontext
def init(no_admin: bool) -> None:
    """Create or upgrade the schema, then the first administrator.

    Asks nothing when TRACKER_ADMIN and TRACKER_ADMIN_PASSWORD are set; makes the schema alone
    with --no-admin or without a terminal.
    """
    upgrade_schema()
    click.echo("数据库已就绪 / database is ready")
    username, password = os.environ.get("TRACKER_ADMIN"), os.environ.get("TRACKER_ADMIN_PASSWORD")
    if no_admin or not (username and password or sys.stdin.isatty()):
        return
    from tracker.errors import Fault
    from tracker.people import first_admin

    try:
        first_admin.ensure(username, password)
    except Fault as fault:
        raise click.ClickException(f"{fault} [{fault.code}]") from None
