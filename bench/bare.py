"""The least that a WSGI application can do: return the bytes of the file that BENCH_BODY names."""

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

_BODY = Path(os.environ["BENCH_BODY"]).read_bytes()
_HEADERS = [
    ("Content-Type", "application/vnd.mapbox-vector-tile"),
    ("Content-Length", str(len(_BODY))),
]


def app(_environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer any address."""
    start_response("200 OK", _HEADERS)
    return [_BODY]
