"""`python -m bench [WORD …]`: runs the named measurements (all without a name) and writes docs/benchmarks.md."""

import os
import platform
import sys
from datetime import date
from importlib.metadata import version
from pathlib import Path

from bench import (
    assign,
    beside,
    cached,
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
from bench.report import Section

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
REPORT = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"
_PACKAGES = ("flask", "sqlalchemy", "folium", "geopandas", "shapely", "orjson", "playwright")


def main(words: list[str]) -> int:
    unknown = [word for word in words if word not in MEASUREMENTS]
    if unknown:
        print(f"unknown: {' '.join(unknown)}; known: {' '.join(MEASUREMENTS)}", file=sys.stderr)
        return 2
    sections = [MEASUREMENTS[word]() for word in words or MEASUREMENTS]
    for section in sections:
        print(f"\n{section.as_text()}")
    if not words:
        REPORT.parent.mkdir(exist_ok=True)
        REPORT.write_text(report(sections), encoding="utf-8")
        print(f"\nwritten: {REPORT.relative_to(REPORT.parent.parent)}")
    return 0


def report(sections: list[Section]) -> str:
    """The whole document: what it was measured on, then the sections."""
    packages = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    head = [
        "# Benchmarks",
        "",
        "Written by `./run bench`; do not edit. Everything in one table was measured in one run, one after the other in",
        "turn; compare by the ratios, the absolute figures belong to the machine.",
        "",
        f"- Date: {date.today().isoformat()}",
        f"- Machine: {os.cpu_count()} cores, {_processor()}, {platform.system()} {platform.machine()}",
        f"- Load before the run: {os.getloadavg()[0]:.1f}",
        f"- Python {platform.python_version()}; {packages}",
        "",
    ]
    return "\n".join(head) + "\n" + "\n".join(section.as_markdown() for section in sections)


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.is_file() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or "unknown"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
