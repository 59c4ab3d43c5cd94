"""`tracker import responsibility`: posts of the responsibility map from a table or a map layer."""

import sys
from pathlib import Path

import click
from flask.cli import with_appcontext
from flask_babel import force_locale
from flask_babel import gettext as _

from tracker.access.actor import SYSTEM
from tracker.cli.import_points import tell
from tracker.cli.reporting import stop_on_fault, write_file
from tracker.points.importing import PointImport
from tracker.points.importing_report import rejected_rows_csv
from tracker.responsibility.importing import import_posts
from tracker.responsibility.importing_columns import COLUMNS


@click.command("responsibility")
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
    """Import posts from FILE: .csv, .xlsx, .geojson, .gpkg, .shp or .zip.

    Columns: code 编号, name 名称, community_code 社区代码, reach_m 两侧米数, scope 负责事项, unit 责任单位,
    post 岗位, person 责任人, phone 电话, hours 作业时段, grade 等级, valid_from 生效日期, valid_to 结束日期,
    wkt 几何图形. A line is a segment, a polygon a piece of ground, a row without shape the fallback of
    its community. A known code with a later first day begins a new term, with the same it is mended.
    Ends with 1 when a row was rejected; the sound rows are stored all the same, in one transaction.
    """
    options = PointImport(crs=crs, encoding=encoding, source=file.name)
    with force_locale("zh_Hans_CN"):
        with stop_on_fault():
            report = import_posts(file, options, actor=SYSTEM, dry_run=dry_run)
        tell(report)
        if rejects and report.rejections:
            words = {i: _(one.reason, **one.facts) for i, one in enumerate(report.rejections)}
            write_file(rejects, rejected_rows_csv(report.rejections, words, COLUMNS))
            click.echo(_("未导入的行已写入 %(file)s，修改后可再次导入", file=str(rejects)))
    sys.exit(1 if report.rejected else 0)
