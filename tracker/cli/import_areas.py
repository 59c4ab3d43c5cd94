"""`tracker import areas`: boundaries and names of areas from a file."""

import sys
from pathlib import Path

import click
from flask.cli import with_appcontext
from flask_babel import force_locale
from flask_babel import gettext as _

from tracker.access.actor import SYSTEM
from tracker.cli.reporting import refused_rows, stop_on_fault, write_file
from tracker.places.columns import GivenColumns
from tracker.places.gis_words import MISFITS
from tracker.places.importing import AreaImport, import_areas
from tracker.places.importing_report import ImportReport, rejected_rows_csv
from tracker.places.models import Level
from tracker.web.filters import number

#: Faults of the map printed at most; all of them are counted.
_SHOWN = 30


@click.command("areas")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--level",
    type=click.Choice([level.value for level in Level]),
    help="级别 / level of every row.",
)
@click.option("--crs", help="坐标系 / wgs84, gcj02, bd09, cgcs2000 or EPSG:n; overrides the file.")
@click.option("--encoding", help="文字编码 / text encoding, e.g. gb18030.")
@click.option("--code-field", help="代码列 / column of the code.")
@click.option("--name-field", help="名称列 / column of the name.")
@click.option("--parent-field", help="上级代码列 / column of the parent's code.")
@click.option("--parent", help="上级代码 / parent of rows that name none.")
@click.option("--schematic", is_flag=True, help="示意边界 / the borders are schematic.")
@click.option(
    "--rejects",
    type=click.Path(dir_okay=False, path_type=Path),
    help="未导入的行写入此 CSV / rejected rows, to mend and import again.",
)
@click.option("--dry-run", is_flag=True, help="只检查不写入 / check and report, write nothing.")
@with_appcontext
def command(
    file: Path, level: str | None, crs: str | None, encoding: str | None, code_field: str | None,
    name_field: str | None, parent_field: str | None, parent: str | None, schematic: bool,
    rejects: Path | None, dry_run: bool,
) -> None:  # fmt: skip
    """Import areas from FILE: .shp, .zip, .gpkg, .geojson, .csv (with WKT or without) or .xlsx.

    Columns: code 代码, name 名称, level 级别, parent 上级代码, pilot 试点. Ends with 1 when a row was
    rejected; the sound rows are stored all the same, in one transaction.
    """
    options = AreaImport(
        level=Level(level) if level else None,
        crs=crs,
        encoding=encoding,
        columns=GivenColumns(code_field, name_field, parent_field),
        parent=parent,
        is_schematic=schematic,
        source=file.name,
    )
    with force_locale("zh_Hans_CN"):
        with stop_on_fault():
            report = import_areas(file, options, actor=SYSTEM, dry_run=dry_run)
        _tell(report)
        if rejects and report.rejections:
            words = {i: _(one.reason, **one.facts) for i, one in enumerate(report.rejections)}
            write_file(rejects, rejected_rows_csv(report.rejections, words))
            click.echo(
                _(
                    "未导入的行已写入 %(file)s；修改后再次导入时，如有边界请加 --crs wgs84",
                    file=str(rejects),
                )
            )
    sys.exit(1 if report.rejected else 0)


def _tell(report: ImportReport) -> None:
    if report.dry_run:
        click.echo(_("只检查，未写入"))
    if report.crs:
        click.echo(_("坐标系：%(crs)s（%(source)s）", crs=report.crs, source=report.crs_source))
    click.echo(
        _(
            "读取 %(read)d 条 · 新增 %(created)d · 更新 %(changed)d · 未变 %(unchanged)d · 未导入 %(rejected)d · 新边界 %(boundaries)d",
            read=report.read,
            created=report.created,
            changed=report.changed,
            unchanged=report.unchanged,
            rejected=report.rejected,
            boundaries=report.boundaries,
        )  # fmt: skip
    )
    for remark in report.remarks:
        click.echo(
            _(
                "第 %(row)d 条 %(name)s：%(text)s",
                row=remark.row,
                name=remark.name,
                text=_(remark.text),
            )
        )
    refused_rows(
        (one.row, f"{one.code} {one.name}".strip(), one.reason, one.facts)
        for one in report.rejections
    )
    for misfit in report.misfits[:_SHOWN]:
        between = " / ".join(name for name in (misfit.name, misfit.other) if name)
        click.echo(
            f"{_(MISFITS[misfit.code])} {number(round(misfit.area_m2))} m² {between} ({misfit.lon}, {misfit.lat})"
        )
    if len(report.misfits) > _SHOWN:
        click.echo(_("……共 %(n)d 处边界不吻合", n=len(report.misfits)))
