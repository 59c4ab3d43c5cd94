"""Keeps an uploaded file between its preview and its confirmation, for its owner alone."""

import re
import secrets
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import orjson
from flask import current_app
from werkzeug.datastructures import FileStorage

from tracker.errors import Invalid, NotFound
from tracker.texts import N_

#: Uploads that nobody confirmed are removed after this, seconds.
_KEPT = 24 * 3600
_TOKEN = re.compile(r"[\w-]{32}")


@dataclass(frozen=True)
class KeptFile:
    """One kept file with what was said of it, and what the dry run and the import answered."""

    token: str
    folder: Path
    file_name: str
    #: plain data, as the form gave it
    said: Mapping[str, Any]

    @property
    def path(self) -> Path:
        return self.folder / f"upload{Path(self.file_name).suffix.casefold()}"

    @property
    def preview(self) -> dict[str, Any]:
        return self._read("preview.json")

    @property
    def result(self) -> dict[str, Any] | None:
        """The report of the import once it was carried out."""
        return self._read("result.json") if (self.folder / "result.json").exists() else None

    @property
    def rejects(self) -> Path:
        return self.folder / "rejects.csv"

    def write(self, name: str, content: Any) -> None:
        """Keep plain data beside the file."""
        (self.folder / name).write_bytes(orjson.dumps(content))

    def _read(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = orjson.loads((self.folder / name).read_bytes())
        return found


Kept = TypeVar("Kept", bound=KeptFile)


def sent_name(sent: FileStorage) -> str:
    """The name of a sent file without the folders of the sender's machine. Raises Invalid."""
    name = Path((sent.filename or "").replace("\\", "/")).name[:120]
    if not name:
        raise Invalid(N_("请选择文件"), field="file")
    return name


def keep_file(
    kind: type[Kept], sent: FileStorage, *, room: str, said: Mapping[str, Any], owner_id: int
) -> Kept:
    """Put a sent file into a private folder of `room` under a random name. Raises Invalid."""
    name = sent_name(sent)
    _forget_old(room)
    token = secrets.token_urlsafe(24)
    folder = _room(room) / token
    folder.mkdir(mode=0o700)
    kept = kind(token, folder, name, said)
    sent.save(kept.path)
    kept.write("meta.json", {"owner_id": owner_id, "file_name": name, "options": said})
    return kept


def find_file(kind: type[Kept], token: str, *, room: str, owner_id: int | None) -> Kept:
    """The file of a token, for the person who sent it only. Raises NotFound."""
    meta = _room(room) / token / "meta.json"
    if _TOKEN.fullmatch(token) and meta.is_file():
        said = orjson.loads(meta.read_bytes())
        if said["owner_id"] == owner_id:
            return kind(token, meta.parent, said["file_name"], said["options"])
    raise NotFound(N_("这次上传已失效，请重新上传文件。"))


def drop_file(kept: KeptFile) -> None:
    """Remove the folder; a refused file is not kept."""
    shutil.rmtree(kept.folder, ignore_errors=True)


def _room(name: str) -> Path:
    room: Path = current_app.config["SETTINGS"].data_dir / "uploads" / name
    room.mkdir(parents=True, exist_ok=True, mode=0o700)
    return room


def _forget_old(room: str) -> None:
    border = time.time() - _KEPT
    for folder in _room(room).iterdir():
        if folder.stat().st_mtime < border:
            shutil.rmtree(folder, ignore_errors=True)
