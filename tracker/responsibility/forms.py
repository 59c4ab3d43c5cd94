"""Knows the form of a post, and how what is typed in it becomes a post given."""

from typing import Any

import orjson
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    DateField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
)
from wtforms.validators import Length, Optional, ValidationError

from tracker.points.forms import MAX_GEOMETRY, document, number
from tracker.responsibility.given import DEFAULT_REACH_M, PostGiven, scopes_of
from tracker.responsibility.models import Responsibility
from tracker.responsibility.phones import masked
from tracker.responsibility.scopes import EVERYTHING, Scope

#: A change hands the post over; a correction mends what was wrong from the start.
MODES = (
    SelectChoice("change", _l("责任变更：自生效日期起由新的责任人负责，过去的日期仍按原登记回答")),
    SelectChoice("correct", _l("更正登记错误：直接改正现任的登记")),
)


class PostForm(FlaskForm):
    """Everything on /responsibility/new and /responsibility/posts/<code>/edit."""

    code = StringField(_l("编号"), [Length(max=32, message=_l("编号不能超过 32 字。"))])
    name = StringField(_l("路段或片区名称"), [Length(max=100, message=_l("名称不能超过 100 字。"))])
    geometry = HiddenField(_l("线或面"))
    reach_m = IntegerField(_l("路段两侧各（米）"), default=DEFAULT_REACH_M)
    community_code = SelectField(_l("所在社区"), validate_choice=False)
    scopes = SelectMultipleField(_l("负责事项"), validate_choice=False, default=["all"])
    unit_id = SelectField(_l("责任单位"), validate_choice=False)
    post = StringField(_l("岗位"), [Length(max=60, message=_l("岗位不能超过 60 字。"))])
    person = StringField(_l("责任人"), [Length(max=50, message=_l("责任人不能超过 50 字。"))])
    phone = StringField(_l("电话"), [Length(max=40, message=_l("电话不能超过 40 字。"))])
    hours = StringField(_l("作业时段"), [Length(max=60, message=_l("作业时段不能超过 60 字。"))])
    grade = StringField(_l("等级"), [Length(max=20, message=_l("等级不能超过 20 字。"))])
    valid_from = DateField(_l("生效日期"), [Optional()])
    valid_to = DateField(_l("结束日期"), [Optional()])
    mode = RadioField(
        _l("这次修改是"), choices=list(MODES), default="change", validate_choice=False
    )

    def validate_geometry(self, field: Any) -> None:
        if len(field.data or "") > MAX_GEOMETRY:
            raise ValidationError(_("图形过大，请先简化。"))

    def validate_reach_m(self, field: Any) -> None:
        if field.data is None:
            field.errors = []
            raise ValidationError(_("路段两侧各负责多少米，请填整数。"))

    def validate_scopes(self, field: Any) -> None:
        try:
            self._scopes()
        except ValueError:
            raise ValidationError(_("负责事项无法识别，请重新选择。")) from None

    def _scopes(self) -> tuple[Scope, ...]:
        tokens = self.scopes.data or []
        return tuple(Scope.of_token(token) for token in tokens) or EVERYTHING

    @property
    def is_correction(self) -> bool:
        return bool(self.mode.data == "correct")

    def given(self) -> PostGiven:
        """What was typed."""
        return PostGiven(
            code=(self.code.data or "").strip(),
            name=self.name.data or "",
            geometry=document(self.geometry.data),
            reach_m=self.reach_m.data or 0,
            community_code=self.community_code.data or None,
            scopes=self._scopes(),
            unit_id=number(self.unit_id.data),
            post=self.post.data or "",
            person=self.person.data or "",
            phone=self.phone.data or "",
            hours=self.hours.data or "",
            grade=self.grade.data or "",
            valid_from=self.valid_from.data,
            valid_to=self.valid_to.data,
        )


def as_typed(row: Responsibility) -> dict[str, Any]:
    """A post as the form shows it: the phone masked, the day of a change left to be chosen."""
    return {
        "name": row.name,
        "geometry": orjson.dumps(row.geometry).decode() if row.geometry else "",
        "reach_m": row.reach_m or DEFAULT_REACH_M,
        "community_code": row.community_code or "",
        "scopes": [one.token for one in scopes_of(row)],
        "unit_id": str(row.unit_id),
        "post": row.post, "person": row.person, "phone": masked(row.phone),
        "hours": row.hours, "grade": row.grade,
        "valid_to": row.valid_to,
    }  # fmt: skip
