"""The `tracker` command: one file per subcommand."""

import click
from flask import Flask
from flask.cli import FlaskGroup

from tracker import __version__


def _make_app() -> Flask:
    from tracker.app import create_app

    return create_app()


@click.group(cls=FlaskGroup, create_app=_make_app, add_version_option=False)
@click.version_option(__version__, prog_name="tracker")
def main() -> None:
    """网格督办 Civic Grid Tracker."""


def _register() -> None:
    from tracker.cli import (
        audit,
        authorization,
        demo,
        export,
        importing,
        init,
        permissions,
        rebuild,
        recalculate,
        serve,
        user,
        worker,
        workflow,
    )

    main.add_command(audit.audit)
    main.add_command(authorization.authorization)
    main.add_command(demo.demo)
    main.add_command(export.export)
    main.add_command(init.init)
    main.add_command(importing.importing)
    main.add_command(permissions.permissions)
    main.add_command(rebuild.rebuild)
    main.add_command(recalculate.recalculate)
    main.add_command(serve.run, name="run")
    main.add_command(user.user)
    main.add_command(worker.worker)
    main.add_command(workflow.workflow)


_register()
