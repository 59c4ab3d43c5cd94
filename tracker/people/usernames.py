"""Knows how an account may be named: one person's, typed on any keyboard, the same for all cases."""

import re

from tracker.errors import Invalid
from tracker.texts import N_

_SHAPE = re.compile(r"[a-z][a-z0-9._-]{2,31}")


def folded(text: str) -> str:
    """The name as it is stored; empty when no account can be named so."""
    name = text.strip().lower()
    return name if _SHAPE.fullmatch(name) else ""


def checked(text: str) -> str:
    """The name as it is stored. Raises Invalid, saying the rule."""
    name = folded(text)
    if not name:
        raise Invalid(
            N_("账号名须为 3–32 位小写字母、数字或 . _ -，以字母开头。"), field="username"
        )
    return name
