"""Photos made in the test: small drawn scenes with the metadata a phone writes."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import ExifTags, Image, ImageDraw

REAL_PHOTOS = Path(__file__).parents[4] / "shared" / "data" / "photos"


@pytest.fixture
def real_photos() -> Path:
    if not REAL_PHOTOS.is_dir():
        pytest.skip("the real photos are not on this machine")
    return REAL_PHOTOS


def scene(width: int = 640, height: int = 480, *, seed: int = 0) -> Image.Image:
    """A drawing with a red upper left corner, so that turning it can be seen."""
    image = Image.linear_gradient("L").resize((width, height)).convert("RGB")
    draw = ImageDraw.Draw(image)
    for step in range(8):
        x, y = (step * 97 + seed * 53) % width, (step * 61 + seed * 131) % height
        shade = (step * 20, (seed * 70 + 40) % 256, 200 - step * 20)
        draw.ellipse((x - 60, y - 45, x + 60, y + 45), fill=shade)
    draw.rectangle((0, 0, width // 4, height // 4), fill=(220, 0, 0))
    return image


def phone_exif(*, orientation: int = 1, offset: str | None = "+08:00") -> Image.Exif:
    """What a phone in Sanzao writes: 113.342830 E, 22.052970 N, 2026-09-01 08:30 local time."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    exif[ExifTags.Base.Make] = "SecretMaker"
    taken = exif.get_ifd(ExifTags.IFD.Exif)
    taken[ExifTags.Base.DateTimeOriginal] = "2026:09:01 08:30:00"
    taken[ExifTags.Base.BodySerialNumber] = "SERIAL-4711"
    if offset:
        taken[ExifTags.Base.OffsetTimeOriginal] = offset
    exif.get_ifd(ExifTags.IFD.GPSInfo).update(
        {
            ExifTags.GPS.GPSLatitudeRef: "N",
            ExifTags.GPS.GPSLatitude: (22.0, 3.0, 10.692),
            ExifTags.GPS.GPSLongitudeRef: "E",
            ExifTags.GPS.GPSLongitude: (113.0, 20.0, 34.188),
        }
    )
    return exif


def encoded(image: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


@pytest.fixture
def draw() -> Callable[..., Image.Image]:
    return scene


@pytest.fixture
def encode() -> Callable[..., bytes]:
    return encoded


@pytest.fixture
def phone() -> Callable[..., Image.Exif]:
    return phone_exif
