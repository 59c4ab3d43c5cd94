"""Knows how to keep photos by their content hash so that what was acknowledged survives a power cut."""

import errno
import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit
from urllib.request import url2pathname

from tracker.errors import Fault, NotFound, StorageFull
from tracker.evidence.images import Picture
from tracker.texts import N_

_NAME = re.compile(r"[0-9a-f]{64}")
_TEMPORARY = ".tmp"
#: No room on the disk, in the quota, or under the process's file size limit.
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})

_FULL = N_("照片存储空间已满，本次照片未保存。请联系系统管理员清理空间后重新提交。")
_UNKNOWN = N_("没有这张照片，可能链接有误。请返回任务页面重新打开。")
_NO_S3 = N_("TRACKER_PHOTO_URL:尚不支持 s3:// 照片存储。请改为文件夹路径或 file:///路径。")
_NO_SUCH_SCHEME = N_(
    "TRACKER_PHOTO_URL:无法识别的照片存储地址“%(url)s”。请填写文件夹路径或 file:///路径。"
)


class StoreMisconfigured(Fault):
    """The address of the photo store names none that exists here; for the administrator."""

    status = 500
    code = "store_misconfigured"


class Size(StrEnum):
    """The three forms in which a photo is kept."""

    #: Long edge at most 320 pixels, JPEG.
    THUMB = "thumb"
    #: Long edge at most 1600 pixels, JPEG.
    VIEW = "view"
    #: The bytes as sent, metadata and all: evidence, for the auditor, never served as a picture.
    ORIGINAL = "original"


#: A name that no server takes for a picture to show: the original may hold a second, hostile file.
_SUFFIX = {Size.THUMB: ".thumb.jpg", Size.VIEW: ".view.jpg", Size.ORIGINAL: ".original"}


class PhotoStore(Protocol):
    """A place that keeps photos by content; what it holds never changes."""

    def keep(self, picture: Picture, original: bytes) -> None:
        """Keep original and copies, durable before this returns; again is harmless.

        Raises StorageFull when there is no room: then the photo counts as not kept.
        """

    def read(self, sha256: str, size: Size | str) -> bytes:
        """The bytes of one form; NotFound if the hash, the form or the photo is unknown."""

    def sweep(self, *, older_than: datetime) -> int:
        """Remove what interrupted writers left before `older_than` (aware); how many."""


class FolderStore:
    """Photos in a folder: `ab/cd/abcd….original`, `.view.jpg` and `.thumb.jpg`.

    A name appears only when its bytes are on the disk (temporary file, fsync, rename), and
    `keep` returns only when the name is too: the folder is synced, and for a folder this process
    has not synced yet also its parents, up to the one that holds the root. Without the last step
    a power cut loses a new folder with the photo in it. Files are readable by the owner only.
    """

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()
        self._settled: set[Path] = set()

    def keep(self, picture: Picture, original: bytes) -> None:
        """See `PhotoStore.keep`; ValueError if `original` is not what `picture` was made from."""
        if hashlib.sha256(original).hexdigest() != picture.sha256:
            raise ValueError("the picture was not decoded from these bytes")
        folder = self._folder(picture.sha256)
        with _room():
            self._settle(folder)
            for size, content in (
                (Size.ORIGINAL, original),
                (Size.VIEW, picture.view),
                (Size.THUMB, picture.thumb),
            ):
                path = folder / (picture.sha256 + _SUFFIX[size])
                if not _holds(path, content):
                    _write(path, content)
            # Also when nothing was written: another writer may have renamed but not synced yet.
            _sync_folder(folder)

    def read(self, sha256: str, size: Size | str) -> bytes:
        """See `PhotoStore.read`."""
        try:
            return self.path(sha256, size).read_bytes()
        except FileNotFoundError:
            raise NotFound(_UNKNOWN) from None

    def path(self, sha256: str, size: Size | str) -> Path:
        """Where one form is or would be; NotFound for what cannot be a name of a photo.

        Only 64 lower-case hex digits pass, so no text of a request can lead out of the root.
        """
        if not _NAME.fullmatch(sha256) or size not in tuple(Size):
            raise NotFound(_UNKNOWN)
        return self._folder(sha256) / (sha256 + _SUFFIX[Size(size)])

    def sweep(self, *, older_than: datetime) -> int:
        """See `PhotoStore.sweep`; a writer at work is safe if `older_than` is an hour ago."""
        removed = 0
        for left in self.root.glob(f"??/??/.*{_TEMPORARY}"):
            with suppress(FileNotFoundError):
                if left.stat().st_mtime < older_than.timestamp():
                    left.unlink()
                    removed += 1
        return removed

    def _folder(self, sha256: str) -> Path:
        return self.root / sha256[:2] / sha256[2:4]

    def _settle(self, folder: Path) -> None:
        """Make `folder` and its parents, each durable in the folder above it.

        A folder that exists is synced too, once per process: who made it may have died before.
        """
        for part in (*self._missing_above_root(), self.root, folder.parent, folder):
            try:
                part.mkdir(mode=0o700)
            except FileExistsError:
                if part in self._settled:
                    continue
            _sync_folder(part.parent)
            self._settled.add(part)

    def _missing_above_root(self) -> list[Path]:
        return [parent for parent in reversed(self.root.parents) if not parent.exists()]


def open_store(url: str, *, default: Path = Path("instance/photos")) -> PhotoStore:
    """The store at `url`: a folder's path, `file:///path`, or `default` when empty.

    Raises StoreMisconfigured for `s3://` (not built yet) and everything else.
    """
    if not url:
        return FolderStore(default)
    scheme, host, path, *_ = urlsplit(url)
    if "://" not in url:
        return FolderStore(Path(url))
    if scheme == "s3":
        raise StoreMisconfigured(_NO_S3)
    if scheme != "file" or host not in ("", "localhost") or not path.strip("/"):
        raise StoreMisconfigured(_NO_SUCH_SCHEME, url=url)
    return FolderStore(Path(url2pathname(path)))


def _write(path: Path, content: bytes) -> None:
    """Give `path` its content at once or not at all; whatever fails leaves no file behind."""
    handle, temporary = tempfile.mkstemp(prefix=".", suffix=_TEMPORARY, dir=path.parent)
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


def _holds(path: Path, content: bytes) -> bool:
    """Whether `path` has exactly this content: a damaged copy is written anew."""
    try:
        return path.stat().st_size == len(content) and path.read_bytes() == content
    except FileNotFoundError:
        return False


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _room() -> Iterator[None]:
    try:
        yield
    except OSError as cause:
        if cause.errno in _NO_ROOM:
            raise StorageFull(_FULL) from cause
        raise
