"""Every page in English: no Chinese but what people wrote, and nothing too wide for a phone.

One walk through the pages serves several questions, because opening them is what takes the time.
"""

from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page

from tests.browser import looking
from tests.browser.pages import crawl
from tests.factories.browsing import Site

OpenContext = Callable[..., BrowserContext]
SignedIn = Callable[..., Page]


def test_an_english_reader_meets_no_chinese_and_every_page_fits_the_phone(
    site: Site, open_context: OpenContext, signed_in_page: SignedIn
) -> None:
    site.app.config["DEFAULT_LOCALE"] = "en"
    found: dict[str, list[str]] = {}
    for visited in crawl(site, open_context, signed_in_page, phone=True):
        assert visited.page.locator("html").get_attribute("lang") == "en", visited.name
        if left := looking.chinese(visited.page, site) + looking.wider(visited.page):
            found[visited.name] = left
    assert found == {}
