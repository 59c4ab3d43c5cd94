"""Says whether this process lives and can serve."""

from flask import Blueprint, Response, jsonify
from sqlalchemy import text

from tracker.access.gate import requires
from tracker.access.permissions import Permission
from tracker.storage.db import db

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@requires(Permission.PUBLIC)
def alive() -> Response:
    """The process answers."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
@requires(Permission.PUBLIC)
def ready() -> Response:
    """The database answers and has a schema; 503 otherwise (by the error handler)."""
    db.session.execute(text("SELECT count(*) FROM area_epoch"))
    return jsonify(status="ready")
