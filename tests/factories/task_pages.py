"""Task pages as a person uses them: opened, acted on, read box by box, their queries counted."""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import uuid4

from flask import Flask
from sqlalchemy import event

from tests.factories.client import OfficeClient, open_session
from tests.factories.sending import jpeg
from tests.factories.world import task
from tracker.clock import in_city
from tracker.storage.db import db

LIMIT = {"limit_value": "2", "limit_unit": "work_day", "limit_reading": "day_count"}


def send(client: OfficeClient, number: str, action: str, **data: Any) -> Any:
    """Post an action from the page as it is now."""
    version = data.pop("version", str(task(number).version))
    return client.post_form(f"/tasks/{number}/actions/{action}", {"version": version, **data})


def moment(at: datetime | None) -> str:
    """A moment of this year as pages write it."""
    assert at is not None
    return f"{in_city(at):%-m月%-d日 %H:%M}"


def photo_in_tray(app: Flask, who: str) -> str:
    """Upload a photo as the page's picker does; its UUID."""
    uuid, client = str(uuid4()), open_session(app, who)
    answer = client.post_form("/photos/", {"uuid": uuid, "photo": (io.BytesIO(jpeg(7)), "a.jpg")})
    assert answer.status_code == 200, answer.text
    return uuid


def page_of(app: Flask, who: str, number: str) -> str:
    """The task page of a person who may open it."""
    answer = open_session(app, who).get(f"/tasks/{number}")
    assert answer.status_code == 200
    return answer.text


def done(client: OfficeClient, number: str, action: str, **data: Any) -> None:
    """Post an action that must be taken."""
    answer = send(client, number, action, **data)
    assert answer.status_code == 303, re.findall(r"field-error.*|alert-danger.*", answer.text)


def box(page: str, name: str) -> str:
    """The words of one box, tags left out; empty when the page has none."""
    found = re.search(
        rf'<section class="notice-box[^"]*" id="{name}".*?</section>', page, re.DOTALL
    )
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found.group(0))) if found else ""


@contextmanager
def selects() -> Iterator[list[str]]:
    """The SELECT statements of a block."""
    noted: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if statement.lstrip().upper().startswith("SELECT"):
            noted.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield noted
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
