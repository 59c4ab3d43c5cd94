"""The inputs of account pages: explicit fields only, whatever else is sent moves nothing."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import PasswordField, SelectField, StringField
from wtforms.validators import DataRequired, EqualTo, Length

from tracker.access.roles import LABELS, Role
from tracker.people import queries
from tracker.people.granting import Jurisdiction
from tracker.people.operations import Particulars
from tracker.places.models import LEVEL_LABELS, LEVELS, Level
from tracker.web.forms import without_controls

_REQUIRED = DataRequired(_l("请填写。"))
_LONG = Length(max=50, message=_l("不超过 50 字。"))


class SignInForm(FlaskForm):
    """Name and password."""

    username = StringField(
        _l("账号名"),
        filters=[without_controls],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false", "required": True, "maxlength": 50},
    )  # fmt: skip
    password = PasswordField(
        _l("密码"), render_kw={"autocomplete": "current-password", "required": True}
    )


class PasswordForm(FlaskForm):
    """The old password once, the new one twice."""

    current = PasswordField(
        _l("原密码"), validators=[_REQUIRED], render_kw={"autocomplete": "current-password"}
    )
    password = PasswordField(
        _l("新密码"), validators=[_REQUIRED], render_kw={"autocomplete": "new-password"}
    )
    again = PasswordField(
        _l("再输一遍新密码"),
        validators=[_REQUIRED, EqualTo("password", _l("两次输入的新密码不一致。"))],
        render_kw={"autocomplete": "new-password"},
    )


def _whole_or_none(text: str | None) -> int | None:
    return int(text) if text and text != "None" else None


class UserForm(FlaskForm):
    """Particulars of an account that exists."""

    name = StringField(
        _l("姓名"), validators=[_REQUIRED, _LONG], filters=[without_controls],
        render_kw={"maxlength": 50, "autocomplete": "off"},
    )  # fmt: skip
    organization_id = SelectField(_l("所属单位"), coerce=_whole_or_none)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.organization_id.choices = _organization_choices(_("（无）"))

    def particulars(self) -> Particulars:
        """What was filled in."""
        return Particulars(self.name.data or "", self.organization_id.data)


class NewUserForm(UserForm):
    """Particulars and name of a new account."""

    username = StringField(
        _l("账号名"), validators=[_REQUIRED, _LONG], filters=[without_controls],
        render_kw={"maxlength": 32, "autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"},
    )  # fmt: skip


class GrantForm(FlaskForm):
    """A role with the area or the unit it needs."""

    role = SelectField(_l("岗位"), validators=[_REQUIRED])
    #: not sent at all for a role without an area
    area_code = SelectField(_l("负责区域"), coerce=lambda text: text or "", default="")
    organization_id = SelectField(_l("代表单位"), coerce=_whole_or_none)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.role.choices = [("", _("请选择"))] + [(role.value, _(LABELS[role])) for role in Role]
        self.area_code.choices = [("", _("请选择"))] + _area_choices()
        self.organization_id.choices = _organization_choices(_("请选择"))

    def jurisdiction(self) -> Jurisdiction:
        """What was chosen."""
        return Jurisdiction(
            Role(self.role.data), self.area_code.data or None, self.organization_id.data
        )


def _organization_choices(none: str) -> list[tuple[str, str]]:
    return [("", none)] + [(str(unit.id), unit.name) for unit in queries.organizations()]


def _area_choices() -> list[tuple[str, str]]:
    """Areas below their parents, set in by level."""
    choices = []
    for area in queries.areas():
        level = Level(area.level)
        indent = "\u3000" * LEVELS.index(level)
        choices.append(
            (
                area.code,
                indent + _("%(what)s（%(more)s）", what=area.name, more=_(LEVEL_LABELS[level])),
            )
        )
    return choices
