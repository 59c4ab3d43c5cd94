"""Knows the photos that phones bring piece by piece: resumable, bounded, checked before they count."""

import errno
import fcntl
import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

import orjson

from tracker import clock
from tracker.errors import Conflict, Fault, Invalid, StorageFull
from tracker.evidence.images import MAX_BYTES, Picture, decode
from tracker.evidence.store import PhotoStore
from tracker.texts import N_

#: Largest piece of one request, in bytes.
MAX_PIECE = 1024 * 1024
#: Photos that one person may have brought and not yet named in an item, and their bytes.
MAX_FILES = 600
MAX_TOTAL = 1024 * 1024 * 1024
#: What nobody named in an item for this long is thrown away: no phone keeps an item longer.
KEPT = timedelta(days=60)

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class TooMuch(Fault):
    """A person brought more than is kept for one; it goes on when items are received."""

    status = 429
    code = "too_much"


class WrongOffset(Conflict):
    """The piece does not begin where the last one ended; `offset` is where it should, in bytes."""

    code = "wrong_offset"

    def __init__(self, offset: int) -> None:
        super().__init__(N_("照片的上传位置不对，请从正确的位置继续。"))
        self.offset = offset


@dataclass(frozen=True)
class Standing:
    """How many bytes are here, and whether the photo is whole, proven and kept."""

    offset: int
    is_complete: bool


@dataclass(frozen=True)
class PhotoFacts:
    """What a photo's row says of its content; `taken_at` in ISO 8601, position WGS-84 degrees."""

    sha256: str
    mime: str
    width: int
    height: int
    phash: int | None
    taken_at: str | None
    taken_lon: float | None
    taken_lat: float | None
    size: int

    @property
    def taken_moment(self) -> datetime | None:
        """When it was taken, aware."""
        return datetime.fromisoformat(self.taken_at) if self.taken_at else None


def facts_of(picture: Picture, size: int) -> PhotoFacts:
    """The facts of a decoded photo of `size` bytes."""
    position = picture.position
    return PhotoFacts(
        sha256=picture.sha256,
        mime=picture.mime,
        width=picture.width,
        height=picture.height,
        phash=picture.phash,
        taken_at=picture.taken_at.isoformat() if picture.taken_at else None,
        taken_lon=position.lon if position else None,
        taken_lat=position.lat if position else None,
        size=size,
    )


class Incoming:
    """One person's photos on their way: `<sha256>.part` grows, `<sha256>.json` says it is kept.

    Only what a person brought whole counts as theirs: knowing the hash of a foreign photo gives
    nothing. The content itself lies in the photo store, durable before the `.json` exists.
    """

    def __init__(self, root: Path, user_id: int, store: PhotoStore) -> None:
        self.folder = root / str(user_id)
        self.store = store

    def standing(self, sha256: str) -> Standing:
        """Where to go on; a photo whose last piece came before the server died is finished now."""
        facts = self.facts(sha256)
        if facts is not None:
            return Standing(facts.size, True)
        part = self._part(sha256)
        if not part.exists():
            return Standing(0, False)
        with self._locked():
            data = part.read_bytes() if part.exists() else b""
            if hashlib.sha256(data).hexdigest() == sha256:
                return self._finish(sha256, data)
        return Standing(len(data), False)

    def add(self, sha256: str, piece: bytes, *, offset: int, length: int) -> Standing:
        """Append a piece, durable before this returns; the last one is checked and decoded.

        Raises WrongOffset, Invalid (not this hash, no photo: thrown away), TooMuch, StorageFull.
        """
        if not 0 < length <= MAX_BYTES or offset + len(piece) > length:
            raise Invalid(N_("照片文件超过 20 MB 或长度不符。请缩小后重新上传。"), field="photo")
        facts = self.facts(sha256)
        if facts is not None:
            return Standing(facts.size, True)
        with self._locked():
            part = self._part(sha256)
            here = part.stat().st_size if part.exists() else 0
            if offset != here:
                raise WrongOffset(here)
            self._check_room(len(piece) if here else length, is_new=not here)
            self._append(part, piece)
            if here + len(piece) < length:
                return Standing(here + len(piece), False)
            return self._finish(sha256, part.read_bytes())

    def facts(self, sha256: str) -> PhotoFacts | None:
        """What is known of a photo that this person brought whole, else None."""
        try:
            return PhotoFacts(**orjson.loads(self._note(sha256).read_bytes()))
        except (FileNotFoundError, orjson.JSONDecodeError, TypeError):
            return None

    def forget(self, hashes: Iterable[str]) -> None:
        """These are named by a received item now."""
        for sha256 in hashes:
            self._note(sha256).unlink(missing_ok=True)

    def _finish(self, sha256: str, data: bytes) -> Standing:
        part = self._part(sha256)
        if hashlib.sha256(data).hexdigest() != sha256:
            part.unlink(missing_ok=True)
            raise Invalid(N_("照片在传输中损坏，请重新上传。"), field="photo")
        try:
            picture = decode(data)
        except Invalid:
            part.unlink(missing_ok=True)
            raise
        self.store.keep(picture, data)
        note = self._note(sha256)
        fresh = note.with_suffix(".new")
        with _room():
            _write(fresh, orjson.dumps(asdict(facts_of(picture, len(data)))), flags=os.O_TRUNC)
            os.replace(fresh, note)
            _sync_folder(self.folder)
        part.unlink(missing_ok=True)
        return Standing(len(data), True)

    def _append(self, part: Path, piece: bytes) -> None:
        with _room():
            _write(part, piece, flags=os.O_APPEND)

    def _check_room(self, more: int, *, is_new: bool) -> None:
        """At every piece: many small beginnings, each within bounds, could grow beyond them."""
        files = list(self.folder.glob("*.part")) + list(self.folder.glob("*.json"))
        old = (clock.now() - KEPT).timestamp()
        count = total = 0
        for file in files:
            with suppress(FileNotFoundError):
                if file.stat().st_mtime < old:
                    file.unlink()
                    continue
                count += 1
                total += self._bytes_of(file)
        if (is_new and count >= MAX_FILES) or total + more > MAX_TOTAL:
            raise TooMuch(N_("您已上传而未提交的照片过多，请先提交已填写的内容。"))

    def _bytes_of(self, file: Path) -> int:
        if file.suffix == ".part":
            return file.stat().st_size
        facts = self.facts(file.stem)
        return facts.size if facts else 0

    def _part(self, sha256: str) -> Path:
        return self.folder / f"{sha256}.part"

    def _note(self, sha256: str) -> Path:
        return self.folder / f"{sha256}.json"

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One piece of a person at a time, over all processes of this machine."""
        with _room():
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = os.open(self.folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)


def _write(path: Path, data: bytes, *, flags: int) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | flags, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


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
            raise StorageFull(N_("照片存储空间已满，请联系系统管理员。")) from cause
        raise
