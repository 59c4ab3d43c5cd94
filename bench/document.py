"""Keeps docs/benchmarks.md: one part for each measurement, written anew when that is made again."""

import os
import platform
import re
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from bench.report import Section

REPORT = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"
_PACKAGES = ("flask", "sqlalchemy", "folium", "geopandas", "shapely", "orjson", "playwright")
#: A part: its heading, then which measurement made it.
_PART = re.compile(r"^## [^\n]*\n\n<!-- (\w+) -->\n.*?(?=^## |\Z)", re.MULTILINE | re.DOTALL)


def put(word: str, section: Section, *, order: Sequence[str]) -> None:
    """Write the part of one measurement; the others stay, and those of no known measurement go."""
    known = REPORT.read_text(encoding="utf-8") if REPORT.is_file() else ""
    parts = {found[1]: found[0] for found in _PART.finditer(known)}
    heading, rest = section.as_markdown().split("\n", 1)
    parts[word] = f"{heading}\n\n<!-- {word} -->\n{rest}"
    text = "\n".join(parts[name].rstrip("\n") + "\n" for name in order if name in parts)
    REPORT.write_text(f"{_head()}\n{text}", encoding="utf-8")


def _head() -> str:
    """What everything was measured on."""
    packages = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    return f"""# Benchmarks

Written by `./run bench`; do not edit. Everything in one table was measured in one run, one after the other in
turn; compare by the ratios, the absolute figures belong to the machine.

- Machine: {os.cpu_count()} cores, {_processor()}, {platform.system()} {platform.machine()}
- Python {platform.python_version()}; {packages}
"""


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.is_file() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or "unknown"
