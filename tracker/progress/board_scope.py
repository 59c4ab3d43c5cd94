"""Knows what a board stands on: one area or one unit of the person who looks, and its filter, as the address says."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from tracker.access.actor import Actor
from tracker.access.roles import FOR_UNIT
from tracker.counters.models import EVERYWHERE, holding_code
from tracker.counters.queries import Days
from tracker.errors import NotFound
from tracker.maps.queries import visible_area
from tracker.places import queries
from tracker.places.models import Area, Level, Organization
from tracker.places.tree import tree
from tracker.progress.board_parts import Board, acting, boards_of
from tracker.progress.chosen import Chosen
from tracker.progress.opening import narrowed
from tracker.progress.scope import is_watched, roots
from tracker.tasks import filters
from tracker.tasks.filters import TaskFilter
from tracker.tasks.models import Task
from tracker.tasks.queries import COLUMN_OF
from tracker.texts import N_
from tracker.web.arguments import Reading, identity


@dataclass(frozen=True)
class Choice:
    """Another thing that the same board can stand on: argument, value and name."""

    argument: str
    value: str
    name: str


@dataclass(frozen=True)
class Scope:
    """One area or one unit, never both; neither when the person has none."""

    board: Board
    #: the person in the roles of this board
    actor: Actor
    area: Area | None = None
    unit: Organization | None = None
    choices: tuple[Choice, ...] = ()
    #: under which the counters have it; none for a grid, which is counted from its few tasks
    codes: tuple[str, ...] = ()
    #: which of its tasks are looked at, see `narrowed_to`
    wanted: TaskFilter = TaskFilter()
    narrowing: tuple[ColumnElement[bool], ...] = ()

    @property
    def name(self) -> str:
        held = self.area or self.unit
        return held.name if held else ""

    @property
    def is_empty(self) -> bool:
        return self.area is None and self.unit is None

    @property
    def clauses(self) -> list[ColumnElement[bool]]:
        """Its tasks, by columns that have an index."""
        if self.area is not None:
            return [COLUMN_OF[Level(self.area.level)] == self.area.code, *self.narrowing]
        return [Task.unit_id == (self.unit.id if self.unit else 0), *self.narrowing]

    def narrowed_to(self, chosen: Chosen) -> "Scope":
        """The same board of the tasks that a filter wants; its unit is no matter of the filter."""
        clauses = filters.clauses(chosen.wanted, chosen.at)
        return replace(self, wanted=chosen.wanted, narrowing=tuple(clauses))

    @property
    def counted(self) -> tuple[tuple[str, ...], TaskFilter]:
        """Codes of the counters, and the filter to ask them under: a unit is one where others come to it."""
        if self.unit is None or self.wanted.is_empty:
            return self.codes, self.wanted
        return (EVERYWHERE,), replace(self.wanted, unit_id=self.unit.id)

    def args(self) -> dict[str, str]:
        """How the address says it."""
        found = {"board": self.board.key}
        if self.area is not None:
            found["area"] = self.area.code
        if self.unit is not None:
            found["unit"] = str(self.unit.id)
        return found

    def list_args(self, **wanted: Any) -> dict[str, list[str]]:
        """Arguments of a list of its tasks, e.g. `states=…`."""
        unit = self.unit.id if self.unit else self.wanted.unit_id
        own = replace(self.wanted, area=self.area.code if self.area else "", unit_id=unit)
        return replace(own, **wanted).to_args()

    def opens(self, measure: str, days: Days, **more: Any) -> dict[str, list[str]] | None:
        """Arguments of the list behind a figure of these days; None where there is none."""
        wanted = narrowed(measure, days)
        return None if wanted is None else self.list_args(**wanted, **more)


def from_request(session: Session, actor: Actor, args: Mapping[str, Any]) -> Scope:
    """What `board`, `area` and `unit` say; without them the first of each that the person has.

    Raises NotFound for a board, an area or a unit that is not the person's.
    """
    boards = boards_of(actor)
    key = args.get("board", "")
    found = [board for board in boards if key in ("", board.key)]
    if not found:
        raise NotFound(N_("没有这个看板，或您的岗位不使用它。"))
    board = found[0]
    own = acting(actor, board)
    if board.of_unit:
        return _of_unit(session, own, board, args.get("unit", ""))
    return _of_area(session, own, board, args.get("area", ""))


def _of_area(session: Session, own: Actor, board: Board, code: str) -> Scope:
    # the home of a unit says whose tasks it may get, not whose figures it may read
    own = replace(own, grants=tuple(replace(g, organization_id=None) for g in own.grants))
    largest = roots(session, own)
    choices = tuple(Choice("area", area.code, area.name) for area in largest)
    if code:
        area = visible_area(session, code, own)
        if not is_watched(session, own, [area.code]):
            raise NotFound(N_("没有这个区域，或不在您的辖区内。"))
    elif largest:
        area = largest[0]
    else:
        return Scope(board, own)
    codes = () if area.level == Level.GRID else (area.code,)
    return Scope(board, own, area=area, choices=choices, codes=codes)


def _of_unit(session: Session, own: Actor, board: Board, text: str) -> Scope:
    ids = own.units_as(FOR_UNIT)
    query = select(Organization).where(Organization.id.in_(sorted(ids)))
    units = list(session.scalars(query.order_by(Organization.id)))
    choices = tuple(Choice("unit", str(unit.id), unit.name) for unit in units)
    wanted = Reading({"unit": text}).one("unit", identity)
    chosen = [unit for unit in units if not text or unit.id == wanted]
    if text and not chosen:
        raise NotFound(N_("没有这个单位，或您不代表该单位。"))
    if not chosen:
        return Scope(board, own)
    districts = [path[0] for path in tree(session).paths.values() if len(path) == 1]
    codes = tuple(holding_code(code, chosen[0].id) for code in (EVERYWHERE, *districts))
    return Scope(board, own, unit=chosen[0], choices=choices, codes=codes)


def children(session: Session, scope: Scope) -> list[Area]:
    """The areas in force right below, in code order; who sees an area sees all that lies in it."""
    return list(queries.children(session, scope.area.code)) if scope.area else []
