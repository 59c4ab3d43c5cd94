"""Knows what each action asks a person for, and turns the typed words into a `Given`."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectField, StringField, TextAreaField
from wtforms.fields import DateTimeLocalField, IntegerField, SelectChoice

from gis.errors import GisError
from gis.positions import parse_position
from tracker.calendar import Limit, LimitReading, LimitUnit
from tracker.clock import CITY_ZONE
from tracker.tasks.given import Given, Place
from tracker.tasks.states import Action
from tracker.tasks.words import READING_LABELS

#: Longest text of a reason, a comment, the measures taken.
MAX_WORDS = 1000
_UNITS = [SelectChoice(unit.value, _l(unit.label)) for unit in LimitUnit]
_READINGS = [SelectChoice(reading.value, _l(READING_LABELS[reading])) for reading in LimitReading]


def _text(label: Any, *, rows: int = 3, required: bool = False) -> TextAreaField:
    attributes: dict[str, Any] = {"rows": rows, "maxlength": MAX_WORDS}
    if required:
        attributes["required"] = True
    return TextAreaField(label, render_kw=attributes)


class ActionForm(FlaskForm):
    """The form of one action; its errors name the fields to mend."""

    class Meta:
        #: the application checks the token of every POST
        csrf = False

    def __init__(self, action: Action, formdata: Any = None, **values: Any) -> None:
        super().__init__(formdata=formdata, data=values)
        self.action = action
        for item in self:
            item.id = item.label.field_id = f"{action.value}-{item.name}"

    def blame(self, name: str, message: str) -> None:
        """Put a message at a field, or above the form when it has none of that name."""
        name = {"limit": "limit_value", "place": "community_code"}.get(name, name)
        if name in self:
            self[name].errors = [*self[name].errors, message]
        else:
            self.form_errors.append(message)

    def given(self) -> Given:
        """What was typed; problems are left as errors on the fields."""
        typed: dict[str, Any] = {}
        for name in ("reason", "text", "measures", "no_photo_reason", "other_number"):
            if name in self:
                typed[name] = self._words(name)
        for name in ("category_id", "unit_id", "assignee_id"):
            if name in self:
                typed[name] = self._id(name)
        if "limit_value" in self:
            typed |= self._clock()
        return Given(**typed)

    def _words(self, name: str) -> str:
        text = (self[name].data or "").strip()
        if len(text) > MAX_WORDS or "\x00" in text:
            self.blame(name, _("最多 %(n)d 字，且不能含特殊字符。", n=MAX_WORDS))
        return text

    def _id(self, name: str) -> int | None:
        text = str(self[name].data or "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None

    def _clock(self) -> dict[str, Any]:
        """A fixed moment when one is given, else the limit."""
        fixed: datetime | None = self["due_at"].data
        if self["due_at"].raw_data and self["due_at"].raw_data[0] and fixed is None:
            self.blame("due_at", _("日期和时间无法识别，请重新选择。"))
            return {}
        if fixed is not None:
            if not 2000 <= fixed.year <= 2100:
                self.blame("due_at", _("日期和时间无法识别，请重新选择。"))
                return {}
            return {"due_at": fixed.replace(tzinfo=CITY_ZONE)}
        try:
            limit = Limit(
                self["limit_value"].data or 0,
                LimitUnit(self["limit_unit"].data),
                LimitReading(self["limit_reading"].data),
            )
        except ValueError:
            self.blame("limit_value", _("时限须为 1 到 3660 的整数；按小时计的时限只能连续计时。"))
            return {}
        return {"limit": limit}


class _Limited(ActionForm):
    limit_value = IntegerField(_l("整改时限"), render_kw={"min": 1, "max": 3660})
    limit_unit = SelectField(_l("单位"), choices=_UNITS, validate_choice=False)
    limit_reading = SelectField(_l("计算方式"), choices=_READINGS, validate_choice=False)
    due_at = DateTimeLocalField(
        _l("或指定截止时间"), format=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"]
    )


class PlainForm(ActionForm):
    """Nothing to type: sign for a task."""


class CommentForm(ActionForm):
    text = _text(_l("留言"), required=True)


class ReasonForm(ActionForm):
    reason = _text(_l("原因"), required=True)


class OptionalReasonForm(ActionForm):
    reason = _text(_l("原因（可不填）"), rows=2)


class MergeForm(ActionForm):
    other_number = StringField(
        _l("并入的任务编号"), render_kw={"maxlength": 32, "autocomplete": "off"}
    )
    #: one of the tasks proposed, for browsers that do not copy it into the field above
    other_choice = StringField(_l("附近同类的在办任务"))
    text = _text(_l("说明（可不填）"), rows=2)

    def given(self) -> Given:
        given = super().given()
        return replace(given, other_number=given.other_number or self._words("other_choice"))


class DispatchForm(_Limited):
    unit_id = SelectField(_l("责任单位"), choices=[], validate_choice=False)
    text = _text(_l("派遣意见（可不填）"), rows=2)


class FileForm(DispatchForm):
    category_id = SelectField(_l("问题类别"), choices=[], validate_choice=False)


class AssignForm(ActionForm):
    assignee_id = SelectField(_l("经办人"), choices=[], validate_choice=False)
    text = _text(_l("说明（可不填）"), rows=2)


class SubmitForm(ActionForm):
    measures = _text(_l("整改措施"), required=True)
    no_photo_reason = StringField(_l("无照片原因"), render_kw={"maxlength": 200})


class PassForm(ActionForm):
    text = _text(_l("核查意见（可不填）"), rows=2)


class ReworkForm(_Limited):
    reason = _text(_l("返工原因"), required=True)


class RelocateForm(ActionForm):
    """A community chosen by hand, a better point, or both (人工落格)."""

    community_code = SelectField(_l("所属社区"), choices=[], validate_choice=False)
    position = StringField(
        _l("经纬度（可不填）"), render_kw={"maxlength": 80, "autocomplete": "off"}
    )
    text = _text(_l("说明（可不填）"), rows=2)

    def given(self) -> Given:
        typed = self._words("position")
        place = Place(community_code=self._words("community_code") or None, method="office")
        if typed:
            try:
                point = parse_position(typed)
            except GisError:
                self.blame("position", _("经纬度无法识别，请写成“113.3550, 22.0450”。"))
            else:
                place = replace(
                    place,
                    lon=point.lon,
                    lat=point.lat,
                    raw_x=point.lon,
                    raw_y=point.lat,
                    coord_sys="wgs84",
                )
        return replace(super().given(), place=place)


FORMS: dict[Action, type[ActionForm]] = {
    Action.FILE: FileForm,
    Action.REJECT: ReasonForm,
    Action.MERGE: MergeForm,
    Action.DISPATCH: DispatchForm,
    Action.ACKNOWLEDGE: PlainForm,
    Action.RETURN: ReasonForm,
    Action.ASSIGN: AssignForm,
    Action.SUBMIT: SubmitForm,
    Action.WITHDRAW: OptionalReasonForm,
    Action.PASS: PassForm,
    Action.REWORK: ReworkForm,
    Action.RELOCATE: RelocateForm,
    Action.CANCEL: ReasonForm,
    Action.COMMENT: CommentForm,
}

#: Actions that hand over photos taken after the work: the picker's name, and what it is called.
WITH_PHOTOS = {
    Action.SUBMIT: ("after_photos", _l("整改后照片")),
    Action.PASS: ("pass_photos", _l("核查现场照片（可不拍）")),
    Action.REWORK: ("rework_photos", _l("核查现场照片（可不拍）")),
}

#: What cannot be taken back is asked about once more.
CONFIRMATIONS = {
    Action.REJECT: _l("不予立案后，这件任务将终止。确定不予立案吗？"),
    Action.MERGE: _l("并案后，这件任务将终止，由并入的任务继续办理。确定并案吗？"),
    Action.CANCEL: _l("作废后，这件任务将终止，不能恢复。确定作废吗？"),
    Action.PASS: _l("核查通过后任务将结案。确定整改已到位吗？"),
    Action.RETURN: _l("退单后任务回到派遣员处重新派遣。确定退单吗？"),
}
