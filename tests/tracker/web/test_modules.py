"""A script travels with its modules as one file, and does what they do apart."""

import json
import re
import shutil
import subprocess

import pytest

from tests.codebase.sources import texts
from tests.factories.client import visitor
from tracker.web import modules
from tracker.web.modules import NotJoined, joined

_ASKED = re.compile(r"""(?:script=|parts\.scripts\(page_settings, )["'](js/[\w/]+\.js)["']""")

APART = {
    "js/entry.js": "import whole, { one as first, Two } from './a.js';",
    "js/page.js": (
        "import { one as first, Two } from './a.js';\n"
        "import * as b from './deep/b.js';\n"
        "import whole from './deep/c.js';\n"
        "const later = await import('./deep/d.js');\n"
        "globalThis.told = [first(), new Two().n, b.three, whole, later.five, globalThis.runs];\n"
    ),
    "js/a.js": (
        "import {\n  three,\n} from './deep/b.js';\n"
        "export function one() { return three - 2; }\nexport class Two { n = 2; }\n"
    ),
    "js/deep/b.js": (
        "globalThis.runs = (globalThis.runs || 0) + 1;\n"
        "const inner = 3;\nexport { inner as three };\n"
    ),
    "js/deep/c.js": "export default function four() { return 4; }\n",
    "js/deep/d.js": "import { three } from './b.js';\nexport const five = three + 2;\n",
    "js/bad.js": "export let counter = 0;\n",
}


@pytest.fixture
def apart(tmp_path, monkeypatch):
    for name, text in APART.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    monkeypatch.setattr(modules, "STATIC", tmp_path)
    joined.cache_clear()
    yield
    joined.cache_clear()


def test_each_module_runs_once_and_gives_what_it_exports(apart):
    text = joined("js/page.js")
    assert text.count("globalThis.runs ||") == 1
    node = shutil.which("node")
    if node is None:
        pytest.skip("no node here: browser tests run the joined scripts")
    tell = "setTimeout(() => console.log(JSON.stringify(globalThis.told, (k, v) => typeof v === 'function' ? v() : v)), 5);"
    done = subprocess.run([node, "-e", text + tell], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [1, 2, 3, 4, 5, 1]


def test_what_cannot_be_joined_is_refused_and_not_served_half(apart, app):
    for name in ("js/entry.js", "js/bad.js"):
        with pytest.raises(NotJoined):
            joined(name)
    long = f"js/{'a' * 300}.js"  # no file can be called so
    for name in ("js/bad.js", "js/none.js", "js/../../setup.cfg", "css/app.css", long):
        assert visitor(app).get(f"/static/joined/{name}").status_code == 404


def test_every_script_that_a_page_or_frame_asks_for_joined_can_be(app):
    asked = set()
    for _, text in (*texts("tracker", "*.py"), *texts("templates", "*.html")):
        asked.update(_ASKED.findall(text))
    assert len(asked) > 12
    for name in asked:
        with visitor(app).get(f"/static/joined/{name}") as answer:
            assert (answer.status_code, answer.mimetype) == (200, "text/javascript"), name
            assert name in answer.text
            tag = answer.headers["ETag"]
        with visitor(app).get(f"/static/joined/{name}", headers={"If-None-Match": tag}) as again:
            assert again.status_code == 304
