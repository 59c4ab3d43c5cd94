"""Counts of proposed units, by area and month."""

from sqlalchemy import Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from tracker.storage.db import Base


class ProposalCount(Base):
    """Dispatches of one month that stand, of the tasks of one area, by the unit that was proposed."""

    __tablename__ = "proposal_count"
    __table_args__ = {"sqlite_with_rowid": False}

    #: a community, town or district, "" is the whole; ":7" are the tasks that unit 7 holds
    area_code: Mapped[str] = mapped_column(String(32), primary_key=True)
    #: of the dispatch by the city's clock, as 2026-11
    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    #: 0 is no proposal
    unit_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    dispatched: Mapped[int] = mapped_column(Integer)
    #: of those, to the unit that was proposed
    taken: Mapped[int] = mapped_column(Integer)
