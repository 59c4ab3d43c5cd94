"""Imports an uploaded file of areas in two steps: a preview that writes nothing, then the import."""

from typing import Any

import shapely
from flask_babel import gettext as _
from shapely.geometry import mapping
from sqlalchemy.orm import Session

from tracker.access.actor import Actor
from tracker.places.importing import plan_areas, preview, read_file, report_of, store_areas
from tracker.places.importing_files import AreaFile
from tracker.places.importing_plan import Plan
from tracker.places.importing_report import rejected_rows_csv
from tracker.places.queries import boundary_of
from tracker.places.uploads import Upload
from tracker.storage import receipts
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work

#: Borders of a preview are drawn this coarse, degrees (about three metres).
_DRAWN = 3e-5


def examine(upload: Upload) -> None:
    """Read and judge the file and keep report, borders and rejected rows. Raises Invalid."""
    file = read_file(upload.path, upload.options)
    report = preview(file, upload.options)
    words = {i: _(one.reason, **one.facts) for i, one in enumerate(report.rejections)}
    upload.rejects.write_text(
        rejected_rows_csv(report.rejections, words), encoding="utf-8", newline=""
    )
    upload.write(
        "borders.json", _drawn(db.session(), file, plan_areas(db.session(), file, upload.options))
    )
    upload.write("preview.json", report.as_dict())


def carry_out(upload: Upload, *, actor: Actor, request_uuid: str) -> None:
    """Import an examined upload. Idempotent by `request_uuid`; a second confirmation does nothing.

    Raises Invalid, Conflict.
    """
    if upload.result is not None:
        return
    file = read_file(upload.path, upload.options)
    digest = receipts.digest_of({"area_import": upload.token})
    with unit_of_work() as work:
        outcome = receipts.earlier(work, request_uuid, actor_id=actor.user_id, digest=digest)
        if outcome is None:
            plan = store_areas(work, file, upload.options, actor=actor)
            whole = report_of(file, plan, ()).as_dict()
            outcome = {key: value for key, value in whole.items() if not isinstance(value, list)}
            receipts.keep(
                work, request_uuid, actor_id=actor.user_id, digest=digest, outcome=outcome
            )
            outcome = {**outcome, "rejections": whole["rejections"]}
    upload.write("result.json", {**upload.preview, **outcome})


def _drawn(session: Session, file: AreaFile, plan: Plan) -> dict[str, Any]:
    """The borders of a preview: what is new, what stays, what was refused, and the parents."""
    features = []
    for planned in plan.areas:
        if planned.record.polygon is not None:
            role = "new" if planned.has_new_boundary else "same"
            features.append(
                _feature(role, planned.area.code, planned.area.name, planned.record.polygon)
            )
    for one in plan.rejections:
        if one.record is not None and one.record.polygon is not None:
            features.append(_feature("rejected", one.code, one.name, one.record.polygon))
    for code in sorted({planned.area.parent_code or "" for planned in plan.areas} - {""}):
        border = boundary_of(session, code)
        if border is not None:
            features.insert(
                0,
                {
                    **border.as_feature(),
                    "properties": {"role": "parent", "code": code, "name": border.name},
                },
            )
    session.rollback()
    return {"type": "FeatureCollection", "features": features}


def _feature(role: str, code: str, name: str, polygon: Any) -> dict[str, Any]:
    plain = shapely.simplify(polygon, _DRAWN, preserve_topology=True)
    return {
        "type": "Feature",
        "properties": {"role": role, "code": code, "name": name},
        "geometry": mapping(plain),
    }
