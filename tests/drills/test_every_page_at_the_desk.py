"""Every page of the product at the desk, opened by its people: no barrier."""

from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page

from tests.browser import looking
from tests.browser.pages import crawl
from tests.factories.browsing import Site

OpenContext = Callable[..., BrowserContext]
SignedIn = Callable[..., Page]


def test_at_the_desk_no_page_has_a_serious_barrier(
    site: Site, open_context: OpenContext, signed_in_page: SignedIn
) -> None:
    found = {
        visited.name: complaints
        for visited in crawl(site, open_context, signed_in_page, phone=False)
        if (complaints := looking.violations(visited.page))
    }
    assert found == {}
