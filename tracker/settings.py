"""Knows what can be configured, and what is wrong with what was configured."""

import os
import secrets
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

#: Interface languages, first is the default.
LOCALES = ("zh_Hans_CN", "en")


class BadSetting(ValueError):
    """A setting is missing or unusable; the message says which and how to mend it."""


@dataclass(frozen=True)
class Settings:
    """Everything the process reads from its environment.

    A field has a default only where the default is right in production and fit to be public.
    """

    #: Folder of the database, photos, secret and logs (TRACKER_DATA_DIR).
    data_dir: Path = Path("instance")
    #: SQLAlchemy URL; empty means SQLite in the data folder (TRACKER_DATABASE_URL).
    database_url: str = ""
    #: Signs cookies; empty means the file `secret_key` in the data folder (TRACKER_SECRET_KEY).
    secret_key: str = ""
    #: Where photos are kept; empty means `photos` in the data folder (TRACKER_PHOTO_URL).
    photo_url: str = ""
    #: Who does the jobs: empty is this process, "worker" a `tracker worker` beside it (TRACKER_QUEUE_URL).
    queue_url: str = ""
    #: Address of this site in messages that leave the house, e.g. https://10.0.0.8 (TRACKER_PUBLIC_URL).
    public_url: str = ""
    #: Address and port to listen on (TRACKER_HOST, TRACKER_PORT).
    host: str = "127.0.0.1"
    port: int = 5000
    #: Basemaps offered, see gis.webmap.basemaps (TRACKER_BASEMAPS).
    basemaps: str = "none"
    #: Language of a visitor who chose none (TRACKER_LOCALE).
    locale: str = LOCALES[0]
    #: Letters before a task number, e.g. JW-20261122-0001 (TRACKER_NUMBER_PREFIX).
    number_prefix: str = "JW"
    #: The office's name in the top bar (TRACKER_OFFICE_NAME).
    office_name: str = "金湾区迎检办"
    #: Map approval number shown on maps, if there is one (TRACKER_MAP_APPROVAL).
    map_approval: str = ""
    #: Whether this is a demonstration: ribbon, demo accounts (TRACKER_DEMO).
    demo: bool = False
    #: Whether cookies travel over https only (TRACKER_SECURE_COOKIES).
    secure_cookies: bool = False
    #: Proxies in front whose X-Forwarded headers are believed (TRACKER_PROXY_HOPS).
    proxy_hops: int = 0
    #: Host names this server answers to, comma separated; empty means any (TRACKER_HOSTS).
    hosts: str = ""
    #: Minutes without a request after which a session ends (TRACKER_IDLE_MINUTES).
    idle_minutes: int = 30
    #: Memory in KiB for one Argon2id hash; lower only in tests (TRACKER_ARGON2_KIB).
    argon2_kib: int = 65536

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] | None = None) -> "Settings":
        """Read TRACKER_* variables. Raises BadSetting with the variable's name."""
        env = os.environ if environ is None else environ
        given = {k: env["TRACKER_" + v] for k, v in _NAMES.items() if env.get("TRACKER_" + v)}
        values: dict[str, object] = dict(given)
        for name in ("port", "proxy_hops", "idle_minutes", "argon2_kib"):
            if name in given:
                values[name] = _whole(given[name], name)
        for name in ("demo", "secure_cookies"):
            if name in given:
                values[name] = given[name].lower() in ("1", "true", "yes", "on")
        if "data_dir" in given:
            values["data_dir"] = Path(given["data_dir"])
        if given.get("locale", LOCALES[0]) not in LOCALES:
            raise BadSetting(f"TRACKER_LOCALE must be one of {', '.join(LOCALES)}")
        return cls(**values)  # type: ignore[arg-type]

    @property
    def effective_database_url(self) -> str:
        """The URL in force."""
        if self.database_url:
            return self.database_url
        return f"sqlite:///{(self.data_dir / 'tracker.db').resolve()}"

    @property
    def effective_photo_url(self) -> str:
        """The photo store in force."""
        return self.photo_url or str((self.data_dir / "photos").resolve())

    @property
    def has_worker(self) -> bool:
        """Whether a process of its own does the jobs."""
        return self.queue_url == "worker"

    def check_queue(self) -> None:
        """Raise BadSetting when the jobs are to go somewhere that nobody reads."""
        if self.queue_url not in ("", "worker"):
            raise BadSetting(
                "TRACKER_QUEUE_URL must be empty (jobs run in this process) or `worker` (run `tracker"
                " worker` beside it); a broker is not needed, the rows in the database are the queue"
            )

    def effective_secret(self) -> str:
        """The secret in force; made once in the data folder when none was given.

        Raises BadSetting when a given secret is too short to resist guessing.
        """
        if self.secret_key:
            if len(self.secret_key) < 32:
                raise BadSetting("TRACKER_SECRET_KEY must have at least 32 characters")
            return self.secret_key
        return _secret_file(self.data_dir / "secret_key")


_NAMES = {
    "data_dir": "DATA_DIR",
    "database_url": "DATABASE_URL",
    "secret_key": "SECRET_KEY",
    "photo_url": "PHOTO_URL",
    "queue_url": "QUEUE_URL",
    "public_url": "PUBLIC_URL",
    "host": "HOST",
    "port": "PORT",
    "basemaps": "BASEMAPS",
    "locale": "LOCALE",
    "number_prefix": "NUMBER_PREFIX",
    "office_name": "OFFICE_NAME",
    "map_approval": "MAP_APPROVAL",
    "demo": "DEMO",
    "secure_cookies": "SECURE_COOKIES",
    "proxy_hops": "PROXY_HOPS",
    "hosts": "HOSTS",
    "idle_minutes": "IDLE_MINUTES",
    "argon2_kib": "ARGON2_KIB",
}


def _whole(text: str, name: str) -> int:
    try:
        value = int(text)
    except ValueError:
        raise BadSetting(f"TRACKER_{_NAMES[name]} must be a whole number, not {text!r}") from None
    if value < 0:
        raise BadSetting(f"TRACKER_{_NAMES[name]} must not be negative")
    return value


def _secret_file(path: Path) -> str:
    """Read the installation's own secret, making it on the first start (mode 0600)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        handle, written = tempfile.mkstemp(prefix=".secret_key", dir=path.parent)
        with os.fdopen(handle, "w") as out:
            out.write(secrets.token_urlsafe(48))
            out.flush()
            os.fsync(out.fileno())
        # linked, not opened for writing: of several first starts none reads a half-written one
        with suppress(FileExistsError):
            os.link(written, path)
        os.unlink(written)
    return path.read_text().strip()
