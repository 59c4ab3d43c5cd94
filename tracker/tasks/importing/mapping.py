"""Knows how a row of a file becomes a record: typed, but not yet looked up anywhere."""

import math
import re
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

from tracker import clock
from tracker.errors import Invalid
from tracker.sheets import unguarded
from tracker.tasks.importing.moments import Clock, Moment
from tracker.tasks.importing.profile import Profile, StateWord
from tracker.tasks.importing.reading import Line
from tracker.tasks.importing.reasons import Reason, RowRejected
from tracker.tasks.states import SOURCE_LABELS, STATE_LABELS, Source, State
from tracker.texts import N_

#: Longest id of another system, and name of a unit, that a column holds.
MAX_ID, MAX_UNIT = 80, 100

_NUMBER = r"([-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)"
_WKT = re.compile(rf"POINT\s*Z?\s*\(\s*{_NUMBER}\s+{_NUMBER}(?:\s+{_NUMBER})?\s*\)", re.IGNORECASE)
_LAT_LON = re.compile(rf"\(\s*{_NUMBER}\s*[,，]\s*{_NUMBER}\s*\)")
_SLOT = re.compile(r"\{([^{}]+)\}")


@dataclass(frozen=True)
class Record:
    """One row, typed. `x`, `y` are as given, in the profile's coordinate system."""

    external_id: str
    number: str
    source: Source
    state: State
    overdue: bool | None
    state_word: str
    found_at: datetime
    reported_at: datetime
    submitted_at: datetime | None
    closed_at: datetime | None
    due_at: datetime | None
    x: float | None
    y: float | None
    address: str
    community: str
    community_code: str
    category_words: tuple[str, ...]
    unit: str
    point_code: str
    title: str
    description: str


class Mapper:
    """Reads the rows of one file by its heading. Raises Invalid when required columns are missing."""

    def __init__(self, profile: Profile, header: tuple[str, ...]) -> None:
        self.profile = profile
        self._clock = Clock(profile)
        self._index = {name: place for place, name in enumerate(header) if name}
        self._columns = {
            name: [(column, self._index[column]) for column in columns if column in self._index]
            for name, columns in profile.columns.items()
        }
        self._check(header)
        words = {label: state for state, label in STATE_LABELS.items()}
        self._states: dict[str, StateWord] = {
            **{state.value: StateWord(state) for state in State},
            **{label: StateWord(state) for label, state in words.items()},
            **profile.states,
        }
        self._sources = {
            **{source.value: source for source in Source},
            **{label: source for source, label in SOURCE_LABELS.items()},
        }

    def _check(self, header: tuple[str, ...]) -> None:
        missing = []
        for name in self.profile.required:
            if self._columns.get(name) or name in self.profile.texts:
                continue
            if name == "external_id" and self.profile.dedupe:
                continue
            missing.append(" / ".join(self.profile.columns[name]))
        slots = {slot for text in self.profile.texts.values() for slot in _SLOT.findall(text)}
        missing += sorted((slots | set(self.profile.dedupe)) - set(self._index))
        if missing:
            raise Invalid(
                N_("文件缺少列：%(missing)s。表头有：%(found)s"),
                missing="、".join(missing), found="、".join(header)[:500] or "—",
            )  # fmt: skip

    def record(self, line: Line) -> Record:
        """Read one row. Raises RowRejected."""
        if line.fault is not None:
            raise line.fault
        cells = line.cells
        if self.profile.formula_guard:
            cells = tuple(unguarded(cell) for cell in cells)
        for name in self.profile.required:
            if name in self._columns and not self._cell(cells, name):
                raise RowRejected(
                    Reason.MISSING, N_("“%(column)s”是空的"), column=self._label(name)
                )
        word = self._state(cells)
        found = self._moment(cells, "found_at")
        if found is None:
            raise RowRejected(
                Reason.MISSING, N_("“%(column)s”是空的"), column=self._label("found_at")
            )
        x, y = self._position(cells)
        reported = self._moment(cells, "reported_at")
        made = Record(
            external_id=self._external_id(cells),
            number=self._number(cells),
            source=self._source(cells),
            state=word.state,
            overdue=word.overdue,
            state_word=self._cell(cells, "state"),
            found_at=found.at,
            reported_at=reported.at if reported else found.at,
            submitted_at=_end(self._moment(cells, "submitted_at")),
            closed_at=_end(self._moment(cells, "closed_at")),
            due_at=self._due(cells),
            x=x,
            y=y,
            address=self._text(cells, "address"),
            community=self._cell(cells, "community"),
            community_code=self._cell(cells, "community_code"),
            category_words=self._words(cells, "category"),
            unit=self._cell(cells, "unit"),
            point_code=self._cell(cells, "point_code"),
            title=self._text(cells, "title"),
            description=self._text(cells, "description") or self._text(cells, "title"),
        )
        return self._in_order(made)

    def _in_order(self, made: Record) -> Record:
        """Refuse what cannot be: found after reported, closed before, anything in the future."""
        if made.reported_at < made.found_at:
            raise RowRejected(Reason.TIME_ORDER, N_("上报时间早于发现时间"))
        latest = max(filter(None, (made.reported_at, made.submitted_at)))
        if latest > clock.now():
            raise RowRejected(Reason.TIME_ORDER, N_("发现或上报时间在将来"))
        if made.closed_at is None:
            return made
        if made.closed_at < made.reported_at:
            if self.profile.closed_before_reported == "reject":
                raise RowRejected(Reason.TIME_ORDER, N_("结案时间早于上报时间"))
            made = replace(made, closed_at=made.reported_at)
        # a day alone was read as its end, which today still lies ahead
        return replace(made, closed_at=self._not_ahead(made.closed_at))

    def _not_ahead(self, moment: datetime | None) -> datetime | None:
        now = clock.now()
        if moment is None or moment <= now:
            return moment
        if (
            moment.astimezone(self.profile.time_zone).date()
            > now.astimezone(self.profile.time_zone).date()
        ):
            raise RowRejected(Reason.TIME_ORDER, N_("结案时间在将来"))
        return now

    def _cell(self, cells: tuple[str, ...], name: str) -> str:
        for _column, place in self._columns.get(name, ()):
            if value := cells[place].strip():
                return value
        return ""

    def _words(self, cells: tuple[str, ...], name: str) -> tuple[str, ...]:
        found = (cells[place].strip() for _column, place in self._columns.get(name, ()))
        return tuple(value for value in found if value)

    def _label(self, name: str) -> str:
        return self._columns[name][0][0] if self._columns.get(name) else name

    def _text(self, cells: tuple[str, ...], name: str) -> str:
        template = self.profile.texts.get(name)
        if not template:
            return self._cell(cells, name)
        filled = _SLOT.sub(lambda slot: cells[self._index[slot[1]]].strip(), template)
        return filled.strip()

    def _moment(self, cells: tuple[str, ...], name: str) -> Moment | None:
        text = self._cell(cells, name)
        return self._clock.read(text, column=self._label(name)) if text else None

    def _due(self, cells: tuple[str, ...]) -> datetime | None:
        due = self._moment(cells, "due_at")
        if due and self.profile.midnight_is_date and self._clock.at_midnight(due):
            due = replace(due, is_date=True)
        return _end(due)

    def _external_id(self, cells: tuple[str, ...]) -> str:
        found = self._cell(cells, "external_id")
        if not found:
            joined = "\x1f".join(cells[self._index[name]].strip() for name in self.profile.dedupe)
            if not joined.strip("\x1f"):
                raise RowRejected(Reason.MISSING, N_("没有可以识别本行的编号"))
            found = sha256(joined.encode()).hexdigest()[:32]
        made = self.profile.id_prefix + found
        if len(made) > MAX_ID:
            raise RowRejected(Reason.TEXT, N_("编号超过 %(n)d 字"), n=MAX_ID)
        return made

    def _number(self, cells: tuple[str, ...]) -> str:
        """Our own number, when the row is an export of a task that never had another id."""
        number = self._cell(cells, "number")
        return number if number == self._cell(cells, "external_id") else ""

    def _state(self, cells: tuple[str, ...]) -> StateWord:
        word = self._cell(cells, "state")
        found = self._states.get(word)
        if found is not None:
            return found
        if self.profile.default_state is not None and not word:
            return StateWord(self.profile.default_state)
        raise RowRejected(
            Reason.STATE, N_("状态“%(word)s”无法识别，可用：%(known)s"),
            word=word[:30], known="、".join(self.profile.states or STATE_LABELS.values()),
        )  # fmt: skip

    def _source(self, cells: tuple[str, ...]) -> Source:
        word = self._cell(cells, "source")
        named = self.profile.sources.meaning(word)
        found = Source(named) if named else self._sources.get(word)
        if found is None and (not word or self.profile.sources.exact):
            found = self.profile.default_source
        if found is None:
            raise RowRejected(
                Reason.SOURCE, N_("来源“%(word)s”无法识别，可用：%(known)s"),
                word=word[:30], known="、".join(SOURCE_LABELS.values()),
            )  # fmt: skip
        return found

    def _position(self, cells: tuple[str, ...]) -> tuple[float | None, float | None]:
        lon, lat = self._cell(cells, "lon"), self._cell(cells, "lat")
        if not lon and not lat:
            point = self._cell(cells, "point")
            if not point:
                return None, None
            lon, lat = _split(point)
        if not lon or not lat:
            raise RowRejected(Reason.POSITION, N_("只有经度或只有纬度"))
        try:
            x, y = float(lon), float(lat)
        except ValueError as error:
            raise RowRejected(
                Reason.POSITION, N_("“%(lon)s, %(lat)s”不是数字"), lon=lon[:20], lat=lat[:20]
            ) from error
        if not (math.isfinite(x) and math.isfinite(y)):
            raise RowRejected(Reason.POSITION, N_("经纬度不是有限的数"))
        return (None, None) if x == 0 and y == 0 else (x, y)


def _end(moment: Moment | None) -> datetime | None:
    return moment.end if moment else None


def _split(point: str) -> tuple[str, str]:
    """Longitude and latitude of `POINT (lon lat)` or `(lat, lon)`."""
    if found := _WKT.search(point):
        return found[1], found[2]
    if found := _LAT_LON.search(point):
        return found[2], found[1]
    raise RowRejected(Reason.POSITION, N_("位置“%(point)s”无法识别"), point=point[:60])
