"""Know how to start the reading process with little room, and how to take its answer."""

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

from gis import errors
from gis._staging import Limits

RESULT = "result.bin"
#: The only drivers a boundary file is read with; GeoJSON and CSV need none.
DRIVERS = frozenset({"ESRI Shapefile", "GPKG"})

_KEPT_VARIABLES = ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT", "PROJ_DATA", "PROJ_LIB", "GDAL_DATA")


def run_reader(
    folder: Path, request: dict[str, Any], limits: Limits
) -> tuple[dict[str, Any], bytes]:
    """Read the staged file of `folder` in a child process: its answer and the polygons' WKB.

    Raises the error the child met, or TooLarge when it ran out of memory or time.
    """
    asked = {
        **request,
        "memory_bytes": limits.memory_bytes,
        "cpu_seconds": int(limits.seconds) + 1,
        "output_bytes": 2 * limits.unpacked_bytes,
    }
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "gis._reader"],
            input=json.dumps(asked).encode(),
            cwd=folder,
            env=_environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=limits.seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise errors.TooLarge("Reading took too long.", code="took_too_long") from error
    result = folder / RESULT
    if done.returncode != 0 or not result.is_file():
        raise errors.TooLarge(
            "Reading needed too much memory or broke the reader.", code="needs_too_much"
        )
    return _answer(result.read_bytes())


def _answer(content: bytes) -> tuple[dict[str, Any], bytes]:
    length = int.from_bytes(content[:8], "big")
    head: dict[str, Any] = json.loads(content[8 : 8 + length])
    if fault := head.get("error"):
        kind: type[errors.GisError] = getattr(errors, fault["class"])
        raise kind(fault["message"], code=fault["code"], **fault["facts"])
    return head, content[8 + length :]


def _environment() -> dict[str, str]:
    """Return the child's variables: none of the server's secrets, and every other driver skipped."""
    kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    return kept | {
        "PYTHONPATH": str(Path(__file__).resolve().parent.parent),
        "PYTHONUTF8": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "OGR_SKIP": _skipped_drivers(),
        "PROJ_NETWORK": "OFF",
        "SHAPE_RESTORE_SHX": "YES",
        "GDAL_PAM_ENABLED": "NO",
        "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none",
        # threads reserve address space that nothing here uses
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "MALLOC_ARENA_MAX": "2",
    }


@cache
def _skipped_drivers() -> str:
    import pyogrio

    return ",".join(sorted(set(pyogrio.list_drivers()) - DRIVERS))
