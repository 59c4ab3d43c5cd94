"""Knows what stands in the rail and the tabs for whom: a table, asked through the policy."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Flask, render_template, url_for
from markupsafe import Markup

from tracker.access.actor import Actor
from tracker.access.permissions import Permission
from tracker.access.policy import allows
from tracker.texts import N_
from tracker.web.keeping import Kept
from tracker.web.locale import is_english


@dataclass(frozen=True)
class Entry:
    """A place to go: endpoint, words, icon name of the icon font, who may."""

    endpoint: str
    label: str
    icon: str
    permission: Permission
    #: place among the phone's bottom tabs, 0 for none; the report stands in the middle
    phone_rank: int = 0
    #: addresses of pages that belong here and do not begin with the endpoint's own
    also_under: tuple[str, ...] = ()


ENTRIES = (
    Entry("home.index", N_("首页"), "home", Permission.SIGNED_IN, phone_rank=1),
    Entry("desk.office", N_("工作台"), "layout-list", Permission.DESK_OFFICE),
    Entry("desk_unit.tasks", N_("单位工作台"), "checkup-list", Permission.DESK_UNIT),
    Entry("tasks.report", N_("上报"), "circle-plus", Permission.TASK_REPORT, phone_rank=3),
    Entry("tasks.listing", N_("任务"), "list-check", Permission.MAP_VIEW, phone_rank=2),
    Entry("phone.index", N_("检查"), "clipboard-check", Permission.POINT_LIST, phone_rank=4),
    Entry("maps.district", N_("地图"), "map", Permission.MAP_VIEW, phone_rank=5),
    Entry("progress.index", N_("进度"), "chart-bar", Permission.PROGRESS_VIEW),
    Entry("points.listing", N_("点位"), "building-community", Permission.POINT_LIST),
    Entry(
        "responsibility.index",
        N_("责任地图"),
        "map-search",
        Permission.RESPONSIBILITY_LIST,
    ),
    Entry(
        "rounds.listing",
        N_("督查批次"),
        "clipboard-list",
        Permission.ROUND_LIST,
        also_under=("/visits",),
    ),
    Entry("coverage.overview", N_("检查覆盖"), "chart-treemap", Permission.ROUND_LIST),
    Entry("held.listing", N_("待办补录"), "inbox", Permission.HELD_LIST),
    Entry("admin_people.users", N_("账号"), "users", Permission.USER_VIEW),
    Entry(
        "admin_places.organizations",
        N_("单位"),
        "building",
        Permission.ORGANIZATION_MANAGE,
        also_under=("/admin/channels",),
    ),
    Entry(
        "admin_places.areas",
        N_("区域"),
        "map-pins",
        Permission.AREA_MANAGE,
        also_under=("/admin/area-imports",),
    ),
    Entry("admin_catalogue.categories", N_("问题类别"), "tags", Permission.CATEGORY_MANAGE),
    Entry("limits.listing", N_("办理时限"), "clock-hour-4", Permission.CATEGORY_MANAGE),
    Entry("workdays.year", N_("工作日历"), "calendar", Permission.CALENDAR_MANAGE),
    Entry("checklists.editions", N_("检查清单"), "checklist", Permission.CHECKLIST_MANAGE),
    Entry("audit.log", N_("审计日志"), "history", Permission.AUDIT_READ),
    Entry("account.page", N_("我的"), "user", Permission.SIGNED_IN, phone_rank=6),
)

#: More would be too narrow to press at 360 pixels.
MOST_TABS = 6
#: Entries without a rank stand before the last tab, the person's own.
_REST_RANK = 4.5
#: Menus in memory: by entries, place and language.
_MENUS: Kept[Markup] = Kept(500)


def entries_for(actor: Actor) -> list[Entry]:
    """The entries this person may open."""
    return [entry for entry in ENTRIES if actor.is_signed_in and allows(actor, entry.permission)]


def tabs_for(actor: Actor) -> list[Entry]:
    """The phone's bottom tabs, from left to right: what has a rank, the rest where it fits."""
    entries = entries_for(actor)
    ranked = [entry for entry in entries if entry.phone_rank]
    others = [entry for entry in entries if not entry.phone_rank]
    shown = ranked + others[: max(MOST_TABS - len(ranked), 0)]
    return sorted(shown, key=lambda entry: entry.phone_rank or _REST_RANK)


def beyond_tabs(actor: Actor) -> list[Entry]:
    """The entries a phone has no tab for: they stand on the person's own page."""
    shown = tabs_for(actor)
    return [entry for entry in entries_for(actor) if entry not in shown]


def entry_at(entries: Sequence[Entry], path: str) -> Entry | None:
    """The entry under which a page lies: the one whose address begins the page's the longest."""
    under = [
        (len(address), entry)
        for entry in entries
        for address in (url_for(entry.endpoint), *entry.also_under)
        if _lies_under(path, address)
    ]
    return max(under, key=lambda pair: pair[0])[1] if under else None


def _lies_under(path: str, address: str) -> bool:
    if path == address:
        return True
    return address != "/" and path.startswith(address.rstrip("/") + "/")


def menu(name: str, entries: Sequence[Entry], here: Entry | None) -> Markup:
    """The `rail` or the `tabs` with these entries, as made before for anybody who may open the same."""
    key = (name, is_english(), tuple(entry.endpoint for entry in entries), here and here.endpoint)

    def made() -> Markup:
        html = render_template(f"layout/{name}.html", entries=entries, here=here)
        return Markup(html)  # noqa: S704 - a template of ours, escaped

    return _MENUS.made(key, made)


def install(app: Flask) -> None:
    """Give the frame its menus."""
    app.jinja_env.globals.update(
        entries_for=entries_for,
        tabs_for=tabs_for,
        beyond_tabs=beyond_tabs,
        entry_at=entry_at,
        menu=menu,
    )
