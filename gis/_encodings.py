"""Know in which encoding the text of a boundary file is written, by decoding it strictly."""

import codecs
from pathlib import Path

from gis._staging import STEM
from gis.errors import UnreadableFile

#: Tried in this order where a file does not say its encoding; either fails loudly on the other.
ENCODINGS = ("utf-8", "gb18030")


def declared_encoding() -> str | None:
    """Return what the .cpg file says, unless it is the ISO 8859-1 that programs write unasked."""
    file = Path(f"{STEM}.cpg")
    if not file.is_file():
        return None
    said = file.read_bytes()[:40].decode("ascii", "ignore").strip()
    try:
        codec = codecs.lookup(f"cp{said}" if said.isdigit() else said)
    except LookupError:
        return None
    return None if codec.name == "iso8859-1" else codec.name


def guess_encoding(texts: list[bytes], declared: str | None) -> str:
    """Return the first encoding, the declared one before the usual, in which every text is right."""
    for name in ([declared] if declared else []) + list(ENCODINGS):
        try:
            for text in texts:
                decoded(text, name)
        except UnreadableFile:
            continue
        return name
    return "latin-1"


def decoded(text: bytes, encoding: str) -> str:
    """Decode strictly, but forgive half a character at the end: fields are cut to a width."""
    try:
        return codecs.getincrementaldecoder(encoding)().decode(text, final=False)
    except (UnicodeError, LookupError) as error:
        raise UnreadableFile("The text has another encoding.", code="wrong_encoding") from error


def read_text(kind: str, encoding: str | None) -> tuple[str, str]:
    """Return the staged file as text, and the encoding it was read in. Raises UnreadableFile."""
    content = Path(f"{STEM}.{kind}").read_bytes().removeprefix(codecs.BOM_UTF8)
    for name in [encoding] if encoding else ENCODINGS:
        try:
            return content.decode(name), name
        except (UnicodeError, LookupError):
            continue
    raise UnreadableFile("The text has another encoding.", code="wrong_encoding")
