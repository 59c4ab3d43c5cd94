"""Know how to parse one staged file, in a process of its own that may fall over."""

import ctypes
import json
import sys
from typing import Any

_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000


def main() -> None:
    """Read the request from standard input, answer into the result file of the working folder."""
    request = json.load(sys.stdin)
    _confine(request)
    # imported only now, inside the bounds
    from gis._child import RESULT
    from gis._clean import Cleaner
    from gis._formats import READERS
    from gis._shapes import ShapeCleaner
    from gis.errors import GisError, TooLarge, UnreadableFile

    body: list[bytes] = []
    try:
        layer = READERS[request["kind"]](request["encoding"], request["max_features"])
        kind = ShapeCleaner if request["any_shape"] else Cleaner
        cleaner = kind.for_layer(layer, request["kind"], request["crs"])
        head, body = cleaner.clean(layer)
    except GisError as error:
        head = _fault(type(error).__name__, str(error), error.code, dict(error.facts))
    except (MemoryError, RecursionError):
        head = _fault(TooLarge.__name__, "Reading needed too much memory.", "needs_too_much", {})
    except Exception as error:  # what a torn file breaks inside a parser is not one kind of error
        facts = {"kind": request["kind"], "reason": type(error).__name__}
        head = _fault(UnreadableFile.__name__, "This file is broken.", "broken_file", facts)
    text = json.dumps(head, allow_nan=False).encode()
    with open(RESULT, "xb") as result:
        result.write(len(text).to_bytes(8, "big"))
        result.write(text)
        result.writelines(body)


def _fault(kind: str, message: str, code: str, facts: dict[str, Any]) -> dict[str, Any]:
    return {"error": {"class": kind, "message": message, "code": code, "facts": facts}}


def _confine(request: dict[str, Any]) -> None:
    """Give up the network where the kernel lets us, and bound memory, processor time and output."""
    if sys.platform == "win32":
        return
    import resource

    if sys.platform == "linux":
        # refused in some containers; the drivers that could call out are skipped in any case
        ctypes.CDLL(None).unshare(_NEW_USER | _NEW_NETWORK)
    for what, most in (
        (resource.RLIMIT_AS, request["memory_bytes"]),
        (resource.RLIMIT_CPU, request["cpu_seconds"]),
        (resource.RLIMIT_FSIZE, request["output_bytes"]),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


if __name__ == "__main__":
    main()
