"""Knows what of a report no single field can know: whether it holds together as a whole."""

from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from tracker.catalogue.models import Category
from tracker.storage.db import db
from tracker.tasks.handed_photos import MAX_PHOTOS
from tracker.tasks.report_forms import ReportForm
from tracker.tasks.suggestions import is_outside_and_far


@dataclass
class Sent:
    """A form as it came in: its fields, the photos in the tray, the request's UUID."""

    form: ReportForm
    request_uuid: str
    before: list[str]
    after: list[str]


def holds_together(sent: Sent) -> bool:
    """What no single field can know; errors are added to the fields."""
    form = sent.form
    category = db.session.get(Category, form.chosen_category) if form.chosen_category else None
    if category is None or not category.is_active:
        blame(form.category_id, _("请选择问题类别。"))
    if not (form.description.data or "").strip():
        blame(form.description, _("请写明问题是什么。"))
    _check_place(form)
    _check_photos(sent, after_needed=category is not None and category.after_photo_required)
    return not form.errors


def _check_place(form: ReportForm) -> None:
    if form.coords.errors or form.lon.errors:
        return
    if form.place() is None:
        blame(form.lon, _("请在地图上选点、使用当前位置，或填写地址。"))
    position = form.position
    if position is None or form.confirm_far.data:
        return
    if is_outside_and_far(db.session(), position.lon, position.lat):
        blame(form.confirm_far, _("这个位置距辖区超过 50 公里，请核对；确实如此请勾选后再提交。"))


def _check_photos(sent: Sent, *, after_needed: bool) -> None:
    form = sent.form
    excused = bool((form.no_photo_reason.data or "").strip())
    if not sent.before and not excused:
        blame(form.no_photo_reason, _("请添加整改前照片，或写明没有照片的原因。"))
    if form.is_self_handled and after_needed and not sent.after and not excused:
        blame(form.mode, _("即时处置须添加整改后照片。"))
    if max(len(sent.before), len(sent.after)) > MAX_PHOTOS:
        blame(form.no_photo_reason, _("每次最多 %(n)d 张照片，请移除几张。", n=MAX_PHOTOS))


def blame(field: Any, message: str) -> None:
    field.errors = [*field.errors, message]


def faults(form: ReportForm) -> list[tuple[str, str]]:
    """Each message with its field, as one meets them down the page; those of no field ("") last."""
    met = sorted(form.errors.items(), key=lambda kept: kept[0] != "no_photo_reason")
    return [(name, message) for name, messages in met for message in messages]
