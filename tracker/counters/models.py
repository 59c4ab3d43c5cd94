"""Counters of tasks: by area and month, by place and kind, by cell; what waits for them, and what grows with them."""

from datetime import date
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
)
from sqlalchemy.orm import Mapped, mapped_column

from tracker.counters.measures import OPEN_STOCKS, STATES, STOCKS, Measure
from tracker.storage.db import Base

#: The whole installation, above every district.
EVERYWHERE = ""

#: Columns of a month: the sum of its days up to each one.
DAYS = tuple(f"d{day:02d}" for day in range(1, 32))
#: What is counted of the open tasks of a kind.
KIND_STOCKS = (*OPEN_STOCKS, Measure.OVERDUE.value)


def holding_code(district_code: str, unit_id: int) -> str:
    """The area under which the tasks of one unit in one district ("" is none) are counted."""
    return f"{district_code}:{unit_id}"


def of_major(major: str) -> str:
    """What follows an area's code where its tasks of a major category (大类) are counted."""
    return f":m{major}"


def of_source(source: str) -> str:
    """What follows an area's code where its tasks of a source are counted."""
    return f":s{source}"


def _numbers(names: tuple[str, ...]) -> list[Column[Any]]:
    return [Column(name, Integer, nullable=False) for name in names]


class AreaMonth(Base):
    """What happened in one area on the days of one month; a stock is by how much it changed.

    A community, its town, its district and the whole installation have rows of their own, and so
    has each unit within a district (see `holding_code`), and each major category and source within
    an area. The column of a day is the sum of the month up to it, so that any span of days is a
    difference of two columns of each month, and one row tells every day.
    """

    __table__ = Table(
        "area_month",
        Base.metadata,
        Column("area_code", String(64), primary_key=True),
        #: year and month, e.g. 202611
        Column("month", Integer, primary_key=True, autoincrement=False),
        Column("measure", String(24), primary_key=True),
        *_numbers(DAYS),
        sqlite_with_rowid=False,
    )


class AreaTotal(Base):
    """The stocks of one area, after every day that was written: where it stands now is one row."""

    __table__ = Table(
        "area_total",
        Base.metadata,
        Column("area_code", String(64), primary_key=True),
        *_numbers(STOCKS),
        sqlite_with_rowid=False,
    )


class KindCount(Base):
    """The finest counter: category, day, place, unit and source, for filters that nothing else knows."""

    __tablename__ = "kind_count"
    __table_args__ = (
        # the source before the day: two filters at once read their own rows alone
        PrimaryKeyConstraint("category_id", "source", "measure", "day", "place_code", "unit_id"),
        # with what is read of it, so that the counters themselves are not looked up one by one
        Index("ix_kind_count_unit_id_measure_day", "unit_id", "measure", "day", "place_code", "n"),
        {"sqlite_with_rowid": False},
    )

    #: 0 is none yet
    category_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    measure: Mapped[str] = mapped_column(String(24), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    #: the community, or the smallest area above it that is known; "" outside every area
    place_code: Mapped[str] = mapped_column(String(32), primary_key=True)
    #: 0 is none yet
    unit_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    source: Mapped[str] = mapped_column(String(20), primary_key=True)
    n: Mapped[int] = mapped_column(Integer)


class KindTotal(Base):
    """The open tasks of one kind in one place; the row is gone when there are none."""

    __table__ = Table(
        "kind_total",
        Base.metadata,
        Column("category_id", Integer, primary_key=True, autoincrement=False),
        Column("place_code", String(32), primary_key=True),
        Column("unit_id", Integer, primary_key=True, autoincrement=False),
        Column("source", String(20), primary_key=True),
        *_numbers(KIND_STOCKS),
        PrimaryKeyConstraint("category_id", "source", "place_code", "unit_id"),
        Index("ix_kind_total_unit_id", "unit_id"),
        sqlite_with_rowid=False,
    )


class CellCount(Base):
    """Tasks by state in one coarse cell now, by place: the pyramid under the low zooms of the map."""

    __table__ = Table(
        "cell_count",
        Base.metadata,
        #: zoom of the web-map tile that the cell is, see gis.cells.coarser
        Column("level", Integer, primary_key=True, autoincrement=False),
        #: "", or one of `of_major` and `of_source`
        Column("kind", String(24), primary_key=True),
        Column("cell", BigInteger, primary_key=True, autoincrement=False),
        #: as KindCount.place_code
        Column("place_code", String(32), primary_key=True),
        *_numbers(tuple(state.value for state in STATES)),
        sqlite_with_rowid=False,
    )


class AreaStamp(Base):
    """A number that grows with every event in an area: cache key and ETag of what shows it."""

    __tablename__ = "area_stamp"
    __table_args__ = {"sqlite_with_rowid": False}

    area_code: Mapped[str] = mapped_column(String(32), primary_key=True)
    value: Mapped[int] = mapped_column(BigInteger)


class CounterTail(Base):
    """What one transaction changed and no counter holds yet: every reader adds it, see counters.tail."""

    __tablename__ = "counter_tail"

    id: Mapped[int] = mapped_column(primary_key=True)
    changes: Mapped[str] = mapped_column(Text)
