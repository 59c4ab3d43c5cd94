"""Knows how to turn the bytes somebody sent into a picture that is safe to keep and to show."""

import hashlib
import io
import threading
import warnings
from dataclasses import dataclass
from datetime import datetime

import pillow_heif
from PIL import Image

from tracker.errors import Fault, Invalid
from tracker.evidence import exif
from tracker.evidence.headers import claimed_size, scans, sniff
from tracker.evidence.likeness import likeness
from tracker.texts import N_

#: Largest file taken, in bytes (20 MB, binary).
MAX_BYTES = 20 * 1024 * 1024
#: Largest picture taken, in pixels: what a phone's "50-megapixel" camera makes (8192 × 6144).
MAX_PIXELS = 8192 * 6144
#: For WebP half of that: its decoder holds the canvas four times (measured 0.8 GB at 50
#: megapixels), and no phone takes WebP photos; they come from editors and messengers, small.
MAX_WEBP_PIXELS = MAX_PIXELS // 2
#: Scans of a progressive JPEG; cameras write about ten, a time bomb thousands. And the pixels
#: all scans together may visit, as each visits every pixel: some seconds of decoding.
MAX_SCANS = 100
MAX_VISITS = 20 * MAX_PIXELS
#: Long edges of the two served copies, in pixels.
VIEW_EDGE = 1600
THUMB_EDGE = 320

#: Pixels turned into RGB at once: bounds the memory needed beside the decoded picture.
_STRIP_PIXELS = 4_000_000
#: A decoded picture takes up to 0.4 GB, so however many requests there are, two decode at once.
_decoding = threading.BoundedSemaphore(2)

_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

_TOO_BIG = N_("照片文件超过 20 MB。请在手机中选择较小的尺寸，或压缩后重新上传。")
_TOO_MANY_PIXELS = N_("照片超过 5000 万像素。请缩小尺寸，或改用普通拍照模式重拍后上传。")
_TOO_MANY_WEBP_PIXELS = N_("WebP 照片超过 2500 万像素。请缩小尺寸，或另存为 JPEG 后上传。")
_BROKEN = N_("照片文件不完整或已损坏，无法打开。请重新拍摄或重新导出后上传。")
_TOO_MANY_SCANS = N_("照片的编码层数异常，已拒绝。请截图或另存为普通 JPEG 后上传。")

pillow_heif.register_heif_opener(
    thumbnails=False, depth_images=False, aux_images=False, decode_threads=1
)
# Sizes are checked before anything is decoded; this is the second line, for a file whose two
# headers disagree. A warning (Pillow's default above the limit) would let it through.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS
warnings.filterwarnings("error", category=Image.DecompressionBombWarning)


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A photo that was decoded to its last row, with its two served copies."""

    #: Hex SHA-256 of the bytes as sent: the name of the photo.
    sha256: str
    #: Media type of the original, found in its bytes.
    mime: str
    #: Pixels of the original, after turning it upright.
    width: int
    height: int
    #: When it was taken, aware and in UTC; see `exif.moment_of`.
    taken_at: datetime | None
    #: Where it was taken, degrees WGS-84 (lon, lat); see `exif.position_of`.
    position: exif.Position | None
    #: JPEG without metadata, long edge at most 1600.
    view: bytes
    #: JPEG without metadata, long edge at most 320.
    thumb: bytes
    #: 64 bits as a signed integer, so that BIGINT of either database holds it; see `likeness`.
    phash: int | None


def decode(data: bytes) -> Picture:
    """Read a JPEG, PNG, WebP or HEIC photo; raise Invalid for everything else.

    The limits hold before pixels exist: 20 MB, 50 megapixels by the header, 100 scans. Bytes after
    the end of the picture are allowed, because phones append films and depth maps there; the
    served copies are drawn anew and carry no byte of the original. Of a moving picture the first
    frame counts. Colours are taken as sRGB: a profile is untrusted code for one shade's difference.

    It decodes in this process, not in a child with limits: with the size known and two
    decodings at a time, memory is bounded (under 0.4 GB each), and a child for every photo would
    cost more start-up time than the decoding and another way to fail. What remains is a flaw in a
    native decoder; against that stands the list of four formats, and libheif's own limits.
    """
    if len(data) > MAX_BYTES:
        raise Invalid(_TOO_BIG, field="photo")
    kind = sniff(data)
    with _decoding:
        try:
            return _picture(data, kind.pillow_format, kind.mime)
        except Fault:
            raise
        except (Image.DecompressionBombError, Image.DecompressionBombWarning):
            raise Invalid(_TOO_MANY_PIXELS, field="photo") from None
        except Exception as cause:  # decoders fed with hostile bytes raise nearly anything
            raise Invalid(_BROKEN, field="photo") from cause


def _picture(data: bytes, pillow_format: str, mime: str) -> Picture:
    claimed = claimed_size(data, pillow_format)
    _refuse_above_limit(claimed)
    if pillow_format == "WEBP" and claimed[0] * claimed[1] > MAX_WEBP_PIXELS:
        raise Invalid(_TOO_MANY_WEBP_PIXELS, field="photo")
    if pillow_format == "JPEG":
        _refuse_many_scans(data, claimed)
    with Image.open(io.BytesIO(data), formats=[pillow_format]) as image:
        _refuse_above_limit(image.size)
        size = image.size
        reading = exif.read(image)
        # A JPEG decodes straight to 1/2, 1/4 or 1/8: an eighth of the memory, and faster.
        image.draft(None, _within(size, 2 * VIEW_EDGE))
        image.load()
        small = _on_white(image)
    if reading.orientation in _UPRIGHT:
        small = small.transpose(_UPRIGHT[reading.orientation])
    view = small.resize(_within(small.size, VIEW_EDGE), Image.Resampling.LANCZOS)
    thumb = view.resize(_within(view.size, THUMB_EDGE), Image.Resampling.LANCZOS)
    width, height = size[::-1] if reading.orientation >= 5 else size
    return Picture(
        sha256=hashlib.sha256(data).hexdigest(),
        mime=mime,
        width=width,
        height=height,
        taken_at=reading.taken_at,
        position=reading.position,
        view=_jpeg(view, quality=85),
        thumb=_jpeg(thumb, quality=80),
        phash=likeness(view),
    )


def _refuse_above_limit(size: tuple[int, int]) -> None:
    if size[0] * size[1] > MAX_PIXELS:
        raise Invalid(_TOO_MANY_PIXELS, field="photo")


def _refuse_many_scans(data: bytes, size: tuple[int, int]) -> None:
    allowed = min(MAX_SCANS, MAX_VISITS // (size[0] * size[1]))
    if scans(data, allowed) > allowed:
        raise Invalid(_TOO_MANY_SCANS, field="photo")


def _within(size: tuple[int, int], edge: int) -> tuple[int, int]:
    """`size` scaled down, never up, so that its long edge is at most `edge`."""
    scale = min(1.0, edge / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _on_white(image: Image.Image) -> Image.Image:
    """The picture in RGB over white, reduced to at most about twice the view's edge.

    Strip by strip: converted as a whole, a large PNG with alpha would exist four times.
    The result is a new image, so none of the original's metadata hangs on it.
    """
    width, height = image.size
    factor = max(1, max(width, height) // (2 * VIEW_EDGE))
    rows = max(1, _STRIP_PIXELS // (width * factor)) * factor
    small = Image.new("RGB", (-(-width // factor), -(-height // factor)), "white")
    for top in range(0, height, rows):
        strip = _rgb(image.crop((0, top, width, min(height, top + rows))))
        small.paste(strip.reduce(factor), (0, top // factor))
    return small


def _rgb(strip: Image.Image) -> Image.Image:
    if strip.mode.startswith("I"):  # 16-bit grey: convert() would clip it to white
        strip.info.pop("transparency", None)
        strip = strip.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if not strip.has_transparency_data:
        return strip.convert("RGB")
    layer = strip.convert("RGBA")
    white = Image.new("RGBA", layer.size, "white")
    return Image.alpha_composite(white, layer).convert("RGB")


def _jpeg(image: Image.Image, *, quality: int) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality, optimize=True)
    return out.getvalue()
