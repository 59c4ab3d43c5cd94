"""Runs migrations on the application's own engine, in one writing transaction."""

from alembic import context
from flask import current_app

from tracker.storage.db import writing

_extension = current_app.extensions["migrate"]


def run() -> None:
    """All pending migrations or none: SQLite rolls back too, since BEGIN is said aloud."""
    engine = _extension.db.engine
    engine = engine.execution_options(**writing(engine))
    with engine.begin() as connection:
        context.configure(
            connection=connection,
            target_metadata=_extension.db.metadata,
            **_extension.configure_args,
        )
        context.run_migrations()


run()
