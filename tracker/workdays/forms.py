"""The inputs of the pages of the calendar."""

from datetime import date, time
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import DateField, StringField, TimeField
from wtforms.validators import InputRequired, Optional

from tracker.calendar import WorkPeriod
from tracker.calendar.storing import Change
from tracker.errors import Invalid
from tracker.texts import N_
from tracker.web.forms import without_controls
from tracker.workdays.operations import hours_change, stop_change

_CLEAN: dict[str, Any] = {"filters": [without_controls]}


class NoticeForm(FlaskForm):
    """A file with a yearly notice."""

    file = FileField(_l("文件"), validators=[FileRequired(_l("请选择文件"))])


class StopForm(FlaskForm):
    """Stop-work days and why."""

    first = DateField(_l("开始日期"), validators=[InputRequired(_l("请选择日期"))])
    last = DateField(_l("结束日期"), validators=[Optional()])
    reason = StringField(_l("停工原因"), render_kw={"maxlength": 60, "required": True}, **_CLEAN)

    def change(self) -> Change:
        """Raises Invalid."""
        first: date = self.first.data
        return stop_change(first, self.last.data or first, self.reason.data or "")


class RemovalForm(FlaskForm):
    """Why a day is taken out."""

    reason = StringField(_l("移除原因"), render_kw={"maxlength": 200, "required": True}, **_CLEAN)


class HoursForm(FlaskForm):
    """Office hours of a day: one stretch, or two with a break."""

    opens_1 = TimeField(_l("上午上班"), validators=[InputRequired(_l("请填写时间"))])
    closes_1 = TimeField(_l("上午下班"), validators=[InputRequired(_l("请填写时间"))])
    opens_2 = TimeField(_l("下午上班"), validators=[Optional()])
    closes_2 = TimeField(_l("下午下班"), validators=[Optional()])
    reason = StringField(_l("调整原因"), render_kw={"maxlength": 200, "required": True}, **_CLEAN)

    def change(self) -> Change:
        """Raises Invalid."""
        if not self.reason.data:
            raise Invalid(N_("请填写调整工作时间的原因"), field="reason")
        periods = [_period(self.opens_1.data, self.closes_1.data, "closes_1")]
        if self.opens_2.data or self.closes_2.data:
            if not (self.opens_2.data and self.closes_2.data):
                raise Invalid(N_("下午的开始和结束时间要么都填，要么都不填"), field="opens_2")
            periods.append(_period(self.opens_2.data, self.closes_2.data, "closes_2"))
        return hours_change(periods, self.reason.data)


def _period(opens: time, closes: time, field: str) -> WorkPeriod:
    try:
        return WorkPeriod(opens, closes)
    except ValueError:
        raise Invalid(N_("结束时间须晚于开始时间"), field=field) from None
