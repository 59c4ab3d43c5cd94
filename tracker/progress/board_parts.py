"""Lists the boards: whose each is, what it stands on, and what it shows in which order."""

from dataclasses import dataclass, replace
from enum import StrEnum

from tracker.access.actor import Actor
from tracker.access.roles import Role
from tracker.texts import N_


class Part(StrEnum):
    """A piece of a board; the value is the name of its template."""

    HEADLINES = "headlines"  #: figures with their change and a small line
    FUNNEL = "funnel"  #: how many stand at each stage
    TREND = "trend"  #: found, closed and open by day
    AGEING = "ageing"  #: how long open tasks have been waiting
    HOLDERS = "holders"  #: who has the open tasks now
    SENT_BACK = "sent_back"  #: reworks and returns, with reasons
    CHILDREN = "children"  #: the areas below, side by side
    PLACES = "places"  #: where the tasks of a unit lie


@dataclass(frozen=True)
class Board:
    """One board: who has it by role, and its parts in their order."""

    key: str
    label: str
    roles: tuple[Role, ...]
    parts: tuple[Part, ...]
    #: it stands on a unit and not on an area
    of_unit: bool = False


P, R = Part, Role
#: Whoever holds roles of several boards sees the first one and may change to the others.
BOARDS = (
    Board(
        "office", N_("迎检办看板"), (R.DISPATCHER, R.VERIFIER),
        (P.FUNNEL, P.HEADLINES, P.HOLDERS, P.AGEING, P.TREND, P.SENT_BACK, P.CHILDREN),
    ),
    Board(
        "leader", N_("领导看板"), (R.LEADER, R.ASSESSOR),
        (P.HEADLINES, P.TREND, P.AGEING, P.CHILDREN, P.HOLDERS, P.SENT_BACK, P.FUNNEL),
    ),
    Board(
        "area", N_("辖区看板"), (R.GRID_LEAD, R.INSPECTOR, R.GRID_WORKER),
        (P.HEADLINES, P.FUNNEL, P.TREND, P.AGEING, P.HOLDERS, P.SENT_BACK, P.CHILDREN),
    ),
    Board(
        "unit", N_("单位看板"), (R.UNIT_CLERK, R.UNIT_HEAD, R.GRID_LEAD),
        (P.HEADLINES, P.FUNNEL, P.TREND, P.AGEING, P.PLACES, P.SENT_BACK),
        of_unit=True,
    ),
)  # fmt: skip


def boards_of(actor: Actor) -> tuple[Board, ...]:
    """The boards of a person, the first one first."""
    return tuple(board for board in BOARDS if actor.has(*board.roles))


def acting(actor: Actor, board: Board) -> Actor:
    """The person in the roles of a board alone: its areas and units are those of these roles."""
    return replace(actor, grants=tuple(one for one in actor.grants if one.role in board.roles))
