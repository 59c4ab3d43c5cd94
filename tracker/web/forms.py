"""Knows how typed text is cleaned and how a refusal stands beside the input it names."""

from typing import overload

import wtforms
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from markupsafe import Markup, escape
from wtforms import Field
from wtforms.fields import SelectChoice
from wtforms.validators import Length, ValidationError
from wtforms.widgets import Select

from tracker.errors import Fault
from tracker.web.errors import words


@overload
def without_controls(text: str) -> str: ...
@overload
def without_controls(text: None) -> None: ...
@overload
def without_controls(text: str | None) -> str | None: ...
def without_controls(text: str | None) -> str | None:
    """Typed text without the characters that no keyboard writes (and PostgreSQL refuses)."""
    if text is None:
        return None
    return "".join(char for char in text if char.isprintable()).strip()


def storable(_form: FlaskForm, field: Field) -> None:
    """Refuse a NUL in a text with lines: PostgreSQL keeps none, and a workbook cannot show one."""
    if "\x00" in (field.data or ""):
        most = next(one.max for one in field.validators if isinstance(one, Length))
        raise ValidationError(_("最多 %(n)d 字，且不能含特殊字符。", n=most))


def show_fault(form: FlaskForm, fault: Fault) -> None:
    """Put a refusal beside the input it names, else on top of the form."""
    name = getattr(fault, "field", None)
    if name and name in form:
        form[name].errors = [*form[name].errors, words(fault)]
    else:
        form.form_errors.append(words(fault))


class _Options(Select):
    """WTForms' own takes fourteen times as long for an option, and the desk shows three hundred."""

    @classmethod
    def render_option(cls, choice: SelectChoice) -> Markup:
        selected = "selected " if choice.selected else ""
        value, label = escape(choice.value), escape(choice.label or choice.value)
        return Markup(f'<option {selected}value="{value}">{label}</option>')  # noqa: S704 - escaped


class SelectField(wtforms.SelectField):
    """A select whose options have no attributes of their own."""

    widget = _Options()
