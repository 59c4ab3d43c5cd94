"""`tracker import areas` at the terminal: a report in words, an exit code, a file to mend."""

import pytest

from tests.factories.world import make_world
from tests.tracker.places.conftest import EAST, WEST
from tracker.cli import main
from tracker.cli.import_areas import command
from tracker.places.models import Area
from tracker.storage.db import db

GOOD = ({"code": "440404100003", "name": "西边社区"}, WEST)
BAD = ({"code": "", "name": "没有代码"}, EAST)


@pytest.fixture
def run(app):
    make_world()
    return lambda *words: app.test_cli_runner().invoke(command, [str(word) for word in words])


def is_stored(code):
    db.session.rollback()
    return db.session.get(Area, code) is not None


def test_an_import_without_refusals_ends_with_0_and_counts_every_row(run, geojson):
    result = run(geojson(GOOD))
    assert result.exit_code == 0, result.output
    assert "读取 1 条 · 新增 1 · 更新 0 · 未变 0 · 未导入 0" in result.output
    assert is_stored("440404100003")


def test_a_refused_row_ends_with_1_is_told_with_its_reason_and_kept_to_mend(run, geojson, tmp_path):
    result = run(geojson(GOOD, BAD), "--rejects", tmp_path / "rejects.csv")
    assert result.exit_code == 1
    assert "第 2 条 没有代码：缺少代码" in result.stderr
    assert is_stored("440404100003")
    assert "缺少代码" in (tmp_path / "rejects.csv").read_text("utf-8-sig")


def test_a_dry_run_says_so_and_stores_nothing(run, geojson):
    result = run(geojson(GOOD), "--dry-run")
    assert result.exit_code == 0
    assert "只检查，未写入" in result.output
    assert not is_stored("440404100003")


def test_a_file_of_another_kind_ends_with_2_and_says_what_is_read(run, tmp_path):
    (tmp_path / "areas.dwg").write_bytes(b"AC1032")
    result = run(tmp_path / "areas.dwg")
    assert result.exit_code == 2
    assert "不支持这种文件" in result.stderr


def test_the_import_group_offers_areas_and_organizations(app):
    result = app.test_cli_runner().invoke(main, ["import", "--help"])
    assert result.exit_code == 0
    assert "areas" in result.output
    assert "organizations" in result.output
