"""Know what can be wrong with a position, a coordinate system or a boundary file, each with a stable code."""

from collections.abc import Mapping
from types import MappingProxyType

Fact = str | int | float


class GisError(ValueError):
    """Exception for input that geometry cannot accept; `code` is stable, the sentence is English.

    `facts` holds the values of the sentence (a count, a name) so that a caller can translate by `code`.
    """

    code = "gis"

    def __init__(self, message: str, *, code: str | None = None, **facts: Fact) -> None:
        super().__init__(message)
        self.code = code or type(self).code
        self.facts: Mapping[str, Fact] = MappingProxyType(facts)


class UnknownCoordSys(GisError):
    """Exception for a coordinate system that is not known, or that nothing leads from to WGS-84."""

    code = "unknown_coord_sys"


class NeedsCoordSys(GisError):
    """Exception for a file that does not say its coordinate system: a person must."""

    code = "needs_coord_sys"


class OutsideWorld(GisError):
    """Exception for a longitude, latitude or box that is not on the earth or not a number."""

    code = "outside_world"


class UnclearPosition(GisError):
    """Exception for a typed position that can be read in more than one way, or in none."""

    code = "unclear_position"


class UnsupportedFormat(GisError):
    """Exception for a boundary file of a kind that is not read, whatever its name says."""

    code = "unsupported_format"


class UnreadableFile(GisError):
    """Exception for a boundary file of a known kind whose content cannot be read."""

    code = "unreadable_file"


class UnsafeArchive(GisError):
    """Exception for an archive that holds too much, or paths that leave it."""

    code = "unsafe_archive"


class TooLarge(GisError):
    """Exception for a file that needs more room, rows or time than a boundary file may."""

    code = "too_large"


class BadSeeds(GisError):
    """Exception for seeds that cannot each have a cell: none, twice the same place, or outside."""

    code = "bad_seeds"


class UnknownArea(GisError):
    """Exception for the code of an area that is not among those loaded."""

    code = "unknown_area"


class TooManyStops(GisError):
    """Exception for more places than one walk may have."""

    code = "too_many_stops"
