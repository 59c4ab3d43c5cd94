"""`tracker import points`: inspection points from a table or a map layer."""

import sys
from pathlib import Path

import click
from flask.cli import with_appcontext
from flask_babel import force_locale
from flask_babel import gettext as _

from tracker.access.actor import SYSTEM
from tracker.cli.reporting import refused_rows, stop_on_fault, tell_counts, write_file
from tracker.points.importing import PointImport, import_points
from tracker.points.importing_report import PointReport, rejected_rows_csv

#: Remarks printed at most; all of them are counted.
_SHOWN = 30


@click.command("points")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--crs", help="坐标系 / wgs84, gcj02, bd09, cgcs2000 or EPSG:n; overrides the file.")
@click.option("--encoding", help="文字编码 / text encoding, e.g. gb18030.")
@click.option(
    "--rejects",
    type=click.Path(dir_okay=False, path_type=Path),
    help="未导入的行写入此 CSV / rejected rows, to mend and import again.",
)
@click.option("--dry-run", is_flag=True, help="只检查不写入 / check and report, write nothing.")
@with_appcontext
def command(
    file: Path, crs: str | None, encoding: str | None, rejects: Path | None, dry_run: bool
) -> None:
    """Import inspection points from FILE: .csv, .xlsx, .geojson, .gpkg, .shp or .zip.

    Columns: code 点位代码, name 点位名称, site_type 点位类型, lon 经度, lat 纬度, community_code 社区代码,
    unit 责任单位, person 责任人, actions 行动, address 地址, model_point 示范点位, cycle_days 检查周期,
    active 启用, wkt 几何图形. A known code is brought up to date in the columns that are there. Ends
    with 1 when a row was rejected; the sound rows are stored all the same, in one transaction.
    """
    options = PointImport(crs=crs, encoding=encoding, source=file.name)
    with force_locale("zh_Hans_CN"):
        with stop_on_fault():
            report = import_points(file, options, actor=SYSTEM, dry_run=dry_run, progress=_progress)
        tell(report)
        if rejects and report.rejections:
            words = {i: _(one.reason, **one.facts) for i, one in enumerate(report.rejections)}
            write_file(rejects, rejected_rows_csv(report.rejections, words))
            click.echo(_("未导入的行已写入 %(file)s，修改后可再次导入", file=str(rejects)))
    sys.exit(1 if report.rejected else 0)


def _progress(done: int, total: int) -> None:
    click.echo(_("已检查 %(done)d / %(total)d 条", done=done, total=total), err=True)


def tell(report: PointReport) -> None:
    tell_counts(report, dry_run=report.dry_run)
    click.echo(_("坐标系：%(crs)s（%(source)s）", crs=report.crs, source=report.crs_source))
    if report.ignored:
        click.echo(_("未使用的列：%(columns)s", columns="、".join(report.ignored)))
    for remark in report.remarks[:_SHOWN]:
        text = _(remark.text, **remark.facts)
        click.echo(
            _("第 %(row)d 条 %(name)s：%(text)s", row=remark.row, name=remark.name, text=text)
        )
    if len(report.remarks) > _SHOWN:
        click.echo(_("……共 %(n)d 条需要核对", n=len(report.remarks)))
    refused_rows(
        (one.row, f"{one.code} {one.name}".strip(), one.reason, one.facts)
        for one in report.rejections
    )
