"""The live server and the browsers of these tests: `tests.factories.browsing`."""

from tests.factories.browsing import (
    Site,
    any_page,
    browser_type_launch_args,
    open_context,
    page,
    phone,
    signed_in_page,
    site,
)

__all__ = [
    "Site",
    "any_page",
    "browser_type_launch_args",
    "open_context",
    "page",
    "phone",
    "signed_in_page",
    "site",
]
