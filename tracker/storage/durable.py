"""Knows how a file gets its content so that it survives a power cut, or does not appear at all."""

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from tracker.errors import StorageFull
from tracker.texts import N_


def write_durably(path: Path, content: bytes) -> None:
    """Give `path` its content at once: temporary file, fsync, rename, fsync of the folders above.

    Missing folders are made, readable by the owner only. Raises StorageFull when the disk refuses;
    then there is no file of that name, or still the one before.
    """
    try:
        missing = [folder for folder in path.parents if not folder.exists()]
        for folder in reversed(missing):
            folder.mkdir(mode=0o700, exist_ok=True)
        _write(path, content)
        for folder in (path.parent, *(made.parent for made in missing)):
            _sync_folder(folder)
    except OSError as cause:
        raise StorageFull(N_("文件没有保存，存储空间可能已满。请联系系统管理员。")) from cause


def _write(path: Path, content: bytes) -> None:
    handle, temporary = tempfile.mkstemp(prefix=".", suffix=".tmp", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(temporary)
        raise


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
