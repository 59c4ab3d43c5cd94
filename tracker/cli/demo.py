"""`tracker demo`: the pilot district with realistic data, into an empty database."""

import click
from flask import current_app
from flask.cli import with_appcontext

from tracker.storage.schema import upgrade_schema


@click.command()
@click.option(
    "--tasks", default=None, type=click.IntRange(1, 200_000), help="How many tasks (2000)."
)
@with_appcontext
def demo(tasks: int | None) -> None:
    """Load the demo district if the database is empty, and print the demo accounts."""
    from tracker.demo import loading

    upgrade_schema()
    marker = current_app.config["SETTINGS"].data_dir / loading.DEMO_MARKER
    if loading.is_empty():
        loading.load_demo(tasks=tasks or loading.TASKS, say=lambda line: click.echo(line, err=True))
    elif not marker.exists():
        click.echo(
            "数据库中已有正式数据，未写入演示数据 / the database holds data of its own; no demo data was loaded"
        )
        return
    print_accounts()


def print_accounts() -> None:
    """One line for each sample account."""
    from tracker.access.roles import LABELS
    from tracker.demo.staff import DEMO_PASSWORD, demo_people

    click.echo(f"演示账号（密码均为 {DEMO_PASSWORD}） / demo accounts, password {DEMO_PASSWORD}:")
    for person in demo_people():
        if person.is_sample:
            click.echo(
                f"  {person.username:<12} {LABELS[person.role]}  {person.name}  {person.unit}"
            )
