"""Knows when the collector of cycles had better rest."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_collecting() -> Iterator[None]:
    """Within, nobody looks for cycles: for work that makes thousands of small objects and keeps them.

    Their number lets the collector go through the whole process again and again, which took three
    quarters of such work. What ends in no cycle is given back as ever.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
