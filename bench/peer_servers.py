"""Starts this project and the peers on free ports of this machine, and knows how each is asked."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

from bench.district import signed_in_cookie
from bench.installations import FOLDER, installation
from bench.load import Load
from bench.peer_environment import Missing, packaged, program, with_product
from bench.peer_process import running
from bench.peer_settings import mapserver_files, pygeoapi_file
from bench.peers import Box
from bench.postgis import free_port
from tracker.maps.tile_queries import Tile

#: Processes of each server: as many as the smallest machine has cores.
WORKERS = "2"
_SECRET = "x" * 40


@dataclass(frozen=True)
class Server:
    """One that runs, and where it keeps a tile and the items of a box; what it cannot do stays away."""

    address: str
    tile: Callable[[Tile], str] | None = None
    items: Callable[[Box, int], str] | None = None
    cookie: str = ""

    def load(self, paths: list[str]) -> Load:
        """The addresses, asked as the person who is signed in here."""
        return Load(self.address, paths, self.cookie)


def cookie_of(count: int) -> str:
    """The Cookie header of somebody who is signed in to a kept installation."""
    with installation(count) as app, app.app_context():
        return "=".join(signed_in_cookie(app))


def tile_path(tile: Tile) -> str:
    """Where this project keeps the tasks of a tile."""
    return f"/tiles/tasks/{tile.z}/{tile.x}/{tile.y}.mvt"


def items_path(box: Box, limit: int) -> str:
    """Where this project keeps a page of the tasks of a box."""
    return f"/ogc/collections/tasks/items?limit={limit}&bbox={_box(box)}"


@contextmanager
def ours_granian(count: int, cookie: str) -> Iterator[Server]:
    """This project over a kept installation, two processes of granian."""
    command = [*_granian("tracker.wsgi:app"), "--port", "PORT"]
    with running(command, {**with_product(), **_settings(count)}, "/healthz") as address:
        yield Server(address, tile_path, items_path, cookie)


@contextmanager
def ours_waitress(count: int, cookie: str) -> Iterator[Server]:
    """This project as `tracker run` serves it: one process, eight threads."""
    start = "from tracker.cli import main; main()"
    command = [sys.executable, "-c", start, "run", "--host", "127.0.0.1", "--port", "PORT"]
    with running(command, {**with_product(), **_settings(count)}, "/healthz") as address:
        yield Server(address, tile_path, cookie=cookie)


def _settings(count: int) -> dict[str, str]:
    # jobs are a process of their own, so that none is in the way
    return {
        "TRACKER_DATA_DIR": str(FOLDER / str(count)), "TRACKER_SECRET_KEY": _SECRET, "TRACKER_QUEUE_URL": "worker",
    }  # fmt: skip


@contextmanager
def flask_st_asmvt(url: str) -> Iterator[Server]:
    """Flask and one ST_AsMVT, nobody signed in, two processes of granian."""
    command = [*_granian("bench.peer_st_asmvt:app"), "--port", "PORT"]
    surroundings = {**with_product(), "BENCH_URL": url}
    with running(command, surroundings, "/16/0/0.mvt") as address:
        yield Server(address, lambda tile: f"/{tile.z}/{tile.x}/{tile.y}.mvt")


def _granian(app: str) -> list[str]:
    return [
        str(packaged("python")), "-m", "granian", "--interface", "wsgi", "--workers", WORKERS,
        "--blocking-threads", "2", "--no-ws", "--log-level", "warning", "--host", "127.0.0.1", app,
    ]  # fmt: skip


@contextmanager
def tipg(url: str) -> Iterator[Server]:
    """tipg as its manual starts it, two processes of uvicorn."""
    command = [
        str(packaged("uvicorn")), "tipg.main:app", "--workers", WORKERS, "--log-level", "warning",
        "--host", "127.0.0.1", "--port", "PORT",
    ]  # fmt: skip
    # the layer's name is the table's, so that this project's page finds it
    settings = {"DATABASE_URL": url, "TIPG_DB_SCHEMAS": '["public"]', "TIPG_SET_MVT_LAYERNAME": "true"}  # fmt: skip
    base = "/collections/public.tasks"
    with running(command, {**os.environ, **settings}, f"{base}/items?limit=1&f=geojson") as here:
        yield Server(
            here,
            lambda tile: f"{base}/tiles/WebMercatorQuad/{tile.z}/{tile.x}/{tile.y}",
            lambda box, limit: f"{base}/items?f=geojson&limit={limit}&bbox={_box(box)}",
        )


@contextmanager
def pygeoapi(url: str) -> Iterator[Server]:
    """pygeoapi, two processes of gunicorn."""
    with tempfile.TemporaryDirectory(prefix="bench-pygeoapi-") as name:
        port = free_port()
        wanted, described = pygeoapi_file(Path(name), _parts(url), port), Path(name) / "openapi.yml"
        surroundings = {**os.environ, "PYGEOAPI_CONFIG": str(wanted), "PYGEOAPI_OPENAPI": str(described)}  # fmt: skip
        made = subprocess.run(
            [str(packaged("pygeoapi")), "openapi", "generate", str(wanted), "--output-file", str(described)],
            env=surroundings, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if made.returncode:
            raise Missing(f"pygeoapi did not start: {made.stderr.strip()[-300:]}")
        command = [
            str(packaged("gunicorn")), "--workers", WORKERS, "--log-level", "warning",
            "--bind", "127.0.0.1:PORT", "pygeoapi.flask_app:APP",
        ]  # fmt: skip
        base = "/collections/tasks/items?f=json"
        with running(command, surroundings, f"{base}&limit=1", port) as address:
            yield Server(address, None, lambda box, limit: f"{base}&limit={limit}&bbox={_box(box)}")


@contextmanager
def mapserver(url: str) -> Iterator[Server]:
    """MapServer, two FastCGI processes behind lighttpd."""
    cgi, front = program("mapserv"), program("lighttpd")
    with tempfile.TemporaryDirectory(prefix="bench-mapserver-") as name:
        port = free_port()
        made = mapserver_files(Path(name), _parts(url), port, cgi, WORKERS)
        base = "/mapserv/bench/ogcapi/collections/tasks/items?f=json"
        command = [str(front), "-D", "-f", str(made)]
        with running(command, dict(os.environ), f"{base}&limit=1", port) as address:
            yield Server(
                address,
                lambda tile: (
                    f"/mapserv?map=bench&mode=tile&tilemode=gmap&tile={tile.x}+{tile.y}+{tile.z}&layers=tasks"
                ),
                lambda box, limit: f"{base}&limit={limit}&bbox={_box(box)}",
            )


def _box(box: Box) -> str:
    return ",".join(f"{side:.6f}" for side in box)


def _parts(url: str) -> dict[str, str]:
    return {name: str(value) for name, value in conninfo_to_dict(url).items() if value is not None}
