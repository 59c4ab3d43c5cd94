"""Knows what a batch asks a person for, and how its rows travel from the preview to the doing."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectField, StringField, TextAreaField
from wtforms.fields import IntegerField, SelectChoice

from tracker.calendar import Limit, LimitReading, LimitUnit
from tracker.desk.bulk import BULK_LIMIT, Choice, Kind, Settings
from tracker.errors import Invalid
from tracker.storage import receipts
from tracker.tasks.words import READING_LABELS
from tracker.texts import N_

#: Longest text of a batch.
MAX_WORDS = 1000
_UNITS = [SelectChoice(unit.value, _l(unit.label)) for unit in LimitUnit]
_READINGS = [SelectChoice(reading.value, _l(READING_LABELS[reading])) for reading in LimitReading]


class BulkForm(FlaskForm):
    """The settings of a batch; a field that the kind does not ask for is left out by the page."""

    class Meta:
        #: the application checks the token of every POST
        csrf = False

    unit_id = SelectField(_l("责任单位"), choices=[], validate_choice=False)
    limit_value = IntegerField(_l("整改时限（不填则按类别）"), render_kw={"min": 1, "max": 3660})
    limit_unit = SelectField(
        _l("单位"), choices=_UNITS, validate_choice=False, default=LimitUnit.WORK_DAY.value
    )
    limit_reading = SelectField(
        _l("计算方式"),
        choices=_READINGS,
        validate_choice=False,
        default=LimitReading.DAY_COUNT.value,
    )
    other_number = StringField(
        _l("并入的任务编号"), render_kw={"maxlength": 32, "autocomplete": "off"}
    )
    text = TextAreaField(_l("说明"), render_kw={"rows": 2, "maxlength": MAX_WORDS})

    def settings(self, kind: Kind) -> Settings:
        """What was typed; problems are left as errors on the fields."""
        return Settings(
            kind,
            unit_id=self._unit(),
            limit=self._limit() if "limit_value" in kind.fields else None,
            other_number=self._words("other_number", 32).upper(),
            text=self._words("text", MAX_WORDS),
        )

    def offer(self, units: list[tuple[int, str]]) -> None:
        """Fill the select of units."""
        self.unit_id.choices = [
            SelectChoice("", _("各按建议单位")),
            *(SelectChoice(str(unit_id), name) for unit_id, name in units),
        ]

    def _unit(self) -> int | None:
        text = str(self.unit_id.data or "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None

    def _limit(self) -> Limit | None:
        typed = (self.limit_value.raw_data or [""])[0]
        if not typed:
            return None
        try:
            return Limit(
                self.limit_value.data or 0,
                LimitUnit(self.limit_unit.data),
                LimitReading(self.limit_reading.data),
            )
        except ValueError:
            message = _("时限须为 1 到 3660 的整数；按小时计的时限只能连续计时。")
            self.limit_value.errors = [message]
            return None

    def _words(self, name: str, most: int) -> str:
        text = (self[name].data or "").strip()
        if len(text) > most or "\x00" in text:
            self[name].errors = [_("最多 %(n)d 字，且不能含特殊字符。", n=most)]
            return ""
        return text


def seen(settings: Settings) -> str:
    """A mark of everything that changes what happens to a row; words do not."""
    return receipts.digest_of(
        {
            "kind": settings.kind.key, "unit": settings.unit_id, "limit": str(settings.limit),
            "other": settings.other_number,
        }
    )  # fmt: skip


def packed(choice: Choice) -> str:
    """A row as one hidden value."""
    limit = choice.limit
    parts: list[Any] = [
        choice.number, choice.version, choice.category_id or "", choice.unit_id or "",
        f"{limit.value}.{limit.unit.value}.{limit.reading.value}" if limit else "",
    ]  # fmt: skip
    return "|".join(str(part) for part in parts)


def unpacked(texts: list[str]) -> list[Choice]:
    """The rows of a form, each once. Raises Invalid for what no page of ours sent, and for too many."""
    if len(texts) > BULK_LIMIT:
        raise too_many()
    try:
        found = {choice.number: choice for choice in map(_unpack, texts)}
    except ValueError:
        raise Invalid(N_("页面信息不完整，操作没有保存。请刷新页面后重试。"), field="row") from None
    return list(found.values())


def too_many() -> Invalid:
    """More rows than a batch takes."""
    return Invalid(N_("一次最多办理 %(n)d 件，请减少选择。"), field="row", n=BULK_LIMIT)


def _unpack(text: str) -> Choice:
    number, version, category, unit, limit = text.split("|")
    if not number or len(number) > 32 or "\x00" in number:
        raise ValueError(text)
    return Choice(
        number, _small(version) or 0, _small(category), _small(unit), _unpack_limit(limit)
    )


def _small(text: str) -> int | None:
    if text and not (text.isascii() and text.isdigit() and len(text) < 10):
        raise ValueError(text)
    return int(text) if text else None


def _unpack_limit(text: str) -> Limit | None:
    if not text:
        return None
    value, unit, reading = text.split(".")
    return Limit(_small(value) or 0, LimitUnit(unit), LimitReading(reading))
