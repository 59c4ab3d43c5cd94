"""Brings the catalogues of tracker/translations up to the words of the code: `.venv/bin/python tools/translate.py`.

New words come in untranslated, words no longer used go, the others keep their translation. A catalogue is sorted
and carries no line numbers, dates or guesses, so a change of it shows nothing but words.
"""

from collections.abc import Iterable
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
TRANSLATIONS = ROOT / "tracker" / "translations"
HEADER = "# 网格督办 Civic Grid Tracker: words by language; tools/translate.py keeps the list."
#: The functions that mark a word; ngettext takes a singular and a plural.
KEYWORDS: dict[str, object] = {
    "_": None, "gettext": None, "ngettext": (1, 2), "_l": None, "lazy_gettext": None, "N_": None,
}  # fmt: skip
#: Heads of a catalogue that would change with the clock, or name nobody.
UNKEPT = (
    b'"POT-',
    b'"PO-',
    b'"Project-Id',
    b'"Report',
    b'"Last-',
    b'"Language-Team',
    b'"Generated',
)


def extracted() -> set[str]:
    """Every message in templates and code; of a plural its singular."""
    with (ROOT / "babel.cfg").open(encoding="utf-8") as lines:
        kinds, options = parse_mapping_cfg(lines)
    found = set()
    for pattern, kind in kinds:
        top, inside = pattern.split("/", 1)
        for _, _, message, _, _ in extract_from_dir(
            ROOT / top, [(inside, kind)], keywords=KEYWORDS
        ):  # type: ignore[arg-type]
            found.add(message[0] if isinstance(message, tuple) else message)
    return found - {""}


def read(path: Path) -> Catalog:
    with path.open("rb") as lines:
        return read_po(lines, locale=path.parent.parent.name)


def write(path: Path, catalogue: Catalog) -> None:
    text = BytesIO()
    write_po(text, catalogue, width=0, no_location=True, sort_output=True, ignore_obsolete=True)
    lines = text.getvalue().splitlines(keepends=True)
    path.write_bytes(b"".join(line for line in lines if not line.startswith(UNKEPT)))


def renew(path: Path, *, messages: Iterable[str]) -> list[str]:
    """Give a catalogue exactly these messages; answer with those that wait for a translation."""
    old = read(path)
    new = Catalog(locale=old.locale, header_comment=HEADER, fuzzy=False)
    for message in messages:
        kept = old.get(message)
        new.add(message, kept.string if kept and not kept.fuzzy else "")
    write(path, new)
    return sorted(str(message.id) for message in new if message.id and not message.string)


def main() -> None:
    messages = extracted()
    for path in sorted(TRANSLATIONS.glob("*/LC_MESSAGES/messages.po")):
        waiting = renew(path, messages=messages)
        print(f"{path.relative_to(ROOT)}: {len(messages)} messages, {len(waiting)} to translate")
        for message in waiting:
            print(f"  {message}")


if __name__ == "__main__":
    main()
