"""The blueprint that the pages of areas and organizations share."""

from flask import Blueprint

blueprint = Blueprint("admin_places", __name__)
