"""The files that belong to the product, as the tests about the codebase read them."""

from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
#: Written by a tool, or fetched; not ours to hold to the house rules.
NOT_OURS = ("tracker/storage/migrations/versions/", "static/vendor/", "static/made/")


def files(top: str, *patterns: str) -> Iterator[tuple[str, Path]]:
    """Paths below a top folder that match, each with its path from the root."""
    for pattern in patterns:
        for path in sorted((ROOT / top).rglob(pattern)):
            name = path.relative_to(ROOT).as_posix()
            if path.is_file() and not name.startswith(NOT_OURS):
                yield name, path


def texts(top: str, *patterns: str) -> Iterator[tuple[str, str]]:
    """Path from the root and content."""
    for name, path in files(top, *patterns):
        yield name, path.read_text(encoding="utf-8")


def python_files(*tops: str) -> Iterator[tuple[str, str]]:
    """Every Python file below the folders."""
    for top in tops:
        yield from texts(top, "*.py")
