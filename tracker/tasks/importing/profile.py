"""Knows what an import profile may say, and turns its TOML into one frozen value."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from gis.coordinates import parse_crs
from gis.errors import GisError
from tracker.errors import Invalid
from tracker.places.models import OrganizationKind
from tracker.tasks.importing.rules import Rules
from tracker.tasks.states import Source, State
from tracker.texts import N_

#: Profiles that come with the product.
SHIPPED = Path(__file__).resolve().parent.parent / "profiles"

#: What a column may be read as; see the CONTRIBUTING recipe and `native.toml`.
FIELDS = (
    "external_id", "found_at", "reported_at", "submitted_at", "closed_at", "due_at", "lon", "lat",
    "point", "address", "community", "community_code", "category", "title", "description",
    "source", "state", "unit", "number", "point_code",
)  # fmt: skip

_CHOICES = {
    "on_missing_place": ("community", "queue", "reject"),
    "on_unknown_community": ("queue", "reject"),
    "closed_before_reported": ("reject", "clamp"),
    "closed_time_missing": ("reject", "due"),
    "closed_without_unit": ("reject", "self_handle"),
}


@dataclass(frozen=True)
class StateWord:
    """What a word of the file says: our state, and whether it was late when the word tells."""

    state: State
    overdue: bool | None = None


@dataclass(frozen=True)
class Names:
    """How names of communities are compared: without suffixes, words and signs that vary."""

    suffixes: tuple[str, ...] = ()
    drop_words: tuple[str, ...] = ()
    typos: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Units:
    """How the responsible unit is found, or made on the way when the profile allows it."""

    create_units: bool = False
    kind: OrganizationKind = OrganizationKind.DEPARTMENT
    default: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    #: patterns of names (* and ?) → kind, for units that are made
    kinds: Mapping[str, OrganizationKind] = field(default_factory=dict)


@dataclass(frozen=True)
class Profile:
    """How one kind of file is read. Times without an offset are in `time_zone`."""

    name: str
    columns: Mapping[str, tuple[str, ...]]
    time_zone: ZoneInfo
    date_formats: tuple[str, ...]
    label: str = ""
    encodings: tuple[str, ...] = ("utf-8-sig", "gb18030")
    #: empty: the one of , ; tab | that splits the heading best
    delimiter: str = ""
    #: of XLSX; empty is the first sheet
    sheet: str = ""
    required: tuple[str, ...] = ("external_id", "found_at")
    crs: str = "wgs84"
    #: put before the id, so that two systems' numbers never meet
    id_prefix: str = ""
    #: columns whose joined values stand for a missing id
    dedupe: tuple[str, ...] = ()
    on_missing_place: str = "community"
    on_unknown_community: str = "reject"
    closed_before_reported: str = "reject"
    closed_time_missing: str = "reject"
    closed_without_unit: str = "reject"
    #: an apostrophe before = + - @ keeps a spreadsheet from computing; it is no part of the text
    formula_guard: bool = False
    #: a deadline at 00:00 means the end of that day
    midnight_is_date: bool = False
    #: templates of text, `{Column}` stands for its cell
    texts: Mapping[str, str] = field(default_factory=dict)
    states: Mapping[str, StateWord] = field(default_factory=dict)
    default_state: State | None = None
    sources: Rules = field(default_factory=Rules)
    default_source: Source | None = None
    categories: Rules = field(default_factory=Rules)
    default_category: str = ""
    units: Units = field(default_factory=Units)
    communities: Names = field(default_factory=Names)


def shipped_profiles() -> tuple[str, ...]:
    """Names of the profiles that come with the product."""
    return tuple(sorted(path.stem for path in SHIPPED.glob("*.toml")))


def load_profile(name: str) -> Profile:
    """Read a shipped profile by its name, or any by its path. Raises Invalid with what to mend."""
    path = SHIPPED / f"{name}.toml" if re.fullmatch(r"[a-z0-9_-]+", name) else Path(name)
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise Invalid(
            N_("找不到导入配置“%(name)s”。可用的有：%(known)s；也可以写 .toml 文件的路径。"),
            field="profile", name=name, known="、".join(shipped_profiles()),
        ) from error  # fmt: skip
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _wrong(path.name, str(error)) from error
    return parse_profile(content, name=path.stem)


def parse_profile(content: dict[str, Any], *, name: str) -> Profile:
    """Make a profile of parsed TOML. Raises Invalid naming the key that is wrong."""
    try:
        return _Parser(name, content).profile()
    except (ValueError, KeyError, TypeError, AttributeError, GisError, re.error) as error:
        raise _wrong(name, str(error)) from error


def _wrong(name: str, what: str) -> Invalid:
    return Invalid(N_("导入配置“%(name)s”有误：%(what)s"), field="profile", name=name, what=what)


class _Parser:
    """Takes the keys of a profile one by one, so that one nobody took is a mistake."""

    def __init__(self, name: str, content: dict[str, Any]) -> None:
        self.name = name
        self.left = dict(content)

    def profile(self) -> Profile:
        made = Profile(
            name=self.name,
            columns=self._columns(),
            time_zone=ZoneInfo(self._text("time_zone", "Asia/Shanghai")),
            date_formats=self._texts("date_formats"),
            label=self._text("label"),
            encodings=self._texts("encodings") or Profile.encodings,
            delimiter=self._text("delimiter"),
            sheet=self._text("sheet"),
            required=self._texts("required") or Profile.required,
            crs=parse_crs(self._text("crs", "wgs84")),
            id_prefix=self._text("id_prefix"),
            dedupe=self._texts("dedupe"),
            midnight_is_date=self._flag("midnight_is_date"),
            formula_guard=self._flag("formula_guard"),
            texts=_only(self._table("text"), {"title", "description", "address"}, "text"),
            **self._choices(),
            **self._values(),
            units=self._units(),
            communities=self._names(),
        )
        if self.left:
            raise ValueError(f"unknown key: {', '.join(sorted(self.left))}")
        self._check(made)
        return made

    def _check(self, made: Profile) -> None:
        for name in made.required:
            known = made.columns.get(name) or made.texts.get(name)
            if not known and not (name == "external_id" and made.dedupe):
                raise ValueError(f"[columns] names no column for the required {name}")
        if ("lon" in made.columns) != ("lat" in made.columns):
            raise ValueError("[columns] lon and lat belong together")

    def _columns(self) -> dict[str, tuple[str, ...]]:
        columns = _only(self.left.pop("columns"), set(FIELDS), "columns")
        return {key: _strings(value, f"columns.{key}") for key, value in columns.items()}

    def _values(self) -> dict[str, Any]:
        state, source, category = (self._table(key) for key in ("state", "source", "category"))
        for table, key in ((state, "state"), (source, "source"), (category, "category")):
            _only(table, {"default", "values"}, key)
        for value in (source.get("values") or {}).values():
            Source(value)
        return {
            "states": {key: _state(word) for key, word in (state.get("values") or {}).items()},
            "default_state": State(state["default"]) if state.get("default") else None,
            "sources": Rules.of(source.get("values") or {}),
            "default_source": Source(source["default"]) if source.get("default") else None,
            "categories": Rules.of(category.get("values") or {}),
            "default_category": str(category.get("default", "")),
        }

    def _units(self) -> Units:
        table = _only(
            self._table("unit"), {"create_units", "kind", "default", "values", "kinds"}, "unit"
        )
        return Units(
            create_units=bool(table.get("create_units", False)),
            kind=OrganizationKind(table.get("kind", OrganizationKind.DEPARTMENT)),
            default=str(table.get("default", "")),
            values=dict(table.get("values") or {}),
            kinds={key: OrganizationKind(kind) for key, kind in (table.get("kinds") or {}).items()},
        )

    def _names(self) -> Names:
        table = _only(self._table("community"), {"suffixes", "drop_words", "typos"}, "community")
        return Names(
            suffixes=_strings(table.get("suffixes", ()), "community.suffixes"),
            drop_words=_strings(table.get("drop_words", ()), "community.drop_words"),
            typos=dict(table.get("typos") or {}),
        )

    def _text(self, key: str, default: str = "") -> str:
        value = self.left.pop(key, default)
        if not isinstance(value, str):
            raise TypeError(f"{key} is text in quotes, not {value!r}")
        return value

    def _flag(self, key: str) -> bool:
        value = self.left.pop(key, False)
        if not isinstance(value, bool):
            raise TypeError(f"{key} is true or false, not {value!r}")
        return value

    def _texts(self, key: str) -> tuple[str, ...]:
        return _strings(self.left.pop(key, ()), key)

    def _table(self, key: str) -> dict[str, Any]:
        value = self.left.pop(key, {})
        if not isinstance(value, dict):
            raise TypeError(f"[{key}] is a table, not {value!r}")
        return value

    def _choices(self) -> dict[str, Any]:
        return {key: self._choice(key) for key in _CHOICES}

    def _choice(self, key: str) -> str:
        value = self._text(key, getattr(Profile, key))
        if value not in _CHOICES[key]:
            raise ValueError(f"{key} is one of {', '.join(_CHOICES[key])}, not {value!r}")
        return value


def _only(table: dict[str, Any], known: set[str], where: str) -> dict[str, Any]:
    if extra := set(table) - known:
        raise ValueError(
            f"[{where}] does not know {', '.join(sorted(extra))}; it knows {', '.join(sorted(known))}"
        )
    return table


def _strings(value: Any, key: str) -> tuple[str, ...]:
    found = [value] if isinstance(value, str) else list(value)
    if not all(isinstance(item, str) for item in found):
        raise TypeError(f"{key} is a list of texts")
    return tuple(found)


def _state(word: Any) -> StateWord:
    if isinstance(word, str):
        return StateWord(State(word))
    return StateWord(State(word["state"]), word.get("overdue"))
