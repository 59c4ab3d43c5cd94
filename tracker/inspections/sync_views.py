"""What a phone asks and sends; docs/sync.md is its contract."""

from flask import Blueprint, Response, current_app, jsonify, make_response, request, session
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_wtf.csrf import generate_csrf
from werkzeug.wrappers import Response as AnyResponse

from tracker import clock
from tracker.access.gate import current_actor, requires
from tracker.access.permissions import Permission
from tracker.access.policy import allows
from tracker.errors import Fault, Invalid, NotFound
from tracker.inspections import deposits, held, intake, package, sync_answers
from tracker.inspections.intake_reading import MAX_ITEM_BYTES, Item, is_hash, parse, read_item
from tracker.inspections.uploads import MAX_PIECE, Incoming, Standing
from tracker.people import sessions
from tracker.storage.db import db
from tracker.tasks.photo_views import store
from tracker.tasks.report_forms import may_self_handle, sources_for
from tracker.tasks.states import SOURCE_LABELS
from tracker.texts import N_
from tracker.web.errors import answer

blueprint = Blueprint("sync", __name__, url_prefix="/inspect")
blueprint.register_error_handler(Fault, lambda fault: _refused(fault))
# A signed-out phone is told so before its token is looked at; `_check_token` looks at it then.
blueprint.record(lambda state: state.app.extensions["csrf"].exempt(blueprint))

_READING = frozenset({"GET", "HEAD", "OPTIONS"})


def _refused(fault: Fault) -> Response:
    db.session.rollback()
    return sync_answers.refusal(fault)


@blueprint.before_request
def _check_token() -> None:
    """A deposit token is no cookie: no other site's page can send it, so it needs no second one.

    The limit of the body comes first: looking for the token begins to read it.
    """
    request.max_content_length = max(MAX_ITEM_BYTES, MAX_PIECE)
    is_cookie = deposits.token_in(request.headers.get("Authorization")) is None
    if request.method not in _READING and is_cookie and current_actor().is_signed_in:
        current_app.extensions["csrf"].protect()


@blueprint.get("/session")
@requires(Permission.INSPECT)
def session_state() -> Response:
    """Who is signed in, the token of this browser, and the right to leave items for the office."""
    actor, user = current_actor(), sessions.account()
    unit = user.organization
    right = deposits.right_of(user.id, session.get("_user_id", ""))
    may_report = allows(actor, Permission.TASK_REPORT)
    return jsonify(
        user={
            "id": actor.user_id,
            "username": user.username,
            "name": actor.name,
            "unit": unit.name if unit else "",
        },
        csrf=generate_csrf(),
        deposit={"token": right.token, "expires_at": right.expires_at.isoformat()},
        now=clock.now().isoformat(),
        locale=str(get_locale()),
        can={
            "report": may_report,
            "self_handle": may_self_handle(actor),
            "sources": [[one.value, _(SOURCE_LABELS[one])] for one in sources_for(actor)]
            if may_report
            else [],
        },
    )


@blueprint.get("/package")
@requires(Permission.INSPECT)
def package_data() -> Response:
    """Everything needed without a network; 304 when the phone has it already."""
    found = package.build(db.session(), current_actor())
    response = make_response()
    response.set_etag(found.version)
    response.headers["Cache-Control"] = "private, no-cache"
    response.make_conditional(request)
    if response.status_code == 304:
        return response
    response.set_data(found.body)
    response.headers["Content-Type"] = "application/json"
    return response


@blueprint.post("/items")
@requires(Permission.INSPECT)
def items() -> Response:
    """Take one item of the signed-in person."""
    item, user = _sent_item(), sessions.account()
    incoming = _incoming(user.id)
    kept = intake.receive(item, user=user, actor=current_actor(), facts_of=incoming.facts)
    incoming.forget(photo.sha256 for photo in item.photos)
    return sync_answers.outcome(kept)


@blueprint.post("/deposit")
@requires(Permission.PUBLIC)
def deposit() -> AnyResponse:
    """Hold one item for the office; whatever cookie comes along is not looked at."""
    token = deposits.token_in(request.headers.get("Authorization"))
    if token is None:
        raise _no_token()
    owner = deposits.owner_of(db.session(), token)
    if owner is None:
        return _signed_out()
    item, owner_id, reason = _sent_item(), owner.id, held.reason_for(owner)
    incoming = _incoming(owner_id)
    kept = intake.leave(item, user_id=owner_id, facts_of=incoming.facts, reason=reason)
    incoming.forget(photo.sha256 for photo in item.photos)
    return sync_answers.outcome(kept)


@blueprint.route("/photos/<sha256>", methods=["HEAD"])
@requires(Permission.PUBLIC)
def photo_standing(sha256: str) -> AnyResponse:
    """How many bytes of a photo are here."""
    owner_id = _owner_id()
    if owner_id is None:
        return _signed_out()
    return _standing(_incoming(owner_id).standing(_hash(sha256)), 200)


@blueprint.patch("/photos/<sha256>")
@requires(Permission.PUBLIC)
def photo_piece(sha256: str) -> AnyResponse:
    """Take a piece of a photo; the last one completes it."""
    owner_id = _owner_id()
    if owner_id is None:
        return _signed_out()
    offset, length = _size("Upload-Offset"), _size("Upload-Length")
    piece = request.get_data(cache=False)
    standing = _incoming(owner_id).add(_hash(sha256), piece, offset=offset, length=length)
    return _standing(standing, 204)


def _standing(standing: Standing, status: int) -> Response:
    response = make_response("", status)
    response.headers["Upload-Offset"] = str(standing.offset)
    if standing.is_complete:
        response.headers["Upload-Complete"] = "?1"
    return response


def _owner_id() -> int | None:
    """Whose photo it is: the deposit token's person, else who is signed in; None is nobody."""
    token = deposits.token_in(request.headers.get("Authorization"))
    if token is None:
        return current_actor().user_id
    owner = deposits.owner_of(db.session(), token)
    return owner.id if owner is not None else None


def _sent_item() -> Item:
    return read_item(parse(request.get_data(cache=False)))


def _hash(sha256: str) -> str:
    if not is_hash(sha256):
        raise NotFound(N_("照片编号无效。"))
    return sha256


def _size(header: str) -> int:
    text = request.headers.get(header, "")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Invalid(N_("上传请求缺少 %(header)s。"), field="photo", header=header)
    return int(text)


def _incoming(user_id: int) -> Incoming:
    folder = current_app.config["SETTINGS"].data_dir / "incoming"
    return Incoming(folder, user_id, store())


def _no_token() -> Fault:
    refused = Invalid(N_("请求缺少留存凭证。"), field="Authorization")
    refused.status = 400
    return refused


def _signed_out() -> Response:
    return answer(401, _("登录已过期，请重新登录。"), code="signed_out")
