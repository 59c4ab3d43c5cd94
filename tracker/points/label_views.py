"""QR codes of points: one picture, and a sheet of labels to print and cut."""

import io
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote

from flask import Blueprint, Response, render_template, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup

from tracker import clock
from tracker.access.gate import current_actor, requires
from tracker.access.permissions import Permission
from tracker.points import choices, filters, listing, queries
from tracker.points.list_views import Names, address, chips
from tracker.points.listing import PointRow
from tracker.storage.db import db


def scan_address(code: str) -> str:
    """What a scanned label opens: the point in the phone's pages, with the server's own name."""
    return f"{url_for('phone.index', _external=True)}#/p/{quote(code, safe='')}"


def qr_svg(code: str) -> Markup:
    """The QR code of a point as an SVG element without size: the style sheet gives it one."""
    return _drawn(scan_address(code))


@lru_cache(maxsize=2048)
def _drawn(address: str) -> Markup:
    """About ten milliseconds each, so the labels of a sheet are drawn once."""
    import segno

    drawn = io.BytesIO()
    segno.make(address, error="m", micro=False).save(
        drawn, kind="svg", xmldecl=False, svgns=True, omitsize=True, border=2, nl=False
    )
    return Markup(drawn.getvalue().decode())  # noqa: S704 - drawn by segno from an address


@requires(Permission.POINT_VIEW)
def qr(code: str) -> Response:
    """The picture by itself."""
    point = queries.find(db.session(), code, current_actor())
    answer = Response(str(qr_svg(point.code)), mimetype="image/svg+xml")
    answer.headers["Content-Disposition"] = 'inline; filename="qr.svg"'
    return answer


@dataclass(frozen=True)
class Label:
    """One label of the sheet."""

    row: PointRow
    qr: Markup


@requires(Permission.POINT_LIST)
def sheet() -> str:
    """Labels of exactly what is filtered, twelve on a page of A4."""
    actor, session, now = current_actor(), db.session(), clock.now()
    wanted, _refused = filters.from_args(request.args)
    limit = listing.SHEET_CEILING
    rows, is_cut = listing.first(session, actor, wanted, now=now, limit=limit)
    names = Names(
        kinds=choices.kinds(session),
        areas=choices.areas(session, actor, besides=wanted.area),
        units=choices.units(session, besides=wanted.unit_id),
        projects=[],
    )
    return render_template(
        "points/sheet.html",
        labels=[Label(row, qr_svg(row.code)) for row in rows],
        limit=limit,
        is_cut=is_cut,
        chips=chips(wanted, names),
        back=address(wanted),
        title=_("点位二维码"),
        english=choices.is_english(),
    )


def register(blueprint: Blueprint) -> None:
    """Put picture and sheet on the blueprint."""
    blueprint.add_url_rule("/sheet", "sheet", sheet)
    blueprint.add_url_rule("/<code>/qr.svg", "qr", qr)
