"""Lists how each kind of item is carried out."""

from collections.abc import Callable
from typing import Any

from tracker.inspections import intake_reports, intake_submits, intake_visits
from tracker.inspections.intake_reading import Kind

CARRY_OUT: dict[Kind, Callable[..., dict[str, Any]]] = {
    Kind.VISIT: intake_visits.carry_out,
    Kind.REPORT: intake_reports.carry_out,
    Kind.SUBMIT: intake_submits.carry_out,
}

if set(CARRY_OUT) != set(Kind):
    raise RuntimeError("every kind of item needs a way to be carried out")
