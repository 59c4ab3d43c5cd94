"""`tracker export`: tasks, points and areas into files that the importer reads again."""

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click
from flask.cli import with_appcontext
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import and_, func, select

from tracker import clock
from tracker.access.actor import SYSTEM
from tracker.audit.operations import record as record_audit
from tracker.cli.reporting import stop_on_fault
from tracker.errors import Invalid
from tracker.places.models import Area, AreaBoundary
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work
from tracker.texts import N_

_FILE = click.Path(dir_okay=False, path_type=Path)
_LOCALES = {False: "zh_Hans_CN", True: "en"}


@click.group(name="export")
def export() -> None:
    """Write data into files."""


@export.command()
@click.argument("file", type=_FILE)
@click.option("--english", is_flag=True, help="English headings and codes of states.")
@with_appcontext
def tasks(file: Path, english: bool) -> None:
    """Write every task to FILE, .csv or .xlsx; `tracker import tasks` reads it again."""
    from tracker.tasks.export import check_size, csv_lines, workbook
    from tracker.tasks.filters import TaskFilter

    session, now = db.session(), clock.now()
    with force_locale(_LOCALES[english]), stop_on_fault():
        if file.suffix.lower() == ".xlsx":
            check_size(session, SYSTEM, TaskFilter(), now=now)
            _write(file, workbook(session, SYSTEM, TaskFilter(), now=now, english=english))
        elif file.suffix.lower() == ".csv":
            lines = csv_lines(session, SYSTEM, TaskFilter(), now=now, english=english)
            _write(file, (line.encode() for line in lines))
        else:
            raise Invalid(N_("请使用 .csv 或 .xlsx 扩展名。"))
        _note("task.export", file)


@export.command()
@click.argument("file", type=_FILE)
@click.option("--english", is_flag=True, help="English headings and codes of types and actions.")
@with_appcontext
def points(file: Path, english: bool) -> None:
    """Write every inspection point to FILE, .csv, .xlsx, .geojson, .gpkg or .zip (shapefiles).

    Positions are WGS-84; `tracker import points` reads each of them again.
    """
    from tracker.points.exporting import lines
    from tracker.points.exporting_files import BY_ENDING
    from tracker.points.filters import PointFilter, Standing

    everything = PointFilter(standing=Standing.ALL)
    with force_locale(_LOCALES[english]), stop_on_fault():
        kind = BY_ENDING.get(file.suffix.lower().removeprefix("."))
        if kind is None:
            raise Invalid(N_("请使用 .csv、.xlsx、.geojson、.gpkg 或 .zip（shapefile）扩展名。"))
        found = lines(db.session(), SYSTEM, everything, now=clock.now(), english=english)
        _write(file, kind.write(found, english))
        _note("point.export", file)


@export.command()
@click.argument("file", type=_FILE)
@with_appcontext
def areas(file: Path) -> None:
    """Write every area in force to FILE, .geojson, with its boundary (WGS-84; null without one)."""
    with force_locale("zh_Hans_CN"), stop_on_fault():
        if file.suffix.lower() not in (".geojson", ".json"):
            raise Invalid(N_("请使用 .geojson 扩展名。"))
        _write(file, _geojson())
        _note("area.export", file)


def _geojson() -> Iterable[bytes]:
    """The areas, parents first, a feature on each line."""
    rows = db.session.execute(
        select(Area, AreaBoundary.geometry)
        .outerjoin(
            AreaBoundary,
            and_(
                AreaBoundary.area_code == Area.code, AreaBoundary.version == Area.boundary_version
            ),
        )
        .where(Area.valid_to.is_(None))
        .order_by(func.length(Area.path), Area.code)
    )
    yield b'{"type": "FeatureCollection", "features": [\n'
    for place, (area, geometry) in enumerate(rows):
        yield (b",\n" if place else b"") + _feature(area, geometry)
    yield b"\n]}\n"


def _feature(area: Area, geometry: dict[str, Any] | None) -> bytes:
    properties = {
        "code": area.code,
        "name": area.name,
        "level": area.level,
        "parent": area.parent_code,
        "pilot": area.is_pilot,
    }
    feature = {"type": "Feature", "properties": properties, "geometry": geometry}
    return json.dumps(feature, ensure_ascii=False).encode()


def _write(file: Path, pieces: Iterable[bytes]) -> None:
    """Write beside the file and put it in place when it is whole."""
    part = file.with_name(file.name + ".part")
    try:
        with part.open("wb") as stream:
            stream.writelines(pieces)
        part.replace(file)
    except OSError as error:
        click.echo(
            _("无法写入 %(file)s：%(why)s", file=str(file), why=error.strerror or ""), err=True
        )
        sys.exit(2)
    finally:
        part.unlink(missing_ok=True)


def _note(kind: str, file: Path) -> None:
    with unit_of_work():
        record_audit(kind, actor=SYSTEM, object=file.name)
    click.echo(_("已写入 %(file)s", file=str(file)))
