"""Pages of the audit log."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from tracker import clock
from tracker.access.gate import requires
from tracker.access.permissions import Permission
from tracker.access.roles import LABELS as ROLE_LABELS
from tracker.access.roles import Role
from tracker.audit import queries
from tracker.audit.kinds import DETAILS, LABELS, RESULTS
from tracker.errors import Invalid
from tracker.texts import N_
from tracker.web.filters import DASH
from tracker.web.forms import without_controls

blueprint = Blueprint("audit", __name__)


def _midnight(name: str, *, days_later: int = 0) -> datetime | None:
    """A day of the city given in the address, as the moment it starts. Raises Invalid."""
    text = request.args.get(name, "")
    if not text:
        return None
    try:
        day = date.fromisoformat(text) + timedelta(days=days_later)
        return datetime.combine(day, time(), tzinfo=clock.CITY_ZONE).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Invalid(N_("日期无效，请写成 2026-01-31 的样子。"), field=name) from None


def _chosen_filter() -> queries.AuditFilter:
    return queries.AuditFilter(
        person=without_controls(request.args.get("person", "")[:50]),
        kind=request.args.get("kind", "")[:40],
        since=_midnight("since"),
        until=_midnight("until", days_later=1),
    )


def detail_words(name: str, value: Any) -> str:
    """One detail of an entry in words; what has none is written as it is."""
    if name == "role" and isinstance(value, str) and value in set(Role):
        value = _(ROLE_LABELS[Role(value)])
    if isinstance(value, dict):
        value = _("、").join(detail_words(key, inner) for key, inner in value.items())
    label = _(DETAILS[name]) if name in DETAILS else name
    return f"{label} {DASH if value is None else value}"


@blueprint.get("/admin/audit")
@requires(Permission.AUDIT_READ)
def log() -> ResponseReturnValue:
    """Who did what to which object, from where, with what result."""
    page = queries.find(_chosen_filter(), after=request.args.get("after", ""))
    kept = {name: value for name, value in request.args.items() if name != "after" and value}
    return render_template(
        "admin/audit.html", page=page, kept=kept, kinds=queries.kinds(),
        labels=LABELS, results=RESULTS, detail_words=detail_words,
    )  # fmt: skip
