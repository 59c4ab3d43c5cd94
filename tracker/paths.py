"""Knows where templates, static files and shipped data lie, in a checkout and in a wheel."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def _inside_or_beside(name: str) -> Path:
    """A wheel has the folder inside the package; a checkout has it beside."""
    inside = _PACKAGE / name
    return inside if inside.is_dir() else _PACKAGE.parent / name


TEMPLATES = _inside_or_beside("templates")
STATIC = _inside_or_beside("static")
TRANSLATIONS = _PACKAGE / "translations"
MIGRATIONS = _PACKAGE / "storage" / "migrations"
