"""Knows which areas stay below the one they lie in: something is recorded in them, with the codes of all above.

A figure of an area is told to who watches what lies above it now; a task is seen by the codes that it
was recorded with. Both are the same people only as long as these agree.
"""

from collections.abc import Callable

from sqlalchemy.orm import Session

from tracker.places.models import Level

#: Says whether anything is recorded in the area of a level that has this code.
Teller = Callable[[Session, Level, str], bool]
_tellers: list[Teller] = []


def tell_recorded(teller: Teller) -> None:
    """Let a feature above this one say what is recorded in areas; said twice, it is asked once."""
    if teller not in _tellers:
        _tellers.append(teller)


def may_move(session: Session, level: Level, code: str) -> bool:
    """Whether the area may come to lie below another."""
    return not any(teller(session, level, code) for teller in _tellers)
