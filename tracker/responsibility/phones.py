"""Knows how a phone number is checked and masked, and hands out the whole one with a trace."""

import re

from tracker.access.actor import Actor
from tracker.audit import operations as audit
from tracker.errors import Invalid
from tracker.responsibility.models import Responsibility
from tracker.storage.unit_of_work import unit_of_work
from tracker.texts import N_
from tracker.web.forms import without_controls

MAX_PHONE = 20
_PHONE = re.compile(r"\+?\d{5,15}")
_MASKED = re.compile(r"\+?\d*\*+\d*")


def masked(phone: str) -> str:
    """E.g. 138****5678: enough to recognise, not to call; short numbers keep their last two."""
    if len(phone) >= 11:
        return f"{phone[:-8]}****{phone[-4:]}"
    return "*" * max(0, len(phone) - 2) + phone[-2:] if phone else ""


def is_masked(text: str) -> bool:
    """Whether a number has stars in it, as our pages and exports write it."""
    return "*" in text and _MASKED.fullmatch(text) is not None


def checked_phone(text: object, stored: str = "") -> str:
    """A number as it is kept, digits only; a masked one means the stored one. Raises Invalid."""
    plain = re.sub(r"[\s()（）-]", "", without_controls(str(text or "")))
    if not plain:
        return ""
    if is_masked(plain):
        if plain == masked(stored):
            return stored
        raise Invalid(
            N_("电话“%(phone)s”是打码后的号码，与现有号码对不上，请填写完整号码或留空。"),
            field="phone",
            phone=plain[:MAX_PHONE],
        )
    if not _PHONE.fullmatch(plain):
        raise Invalid(N_("电话请填 5 至 15 位数字，可带区号。"), field="phone")
    return plain


def reveal(post: Responsibility, *, actor: Actor) -> str:
    """The whole number, for whoever the view let in; leaves an audit entry."""
    phone, code = post.phone, post.code
    with unit_of_work():
        audit.record("responsibility.phone", actor=actor, object=code)
    return phone
