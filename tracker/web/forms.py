"""Knows how typed text is cleaned and how a refusal stands beside the input it names."""

from typing import overload

from flask_babel import gettext as _
from flask_wtf import FlaskForm
from wtforms import Field
from wtforms.validators import Length, ValidationError

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
