"""`tracker worker`: the jobs of a server, as a process of their own."""

import signal
import threading
from datetime import timedelta

import click
from flask import current_app
from flask.cli import with_appcontext


@click.command()
@click.option(
    "--lease", type=click.IntRange(1, 3600), default=300, show_default=True,
    help="秒；超过此时长未完成的任务由其他进程接手 / seconds after which another worker takes a job up.",
)  # fmt: skip
@click.option("--until-empty", is_flag=True, help="做完即退出 / stop when nothing waits.")
@with_appcontext
def worker(lease: int, until_empty: bool) -> None:
    """Do jobs until stopped; SIGTERM lets the one in hand finish."""
    from tracker.jobs.worker import Worker
    from tracker.storage.schema import upgrade_schema

    upgrade_schema()
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    hand = Worker(app, lease=timedelta(seconds=lease))
    if until_empty:
        click.echo(f"{hand.until_empty()} 项后台任务已完成 / jobs done")
        return
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    click.echo("后台任务进程已启动 / worker started")
    hand.run(stop)
