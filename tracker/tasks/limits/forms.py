"""The inputs of the pages of limits."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, IntegerField, SelectField, StringField
from wtforms.validators import InputRequired, Length, NumberRange

from tracker.calendar import Limit, LimitReading, LimitUnit
from tracker.errors import Invalid
from tracker.tasks.limits.operations import RuleGiven
from tracker.tasks.limits.rules import SEVERITY_LABELS, STAGE_LABELS, Severity, Stage
from tracker.tasks.states import SOURCE_LABELS, Source
from tracker.texts import N_
from tracker.web.forms import without_controls

READINGS = {
    LimitReading.ROLLING: N_("从环节开始时起连续计算"),
    LimitReading.DAY_COUNT: N_("开始当天不算，最后一天下班前"),
}


def _code(text: str | None) -> str:
    """A code as typed, or picked from the list as “06010 暴露垃圾”."""
    return ((without_controls(text) or "").split() or [""])[0].upper()


class RuleForm(FlaskForm):
    """One rule: its scope, its limit, where it comes from."""

    stage = SelectField(_l("环节"))
    subject = StringField(
        _l("类别或大类代码"),
        filters=[_code],
        validators=[Length(max=12, message=_l("代码太长"))],
        render_kw={"list": "subjects", "autocomplete": "off"},
    )
    severity = SelectField(_l("紧急程度"))
    source = SelectField(_l("问题来源"))
    value = IntegerField(
        _l("时限"),
        validators=[
            InputRequired(_l("请填写整数")),
            NumberRange(1, 3660, message=_l("应在 1 到 3660 之间")),
        ],
        render_kw={"inputmode": "numeric"},
    )
    unit = SelectField(_l("单位"))
    reading = SelectField(_l("算法"))
    note = StringField(
        _l("依据"),
        filters=[without_controls],
        validators=[Length(max=120, message=_l("不超过 120 字"))],
    )
    version = HiddenField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stage.choices = [(one.value, _(label)) for one, label in STAGE_LABELS.items()]
        self.severity.choices = severities()
        self.source.choices = sources()
        self.unit.choices = [(unit.value, _(unit.label)) for unit in LimitUnit]
        self.reading.choices = [(one.value, _(label)) for one, label in READINGS.items()]

    def given(self) -> RuleGiven:
        """Raises Invalid for minutes or hours that are counted in days."""
        try:
            limit = Limit(
                self.value.data, LimitUnit(self.unit.data), LimitReading(self.reading.data)
            )
        except ValueError:
            raise Invalid(
                N_("以分钟或小时计的时限只能连续计算，请改选算法或单位"), field="reading"
            ) from None
        return RuleGiven(
            Stage(self.stage.data),
            limit,
            self.subject.data or "",
            self.severity.data or "",
            self.source.data or "",
            self.note.data or "",
        )

    def seen_version(self) -> int | None:
        """The version that the person saw. Raises Invalid for anything but a number."""
        return version_of(self.version.data)


def version_of(text: str | None) -> int:
    """The version a form names. Raises Invalid."""
    if text and text.isascii() and text.isdecimal() and len(text) < 10:
        return int(text)
    raise Invalid(N_("版本号缺失或无效，请刷新页面后重试。"), field="version")


def severities() -> list[tuple[str, str]]:
    """Any, normal, urgent."""
    return [("", _("不限")), *((one.value, _(SEVERITY_LABELS[one])) for one in Severity)]


def sources() -> list[tuple[str, str]]:
    """Any, and every source."""
    return [("", _("不限")), *((one.value, _(SOURCE_LABELS[one])) for one in Source)]
