"""Every page on a phone: no barrier, nothing too wide or small, Chinese alone."""

from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page

from tests.browser import looking
from tests.browser.conftest import Site
from tests.browser.pages import crawl

OpenContext = Callable[..., BrowserContext]
SignedIn = Callable[..., Page]


def test_on_the_phone_every_page_is_open_to_all_fits_and_speaks_chinese(
    site: Site, open_context: OpenContext, signed_in_page: SignedIn
) -> None:
    found = {}
    for visited in crawl(site, open_context, signed_in_page, phone=True):
        page = visited.page
        complaints = looking.violations(page) + looking.english(page) + looking.misfits(page)
        if complaints:
            found[visited.name] = complaints
    assert found == {}
