"""Knows how an outcome and a refusal are written for a phone: the tables of docs/sync.md."""

from datetime import datetime
from typing import Any

from flask import Response, jsonify
from flask_babel import gettext as _

from tracker.errors import Fault
from tracker.inspections.intake_photos import PhotosMissing
from tracker.inspections.intake_submits import Compared, StaleSubmission
from tracker.inspections.uploads import WrongOffset
from tracker.inspections.visit_joining import NearOne, NearTasks
from tracker.tasks.states import STATE_LABELS, State
from tracker.web.errors import words
from tracker.web.filters import moment

#: Seconds after which a phone tries again.
_AFTER = {429: "60", 503: "5", 507: "60"}


def refusal(fault: Fault) -> Response:
    """A refusal with everything the phone needs to mend it."""
    body: dict[str, Any] = {"error": fault.code, "message": words(fault)}
    field = getattr(fault, "field", None)
    if field:
        body["field"] = field
    if isinstance(fault, PhotosMissing):
        body["missing"] = fault.missing
    elif isinstance(fault, NearTasks):
        body["near"] = [_near(one) for one in fault.found]
    elif isinstance(fault, StaleSubmission):
        body |= {"version": fault.version, "still_possible": fault.still_possible}
        body["fields"] = [_compared(line) for line in fault.fields]
    answer = jsonify(body)
    answer.status_code = fault.status
    if isinstance(fault, WrongOffset):
        answer.headers["Upload-Offset"] = str(fault.offset)
    if fault.status in _AFTER:
        answer.headers["Retry-After"] = _AFTER[fault.status]
    return answer


def outcome(kept: dict[str, Any]) -> Response:
    """A receipt: 200 when it was carried out, 202 when the office decides."""
    body = dict(kept)
    if "reason" in body:
        body["reason"] = _(body["reason"])
    receipt = dict(body["receipt"])
    if "notices" in receipt:
        receipt["notices"] = [_(sentence) for sentence in receipt["notices"]]
    body["receipt"] = receipt
    answer = jsonify(body)
    answer.status_code = 200 if body["state"] == "received" else 202
    return answer


def _near(one: NearOne) -> dict[str, Any]:
    task = one.task
    return {
        "key": one.key,
        "number": task.number,
        "title": task.title,
        "state_name": _(STATE_LABELS[State(task.state)]),
        "distance_m": one.distance_m,
        "reported_at": task.reported_at.isoformat(),
    }


def _compared(line: Compared) -> dict[str, str]:
    return {"label": _(line.label), "mine": _words(line.mine), "theirs": _words(line.theirs)}


def _words(value: str | datetime) -> str:
    if isinstance(value, datetime):
        return moment(value)
    return _(value) if value else ""
