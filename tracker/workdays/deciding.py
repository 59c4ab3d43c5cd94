"""Knows what every change of the calendar on a page needs: what was seen, and what it moved."""

from flask import flash, request
from flask_babel import gettext as _

from tracker.errors import Invalid
from tracker.texts import N_
from tracker.workdays.recomputing import recompute_open

#: Tasks that one request moves; the page offers to go on.
ON_A_PAGE = 300


def seen_edition() -> int:
    """The edition on which the person decided. Raises Invalid."""
    text = request.form.get("edition", "")
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise Invalid(N_("版本号缺失或无效，请刷新页面后重试。"), field="edition")
    return int(text)


def tell_recomputed() -> None:
    """Recompute the deadlines of as many open tasks as one request may, and say how far it came."""
    done = recompute_open(most=ON_A_PAGE)
    if done.is_done:
        flash(_("在办任务的时限已按新日历重算，移动了 %(n)d 件。", n=done.moved), "success")
    else:
        flash(_("已重算 %(n)d 件任务的时限，还有任务待重算。", n=done.moved), "info")
