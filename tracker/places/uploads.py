"""Keeps an uploaded file of areas with what was said of it, and knows which files may come."""

from pathlib import Path
from typing import Any

from werkzeug.datastructures import FileStorage

from tracker.errors import Invalid
from tracker.places.columns import GivenColumns
from tracker.places.gis_words import FILE_FAULTS
from tracker.places.importing import AreaImport
from tracker.places.models import Level
from tracker.texts import N_
from tracker.web.kept_files import KeptFile, find_file, keep_file, sent_name

#: What may be uploaded; a shapefile comes zipped with its side files.
SUFFIXES = (".zip", ".gpkg", ".geojson", ".json", ".csv", ".xlsx")
_ROOM = "areas"


class Upload(KeptFile):
    """A file of areas."""

    @property
    def options(self) -> AreaImport:
        return _options(self.said)

    @property
    def borders(self) -> Path:
        return self.folder / "borders.json"


def keep_upload(sent: FileStorage, options: AreaImport, *, owner_id: int) -> Upload:
    """Put a sent file into a private folder under a random name. Raises Invalid."""
    check_suffix(sent)
    return keep_file(Upload, sent, room=_ROOM, said=_plain(options), owner_id=owner_id)


def find_upload(token: str, *, owner_id: int | None) -> Upload:
    """The upload of a token, for the person who sent it only. Raises NotFound."""
    return find_file(Upload, token, room=_ROOM, owner_id=owner_id)


def check_suffix(sent: FileStorage) -> None:
    """Refuse a file of a kind that is not read. Raises Invalid with what to send instead."""
    suffix = Path(sent_name(sent)).suffix.casefold()
    if suffix in (".shp", ".dbf", ".shx", ".prj"):
        raise Invalid(
            N_("请把 shapefile 的 .shp、.shx、.dbf、.prj 一起打包为 zip 再上传"), field="file"
        )
    if suffix not in SUFFIXES:
        raise Invalid(FILE_FAULTS["unsupported_format"], field="file")


def _plain(options: AreaImport) -> dict[str, Any]:
    return {**vars(options), "columns": vars(options.columns)}


def _options(said: Any) -> AreaImport:
    level = Level(said["level"]) if said["level"] else None
    return AreaImport(**{**said, "level": level, "columns": GivenColumns(**said["columns"])})
