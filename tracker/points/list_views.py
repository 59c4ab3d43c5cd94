"""The list of points beside their map: what is filtered stands in the address bar."""

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, render_template, request, url_for
from flask_babel import format_datetime
from flask_babel import gettext as _

from tracker import clock
from tracker.access.gate import current_actor, requires
from tracker.access.permissions import Permission
from tracker.access.roles import Role
from tracker.points import campaign, choices, filters, listing
from tracker.points.campaign import ProjectChoice, action_name
from tracker.points.choices import AreaChoice
from tracker.points.filters import SORT_LABELS, STANDING_LABELS, PointFilter
from tracker.storage.db import db


@dataclass(frozen=True)
class Names:
    """Choices of the panel, and the names of what a filter holds by code or id."""

    kinds: dict[tuple[str, str], choices.Pairs]
    areas: list[AreaChoice]
    units: list[tuple[int, str]]
    projects: list[ProjectChoice]

    def kind(self, code: str) -> str:
        return next((name for row in self.kinds.values() for c, name in row if c == code), code)

    def group(self, name: str) -> str:
        return next((words for stored, words in self.kinds if stored == name), name)

    def area(self, code: str) -> str:
        return next((area.name for area in self.areas if area.code == code), code)

    def unit(self, unit_id: int) -> str:
        return dict(self.units).get(unit_id, str(unit_id))


@requires(Permission.POINT_LIST)
def listing_page() -> str:
    """One page of the points this person may see and asks for, and the frame with all of them."""
    actor, session, now = current_actor(), db.session(), clock.now()
    wanted, refused = filters.from_args(request.args)
    names = Names(
        kinds=choices.kinds(session),
        areas=choices.areas(session, actor, besides=wanted.area),
        units=choices.units(session, besides=wanted.unit_id),
        projects=campaign.choices(english=choices.is_english()),
    )
    return render_template(
        "points/list.html",
        page=listing.page(session, actor, wanted, now=now, after=request.args.get("after")),
        wanted=wanted,
        refused=refused,
        names=names,
        chips=chips(wanted, names),
        sorts=SORT_LABELS,
        standings=STANDING_LABELS,
        address=address,
        visit_day=visit_day,
        english=choices.is_english(),
        may_manage=may_manage(),
    )


def visit_day(at: datetime) -> str:
    """The day of a visit in the city, short; the year only when it is another."""
    same_year = clock.in_city(at).year == clock.today().year
    return str(format_datetime(at, _("M月d日") if same_year else _("y年M月d日")))


def may_manage() -> bool:
    """Whether the pages offer what changes points; the policy decides by the place."""
    return current_actor().has(Role.DISPATCHER)


def address(wanted: PointFilter, *, endpoint: str = "points.listing", after: str = "") -> str:
    """The address of a list (or map, or sheet) with this filter."""
    return url_for(endpoint, **wanted.to_args(), **({"after": after} if after else {}))  # type: ignore[arg-type]


def chips(wanted: PointFilter, names: Names) -> list[tuple[str, PointFilter]]:
    """The filters in force in words, each with the filter that is left without it."""
    said = (
        ("q", wanted.text and _("“%(text)s”", text=wanted.text)),
        ("type", wanted.site_type and names.kind(wanted.site_type)),
        ("group", wanted.group and names.group(wanted.group)),
        ("area", wanted.area and names.area(wanted.area)),
        ("unit", names.unit(wanted.unit_id) if wanted.unit_id else ""),
        ("action", wanted.action and action_name(wanted.action, english=choices.is_english())),
        ("model", _("示范点位") if wanted.model else ""),
        ("overdue", _("到期未查") if wanted.overdue else ""),
        ("standing", _(STANDING_LABELS[wanted.standing]) if wanted.standing else ""),
    )
    return [(words, wanted.without(name)) for name, words in said if words]


def register(blueprint: Blueprint) -> None:
    """Put the list on the blueprint."""
    blueprint.add_url_rule("/", "listing", listing_page)
