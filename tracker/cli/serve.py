"""`tracker run`: the server, with the jobs of this process."""

import signal
import sys
from contextlib import nullcontext
from datetime import timedelta

import click
from flask import current_app
from flask.cli import with_appcontext


@click.command()
@click.option("--host", default=None, help="Address to listen on (TRACKER_HOST).")
@click.option("--port", type=int, default=None, help="Port to listen on (TRACKER_PORT).")
@click.option("--threads", default=8, show_default=True)
@with_appcontext
def run(host: str | None, port: int | None, threads: int) -> None:
    """Serve the product with waitress, jobs included; many slow phones may stay connected."""
    from waitress import serve

    from tracker import clock
    from tracker.app import settle
    from tracker.evidence.store import open_store
    from tracker.jobs.worker import InProcess
    from tracker.storage.schema import upgrade_schema
    from tracker.web import open_connections

    upgrade_schema()
    settings = current_app.config["SETTINGS"]
    # half-written files of a process that was killed
    open_store(settings.effective_photo_url).sweep(older_than=clock.now() - timedelta(hours=1))
    host, port = host or settings.host, port or settings.port
    click.echo(f"网格督办已启动 / serving at http://{host}:{port}")
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    # a service manager stops it so: open requests and the job in hand are finished
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    open_connections.install()
    settle()
    with nullcontext() if settings.has_worker else InProcess(app):
        serve(
            app, host=host, port=port, threads=threads, connection_limit=1000, channel_timeout=60,
            ident="tracker",
        )  # fmt: skip
