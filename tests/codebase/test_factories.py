"""What the tests are furnished with is what it would be if each made it for itself."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Flask

from tests.factories import kept
from tests.factories.world import DISTRICT, make_afresh
from tracker.places.models import Organization
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work


def undated(tables: list[kept.Rows]) -> list[list[dict[str, Any]]]:
    return [
        [
            {key: value for key, value in row.items() if not isinstance(value, datetime)}
            for row in rows
        ]
        for rows in tables
    ]


def test_a_district_put_in_by_its_rows_is_the_one_that_was_made(
    both: Flask, make_app: Callable[..., Flask]
):
    with make_app("sqlite").app_context():
        make_afresh()
        made = kept.rows()
        db.session.remove()
    assert kept.is_bare()
    kept.put(made)
    assert undated(kept.rows()) == undated(made)
    assert not kept.is_bare()
    with unit_of_work() as work:
        unit = Organization(
            name="新单位", kind="department", area_code=DISTRICT, category_prefixes=[]
        )
        work.add(unit)
    assert unit.id == len(made[3]) + 1
