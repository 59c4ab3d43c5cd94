"""The inputs of the pages of checklists."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import DateField, SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from tracker.points.checklist_models import EDITION_KIND_LABELS, EditionKind, LabelSet
from tracker.points.checklist_operations import NAME_LENGTH, SOURCE_LENGTH, EditionGiven
from tracker.texts import N_
from tracker.web.forms import without_controls

LABEL_SETS = {
    LabelSet.CONFORMITY: N_("符合 / 基本符合 / 不符合"),
    LabelSet.GRADE: N_("合格 / 不合格 / 严重不合格"),
    LabelSet.ATTAINMENT: N_("达标 / 不达标"),
}


def kind_names() -> dict[EditionKind, str]:
    """What each kind is called. Translated here: a template would take 六个100% for a format."""
    return {kind: _(label) for kind, label in EDITION_KIND_LABELS.items()}


_CLEAN: dict[str, Any] = {"filters": [without_controls]}


class EditionUploadForm(FlaskForm):
    """A file with a new edition and what is said of it."""

    file = FileField(_l("文件"), validators=[FileRequired(_l("请选择文件"))])
    name = StringField(
        _l("版本名称"),
        validators=[
            DataRequired(_l("请填写版本名称")),
            Length(max=NAME_LENGTH, message=_l("名称太长")),
        ],
        **_CLEAN,
    )
    kind = SelectField(_l("哪一种清单"))
    labels = SelectField(_l("结果用词"))
    valid_from = DateField(_l("生效日期"), validators=[Optional()])
    source = StringField(
        _l("来源"), validators=[Length(max=SOURCE_LENGTH, message=_l("来源太长"))], **_CLEAN
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind.choices = [(kind.value, name) for kind, name in kind_names().items()]
        self.labels.choices = [(one.value, _(label)) for one, label in LABEL_SETS.items()]

    def given(self) -> EditionGiven:
        """What the form says of the edition."""
        return EditionGiven(
            self.name.data,
            EditionKind(self.kind.data),
            self.valid_from.data,
            LabelSet(self.labels.data),
            self.source.data or "",
        )


class BeginForm(FlaskForm):
    """From which day an edition is in force."""

    valid_from = DateField(_l("生效日期"), validators=[InputRequired(_l("请填写日期"))])


class EndForm(FlaskForm):
    """On which day an edition is in force for the last time."""

    valid_to = DateField(_l("最后一天"), validators=[InputRequired(_l("请填写日期"))])
