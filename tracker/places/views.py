"""The blueprint of areas and organizations; importing it registers its pages."""

from tracker.places import area_views as _area_views
from tracker.places import import_views as _import_views
from tracker.places import organization_views as _organization_views
from tracker.places.blueprint import blueprint

__all__ = ["blueprint"]
_PAGES = (_area_views, _import_views, _organization_views)
