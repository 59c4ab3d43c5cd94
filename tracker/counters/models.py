"""Counters of tasks: by area and day, by place and kind, by cell; and what grows when one changes."""

from datetime import date

from sqlalchemy import BigInteger, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from tracker.storage.db import Base

#: The whole installation, above every district.
EVERYWHERE = ""


def holding_code(district_code: str, unit_id: int) -> str:
    """The area under which the tasks of one unit in one district ("" is none) are counted."""
    return f"{district_code}:{unit_id}"


class AreaCount(Base):
    """What happened on one day in one area; a stock (see measures) is the sum up to a day.

    A community, its town, its district and the whole installation have rows of their own, and so
    has each unit within a district, see `holding_code`.
    """

    __tablename__ = "area_count"
    __table_args__ = {"sqlite_with_rowid": False}

    area_code: Mapped[str] = mapped_column(String(32), primary_key=True)
    measure: Mapped[str] = mapped_column(String(12), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    n: Mapped[int] = mapped_column(Integer)


class AreaTotal(Base):
    """The sum of all days of a stock of one area: where it stands now is one row."""

    __tablename__ = "area_total"
    __table_args__ = {"sqlite_with_rowid": False}

    area_code: Mapped[str] = mapped_column(String(32), primary_key=True)
    measure: Mapped[str] = mapped_column(String(12), primary_key=True)
    n: Mapped[int] = mapped_column(Integer)


class KindCount(Base):
    """The finest counter: day, grid, unit, category and source, for figures under a filter."""

    __tablename__ = "kind_count"
    __table_args__ = (
        Index("ix_kind_count_measure_category_id_day", "measure", "category_id", "day"),
        Index("ix_kind_count_measure_unit_id_day", "measure", "unit_id", "day"),
        {"sqlite_with_rowid": False},
    )

    measure: Mapped[str] = mapped_column(String(12), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    #: the grid, or the smallest area that is known; "" outside every area
    place_code: Mapped[str] = mapped_column(String(32), primary_key=True)
    #: 0 is none yet
    unit_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    #: 0 is none yet
    category_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    source: Mapped[str] = mapped_column(String(20), primary_key=True)
    n: Mapped[int] = mapped_column(Integer)


class CellCount(Base):
    """Tasks in one coarse cell now: the pyramid under the low zooms of the map."""

    __tablename__ = "cell_count"
    __table_args__ = {"sqlite_with_rowid": False}

    #: zoom of the web-map tile that the cell is, see gis.cells.coarser
    level: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    cell: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    #: without what never became a case
    valid: Mapped[int] = mapped_column(Integer)
    open: Mapped[int] = mapped_column(Integer)


class AreaStamp(Base):
    """A number that grows with every event in an area: cache key and ETag of what shows it."""

    __tablename__ = "area_stamp"
    __table_args__ = {"sqlite_with_rowid": False}

    area_code: Mapped[str] = mapped_column(String(32), primary_key=True)
    value: Mapped[int] = mapped_column(BigInteger)
