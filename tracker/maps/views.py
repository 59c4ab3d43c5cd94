"""Map pages: the district's, one area's, their frames and their data."""

from flask import Blueprint

from tracker.maps import area_data_views, area_views, district_views

blueprint = Blueprint("maps", __name__, url_prefix="/maps")
district_views.register(blueprint)
area_views.register(blueprint)
area_data_views.register(blueprint)
