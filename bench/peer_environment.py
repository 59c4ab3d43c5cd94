"""Finds the programs that are compared with: Python packages in an environment of their own, others from Debian."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import sysconfig
from functools import cache
from pathlib import Path

from bench.installations import FOLDER

_ROOT = Path(__file__).resolve().parent.parent
_WANTED = Path(__file__).with_name("peers.txt")
#: Beside the kept districts: the product's own environment stays as it is.
_HOME = FOLDER / "peers"
#: Where Debian puts programs that are not in everybody's path.
_PLACES = os.pathsep.join(("/usr/sbin", "/usr/lib/cgi-bin"))
#: Program and the Debian package that brings it.
PACKAGES = {"wrk": "wrk", "lighttpd": "lighttpd", "mapserv": "cgi-mapserver"}


class Missing(Exception):
    """A peer is not there; the message names what brings it."""


def program(name: str) -> Path:
    """A program of Debian. Raises Missing with its package."""
    found = shutil.which(name, path=os.pathsep.join((os.environ.get("PATH", ""), _PLACES)))
    if found is None:
        raise Missing(f"{name} is not there (Debian package {PACKAGES[name]})")
    return Path(found)


@cache
def folder() -> Path:
    """The `bin` of the peers' environment, made when it is not there. Raises Missing when it cannot be made."""
    home = _HOME / hashlib.sha256(_WANTED.read_bytes()).hexdigest()[:12]
    ready = home / "ready"
    if not ready.exists():
        print("installing the Python peers …", file=sys.stderr, flush=True)
        for command in (
            [sys.executable, "-m", "venv", "--clear", str(home)],
            [str(home / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
             "-r", str(_WANTED)],
        ):  # fmt: skip
            run = subprocess.run(command, capture_output=True, text=True, check=False)
            if run.returncode:
                last = (run.stderr.strip() or run.stdout.strip()).splitlines()[-1:]
                raise Missing(f"bench/peers.txt could not be installed from PyPI: {''.join(last)}")
        ready.touch()
    return home / "bin"


def packaged(name: str) -> Path:
    """A program of the peers' environment. Raises Missing."""
    found = folder() / name
    if not found.exists():
        raise Missing(f"{name} is not in the peers' environment (bench/peers.txt)")
    return found


@cache
def versions() -> dict[str, str]:
    """Name and version of each package that bench/peers.txt names; empty when there is no environment."""
    lines = _WANTED.read_text(encoding="utf-8").splitlines()
    names = [line.split("=")[0].split("[")[0] for line in lines if line and line[0] != "#"]
    ask = "import json, sys; from importlib.metadata import version; print(json.dumps({n: version(n) for n in sys.argv[1:]}))"
    try:
        run = [str(packaged("python")), "-c", ask, *names]
        return dict(json.loads(subprocess.run(run, capture_output=True, check=True).stdout))
    except Missing:
        return {}


def with_product() -> dict[str, str]:
    """The surroundings of a process of the peers' Python that runs this checkout on the product's packages."""
    path = os.pathsep.join((str(_ROOT), sysconfig.get_path("purelib")))
    return {**os.environ, "PYTHONPATH": path}
