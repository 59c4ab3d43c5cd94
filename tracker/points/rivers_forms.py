"""The inputs of the pages of river plans."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import DateField, SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length

from tracker.points import choices
from tracker.points.rivers_editing import TEXT_LENGTH, MeasureGiven
from tracker.storage.db import db
from tracker.web.forms import without_controls


def _text(label: Any, most: int, *, needed: Any = None) -> StringField:
    checks: list[Any] = [Length(max=most, message=_l("内容太长"))]
    if needed is not None:
        checks.insert(0, DataRequired(needed))
    return StringField(
        label, validators=checks, filters=[without_controls], render_kw={"maxlength": most}
    )


class PlanForm(FlaskForm):
    """Everything of a plan but its measures."""

    river_name = _text(_l("河流"), 60, needed=_l("请填写河流名称"))
    segment = _text(_l("责任段"), 120)
    chief = _text(_l("河长"), 50)
    chief_post = _text(_l("河长职务"), 60)
    file = FileField(_l("方案文件（PDF）"))


class MeasureForm(FlaskForm):
    """One measure."""

    text = _text(_l("措施"), TEXT_LENGTH, needed=_l("请填写措施"))
    due_on = DateField(_l("完成期限"), validators=[InputRequired(_l("请填写日期"))])
    unit_id = SelectField(_l("责任单位"), default="")

    def __init__(self, *args: Any, besides: int | None = None, **kwargs: Any) -> None:
        """`besides`: a unit that is offered though it is out of use, because a measure has it."""
        super().__init__(*args, **kwargs)
        units = choices.units(db.session(), besides=besides)
        self.unit_id.choices = [("", _("未定")), *((str(key), name) for key, name in units)]

    def given(self) -> MeasureGiven:
        unit = self.unit_id.data
        return MeasureGiven(self.text.data, self.due_on.data, int(unit) if unit else None)


class DoneForm(FlaskForm):
    """When a measure was done."""

    done_on = DateField(_l("完成日期"), validators=[InputRequired(_l("请填写日期"))])
    done_note = _text(_l("说明"), TEXT_LENGTH)
