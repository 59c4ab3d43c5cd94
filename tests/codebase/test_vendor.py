"""The front-end files: locked without a registry, whole, licensed, and asking for nothing from outside."""

import hashlib
import importlib.util
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
VENDOR = ROOT / "static" / "vendor"


def vendor_script():
    spec = importlib.util.spec_from_file_location("vendor", ROOT / "tools" / "vendor.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def script():
    return vendor_script()


@pytest.fixture(scope="module")
def manifest():
    return json.loads((VENDOR / "MANIFEST.json").read_text(encoding="utf-8"))


def test_the_lock_file_names_no_registry():
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))
    assert [name for name, package in lock["packages"].items() if "resolved" in package] == []
    assert [
        name for name, package in lock["packages"].items() if name and "integrity" not in package
    ] == []


def test_every_library_is_pinned_to_one_version():
    wanted = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["dependencies"]
    assert [
        name for name, version in wanted.items() if not re.fullmatch(r"\d+\.\d+\.\d+", version)
    ] == []


def test_what_is_served_is_what_package_json_asks_for(manifest):
    wanted = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["dependencies"]
    assert {entry["name"]: entry["version"] for entry in manifest} == wanted


def test_every_served_file_is_in_the_manifest_unchanged(manifest):
    said = {name: digest for entry in manifest for name, digest in entry["sha256"].items()}
    found = {
        file.relative_to(VENDOR).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in VENDOR.rglob("*")
        if file.is_file() and file.name not in ("MANIFEST.json", ".stamp")
    }
    assert found == said


def test_every_library_comes_with_its_licence(manifest):
    for entry in manifest:
        texts = [name for name in entry["sha256"] if name.endswith("/LICENSE")]
        assert len(texts) == 1
        assert "permi" in (VENDOR / texts[0]).read_text(encoding="utf-8").lower()


@pytest.mark.parametrize("pattern", ["*.css", "*.js"])
def test_no_served_file_asks_for_a_source_map(pattern):
    files = list(VENDOR.rglob(pattern))
    assert files
    assert [
        file.name for file in files if "sourceMappingURL" in file.read_text(encoding="utf-8")
    ] == []


def test_style_sheets_ask_only_for_files_that_are_here():
    for file in VENDOR.rglob("*.css"):
        for target in re.findall(r"url\(\s*['\"]?([^)'\"]+)", file.read_text(encoding="utf-8")):
            if not target.startswith(("data:", "#")):
                assert (file.parent / target).is_file(), f"{file.name} asks for {target}"


@pytest.mark.parametrize(
    ("given", "left"),
    [
        ("a{b:c}/*# sourceMappingURL=x.css.map */", "a{b:c}"),
        ("@import url('https://fonts.example/css2?family=Inter');a{b:c}", "a{b:c}"),
        ("@import '//fonts.example/x.css';a{b:c}", "a{b:c}"),
        ("a{background:url(https://x.example/y.png)}", "a{background:none}"),
        ("a{background:url(images/y.png)}", "a{background:url(images/y.png)}"),
        (
            '@font-face{src:url("./f.woff2?v1") format("woff2"),url("./f.ttf")}',
            '@font-face{src:url("./f.woff2") format("woff2")}',
        ),
    ],
)
def test_links_to_outside_are_taken_out_of_style_sheets(script, given, left):
    assert script.without_outside_links(given, ".css") == left


def test_a_missing_file_leaves_the_old_folder_whole(script, tmp_path):
    target = tmp_path / "vendor"
    target.mkdir()
    (target / "kept.js").write_text("1")
    with pytest.raises(FileNotFoundError):
        script.vendor(source=tmp_path / "node_modules", target=target)
    assert (target / "kept.js").read_text() == "1"
