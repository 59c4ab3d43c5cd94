"""What a kept photo can rely on: its name, its bytes, and that a power cut does not take it."""

import errno
import hashlib
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tracker.errors import NotFound, StorageFull
from tracker.evidence.images import Picture, decode
from tracker.evidence.store import FolderStore, Size, StoreMisconfigured, open_store


@pytest.fixture
def photo(draw, encode, phone) -> tuple[Picture, bytes]:
    original = encode(draw(), exif=phone())
    return decode(original), original


@pytest.fixture
def store(tmp_path) -> FolderStore:
    return FolderStore(tmp_path / "photos")


def files(root: Path) -> dict[str, bytes]:
    return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()}


@pytest.fixture
def synced(monkeypatch) -> list[str]:
    """Every path handed to the real fsync, in order."""
    paths: list[str] = []
    real = os.fsync

    def recording(handle: int) -> None:
        real(handle)
        paths.append(str(Path(f"/proc/self/fd/{handle}").readlink()))

    monkeypatch.setattr(os, "fsync", recording)
    return paths


def test_a_photo_is_kept_in_three_forms_under_the_hash_of_its_bytes(store, photo):
    picture, original = photo
    store.keep(picture, original)
    name = hashlib.sha256(original).hexdigest()
    assert store.read(name, "original") == original
    assert store.read(name, Size.VIEW) == picture.view
    assert store.read(name, "thumb") == picture.thumb
    folder = f"{name[:2]}/{name[2:4]}/{name}"
    assert set(files(store.root)) == {
        f"{folder}.original",
        f"{folder}.view.jpg",
        f"{folder}.thumb.jpg",
    }


def test_only_the_owner_may_read_the_files(store, photo):
    store.keep(*photo)
    for path in store.root.rglob("*"):
        assert path.stat().st_mode & 0o077 == 0


def test_bytes_that_are_not_the_pictures_are_not_kept(store, photo):
    with pytest.raises(ValueError, match="not decoded from these bytes"):
        store.keep(photo[0], photo[1] + b" ")
    assert not store.root.exists()


def test_keeping_again_writes_nothing_but_syncs_the_folder(store, photo, synced):
    store.keep(*photo)
    before = {path: path.stat().st_mtime_ns for path in store.root.rglob("*.*")}
    synced.clear()
    store.keep(*photo)
    assert {path: path.stat().st_mtime_ns for path in store.root.rglob("*.*")} == before
    assert synced == [str(store.path(photo[0].sha256, "view").parent)]


@pytest.mark.parametrize("size", list(Size))
@pytest.mark.parametrize("damage", [b"", b"half", None])
def test_a_damaged_or_missing_file_is_mended_when_the_photo_comes_again(store, photo, size, damage):
    store.keep(*photo)
    whole = files(store.root)
    path = store.path(photo[0].sha256, size)
    if damage is None:
        path.write_bytes(bytes([path.read_bytes()[0] ^ 1]) + path.read_bytes()[1:])
    else:
        path.write_bytes(damage)
    store.keep(*photo)
    assert files(store.root) == whole
    path.unlink()
    store.keep(*photo)
    assert files(store.root) == whole


@pytest.mark.parametrize(
    "name",
    [
        "",
        "../../etc/passwd",
        "..",
        "0" * 63,
        "0" * 65,
        "g" * 64,
        "A" * 64,
        "0" * 64 + "\n",
        "/" + "0" * 63,
        "0" * 63 + "\0",
        "\u202e" + "0" * 63,
        "٠" * 64,
        "a" * 300,
    ],
)
def test_a_name_that_is_no_hash_is_not_found(store, photo, name):
    store.keep(*photo)
    for size in Size:
        with pytest.raises(NotFound):
            store.read(name, size)
        with pytest.raises(NotFound):
            store.path(name, size)


def test_an_unknown_photo_or_form_is_not_found(store, photo):
    with pytest.raises(NotFound):
        store.read("0" * 64, "view")
    store.keep(*photo)
    for size in ("", "large", "../original", "VIEW"):
        with pytest.raises(NotFound):
            store.read(photo[0].sha256, size)


# Power cuts


def test_the_file_its_folder_and_every_new_parent_are_synced(tmp_path, photo, synced):
    root = tmp_path / "not" / "there" / "yet"
    FolderStore(root).keep(*photo)
    ab, cd = root / photo[0].sha256[:2], root / photo[0].sha256[:2] / photo[0].sha256[2:4]
    above = [tmp_path, tmp_path / "not", tmp_path / "not" / "there", root, ab]
    assert synced[:5] == [str(folder) for folder in above]
    contents, end = synced[5:8], synced[8:]
    assert all(Path(p).parent == cd and p.endswith(".tmp") for p in contents)
    assert end == [str(cd)]


def test_a_new_process_syncs_folders_it_finds_once(store, photo, synced):
    store.keep(*photo)
    synced.clear()
    after_restart = FolderStore(store.root)
    after_restart.keep(*photo)
    cd = store.path(photo[0].sha256, "view").parent
    assert synced == [str(p) for p in (store.root.parent, store.root, cd.parent, cd)]
    synced.clear()
    after_restart.keep(*photo)
    assert synced == [str(cd)]


def test_a_folder_that_vanished_is_made_and_synced_again(store, photo, synced):
    store.keep(*photo)
    shutil.rmtree(store.root)
    synced.clear()
    store.keep(*photo)
    assert {str(store.root.parent), str(store.root)} <= set(synced)
    assert store.read(photo[0].sha256, "original") == photo[1]


KEEP = """
import sys
from pathlib import Path
from tracker.evidence.images import decode
from tracker.evidence.store import FolderStore
data = Path(sys.argv[2]).read_bytes()
FolderStore(Path(sys.argv[1])).keep(decode(data), data)
print("kept", flush=True)
"""


def traced(tmp_path: Path, original: bytes) -> list[str]:
    """The system calls of one process that keeps one photo, as strace saw them."""
    if not shutil.which("strace"):
        pytest.skip("strace is not installed")
    source, log = tmp_path / "source.jpg", tmp_path / "calls"
    source.write_bytes(original)
    calls = "trace=fsync,fdatasync,rename,renameat,renameat2,mkdir,mkdirat,write"
    program = [sys.executable, "-c", KEEP, str(tmp_path / "new" / "photos"), str(source)]
    done = subprocess.run(
        ["strace", "-f", "-y", "-s", "8", "-e", calls, "-o", str(log), *program],
        capture_output=True,
        check=False,
    )
    if b"ptrace" in done.stderr:
        pytest.skip("this machine does not allow tracing")
    assert done.stdout == b"kept\n", done.stderr
    return log.read_text().splitlines()


def test_at_the_acknowledgement_every_name_and_byte_is_durable(tmp_path, photo):
    """Replays the calls as the disk may: unsynced bytes and unsynced names do not count."""
    dirty_bytes, dirty_names, renames = set(), set(), 0
    for call in traced(tmp_path, photo[1]):
        if made := re.search(r'mkdir\("([^"]+)", \d+\) += 0', call):
            dirty_names.add(made[1])
        elif moved := re.search(r'rename\w*\((?:.*, )?"([^"]+)", (?:.*, )?"([^"]+)"', call):
            assert moved[1] not in dirty_bytes, "a name was given to bytes not yet on the disk"
            renames += 1
            dirty_names.add(moved[2])
        elif wrote := re.search(r"write\(\d+<([^>]+\.tmp)>", call):
            dirty_bytes.add(wrote[1])
        elif synced := re.search(r"f(?:data)?sync\(\d+<([^>]+)>\) += 0", call):
            dirty_bytes.discard(synced[1])
            dirty_names = {n for n in dirty_names if str(Path(n).parent) != synced[1]}
        elif "write(1" in call and '"kept' in call:
            assert (renames, dirty_bytes, dirty_names) == (3, set(), set())
            return
    pytest.fail("the acknowledgement is not in the trace")


KEEP_MANY = """
import hashlib, io, os, sys
from pathlib import Path
from tracker.evidence.images import Picture
from tracker.evidence.store import FolderStore
store = FolderStore(Path(sys.argv[1]))
while True:
    original = os.urandom(300_000)
    name = hashlib.sha256(original).hexdigest()
    copy = name.encode() * 2000
    store.keep(Picture(sha256=name, mime="image/jpeg", width=1, height=1, taken_at=None,
                       position=None, view=copy, thumb=copy[:6400], phash=0), original)
    print(name, flush=True)
"""


def test_kill_9_leaves_no_half_file_under_a_final_name_and_loses_no_acknowledged_photo(tmp_path):
    root, kept = tmp_path / "photos", []
    for round_ in range(6):
        child = subprocess.Popen(
            [sys.executable, "-c", KEEP_MANY, str(root)], stdout=subprocess.PIPE, text=True
        )
        kept += [child.stdout.readline().strip() for _ in range(3 + round_)]
        time.sleep(0.003 * round_)  # so that kills fall on different steps
        child.send_signal(signal.SIGKILL)
        kept += [line for line in child.communicate()[0].split("\n") if len(line) == 64]
    store = FolderStore(root)
    assert len(kept) >= 33
    for name in kept:
        assert hashlib.sha256(store.read(name, "original")).hexdigest() == name
        assert store.read(name, "view") == name.encode() * 2000
    for path in root.glob("??/??/[0-9a-f]*"):
        name, _, form = path.name.partition(".")
        content = path.read_bytes()
        if form == "original":
            assert hashlib.sha256(content).hexdigest() == name
        else:
            assert content == name.encode() * (2000 if form == "view.jpg" else 100)
    store.sweep(older_than=datetime.now(UTC) + timedelta(minutes=1))
    assert not list(root.rglob("*.tmp"))


# Full disks


def test_without_room_the_photo_is_refused_and_nothing_is_left(store, photo):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, hard))
    try:
        with pytest.raises(StorageFull) as caught:
            store.keep(*photo)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert "请" in caught.value.message
    assert caught.value.__cause__.errno == errno.EFBIG
    assert files(store.root) == {}
    store.keep(*photo)
    assert store.read(photo[0].sha256, "original") == photo[1]


FILL = """
import errno, os, sys
from pathlib import Path
from tracker.errors import StorageFull
from tracker.evidence.images import decode
from tracker.evidence.store import FolderStore
root, data = Path(sys.argv[1]), sys.stdin.buffer.read()
(root / "ballast").write_bytes(bytes(56_000))
try:
    FolderStore(root / "photos").keep(decode(data), data)
except StorageFull as full:
    left = [p for p in root.rglob("*") if p.is_file() and p.name != "ballast"]
    print(full.__cause__.errno == errno.ENOSPC, len(left))
"""


def test_a_really_full_disk_is_refused_and_nothing_is_left(tmp_path, photo):
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = 'mount -t tmpfs -o size=64k none "$1" || exit 9; exec "$2" -c "$3" "$1"'
    program = ["sh", "-c", mounted, "sh", str(disk), sys.executable, FILL]
    if not shutil.which("unshare"):
        pytest.skip("unshare is not installed")
    done = subprocess.run(
        ["unshare", "-rm", *program], input=photo[1] + bytes(9000), capture_output=True, check=False
    )
    if done.returncode in (1, 9) and b"Traceback" not in done.stderr:
        pytest.skip("this machine does not allow a private file system")
    assert done.stdout == b"True 0\n", done.stderr


def test_other_errors_of_the_disk_are_not_called_full(tmp_path, photo):
    (tmp_path / "photos").write_text("a file where the folder should be")
    with pytest.raises(NotADirectoryError):
        FolderStore(tmp_path / "photos").keep(*photo)


def test_the_sweep_takes_old_leftovers_and_neither_new_ones_nor_photos(store, photo):
    store.keep(*photo)
    whole = files(store.root)
    folder = store.path(photo[0].sha256, "view").parent
    old, new = folder / ".old.tmp", folder / ".new.tmp"
    old.write_bytes(b"half")
    new.write_bytes(b"half")
    moment = datetime(2026, 9, 1, tzinfo=UTC)
    os.utime(old, (moment.timestamp() - 10,) * 2)
    os.utime(new, (moment.timestamp() + 10,) * 2)
    for path in folder.glob("[0-9a-f]*"):
        os.utime(path, (moment.timestamp() - 10,) * 2)
    assert store.sweep(older_than=moment) == 1
    assert files(store.root) == whole | {str(new.relative_to(store.root)): b"half"}
    assert FolderStore(store.root / "nowhere").sweep(older_than=moment) == 0


# Addresses


def test_the_address_names_a_folder(tmp_path):
    def root(url: str, **options: Path) -> Path:
        opened: Callable[..., object] = open_store
        return opened(url, **options).root

    assert root(str(tmp_path)) == tmp_path
    assert root(f"file://{tmp_path}/two%20words") == tmp_path / "two words"
    assert root("", default=tmp_path / "photos") == tmp_path / "photos"
    assert root("") == Path("instance/photos").absolute()
    assert root("C:photos") == Path("C:photos").absolute()


@pytest.mark.parametrize(
    "url", ["s3://bucket/photos", "http://example.org/", "file://host/photos", "file:///"]
)
def test_an_address_that_cannot_be_used_is_named_to_the_administrator(url):
    with pytest.raises(StoreMisconfigured) as caught:
        open_store(url)
    assert "TRACKER_PHOTO_URL" in str(caught.value)
    assert "请" in str(caught.value)
