"""What streams out of the database gives its connection back."""

from flask import Flask

from tests.factories.client import open_session
from tests.factories.points import make_point
from tests.factories.world import make_world
from tracker.storage.db import db


def test_an_export_keeps_no_connection(app: Flask) -> None:
    world = make_world()
    make_point(world)
    db.session.remove()
    client = open_session(app, "dispatcher")
    for path in ("/tasks/export.csv", "/tasks/export.xlsx", "/points/export.csv",
                 "/points/export.geojson", "/points/export.shp"):  # fmt: skip
        assert client.get(path, buffered=True).status_code == 200
    db.session.remove()
    assert db.engine.pool.checkedout() == 0  # type: ignore[attr-defined]
