"""Knows what to look for on a page: barriers, what does not fit a phone, words of the other language."""

import re
from collections.abc import Iterable

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page
from sqlalchemy import select

from tests.browser.conftest import Site
from tracker.calendar.models import CalendarEntry
from tracker.catalogue.data import load_phrases
from tracker.inspections.round_models import Round
from tracker.notices.models import Channel
from tracker.people.models import User
from tracker.places.models import Area, Organization
from tracker.points.checklist_models import CheckItem, ChecklistEdition
from tracker.points.models import InspectionPoint, RiverMeasure, RiverPlan, SiteType
from tracker.progress.models import DispatchMeeting
from tracker.responsibility.models import Responsibility, ResponsibilityChange
from tracker.storage.db import db
from tracker.tasks.limits.models import LimitRule
from tracker.tasks.models import Task, TaskEvent

#: axe's impacts that a page may not have.
REFUSED = {"serious", "critical"}
#: Small phones, and usual ones (CSS pixels).
WIDTHS = (360, 390)

_WIDER = """() => {
  const wide = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= wide) return [];
  const culprits = [...document.querySelectorAll('body *')].filter((element) => {
    const box = element.getBoundingClientRect();
    return box.width > 0 && box.right > wide + 1 && !element.closest('.table-wrap, iframe');
  });
  return culprits.slice(0, 4).map((element) => element.outerHTML.slice(0, 140)).concat('page');
}"""

#: Links inside running text are exempt (WCAG 2.5.8); everything else is a target of its own.
_SMALL = """() => [...document.querySelectorAll('.btn, .tool, .tabs a, .rail a, .form-control, .form-select')]
  .filter((element) => {
    const box = element.getBoundingClientRect();
    return box.width > 0 && box.height > 0 && box.height < 43.5 && !element.closest('iframe');
  })
  .map((element) => element.outerHTML.slice(0, 140))"""

_SMALL_INPUTS = """() => [...document.querySelectorAll('input:not([type=hidden]):not([type=checkbox]):not([type=radio]):not([type=file]), select, textarea')]
  .filter((element) => element.getBoundingClientRect().width > 0 && parseFloat(getComputedStyle(element).fontSize) < 16)
  .map((element) => element.outerHTML.slice(0, 140))"""


#: What a reader sees or hears: text, and the attributes that are read out or shown in an empty field.
_WORDS = """() => {
  const shown = [document.title];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const parent = walk.currentNode.parentElement;
    if (parent.closest('script, style, noscript, textarea')) continue;
    if (parent.closest('[lang]') !== document.documentElement) continue;
    shown.push(walk.currentNode.data);
  }
  for (const name of ['aria-label', 'title', 'placeholder', 'alt'])
    for (const element of document.querySelectorAll(`[${name}]`)) shown.push(element.getAttribute(name));
  for (const button of document.querySelectorAll('input[type=submit]')) shown.push(button.value);
  return [...new Set(shown.map((text) => text.trim()).filter(Boolean))];
}"""

CHINESE = re.compile("[一-鿿、。，；：（）「」]+")
#: What of an event people typed.
WORDS_OF_PEOPLE = ("reason", "text", "measures", "no_photo_reason")
#: The word of a search, and the name of a grid below its community.
WRITTEN = ("垃圾", "第1网格")
#: Two Latin words in a row are a phrase; single ones are names and codes (CSV, Chrome, JW20261122).
ENGLISH = re.compile(r"[A-Za-z]{2,} [A-Za-z]{2,}")
#: What is written in English to a Chinese reader too: formats, commands and what a test made.
NAMES = (
    "tracker import organizations",
    "No-parking-zone-occupied-for-a-long-time-without-any-break",
    "JPEG",
    "seed seed",
)


def violations(page: Page) -> list[str]:
    """What axe-core finds that keeps somebody from using the page."""
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {node['html'][:160]} {node['failureSummary'][-160:]}"
        for one in found
        if one["impact"] in REFUSED
        for node in one["nodes"]
    ]


def wider(page: Page) -> list[str]:
    """What makes the page wider than the phone it is shown on."""
    return list(page.evaluate(_WIDER))


def misfits(page: Page) -> list[str]:
    """Targets too small for a finger, fields that make the phone zoom, pages wider than a phone."""
    found = [f"small target: {one}" for one in page.evaluate(_SMALL)]
    found += [f"field makes the phone zoom: {one}" for one in page.evaluate(_SMALL_INPUTS)]
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 844})
        found += [f"wider than {width}: {one}" for one in wider(page)]
    return found


def english(page: Page) -> list[str]:
    """Phrases in English that a Chinese reader meets."""
    return [text for text in words(page) if ENGLISH.search(without(text, NAMES))]


def chinese(page: Page, site: Site) -> list[str]:
    """Words in Chinese that an English reader meets, without what people and places are called."""
    names = data(site)
    return [text for text in words(page) if CHINESE.search(without(text, names))]


def words(page: Page) -> list[str]:
    """The words of a page and of the map in its frame."""
    return [text for frame in page.frames for text in frame.evaluate(_WORDS)]


def without(text: str, names: Iterable[str]) -> str:
    for name in names:
        text = text.replace(name, "")
    return text


def data(site: Site) -> list[str]:
    """Names of places, units and people, and what people wrote: the same in every language."""
    with site.app.app_context():
        kept = {
            site.app.config["SETTINGS"].office_name,
            *WRITTEN,
            *(phrase.text for phrase in load_phrases()),
        }
        for column in (
            Area.name,
            Organization.name,
            User.name,
            Task.title,
            Task.description,
            Task.address,
            InspectionPoint.name,
            InspectionPoint.address,
            InspectionPoint.person,
            Round.name,
            SiteType.name,
            ChecklistEdition.name,
            ChecklistEdition.source,
            CheckItem.text,
            CheckItem.standard,
            RiverPlan.river_name,
            RiverPlan.segment,
            RiverPlan.chief,
            RiverPlan.chief_post,
            RiverMeasure.text,
            CalendarEntry.name,
            CalendarEntry.source,
            LimitRule.note,
            Responsibility.name,
            Responsibility.post,
            Responsibility.person,
            Responsibility.grade,
            Channel.name,
            DispatchMeeting.title,
        ):
            kept.update(text for text in db.session.scalars(select(column)) if text)
        for payload in db.session.scalars(select(TaskEvent.payload)):
            kept.update(payload[key] for key in WORDS_OF_PEOPLE if payload.get(key))
        # a history is kept in the words of the day
        for changes in db.session.scalars(select(ResponsibilityChange.changes)):
            kept.update(text for pair in changes.values() for text in pair if text)
        db.session.remove()
    return sorted(kept, key=len, reverse=True)
