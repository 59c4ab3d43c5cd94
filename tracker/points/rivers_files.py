"""Keeps plan files (PDF) by the hash of their content, beside the photos."""

import hashlib
import re
from pathlib import Path

from tracker.errors import Invalid, NotFound
from tracker.storage.durable import write_durably
from tracker.texts import N_

#: The largest plan that is taken, bytes.
MAX_BYTES = 20 * 1024 * 1024
NAME_LENGTH = 120
_HASH = re.compile(r"[0-9a-f]{64}")


def check_pdf(content: bytes) -> None:
    """Raise Invalid unless this is a whole PDF by its own marks (ISO 32000-1 §7.5), of fair size."""
    if len(content) > MAX_BYTES:
        raise Invalid(N_("文件超过 %(most)d MB。"), field="file", most=MAX_BYTES // 2**20)
    if not content.startswith(b"%PDF-"):
        raise Invalid(N_("这不是 PDF 文件，请另存为 PDF 后再上传。"), field="file")
    if b"%%EOF" not in content[-2048:]:
        raise Invalid(N_("PDF 文件不完整，请重新上传。"), field="file")


def keep_plan(content: bytes, *, data_dir: Path) -> str:
    """Keep a checked plan, durable before this returns; its SHA-256. Raises StorageFull."""
    sha256 = hashlib.sha256(content).hexdigest()
    path = _path(sha256, data_dir)
    if not path.exists() or path.read_bytes() != content:
        write_durably(path, content)
    return sha256


def read_plan(sha256: str, *, data_dir: Path) -> bytes:
    """The bytes of a kept plan. Raises NotFound."""
    try:
        return _path(sha256, data_dir).read_bytes()
    except FileNotFoundError:
        raise NotFound(N_("没有方案文件。")) from None


def plain_name(file_name: str) -> str:
    """The last part of a name as a browser sent it, printable, ending in .pdf."""
    name = Path(file_name.replace("\\", "/")).name
    name = "".join(char for char in name if char.isprintable() and char not in '"<>:|?*').strip()
    stem = name[:-4] if name.casefold().endswith(".pdf") else name
    return f"{stem[: NAME_LENGTH - 4] or 'plan'}.pdf"


def _path(sha256: str, data_dir: Path) -> Path:
    if not _HASH.fullmatch(sha256):
        raise NotFound(N_("没有方案文件。"))
    return data_dir / "plans" / sha256[:2] / f"{sha256}.pdf"
