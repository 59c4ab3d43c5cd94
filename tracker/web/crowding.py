"""Lets only so many people at a time ask for what keeps a processor busy for seconds: sheets, hot spots, routes."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tracker.errors import Fault
from tracker.texts import N_

#: So much is worked out at the same time in a process; a picture of A3 takes some 70 MB while it is made.
AT_ONCE = 2
#: Who comes then waits this long (seconds) and is asked to come again.
_WAIT = 2.0

_places = threading.BoundedSemaphore(AT_ONCE)


class Busy(Fault):
    """Too much is being worked out."""

    status = 429
    code = "busy"


@contextmanager
def a_place() -> Iterator[None]:
    """A place among those who are served at once. Raises Busy."""
    if not _places.acquire(timeout=_WAIT):
        raise Busy(N_("同时制图、分析或排路线的人较多，请稍后再试。"))
    try:
        yield
    finally:
        _places.release()
