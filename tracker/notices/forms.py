"""The inputs of a person's notice settings and of the administrator's channels."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    IntegerField,
    PasswordField,
    SelectField,
    SelectMultipleField,
    StringField,
)
from wtforms.validators import (
    DataRequired,
    InputRequired,
    Length,
    NumberRange,
    Optional,
    Regexp,
)

from tracker.notices.channel_kinds import KIND_LABELS, MOST_PER_MINUTE, ChannelKind
from tracker.notices.models import Channel
from tracker.notices.rules import NOTICE_KIND_LABELS, NoticeKind
from tracker.notices.settings_of import Wanted
from tracker.people import queries as people
from tracker.web.forms import without_controls

_REQUIRED = DataRequired(_l("请填写。"))


def _hour_or_none(text: str | None) -> int | None:
    return int(text) if text and text != "None" else None


def _hours() -> list[tuple[str, str]]:
    return [("", _("（无）"))] + [(str(hour), f"{hour:02d}:00") for hour in range(24)]


class _QuietForm(FlaskForm):
    """The hours in which nothing is sent."""

    quiet_from = SelectField(_l("免打扰开始"), coerce=_hour_or_none)
    quiet_until = SelectField(_l("免打扰结束"), coerce=_hour_or_none)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.quiet_from.choices = self.quiet_until.choices = _hours()


class SettingsForm(_QuietForm):
    """What goes out to me."""

    email = StringField(
        _l("工作邮箱"),
        filters=[without_controls],
        validators=[
            Optional(),
            Length(max=120, message=_l("不超过 120 字。")),
            Regexp(r"^[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$", message=_l("邮箱地址无效，请写成 name@example.gov.cn 的样子。")),
        ],
        render_kw={"autocomplete": "email", "maxlength": 120, "inputmode": "email"},
    )  # fmt: skip
    kinds = SelectMultipleField(_l("发送哪些通知"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kinds.choices = [(kind.value, _(NOTICE_KIND_LABELS[kind])) for kind in NoticeKind]

    def wanted(self) -> Wanted:
        """What was chosen."""
        kinds = tuple(NoticeKind(kind) for kind in self.kinds.data or ())
        return Wanted(self.email.data or "", kinds, self.quiet_from.data, self.quiet_until.data)


class FeedForm(FlaskForm):
    """A new calendar address."""

    name = StringField(
        _l("用途"), filters=[without_controls],
        validators=[_REQUIRED, Length(max=50, message=_l("不超过 50 字。"))],
        render_kw={"maxlength": 50, "autocomplete": "off"},
    )  # fmt: skip


class ChannelForm(_QuietForm):
    """A channel that exists: its address is replaced when a new one is typed."""

    name = StringField(
        _l("名称"), filters=[without_controls],
        validators=[_REQUIRED, Length(max=50, message=_l("不超过 50 字。"))],
        render_kw={"maxlength": 50, "autocomplete": "off"},
    )  # fmt: skip
    organization_id = SelectField(
        _l("发给哪个单位"), coerce=_hour_or_none, validators=[InputRequired(_l("请选择。"))]
    )
    #: never shown again, so it is typed like a password
    address = PasswordField(
        _l("地址或密钥"),
        filters=[without_controls],
        validators=[Length(max=500, message=_l("不超过 500 字。"))],
        render_kw={"autocomplete": "off", "maxlength": 500},
    )
    per_minute = IntegerField(
        _l("每分钟最多条数"), default=MOST_PER_MINUTE,
        validators=[InputRequired(_l("请填写。")), NumberRange(1, MOST_PER_MINUTE, _l("请填 1 到 20 的整数。"))],
        render_kw={"min": 1, "max": MOST_PER_MINUTE, "inputmode": "numeric"},
    )  # fmt: skip
    is_active = BooleanField(_l("启用"), default=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units = [(str(unit.id), unit.name) for unit in people.organizations()]
        self.organization_id.choices = [("", _("请选择")), *units]

    def fill(self, channel: Channel) -> None:
        """Show what is kept, the address not."""
        for name in ("name", "organization_id", "per_minute", "is_active", "quiet_from", "quiet_until"):  # fmt: skip
            self[name].data = getattr(channel, name)


class NewChannelForm(ChannelForm):
    """A new channel: its kind is chosen once."""

    kind = SelectField(_l("类型"), validators=[_REQUIRED])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind.choices = [(kind.value, _(KIND_LABELS[kind])) for kind in ChannelKind]
