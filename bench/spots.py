"""Where the measurements look: a community of the usual size, a tile with tasks in it."""

from sqlalchemy import func, select

from gis.cells import coarser
from tracker.storage.db import db
from tracker.tasks.models import Task

#: Tasks of the community whose list is read.
_WANTED = 20


def usual_community() -> str:
    """The code of the one whose number of tasks is nearest to a page of a list."""
    counts = db.session.execute(
        select(Task.community_code, func.count())
        .where(Task.community_code.is_not(None))
        .group_by(Task.community_code)
    ).all()
    return str(min(counts, key=lambda one: abs(one[1] - _WANTED))[0])


def tile_of_a_task(zoom: int = 16) -> str:
    """z/x/y of the tile that the newest task with a position lies in."""
    newest = select(Task.cell).where(Task.cell.is_not(None)).order_by(Task.id.desc()).limit(1)
    return tile_name(int(db.session.scalar(newest) or 0), zoom)


def tile_name(cell: int, zoom: int) -> str:
    """z/x/y of the tile of a zoom that holds a 62-bit cell."""
    key = coarser(cell, zoom)
    x = sum((key >> 2 * bit & 1) << bit for bit in range(zoom))
    y = sum((key >> 2 * bit + 1 & 1) << bit for bit in range(zoom))
    return f"{zoom}/{x}/{y}"
