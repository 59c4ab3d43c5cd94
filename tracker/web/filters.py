"""Knows how a moment, a span and a number are written for the office."""

from datetime import date, datetime, timedelta
from functools import lru_cache

from babel import Locale
from flask import Flask
from flask_babel import format_date, format_datetime, get_locale
from flask_babel import gettext as _
from jinja2 import Undefined

from tracker import clock

DASH = "—"


class Absent(Undefined):
    """What a template asks for and nobody gave: nothing, as ever; a form's select has hundreds of them.

    An `if` without `else` is one. Escaping looks for this method, and not to find it costs an exception.
    """

    __slots__ = ()

    def __html__(self) -> str:
        return str(self)


def moment(value: datetime | None) -> str:
    """E.g. 11月22日 14:30; the year only when it is another."""
    if value is None:
        return DASH
    return _moment(value, clock.today().year, get_locale())


@lru_cache(8192)
def _moment(value: datetime, year: int, _reader: Locale) -> str:
    """Kept: a list writes the same fifty moments again and again. `_` speaks the reader's language."""
    pattern = _("M月d日 HH:mm") if clock.in_city(value).year == year else _("y年M月d日 HH:mm")
    return str(format_datetime(value, pattern))


def day(value: date | datetime | None) -> str:
    """E.g. 2026年11月22日星期日, in the reader's language."""
    return DASH if value is None else format_date(value, "full")


def short_day(value: date | None) -> str:
    """E.g. 11月22日; the year only when it is another."""
    if value is None:
        return DASH
    pattern = _("M月d日") if value.year == clock.today().year else _("y年M月d日")
    return format_date(value, pattern)


def span(value: timedelta) -> str:
    """A length of time in its largest fitting unit."""
    minutes = int(abs(value).total_seconds() // 60)
    if minutes < 60:
        return _("%(n)d 分钟", n=max(minutes, 1))
    if minutes < 48 * 60:
        return _("%(n)d 小时", n=minutes // 60)
    return _("%(n)d 天", n=minutes // (24 * 60))


def due_words(due: datetime | None) -> str:
    """还剩 3 小时 / 超期 2 天; a dash when no clock runs."""
    if due is None:
        return DASH
    left = due - clock.now()
    if left < timedelta():
        return _("超期 %(span)s", span=span(left))
    return _("还剩 %(span)s", span=span(left))


def ago(value: datetime | None) -> str:
    """How long ago, in words."""
    if value is None:
        return DASH
    return _("%(span)s前", span=span(clock.now() - value))


def number(value: float | int | None) -> str:
    """Grouped by thousands; a dash for no value."""
    return DASH if value is None else f"{value:,}"


def percent(value: float | None) -> str:
    """One decimal; a dash when there was nothing to divide."""
    return DASH if value is None else f"{value:.1f}%"


def change(now: float | None, before: float | None, unit: str = "") -> str:
    """The difference with its sign, e.g. +12 or −3.5; a dash when one of the two has no value."""
    if now is None or before is None:
        return DASH
    difference = round(now - before, 1)
    if not difference:
        return _("持平")
    size = f"{abs(difference):,.1f}".removesuffix(".0")
    return ("+" if difference > 0 else "−") + size + unit


def install(app: Flask) -> None:
    """Register the filters under their own names."""
    app.jinja_env.undefined = Absent
    for written in (moment, day, short_day, span, due_words, ago, number, percent):
        app.jinja_env.filters[written.__name__] = written
    app.jinja_env.globals.update(now=clock.now, change=change)
