"""Knows picture files by their first bytes: which kind it is, and how large it says it is."""

import io
import re
from dataclasses import dataclass

import pillow_heif
from PIL import Image

from tracker.errors import Invalid
from tracker.texts import N_


@dataclass(frozen=True)
class Kind:
    """A kind of picture file that is taken."""

    pillow_format: str
    mime: str


_JPEG = Kind("JPEG", "image/jpeg")
_PNG = Kind("PNG", "image/png")
_WEBP = Kind("WEBP", "image/webp")
_HEIC = Kind("HEIF", "image/heic")

#: Brands of HEVC pictures (ISO/IEC 23008-12 annex B); mif1 and msf1 name the box format only.
_HEIC_BRANDS = frozenset(
    {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"}
)
_AVIF_BRANDS = frozenset({b"avif", b"avis"})

_NOTHING = N_("没有收到照片内容，文件是空的。请重新选择照片。")
_TAKEN = N_("只接受 JPEG、PNG、WebP、HEIC 照片。请用手机相机重拍，或另存为 JPEG 后上传。")
_SVG = N_("不接受 SVG 或网页文件（其中可能含有脚本）。请截图或导出为 JPEG 后上传。")
_GIF = N_("不接受 GIF 动图。请截取其中一帧，存为 JPEG 后上传。")
_TIFF = N_("不接受 TIFF 或相机 RAW 文件。请导出为 JPEG 后上传。")
_PAPER = N_("不接受 PDF、EPS 等文档。请把其中的照片导出为 JPEG 后上传。")
_AVIF = N_("不接受 AVIF 照片。请在手机设置中改为 JPEG 或 HEIC,或另存为 JPEG 后上传。")
_FILM = N_("不接受视频。请截取一帧，存为 JPEG 后上传。")
_DAMAGED = N_("照片文件头已损坏，无法打开。请重新拍摄或重新导出后上传。")

#: First bytes of files people do send, with the sentence that helps them most.
_REFUSED = (
    (re.compile(rb"GIF8"), _GIF),
    (re.compile(rb"II\*\0|MM\0\*|II\+\0|MM\0\+"), _TIFF),
    (re.compile(rb"%PDF|%!PS|\xc5\xd0\xd3\xc6"), _PAPER),
    (re.compile(rb"(?:\xef\xbb\xbf)?\s*<"), _SVG),
)

#: The next JPEG marker: not a stuffed byte, a fill byte or a restart.
_MARKER = re.compile(rb"\xff([\x01-\xcf\xd8-\xfe])")
_SOS = 0xDA
_EOI = 0xD9
_ALONE = frozenset({0x01, 0xD8})


def sniff(data: bytes) -> Kind:
    """The kind of `data` by its first bytes, whatever its name or declared type.

    A file of two kinds at once is what its first bytes say, and is read as nothing else; Invalid
    for every kind that is not taken, with the way to mend it.
    """
    if not data:
        raise Invalid(_NOTHING, field="photo")
    if data.startswith(b"\xff\xd8\xff"):
        return _JPEG
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return _PNG
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return _WEBP
    if data[4:8] == b"ftyp":
        return _boxed(data)
    for start, message in _REFUSED:
        if start.match(data):
            raise Invalid(message, field="photo")
    raise Invalid(_TAKEN, field="photo")


def _boxed(data: bytes) -> Kind:
    """HEIC among the files that begin with an `ftyp` box, which AVIF and MP4 share."""
    length = min(int.from_bytes(data[:4]), 256)
    brands = {data[8:12], *(data[at : at + 4] for at in range(16, length, 4))}
    if brands & _AVIF_BRANDS:
        raise Invalid(_AVIF, field="photo")
    if data[8:12] in _HEIC_BRANDS:
        return _HEIC
    raise Invalid(_FILM, field="photo")


def claimed_size(data: bytes, pillow_format: str) -> tuple[int, int]:
    """Width and height in pixels as the header states them; nothing is decoded.

    WebP is read here because Pillow reserves the whole canvas when it opens one. Raises Invalid
    for a WebP header that is none, and whatever the opener raises for the others.
    """
    if pillow_format == "WEBP":
        return _webp_size(data)
    if pillow_format == "HEIF":
        width, height = pillow_heif.open_heif(io.BytesIO(data)).size
        return int(width), int(height)
    with Image.open(io.BytesIO(data), formats=[pillow_format]) as image:
        return image.size


def _webp_size(data: bytes) -> tuple[int, int]:
    """RFC 9649 §2.5 to 2.7: the three kinds of first chunk."""
    chunk, body = data[12:16], data[20:30]
    if len(body) == 10 and chunk == b"VP8X":
        return 1 + int.from_bytes(body[4:7], "little"), 1 + int.from_bytes(body[7:10], "little")
    if len(body) == 10 and chunk == b"VP8L" and body[0] == 0x2F:
        bits = int.from_bytes(body[1:5], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if len(body) == 10 and chunk == b"VP8 " and body[3:6] == b"\x9d\x01\x2a":
        sides = int.from_bytes(body[6:8], "little"), int.from_bytes(body[8:10], "little")
        return sides[0] & 0x3FFF, sides[1] & 0x3FFF
    raise Invalid(_DAMAGED, field="photo")


def scans(data: bytes, enough: int) -> int:
    """How many scans the first picture of a JPEG file has, counted up to `enough` + 1.

    A few hundred bytes a scan make the decoder walk all pixels again, so a small file can cost
    minutes; each scan must be paid for before decoding begins.
    """
    count, at = 0, 2
    while count <= enough and (found := _MARKER.search(data, at)):
        marker = found[1][0]
        if marker == _EOI:
            break
        count += marker == _SOS
        at = found.end()
        if marker not in _ALONE:
            at += int.from_bytes(data[at : at + 2])
    return count
