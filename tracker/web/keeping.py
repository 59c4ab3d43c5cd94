"""Keeps what was made from the same things before, in the memory of one process."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class Kept(Generic[T]):
    """At most so many values by their keys; the oldest go first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._found: OrderedDict[Hashable, T] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable) -> T | None:
        """The value, None when it is not there."""
        with self._lock:
            return self._found.get(key)

    def set(self, key: Hashable, value: T) -> None:
        """Keep a value."""
        with self._lock:
            self._found[key] = value
            while len(self._found) > self._most:
                self._found.popitem(last=False)

    def made(self, key: Hashable, make: Callable[[], T]) -> T:
        """The value, made now when it is not there; two that ask at once may both make it."""
        value = self.get(key)
        if value is None:
            value = make()
            self.set(key, value)
        return value
