"""The live server and the browsers of the long walks through the pages."""

from tests.factories.browsing import (
    any_page,
    browser_type_launch_args,
    open_context,
    page,
    phone,
    signed_in_page,
    site,
)

__all__ = [
    "any_page",
    "browser_type_launch_args",
    "open_context",
    "page",
    "phone",
    "signed_in_page",
    "site",
]
