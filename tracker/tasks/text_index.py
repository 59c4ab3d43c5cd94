"""Knows which tasks hold some words, by an index of pairs of characters that the database keeps (see ADR 36).

The index narrows and never decides: whoever asks it also asks `filter_text.of_text`. Triggers of the
schema keep it in the transaction of the change, whoever makes it; `lower` is the database's own in
both, so that what is found is the same with the index and without.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal_column, select, table, text
from sqlalchemy.orm import Session

from tracker.tasks.filter_text import words_of
from tracker.tasks.models import Task

#: Words that more tasks hold than this are common: a list finds its first rows sooner by its order.
COMMON = 3_000
#: Beside something else that is asked for, the order may pass by most of them: as many are looked up.
COMMON_AMONG_OTHERS = 60_000
#: Of common words so many are counted, at most.
COUNTED = 1_000
#: Tables and views of the schema that no model describes.
TABLES = frozenset({"task_text", "task_text_data", "task_text_idx", "task_text_config"})
#: Tasks whose words are in memory at once.
_PAGE = 5_000
#: At most this many differing pairs are named.
_NAMED = 20

_ROWID: dict[str, str] = {"sqlite": "rowid", "postgresql": "task_id"}
_HOLDS: dict[str, str] = {
    "sqlite": "task_text MATCH :wanted",
    "postgresql": "words @@ CAST(:wanted AS tsquery)",
}
_PAIRS_KEPT: dict[str, str] = {
    "sqlite": "SELECT term, doc FROM temp.task_text_pairs",
    "postgresql": "SELECT word, ndoc FROM ts_stat('SELECT words FROM task_text')",
}
_REMAKE: dict[str, tuple[str, ...]] = {
    "sqlite": ("INSERT INTO task_text(task_text) VALUES ('rebuild')",),
    "postgresql": (
        "DELETE FROM task_text",
        "INSERT INTO task_text SELECT id, task_words_of(title, description, address) FROM task",
    ),
}
#: What is indexed of a task; no word reaches from one column into another.
_BODY = func.lower(Task.title + "\n" + Task.description + "\n" + Task.address)


@dataclass(frozen=True)
class Narrow:
    """What the index says about the words of a filter."""

    #: to be asked of the rows of a page
    rows: tuple[ColumnElement[bool], ...] = ()
    #: to be asked of the rows that are counted
    counted: tuple[ColumnElement[bool], ...] = ()
    #: these are only some of those that hold the words
    is_part: bool = False
    #: a list may pass by all of them: it looks no further than it must
    is_walked: bool = False


def narrow(session: Session, typed: str, *, is_alone: bool = True) -> Narrow:
    """Rare words are found by the index; of common ones it only brings some to be counted.

    A bounded look says which they are: it never reads more entries than are looked up. `is_alone`
    says that nothing else is asked of a task.
    """
    words = words_of(typed)
    if not words:
        return Narrow()
    lowered = session.execute(select(*(func.lower(word) for word in words))).one()
    found = _holding(session, list(lowered))
    most = COMMON if is_alone else max(COMMON, COMMON_AMONG_OTHERS)
    bounded = found.limit(most + 1).subquery()
    if (session.scalar(select(func.count()).select_from(bounded)) or 0) > most:
        some = session.scalars(found.limit(COUNTED)).all()
        return Narrow(counted=(Task.id.in_(some),), is_part=True, is_walked=not is_alone)
    clause = Task.id.in_(found)
    return Narrow(rows=(clause,), counted=(clause,))


def _holding(session: Session, words: Iterable[str]) -> Select[Any]:
    """Ids of the tasks that hold every pair of characters of these words."""
    name = session.get_bind().dialect.name
    wanted = (_fts5 if name == "sqlite" else _tsquery)(
        [pair for word in words for pair in pairs(word)]
    )
    return (
        select(literal_column(_ROWID[name]).label("id"))
        .select_from(table("task_text"))
        .where(text(_HOLDS[name]).bindparams(wanted=wanted))
    )


def pairs(word: str) -> list[str]:
    """The pairs of neighbours in a word; of a single character itself, as the beginning of a pair."""
    return ["".join(pair) for pair in dict.fromkeys(pairwise(word))] or [word]


def _fts5(wanted: Iterable[str]) -> str:
    """Tokens are the hexadecimal UTF-8 of a pair: letters and digits whatever the characters are."""
    return " ".join(f'"{pair.encode().hex()}"{" *" if len(pair) == 1 else ""}' for pair in wanted)


def _tsquery(wanted: Iterable[str]) -> str:
    return " & ".join(f"'{_quoted(pair)}'{':*' if len(pair) == 1 else ''}" for pair in wanted)


def _quoted(pair: str) -> str:
    return pair.replace("\\", "\\\\").replace("'", "''")


def is_modelled(_item: Any, name: str | None, kind: str, *_more: Any) -> bool:
    """Whether a model describes what a comparison of the schema with the models found."""
    return not (kind == "table" and name in TABLES)


def remake(session: Session) -> None:
    """Make the index anew from the tasks, in the caller's transaction."""
    for statement in _REMAKE[session.get_bind().dialect.name]:
        session.execute(text(statement))


def differences(session: Session) -> list[str]:
    """The first pairs that the index has in more or fewer tasks than hold them; empty when all is right."""
    surplus = _kept(session)
    last = 0
    query = select(Task.id, _BODY).order_by(Task.id).limit(_PAGE)
    while page := session.execute(query.where(Task.id > last)).all():
        for _id, body in page:
            surplus.subtract({*map("".join, pairwise(body)), body[-1:]})
        last = page[-1][0]
    wrong = sorted((pair, n) for pair, n in surplus.items() if n)
    return [f"task_text ({pair!r}): {n:+d}" for pair, n in wrong[:_NAMED]]


def _kept(session: Session) -> Counter[str]:
    """In how many tasks each pair is, by the index."""
    name = session.get_bind().dialect.name
    if name != "sqlite":
        return Counter({row.word: row.ndoc for row in session.execute(text(_PAIRS_KEPT[name]))})
    session.execute(text("DROP TABLE IF EXISTS temp.task_text_pairs"))
    session.execute(
        text("CREATE VIRTUAL TABLE temp.task_text_pairs USING fts5vocab(main, task_text, row)")
    )
    rows = session.execute(text(_PAIRS_KEPT[name])).all()
    session.execute(text("DROP TABLE temp.task_text_pairs"))
    return Counter({bytes.fromhex(pair).decode(): n for pair, n in rows})
