"""Times ways of doing one thing in turn, so that they share whatever else the machine does."""

import statistics
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any


def in_turn(ways: Mapping[str, Callable[[], Any]], rounds: int) -> dict[str, float]:
    """Median seconds of each way over `rounds`, one after the other in each round, after one to warm up."""
    seen: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(rounds + 1):
        for name, way in ways.items():
            start = time.perf_counter()
            way()
            if turn:
                seen[name].append(time.perf_counter() - start)
    return {name: statistics.median(seconds) for name, seconds in seen.items()}


def say(words: str) -> None:
    """A word to whoever waits for a long measurement."""
    print(f"  {words}", file=sys.stderr, flush=True)
