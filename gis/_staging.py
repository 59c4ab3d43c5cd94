"""Know which files may be parsed at all, and put them under fixed names in an empty folder."""

import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from gis.errors import GisError, TooLarge, UnreadableFile, UnsafeArchive, UnsupportedFormat

#: Every staged file is called this, so that no name of a user reaches a library.
STEM = "layer"
SIDECARS = (".shx", ".dbf", ".prj", ".cpg")

_KINDS = {".shp": "shp", ".gpkg": "gpkg", ".geojson": "geojson", ".json": "geojson", ".csv": "csv"}
_SHP_MAGIC = b"\x00\x00\x27\x0a"
_SQLITE_MAGIC = b"SQLite format 3\x00"
_GPKG_IDS = (b"GPKG", b"GP10", b"GP11")
_SYMLINK = 0o120000


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much a boundary file may take."""

    #: Bytes on disk of the file with its sidecars, unpacked.
    unpacked_bytes: int = 200_000_000
    #: Members of an archive.
    members: int = 20
    #: Unpacked bytes for one packed byte.
    ratio: int = 100
    #: Features in a file.
    features: int = 50_000
    #: Address space of the reading process, bytes.
    memory_bytes: int = 2_000_000_000
    #: Time of the reading process by the clock, seconds.
    seconds: float = 60.0


def stage(path: Path, folder: Path, limits: Limits, *, layer: str | None = None) -> str:
    """Copy a file (with the sidecars of a shapefile) into `folder` and return its kind.

    Kinds are shp, gpkg, geojson and csv. The first bytes must be those of the kind, so that a text
    that tells a library to open other files is refused. An archive must hold one shapefile, unless
    `layer` names the one that is meant (see `shapefiles_in`). Raises UnsupportedFormat,
    UnreadableFile, UnsafeArchive or TooLarge.
    """
    if not path.is_file():
        raise UnreadableFile("There is no such file.")
    suffix = path.suffix.casefold()
    if suffix == ".zip":
        kind = "shp"
        _unpack(path, folder, limits, layer)
    elif suffix in _KINDS:
        kind = _KINDS[suffix]
        _copy_all(path, folder, kind, limits)
    else:
        raise UnsupportedFormat(
            f"Files of this kind are not read: {suffix[:12]!r}.", suffix=suffix[:12]
        )
    _check_magic(folder / f"{STEM}.{kind}", kind)
    return kind


def _copy_all(path: Path, folder: Path, kind: str, limits: Limits) -> None:
    sources = {f".{kind}": path}
    if kind == "shp":
        for beside in sorted(path.parent.iterdir()):
            suffix = beside.suffix.casefold()
            if beside.stem == path.stem and suffix in SIDECARS and beside.is_file():
                sources[suffix] = beside
    if sum(source.stat().st_size for source in sources.values()) > limits.unpacked_bytes:
        raise TooLarge("The file is too large.", code="file_too_large", limit=limits.unpacked_bytes)
    for suffix, source in sources.items():
        shutil.copyfile(source, folder / f"{STEM}{suffix}")


def shapefiles_in(path: Path, limits: Limits) -> list[str]:
    """Names of the shapefiles of an archive, without their suffix. Raises as `stage`."""
    with _opened(path, limits) as archive:
        return sorted(
            str(name.with_suffix(""))
            for name, _ in _files(archive.infolist())
            if name.suffix.casefold() == ".shp"
        )


def _unpack(path: Path, folder: Path, limits: Limits, layer: str | None) -> None:
    with _opened(path, limits) as archive:
        chosen = _shapefile(archive.infolist(), layer)
        room = limits.unpacked_bytes
        for suffix, member in chosen.items():
            with archive.open(member) as packed, (folder / f"{STEM}{suffix}").open("xb") as out:
                room -= _copy_at_most(packed, out, room)


@contextmanager
def _opened(path: Path, limits: Limits) -> Iterator[zipfile.ZipFile]:
    """An archive whose table of contents is harmless; whatever breaks in it is one kind of error."""
    try:
        with zipfile.ZipFile(path) as archive:
            _check_members(archive.infolist(), limits)
            yield archive
    except GisError:
        raise
    except (
        zipfile.BadZipFile,
        NotImplementedError,
        RuntimeError,
        OSError,
        EOFError,
        ValueError,
    ) as error:
        raise UnreadableFile("This is not a readable zip archive.", code="bad_zip") from error
    except Exception as error:  # zlib.error, lzma.LZMAError: whatever a packed stream can break
        raise UnreadableFile("This is not a readable zip archive.", code="bad_zip") from error


def _check_members(members: list[zipfile.ZipInfo], limits: Limits) -> None:
    if len(members) > limits.members:
        raise UnsafeArchive("Too many members.", code="too_many_members", limit=limits.members)
    for member in members:
        name = member.filename.replace("\\", "/")
        if name.startswith("/") or ":" in name or ".." in PurePosixPath(name).parts:
            raise UnsafeArchive("A member leaves the archive.", code="path_escapes")
        if member.external_attr >> 16 & 0o170000 == _SYMLINK:
            raise UnsafeArchive("A member is a link.", code="path_escapes")
        if member.flag_bits & 0x1:
            raise UnsafeArchive("A member is encrypted.", code="encrypted")
    unpacked = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    if unpacked > limits.unpacked_bytes or unpacked > limits.ratio * max(packed, 1):
        raise UnsafeArchive("It unpacks to too much.", code="unpacks_to_too_much")


def _files(members: list[zipfile.ZipInfo]) -> list[tuple[PurePosixPath, zipfile.ZipInfo]]:
    return [
        (PurePosixPath(member.filename.replace("\\", "/")), member)
        for member in members
        if not member.is_dir() and "__MACOSX" not in member.filename
    ]


def _shapefile(members: list[zipfile.ZipInfo], layer: str | None) -> dict[str, zipfile.ZipInfo]:
    files = _files(members)
    layers = [name for name, _ in files if name.suffix.casefold() == ".shp"]
    if layer is not None:
        layers = [name for name in layers if str(name.with_suffix("")) == layer]
    if len(layers) != 1:
        raise UnsupportedFormat(
            "The archive must hold one shapefile.", code="not_one_shapefile", found=len(layers)
        )
    stem = layers[0].with_suffix("")
    return {
        name.suffix.casefold(): member
        for name, member in files
        if name.with_suffix("") == stem and name.suffix.casefold() in (".shp", *SIDECARS)
    }


def _copy_at_most(packed: IO[bytes], out: IO[bytes], room: int) -> int:
    """Copy, and stop where the directory of the archive has lied about a size."""
    written = 0
    while chunk := packed.read(1 << 20):
        written += len(chunk)
        if written > room:
            raise UnsafeArchive("It unpacks to too much.", code="unpacks_to_too_much")
        out.write(chunk)
    return written


def _check_magic(file: Path, kind: str) -> None:
    with file.open("rb") as content:
        head = content.read(4096)
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    right = {
        "shp": head.startswith(_SHP_MAGIC),
        "gpkg": head.startswith(_SQLITE_MAGIC) and head[68:72] in _GPKG_IDS,
        "geojson": text.startswith(b"{"),
        "csv": bool(text) and not text.startswith((b"<", b"{", b"PK")) and b"\x00" not in head,
    }
    if not right[kind]:
        raise UnsupportedFormat(
            f"The content is not that of a {kind} file.", code="wrong_content", kind=kind
        )
