"""The inputs of the pages of the catalogue."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, IntegerField, SelectField, SelectMultipleField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange

from tracker.calendar import Limit, LimitReading, LimitUnit
from tracker.catalogue.data import load_tags
from tracker.catalogue.operations import CategoryGiven, LocalNames
from tracker.errors import Invalid
from tracker.texts import N_
from tracker.web.forms import without_controls

READINGS = {
    LimitReading.ROLLING: N_("从派遣时刻起连续计算"),
    LimitReading.DAY_COUNT: N_("派遣当天不算，最后一天下班前"),
}

_CLEAN: dict[str, Any] = {"filters": [without_controls]}


class CategoryForm(FlaskForm):
    """What a district decides of any category."""

    limit_value = IntegerField(
        _l("整改时限"),
        validators=[
            InputRequired(_l("请填写整数")),
            NumberRange(1, 3660, message=_l("应在 1 到 3660 之间")),
        ],
        render_kw={"inputmode": "numeric"},
    )
    limit_unit = SelectField(_l("单位"))
    limit_reading = SelectField(_l("算法"))
    after_photo_required = BooleanField(_l("提交整改时必须有整改后照片"), default=True)
    is_active = BooleanField(_l("启用（停用后不能再选，已有任务不受影响）"), default=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.limit_unit.choices = [(unit.value, _(unit.label)) for unit in LimitUnit]
        self.limit_reading.choices = [(key.value, _(label)) for key, label in READINGS.items()]

    def given(self) -> CategoryGiven:
        """Raises Invalid for hours that are counted in days."""
        try:
            limit = Limit(
                self.limit_value.data,
                LimitUnit(self.limit_unit.data),
                LimitReading(self.limit_reading.data),
            )
        except ValueError:
            raise Invalid(
                N_("以小时计的时限只能连续计算，请改选算法或单位"), field="limit_reading"
            ) from None
        return CategoryGiven(limit, self.after_photo_required.data, self.is_active.data)


class LocalCategoryForm(CategoryForm):
    """A local category, whose words a district chooses too."""

    name = StringField(
        _l("名称"),
        validators=[DataRequired(_l("请填写名称")), Length(max=60, message=_l("不超过 60 字"))],
        **_CLEAN,
    )
    name_en = StringField(_l("英文名称"), validators=[Length(max=120)], **_CLEAN)
    tags = SelectMultipleField(_l("七乱一占标签"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.tags.choices = [(tag.code, tag.name) for tag in load_tags()]

    def names(self) -> LocalNames:
        return LocalNames(self.name.data, self.name_en.data or "", tuple(self.tags.data or ()))


class NewCategoryForm(LocalCategoryForm):
    """A new local category."""

    code = StringField(
        _l("代码"),
        validators=[DataRequired(_l("请填写代码"))],
        filters=[without_controls, lambda text: text.upper() if text else text],
    )
    major_name = StringField(_l("大类名称"), validators=[Length(max=40)], **_CLEAN)
