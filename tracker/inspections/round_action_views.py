"""What is done with a round from its page: one address a step, each a whole request."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from tracker import clock
from tracker.access.actor import Actor
from tracker.access.gate import current_actor, requires
from tracker.access.permissions import Permission
from tracker.errors import Invalid
from tracker.inspections import (
    round_page_views,
    round_people,
    round_points,
    round_queries,
    round_requests,
    round_rules,
    rounds,
)
from tracker.inspections.round_forms import RoundChangeForm
from tracker.inspections.round_models import Round
from tracker.storage.db import db
from tracker.storage.receipts import parse_uuid
from tracker.texts import N_
from tracker.web.errors import words
from tracker.web.forms import show_fault, without_controls

#: Longest list of ids or codes that one request may name.
MOST_NAMED = 3000

Act = Callable[[Session, Round, Actor, dict[str, Any]], Any]


def _open(session: Session, round_: Round, actor: Actor, asked: dict[str, Any]) -> None:
    rounds.open_round(session, round_, now=clock.now())


def _close(session: Session, round_: Round, actor: Actor, asked: dict[str, Any]) -> None:
    rounds.close_round(session, round_, now=clock.now())


def _freeze(session: Session, round_: Round, actor: Actor, asked: dict[str, Any]) -> None:
    rounds.freeze(session, round_, now=clock.now())


def _redraw(session: Session, round_: Round, actor: Actor, asked: dict[str, Any]) -> None:
    round_points.redraw(session, round_, rounds.new_seed(), actor=actor, now=clock.now())


def _add(session: Session, round_: Round, actor: Actor, asked: dict[str, Any]) -> int:
    return round_points.add(session, round_, asked["codes"], actor=actor)


def _remove(session: Session, round_: Round, actor: Actor, asked: dict[str, Any]) -> int:
    return round_points.remove(session, round_, asked["points"])


def _give(session: Session, round_: Round, actor: Actor, asked: dict[str, Any]) -> int:
    chosen = asked["inspector"]
    return round_points.give(session, round_, asked["points"], chosen[0] if chosen else None)


def _people(session: Session, round_: Round, actor: Actor, asked: dict[str, Any]) -> None:
    round_people.set_inspectors(session, round_, asked["inspectors"], actor=actor)


def _split(session: Session, round_: Round, actor: Actor, asked: dict[str, Any]) -> None:
    round_points.split_by_community(session, round_)


def _order(session: Session, round_: Round, actor: Actor, asked: dict[str, Any]) -> None:
    round_points.put_in_order(session, round_, asked["order"])


def _move(session: Session, round_: Round, actor: Actor, asked: dict[str, Any]) -> None:
    if not asked["points"] or not asked["position"]:
        raise Invalid(N_("请填写新的次序。"), field="position")
    round_points.move(session, round_, asked["points"][0], asked["position"][0])


#: What each step does, which inputs it reads (numbers or codes), and what it says afterwards.
STEPS: dict[str, tuple[Act, tuple[str, ...], str]] = {
    "open": (_open, (), N_("批次已开始，检查人的手机联网后就能收到。")),
    "close": (_close, (), N_("批次已结束。")),
    "freeze": (_freeze, (), N_("点位名单已冻结。")),
    "redraw": (_redraw, (), N_("已重新抽取。")),
    "add": (_add, ("codes",), N_("已加入 %(n)d 个点位。")),
    "remove": (_remove, ("points",), N_("已移出 %(n)d 个点位。")),
    "give": (_give, ("points", "inspector"), N_("已分配 %(n)d 个点位。")),
    "inspectors": (_people, ("inspectors",), N_("检查人已更新。")),
    "split": (_split, (), N_("已按社区分配给各检查人。")),
    "order": (_order, (), N_("已按最短路线排序，每位检查人各一条。")),
    "move": (_move, ("points", "position"), N_("次序已调整。")),
}


@requires(Permission.ROUND_MANAGE)
def act(round_id: int, step: str) -> ResponseReturnValue:
    """Carry out one step; a refusal stands on the round's page."""
    do, inputs, said = STEPS[step]
    asked = {name: _codes() if name == "codes" else _numbers(name) for name in inputs}
    actor = current_actor()

    found = _found_before(step, round_id, actor)

    def change(session: Session, round_: Round) -> Any:
        return do(session, round_, actor, {**asked, **found})

    try:
        told = round_requests.perform(
            round_id, step, change, content=asked, actor=actor, version=_version(),
            request_uuid=parse_uuid(request.form.get("request_uuid")),
        )  # fmt: skip
    except Invalid as fault:
        db.session.rollback()
        flash(words(fault), "error")
    else:
        flash(_(said, n=told) if told is not None else _(said), "success")
    return redirect(url_for("rounds.detail", round_id=round_id))


def _found_before(step: str, round_id: int, actor: Actor) -> dict[str, Any]:
    """What takes too long to be found while the round is locked."""
    if step != "order":
        return {}
    session = db.session()
    round_ = round_queries.find(session, round_id, actor)
    round_rules.demand_manage(actor, round_)
    return {"order": round_points.shortest_order(session, round_)}


@requires(Permission.ROUND_MANAGE)
def change(round_id: int) -> ResponseReturnValue:
    """Change words and days."""
    actor = current_actor()
    form = RoundChangeForm()
    round_ = round_queries.find(db.session(), round_id, actor)
    if not form.validate_on_submit():
        return round_page_views.page(round_, form), 422
    asked = {
        "name": form.name.data or "", "due_on": form.due_on.data, "note": form.note.data or "",
        "review_on": form.review_on.data,
    }  # fmt: skip
    try:
        round_requests.perform(
            round_id, "change", lambda session, row: rounds.change(session, row, now=clock.now(), **asked),
            content={key: str(value) for key, value in asked.items()}, actor=actor,
            version=_version(), request_uuid=parse_uuid(request.form.get("request_uuid")),
        )  # fmt: skip
    except Invalid as fault:
        db.session.rollback()
        show_fault(form, fault)
        return round_page_views.page(round_queries.find(db.session(), round_id, actor), form), 422
    flash(_("已保存：%(name)s", name=asked["name"]), "success")
    return redirect(url_for("rounds.detail", round_id=round_id))


def _version() -> int | None:
    text = request.form.get("version", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


def _numbers(name: str) -> list[int]:
    texts = [text for text in request.form.getlist(name)[:MOST_NAMED] if text]
    if not all(text.isascii() and text.isdecimal() and len(text) < 10 for text in texts):
        raise Invalid(N_("请求中的编号无效，请刷新页面后重试。"), field=name)
    return [int(text) for text in texts]


def _codes() -> list[str]:
    """Codes from check boxes and from a field of typed ones, in any of the usual separators."""
    typed = request.form.get("codes_typed", "")
    for mark in "，,、；;\r\n\t":
        typed = typed.replace(mark, " ")
    found = [*request.form.getlist("codes"), *typed.split()]
    clean = [without_controls(code)[:32] for code in found[:MOST_NAMED]]
    return sorted({code for code in clean if code})


def register(blueprint: Blueprint) -> None:
    """Put the steps on the blueprint."""
    steps = ",".join(STEPS)
    blueprint.add_url_rule(f"/<int:round_id>/<any({steps}):step>", "act", act, methods=["POST"])
    blueprint.add_url_rule("/<int:round_id>/change", "change", change, methods=["POST"])
