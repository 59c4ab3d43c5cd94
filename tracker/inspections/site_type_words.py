"""Knows which column names a row in the reader's language: site types have an English name too."""

from typing import Any

from sqlalchemy import case

from tracker.points.choices import is_english
from tracker.points.models import SiteType


def column(table: Any) -> Any:
    """The column with the name of a row of `table` to show."""
    if table is SiteType and is_english():
        return case((SiteType.name_en != "", SiteType.name_en), else_=SiteType.name)
    return table.name
