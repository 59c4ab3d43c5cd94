"""Knows how the form of an action is read: words, ids, days and limits become a `Given`."""

from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import TextAreaField
from wtforms.fields import DateTimeLocalField, IntegerField, SelectChoice

from tracker.calendar import Limit, LimitReading, LimitUnit
from tracker.clock import CITY_ZONE
from tracker.tasks.given import Given
from tracker.tasks.states import Action
from tracker.tasks.words import READING_LABELS
from tracker.web.forms import SelectField

#: Longest text of a reason, a comment, the measures taken.
MAX_WORDS = 1000
_UNITS = [SelectChoice(unit.value, _l(unit.label)) for unit in LimitUnit]
_READINGS = [SelectChoice(reading.value, _l(READING_LABELS[reading])) for reading in LimitReading]


def words_field(label: Any, *, rows: int = 3, required: bool = False) -> TextAreaField:
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
        if "reason_code" in self:
            typed["reason_code"] = str(self["reason_code"].data or "")[:20]
        if "drawing" in self:
            typed["drawing"] = str(self["drawing"].data or "")
        if "until" in self:
            typed["until"] = self._day("until")
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

    def _day(self, name: str) -> date | None:
        found: date | None = self[name].data
        if self[name].raw_data and self[name].raw_data[0] and found is None:
            self.blame(name, _("日期无法识别，请重新选择。"))
        return found

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


class LimitedForm(ActionForm):
    limit_value = IntegerField(_l("整改时限"), render_kw={"min": 1, "max": 3660})
    limit_unit = SelectField(_l("单位"), choices=_UNITS, validate_choice=False)
    limit_reading = SelectField(_l("计算方式"), choices=_READINGS, validate_choice=False)
    due_at = DateTimeLocalField(
        _l("或指定截止时间"), format=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"]
    )
