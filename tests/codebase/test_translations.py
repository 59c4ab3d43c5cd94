"""Chinese is the key, English is complete: every message has its translation and no other is kept."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from tests.codebase.sources import ROOT, python_files
from tools.translate import TRANSLATIONS, extracted, read

CATALOGUE = TRANSLATIONS / "en" / "LC_MESSAGES" / "messages.po"
HOW = "run .venv/bin/python tools/translate.py, then translate what it names"
CHINESE = re.compile("[一-鿿]")
_PLACES = re.compile(r"%\(\w+\)[.\d]*[a-z]|%%|\{\w+\}")


@pytest.fixture(scope="module")
def catalogue() -> Catalog:
    return read(CATALOGUE)


def kept(catalogue: Catalog) -> dict[str, str]:
    return {str(message.id): str(message.string or "") for message in catalogue if message.id}


def test_the_catalogue_holds_every_message_and_no_other(catalogue: Catalog):
    found, translated = extracted(), set(kept(catalogue))
    assert sorted(found - translated) == [], HOW
    assert sorted(translated - found) == [], HOW


def test_every_message_is_translated_and_none_is_a_guess(catalogue: Catalog):
    assert sorted(msgid for msgid, text in kept(catalogue).items() if not text) == [], HOW
    assert sorted(str(message.id) for message in catalogue if message.id and message.fuzzy) == []


def test_a_translation_takes_the_same_values(catalogue: Catalog):
    wrong = [
        msgid
        for msgid, text in kept(catalogue).items()
        if sorted(set(_PLACES.findall(msgid))) != sorted(set(_PLACES.findall(text)))
    ]
    assert wrong == []


#: What a calendar file holds is Chinese in every language.
QUOTED = {"休 (off)", "班 (work)"}


def test_a_translation_is_not_chinese(catalogue: Catalog):
    left = {}
    for msgid, text in kept(catalogue).items():
        for quoted in QUOTED:
            text = text.replace(quoted, "")
        if re.search("[一-鿿、。，；：（）「」]", text):
            left[msgid] = text
    assert left == {}


#: Functions that take the text itself; most also translate what was marked elsewhere.
MARKS = ("N_", "_l", "lazy_gettext", "_", "gettext")


def test_messages_in_code_are_plain_texts():
    """An f-string or a sum is never found by the extraction."""
    wrong = []
    for name, text in python_files("tracker"):
        for node in ast.walk(ast.parse(text)):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args):
                continue
            if node.func.id in MARKS and isinstance(node.args[0], ast.JoinedStr | ast.BinOp):
                wrong.append(f"{name}:{node.lineno}")
    assert wrong == []


#: Files whose Chinese is no word of a page: what a person at the terminal reads has both languages
#: in one line, demo data and headings of imported and exported files are data.
NOT_PAGES = (
    "tracker/cli/",
    "tracker/demo/",
    "tracker/people/first_admin.py",
    "tracker/places/columns.py",
    "tracker/places/importing_organizations.py",
    "tracker/points/campaign.py",
    "tracker/points/checklist_columns.py",
    "tracker/points/checklist_export.py",
    "tracker/points/importing_columns.py",
    "tracker/responsibility/importing_columns.py",
    "tracker/tasks/ledger.py",
    "tracker/workdays/importing.py",
    "tracker/calendar/seed.py",
)
#: Single texts: stored as a record's content, shown to a reader of Chinese only, or a proper name.
DATA = {
    "tracker/access/actor.py": {"系统"},
    "tracker/catalogue/data.py": {"异常"},
    "tracker/inspections/intake_reports.py": {"由", "代为录入"},
    "tracker/inspections/intake_submits.py": {"由", "代为录入"},
    "tracker/inspections/rounds.py": {"年", "月"},
    "tracker/inspections/visit_tasks.py": {"检查时未拍照", "由", "代为录入"},
    "tracker/people/account_views.py": {"简体中文"},
    "tracker/people/devices.py": {"微信", "钉钉"},
    "tracker/points/checklist_views.py": {"检查清单"},
    "tracker/points/exporting.py": {"是", "否", "点位"},
    "tracker/points/history.py": {"是", "线", "面", " 个顶点"},
    "tracker/points/importing_rows.py": {"行动"},
    "tracker/responsibility/exporting.py": {"责任岗位", "全部"},
    "tracker/responsibility/scopes.py": {"全部", "全部事项", "所有"},
    "tracker/settings.py": {"金湾区迎检办"},
    "tracker/tasks/export.py": {"任务"},
    "tracker/tasks/importing/places.py": {"（原记录没有位置）"},
    "tracker/tasks/importing/walking.py": {
        "历史导入", "：原状态“", "原记录没有结案时间，按“", "”推定",
    },
    "tracker/tasks/joining.py": {"补充上报："},
    "tracker/desk/papers.py": {"年", "月", "日"},
    "tracker/tasks/numbers.py": {"督〔", "〕", "号", "督"},
    "tracker/tasks/presenting.py": {"异常"},
}  # fmt: skip


def literals(tree: ast.Module) -> Iterator[ast.Constant]:
    """Texts of code that no function marks and that are no docstring."""
    marked: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MARKS:
            marked.update(id(inner) for argument in node.args for inner in ast.walk(argument))
        elif isinstance(node, ast.Expr):
            marked.add(id(node.value))
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in marked
        ):
            yield node


def test_chinese_in_code_is_marked_for_translation():
    bare = [
        f"{name}:{node.lineno} {node.value}"
        for name, text in python_files("tracker")
        if not name.startswith(NOT_PAGES)
        for node in literals(ast.parse(text))
        if CHINESE.search(str(node.value)) and node.value not in DATA.get(name, set())
    ]
    assert bare == []


def test_the_list_of_unmarked_texts_names_only_what_is_there():
    gone = {
        name: absent
        for name, known in DATA.items()
        if (
            absent := known
            - {n.value for n in literals(ast.parse((ROOT / name).read_text("utf-8")))}
        )
    }
    assert gone == {}


#: A language is offered under its own name.
OWN_NAMES = {"中文"}


def test_chinese_in_templates_is_marked_for_translation():
    marked = re.compile(r"\{#.*?#\}|\b_\(\s*('[^']*'|\"[^\"]*\")", re.DOTALL)
    bare = {}
    for path in sorted(Path(ROOT / "templates").rglob("*.html")):
        left = marked.sub("", path.read_text(encoding="utf-8"))
        if words := sorted(set(re.findall("[一-鿿、。，；：（）「」]+", left)) - OWN_NAMES):
            bare[path.relative_to(ROOT).as_posix()] = words[:5]
    assert bare == {}


def test_scripts_take_their_words_from_the_page():
    comment = re.compile(r"/\*.*?\*/|(?<!:)//[^\n]*", re.DOTALL)
    bare = {}
    for path in sorted((ROOT / "static" / "js").rglob("*.js")):
        left = comment.sub("", path.read_text(encoding="utf-8"))
        if words := CHINESE.findall(left):
            bare[path.relative_to(ROOT).as_posix()] = words[:5]
    assert bare == {}
