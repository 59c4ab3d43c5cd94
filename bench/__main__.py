"""`python -m bench [WORD …]`: runs the named measurements (all without a name), each written to docs/benchmarks.md."""

import os
import sys
import time
import traceback
from datetime import date

from bench import (
    assign,
    beside,
    cached,
    document,
    first_screen,
    imports,
    maps,
    offline,
    opening,
    pages,
    peer_archive,
    peer_items,
    peer_pages,
    peer_tiles,
    progress,
    requests,
    tiles,
    writes,
)

#: Each measurement returns one section of the report.
MEASUREMENTS = {
    "maps": maps.measure,
    "first_screen": first_screen.measure,
    "offline": offline.measure,
    "progress": progress.measure,
    "pages": pages.measure,
    "opening": opening.measure,
    "writes": writes.measure,
    "imports": imports.measure,
    "requests": requests.measure,
    "cached": cached.measure,
    "beside": beside.measure,
    "assign": assign.measure,
    "tiles": tiles.measure,
    "peer_tiles": peer_tiles.measure,
    "peer_items": peer_items.measure,
    "peer_pages": peer_pages.measure,
    "peer_archive": peer_archive.measure,
}


def main(words: list[str]) -> int:
    unknown = [word for word in words if word not in MEASUREMENTS]
    if unknown:
        print(f"unknown: {' '.join(unknown)}; known: {' '.join(MEASUREMENTS)}", file=sys.stderr)
        return 2
    failed: list[str] = []
    for word in words or MEASUREMENTS:
        started, load = time.monotonic(), os.getloadavg()[0]
        try:
            section = MEASUREMENTS[word]()
        except Exception:  # what was measured before and comes after stays worth having
            traceback.print_exc()
            failed.append(word)
            continue
        minutes = (time.monotonic() - started) / 60
        section.notes.append(
            f"`./run bench {word}`, {date.today().isoformat()}, {minutes:.1f} minutes; load before: {load:.1f}."
        )
        print(f"\n{section.as_text()}\n", flush=True)
        document.put(word, section, order=tuple(MEASUREMENTS))
    if failed:
        print(f"failed: {' '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
