"""The blueprint of account administration; importing it registers its pages."""

from tracker.people import grant_views as _grant_views
from tracker.people.user_views import blueprint

__all__ = ["blueprint"]
_PAGES = (_grant_views,)
