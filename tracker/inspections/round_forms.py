"""The inputs of the pages of rounds."""

from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy import select
from sqlalchemy.orm import Session
from wtforms import (
    DateField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, NumberRange, Optional

from tracker.access.actor import Actor
from tracker.access.roles import Role
from tracker.inspections import round_people
from tracker.inspections.drawing import DrawOptions
from tracker.inspections.round_given import OF_A_UNIT, RoundGiven
from tracker.inspections.round_models import DRAW_LABELS, ROUND_KIND_LABELS, Draw, RoundKind
from tracker.inspections.round_rules import is_unit_bound
from tracker.places.models import Area, Level, Organization
from tracker.places.queries import areas_visible_to
from tracker.points.choices import kinds as kinds_of_points
from tracker.web.forms import without_controls

_CLEAN: dict[str, Any] = {"filters": [without_controls]}
#: No district has more points; also keeps numbers within what a column holds.
_LARGEST = 100_000


def _whole(label: str) -> IntegerField:
    message = _l("请填 1 到 100000 之间的整数，或留空。")
    return IntegerField(label, validators=[Optional(), NumberRange(1, _LARGEST, message=message)])


def _account(text: Any) -> int:
    """An account's id. Raises ValueError for what no key column holds."""
    found = int(text)
    if not 0 < found < 2**31:
        raise ValueError
    return found


class RoundForm(FlaskForm):
    """Everything of a new round."""

    kind = SelectField(_l("批次类型"))
    month = StringField(_l("计入月份"), **_CLEAN)
    name = StringField(_l("批次名称"), **_CLEAN)
    area_code = SelectField(_l("检查范围"))
    unit_id = SelectField(_l("单位"), default="")
    draw = SelectField(_l("点位怎么来"))
    site_types = SelectMultipleField(_l("点位类型"))
    communities = SelectMultipleField(_l("社区"))
    per_stratum = _whole(_l("每类每社区最多（个）"))
    share = _whole(_l("每类每社区比例（%）"))
    size = _whole(_l("总数最多（个）"))
    seed = StringField(_l("抽取种子"), **_CLEAN)
    points = SelectMultipleField(_l("点位"), validate_choice=False)
    inspectors = SelectMultipleField(_l("检查人"), coerce=_account, validate_choice=False)
    due_on = DateField(_l("截止日期"), validators=[InputRequired(_l("请选择截止日期"))])
    review_on = DateField(_l("迎检日期"), validators=[Optional()])
    note = TextAreaField(_l("说明"), **_CLEAN)

    def offer(self, session: Session, actor: Actor) -> None:
        """Fill in the choices of this person."""
        unit_bound = is_unit_bound(actor)
        kinds = [RoundKind.SELF] if unit_bound else list(RoundKind)
        self.kind.choices = [(kind.value, _(ROUND_KIND_LABELS[kind])) for kind in kinds]
        self.draw.choices = [(how.value, _(label)) for how, label in DRAW_LABELS.items()]
        areas = session.execute(
            areas_visible_to(actor)
            .where(Area.level.in_([Level.DISTRICT, Level.TOWN, Level.COMMUNITY]))
            .order_by(None)
            .order_by(Area.path)
            .with_only_columns(Area.code, Area.name, Area.level, Area.parent_code, Area.path)
        ).all()
        if not unit_bound:
            areas = [row for row in areas if _dispatched_by(actor, row.path)]
        self.area_code.choices = [
            (row.code, "\u3000" * (row.path.count("/") - 1) + row.name) for row in areas
        ]
        names = {row.code: row.name for row in areas}
        self.towns: dict[str, list[tuple[str, str]]] = {}
        for row in areas:
            if row.level == Level.COMMUNITY:
                town = names.get(row.parent_code or "", "")
                self.towns.setdefault(town, []).append((row.code, row.name))
        self.communities.choices = [pair for pairs in self.towns.values() for pair in pairs]
        self.unit_id.choices = [("", _("请选择"))] + [
            (str(row.id), row.name) for row in _units(session, actor, unit_bound)
        ]
        self.kinds = kinds_of_points(session)
        self.site_types.choices = [pair for pairs in self.kinds.values() for pair in pairs]
        self.people = round_people.choices(session, self.kind.data, self.chosen_unit, actor)

    @property
    def chosen_unit(self) -> int | None:
        """The unit, where the kind is one that a unit carries out."""
        text = self.unit_id.data or ""
        is_number = text.isascii() and text.isdecimal() and len(text) < 10
        return int(text) if is_number and self.kind.data in OF_A_UNIT else None

    def given(self) -> RoundGiven:
        """What the form says; `validate` comes first."""
        return RoundGiven(
            kind=RoundKind(self.kind.data),
            month=self.month.data or "",
            name=self.name.data or "",
            area_code=self.area_code.data or "",
            unit_id=self.chosen_unit,
            draw=Draw(self.draw.data),
            options=DrawOptions(
                site_types=tuple(self.site_types.data or ()),
                communities=tuple(self.communities.data or ()),
                per_stratum=self.per_stratum.data,
                share=self.share.data,
                size=self.size.data,
            ),
            seed=self.seed.data or "",
            point_codes=tuple(self.points.data or ()),
            inspector_ids=tuple(self.inspectors.data or ()),
            due_on=self.due_on.data or date.min,
            review_on=self.review_on.data,
            note=self.note.data or "",
        )


def _dispatched_by(actor: Actor, path: str) -> bool:
    codes = actor.areas_as([Role.DISPATCHER])
    return None in codes or any(code in codes for code in path.split("/") if code)


def _units(session: Session, actor: Actor, unit_bound: bool) -> list[Any]:
    query = select(Organization.id, Organization.name).where(Organization.is_active)
    if unit_bound:
        query = query.where(Organization.id.in_(sorted(actor.units_as([Role.UNIT_HEAD]))))
    return list(session.execute(query.order_by(Organization.id)))


class RoundChangeForm(FlaskForm):
    """Words and days of a round that is there."""

    name = StringField(_l("批次名称"), **_CLEAN)
    due_on = DateField(_l("截止日期"), validators=[InputRequired(_l("请选择截止日期"))])
    review_on = DateField(_l("迎检日期"), validators=[Optional()])
    note = TextAreaField(_l("说明"), **_CLEAN)
