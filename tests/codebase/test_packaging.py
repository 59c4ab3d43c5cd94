"""What is installed elsewhere is what is in the checkout: every package, the pages and the front-end files."""

import configparser
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from setuptools import find_packages

ROOT = Path(__file__).resolve().parents[2]
SOURCES = [
    "setup.cfg",
    "pyproject.toml",
    "README.md",
    "LICENSE",
    "tracker",
    "gis",
    "templates",
    "static",
]
#: Folders beside the packages that setup.cfg maps into them.
MAPPED = {"tracker.templates", "tracker.static"}

ASK = """
import json, tracker
from tracker.app import create_app
from tracker.paths import STATIC
from tracker.storage.schema import upgrade_schema
app = create_app()
with app.app_context():
    upgrade_schema()
client = app.test_client()
pages = {path: client.get(path).status_code for path in ["/login", "/static/vendor/leaflet/leaflet.js"]}
print(json.dumps({"from": tracker.__file__, "static": str(STATIC), "pages": pages}))
"""


def listed(section: str, key: str) -> list[str]:
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    return config[section][key].split()


def test_setup_cfg_names_every_package():
    found = {*find_packages(str(ROOT), include=["tracker*", "gis*"]), *MAPPED}
    named = set(listed("options", "packages"))
    assert sorted(named - found) == []
    missing = "\n    ".join(sorted(found - named))
    assert missing == "", f"add to [options] packages in setup.cfg:\n    {missing}"


def test_every_folder_with_python_files_is_a_package():
    migrations = ROOT / "tracker" / "storage" / "migrations"
    folders = {file.parent for top in ("tracker", "gis") for file in (ROOT / top).rglob("*.py")}
    bare = [str(folder) for folder in folders if not (folder / "__init__.py").is_file()]
    assert [folder for folder in bare if not folder.startswith(str(migrations))] == []


def test_every_requirement_has_a_tried_version_and_none_names_a_place():
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if "/" in line or "@" in line or "==" not in line] == []
    pinned = {line.partition("==")[0].lower().replace("_", "-") for line in lines}
    wanted = listed("options", "install_requires") + listed("options.extras_require", "test")
    names = {
        text.partition("[")[0].partition(">")[0].lower() for text in wanted if text[0].isalpha()
    }
    assert sorted(names - pinned) == []


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy: a build folder in the checkout would bring deleted files back."""
    copy, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for name in SOURCES:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        elif source.exists():
            shutil.copy(source, copy / name)
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", out, copy]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return next(out.glob("*.whl"))


def test_the_wheel_holds_every_template_static_file_and_shipped_table(wheel: Path):
    held = set(zipfile.ZipFile(wheel).namelist())
    wanted = {
        f"tracker/{file.relative_to(ROOT).as_posix()}"
        for top in ("templates", "static")
        for file in (ROOT / top).rglob("*")
        if file.is_file() and not file.name.startswith(".")
    }
    wanted |= {
        file.relative_to(ROOT).as_posix()
        for pattern in ("*.py", "*.toml", "*.tsv", "*.mo", "*.mako", "*.ini")
        for file in (ROOT / "tracker").rglob(pattern)
    }
    assert "tracker/static/vendor/leaflet/leaflet.js" in held
    assert sorted(wanted - held) == []


def test_the_wheel_holds_nothing_but_the_product(wheel: Path):
    held = zipfile.ZipFile(wheel).namelist()
    tops = {name.partition("/")[0] for name in held}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"tracker", "gis"}
    assert [name for name in held if "__pycache__" in name or "node_modules" in name] == []


def test_the_installed_wheel_serves_the_same_pages(wheel: Path, tmp_path: Path):
    site = tmp_path / "site"
    install = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "-q",
        "--no-deps",
        "--no-index",
        "--target",
        site,
        wheel,
    ]
    subprocess.run(install, check=True, capture_output=True)
    environ = {name: value for name, value in os.environ.items() if not name.startswith("TRACKER_")}
    environ |= {"PYTHONPATH": str(site), "TRACKER_DATA_DIR": str(tmp_path / "data")}
    done = subprocess.run(
        [sys.executable, "-c", ASK],
        cwd="/",
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    answer = json.loads(done.stdout.splitlines()[-1])
    assert answer["from"].startswith(str(site))
    assert answer["static"].startswith(str(site))
    assert answer["pages"] == {"/login": 200, "/static/vendor/leaflet/leaflet.js": 200}
