"""What photos are taken, what is read from them, and what the served copies no longer hold."""

import hashlib
import io
import struct
import subprocess
import sys
import zlib
from datetime import UTC, datetime

import pytest
from PIL import Image

from tracker.errors import Invalid
from tracker.evidence import images
from tracker.evidence.headers import scans
from tracker.evidence.images import decode
from tracker.evidence.likeness import difference

MORNING = datetime(2026, 9, 1, 0, 30, tzinfo=UTC)
SANZAO = (113.342830, 22.052970)


def opened(jpeg: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(jpeg), formats=["JPEG"])
    image.load()
    return image


def jpeg_markers(data: bytes) -> list[int]:
    """Markers up to the scan, and what follows the end of the picture counts as 0x100."""
    found, at = [], 2
    while data[at + 1] != 0xDA:
        found.append(data[at + 1])
        at += 2 + int.from_bytes(data[at + 2 : at + 4])
    return found if data.endswith(b"\xff\xd9") and data.count(b"\xff\xd9") == 1 else [*found, 0x100]


def refusal(data: bytes) -> Invalid:
    with pytest.raises(Invalid) as caught:
        decode(data)
    assert caught.value.field == "photo"
    return caught.value


@pytest.mark.parametrize(
    ("kind", "mime"),
    [
        ("JPEG", "image/jpeg"),
        ("PNG", "image/png"),
        ("WEBP", "image/webp"),
        ("HEIF", "image/heic"),
    ],
)
def test_each_kind_gives_its_position_and_moment_and_is_turned_upright(
    kind, mime, draw, encode, phone
):
    lying = draw(640, 480).transpose(Image.Transpose.ROTATE_90)  # as a sensor held upright sees it
    picture = decode(encode(lying, kind, exif=phone(orientation=6).tobytes()))
    assert picture.mime == mime
    assert (picture.width, picture.height) == (640, 480)
    assert picture.taken_at == MORNING
    assert picture.position == pytest.approx(SANZAO, abs=1e-6)
    assert (picture.position.lon, picture.position.lat) == picture.position
    red, green, _ = opened(picture.view).getpixel((40, 30))
    assert red > 180
    assert green < 60


@pytest.mark.parametrize("orientation", range(1, 9))
def test_all_eight_orientations_end_upright(orientation, draw, encode, phone):
    undo = {5: 5, 6: 8, 7: 7, 8: 6}.get(orientation, orientation)
    sensor = draw(320, 240)
    if undo in images._UPRIGHT:
        sensor = sensor.transpose(images._UPRIGHT[undo])
    picture = decode(encode(sensor, exif=phone(orientation=orientation)))
    assert (picture.width, picture.height) == (320, 240)
    corners = [opened(picture.view).getpixel(at) for at in ((20, 20), (300, 20), (20, 220))]
    assert [red > 180 and green < 60 for red, green, _ in corners] == [True, False, False]


def test_the_served_copies_have_the_two_sizes_and_small_photos_are_not_enlarged(draw, encode):
    large = decode(encode(draw(4000, 3000)))
    assert (large.width, large.height) == (4000, 3000)
    assert opened(large.view).size == (1600, 1200)
    assert opened(large.thumb).size == (320, 240)
    small = decode(encode(draw(200, 100)))
    assert opened(small.view).size == opened(small.thumb).size == (200, 100)
    ribbon = decode(encode(draw(9000, 3), "PNG"))
    assert opened(ribbon.view).size == (1600, 1)


def test_the_served_copies_hold_no_metadata_and_no_tail(draw, encode, phone):
    tail = b"<html><script>alert(1)</script></html>"
    loaded = encode(
        draw(),
        exif=phone(),
        icc_profile=b"ICC-SECRET" * 20,
        comment=b"COMMENT-SECRET",
        xmp=b"<x:xmpmeta>XMP-SECRET</x:xmpmeta>",
    )
    secrets = (b"SecretMaker", b"SERIAL-4711", b"ICC-SECRET", b"COMMENT-SECRET", b"XMP-SECRET")
    assert all(secret in loaded for secret in secrets)
    picture = decode(loaded + tail)
    for copy in (picture.view, picture.thumb):
        # APP0 (JFIF) may stay; APP1-APP15 (EXIF, XMP, ICC, maker's) and comments may not.
        assert not {*range(0xE1, 0xF0), 0xFE, 0x100} & set(jpeg_markers(copy))
        assert not any(secret in copy for secret in (*secrets, b"Exif", b"<html", b"<script"))
        assert not opened(copy).getexif()


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "HEIF"])
def test_metadata_of_the_other_kinds_goes_too(kind, draw, encode, phone):
    picture = decode(encode(draw(), kind, exif=phone(), xmp=b"<x:xmpmeta>XMP-SECRET</x:xmpmeta>"))
    for copy in (picture.view, picture.thumb):
        assert not {*range(0xE1, 0xF0), 0xFE, 0x100} & set(jpeg_markers(copy))
        assert b"SECRET" not in copy


def test_the_name_is_the_hash_of_the_bytes_as_sent(draw, encode):
    data = encode(draw())
    picture = decode(data)
    assert picture.sha256 == hashlib.sha256(data).hexdigest()
    assert decode(data) == picture


def test_transparent_parts_become_white(encode):
    picture = decode(encode(Image.new("RGBA", (3300, 40), (255, 0, 0, 0)), "PNG"))
    assert min(opened(picture.view).getpixel((5, 5))) > 250
    half = decode(encode(Image.new("LA", (40, 40), (0, 128)), "PNG"))
    assert opened(half.view).getpixel((5, 5))[0] == pytest.approx(127, abs=4)


def test_a_transparent_palette_colour_becomes_white(encode):
    image = Image.new("P", (40, 40), 1)
    image.putpalette([0, 0, 0, 10, 200, 10])
    assert min(opened(decode(encode(image, "PNG", transparency=1)).view).getpixel((5, 5))) > 250
    green = opened(decode(encode(image, "PNG")).view).getpixel((5, 5))
    assert green[1] > 150 > green[0]


@pytest.mark.parametrize(
    ("mode", "colour", "kind", "expected"),
    [
        ("I;16", 0x8000, "PNG", 128),
        ("L", 90, "JPEG", 90),
        ("1", 255, "PNG", 255),
        ("CMYK", (0, 0, 0, 128), "JPEG", 127),
    ],
)
def test_grey_16_bit_bilevel_and_cmyk_pictures_keep_their_brightness(
    mode, colour, kind, expected, encode
):
    view = opened(decode(encode(Image.new(mode, (64, 64), colour), kind)).view)
    assert view.mode == "RGB"
    assert view.getpixel((9, 9)) == pytest.approx((expected,) * 3, abs=5)


def test_a_moving_webp_counts_by_its_first_frame(encode):
    frames = [Image.new("RGB", (64, 64), shade) for shade in ("red", "blue")]
    data = encode(frames[0], "WEBP", save_all=True, append_images=frames[1:])
    assert opened(decode(data).view).getpixel((9, 9))[0] > 200


# What is refused


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "空的"),
        (b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "SVG"),
        (b'\xef\xbb\xbf\n<?xml version="1.0"?><svg/>', "SVG"),
        (b"<!DOCTYPE html><script>alert(1)</script>", "SVG"),
        (b"GIF89a\xff\xd8\xff\xe0 a picture behind a GIF head", "GIF"),
        (b"%PDF-1.7 \xff\xd8\xff", "PDF"),
        (b"%!PS-Adobe-3.0 EPSF-3.0", "PDF"),
        (b"PK\x03\x04 an archive", "JPEG"),
        (b"BM" + bytes(60), "JPEG"),
        (b"\0\0\0\x1cftypisom\0\0\x02\0isomiso2mp41", "视频"),
        (b"\0\0\0\x1cftypmif1\0\0\0\0mif1avifmiaf", "AVIF"),
        (b"one line of text", "JPEG"),
    ],
)
def test_other_kinds_are_refused_with_the_way_to_mend_it(data, word):
    message = refusal(data).message
    assert word in message
    assert "请" in message


@pytest.mark.parametrize(("kind", "word"), [("GIF", "GIF"), ("TIFF", "TIFF"), ("BMP", "JPEG")])
def test_real_files_of_other_kinds_are_refused(kind, word, draw, encode):
    assert word in refusal(encode(draw(), kind)).message


def test_a_whole_picture_behind_another_head_is_refused(draw, encode):
    assert "SVG" in refusal(b"<script>alert(1)</script>" + encode(draw())).message


def test_a_picture_that_is_another_kind_inside_is_refused(draw, encode):
    tiff = encode(draw(), "TIFF")
    assert "损坏" in refusal(b"\xff\xd8\xff\xe0" + tiff).message
    assert "损坏" in refusal(b"\x89PNG\r\n\x1a\n" + encode(draw())).message


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
@pytest.mark.parametrize("part", [0.02, 0.3, 0.7, 0.95])
def test_a_truncated_photo_is_refused(kind, part, draw, encode):
    data = encode(draw(), kind)
    assert refusal(data[: int(len(data) * part)]).message


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_damaged_bytes_give_a_picture_or_a_refusal_and_nothing_else(kind, draw, encode, phone):
    data = encode(draw(160, 120), kind, exif=phone())
    outcomes = {"taken": 0, "refused": 0}
    for step in range(60):
        at = step * 7919 % len(data) if step % 2 else step * 3 % min(len(data), 200)
        damaged = data[:at] + bytes([data[at] ^ 0xFF, 0xFF, step]) + data[at + 3 :]
        try:
            decode(damaged)
            outcomes["taken"] += 1
        except Invalid:
            outcomes["refused"] += 1
    assert sum(outcomes.values()) == 60
    assert outcomes["refused"]


def test_a_file_above_20_megabytes_is_refused(draw, encode):
    head = encode(draw())
    assert decode(head + bytes(images.MAX_BYTES - len(head))).width == 640
    assert "20 MB" in refusal(head + bytes(images.MAX_BYTES - len(head) + 1)).message


def png_chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png_claiming(width: int, height: int, rows: bytes) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = (png_chunk(b"IHDR", head), png_chunk(b"IDAT", rows), png_chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def webp_claiming(width: int, height: int) -> bytes:
    sides = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = b"WEBPVP8X" + struct.pack("<I", 10) + bytes(4) + sides
    return b"RIFF" + struct.pack("<I", len(body)) + body


@pytest.mark.parametrize("side", [7095, 13_000, 40_000, 2**31 - 1])
def test_a_png_of_too_many_pixels_is_refused_by_its_header(side):
    assert "像素" in refusal(png_claiming(side, side, zlib.compress(b""))).message


def test_a_webp_and_a_jpeg_of_too_many_pixels_are_refused_by_their_headers(draw, encode):
    assert "像素" in refusal(webp_claiming(16_383, 16_383)).message
    assert "WebP" in refusal(webp_claiming(8000, 6000)).message
    jpeg = encode(draw(), "JPEG")
    at = jpeg.index(b"\xff\xc0") + 5
    assert (
        "像素" in refusal(jpeg[:at] + struct.pack(">HH", 60_000, 60_000) + jpeg[at + 4 :]).message
    )


def test_a_heic_that_claims_another_size_than_it_has_is_refused(draw, encode):
    data = encode(draw(), "HEIF")
    box = b"ispe" + bytes(4)
    true = box + struct.pack(">II", 640, 480)
    assert data.count(true) == 1
    assert refusal(data.replace(true, box + struct.pack(">II", 16, 16))).message
    huge = data.replace(true, box + struct.pack(">II", 30_000, 30_000))
    assert "像素" in refusal(huge).message


def test_a_photo_of_50_megapixels_is_taken(encode):
    picture = decode(encode(Image.new("L", (8192, 6144), 77), "JPEG", quality=30))
    assert (picture.width, picture.height) == (8192, 6144)


MEASURED = """
import sys
from pathlib import Path
from tracker.errors import Invalid
from tracker.evidence.images import decode
try:
    decode(sys.stdin.buffer.read())
    print("taken", end=" ")
except Invalid:
    print("refused", end=" ")
status = Path("/proc/self/status").read_text()  # ru_maxrss would count the parent's memory too
print(int(status.split("VmHWM:")[1].split()[0]) // 1024)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak memory from /proc")
def test_a_bomb_of_13000_squared_pixels_is_refused_without_decoding_it(encode):
    bomb = encode(Image.new("1", (13_000, 13_000)), "PNG")
    assert len(bomb) < 30_000
    done = subprocess.run(
        [sys.executable, "-c", MEASURED], input=bomb, capture_output=True, check=True
    )
    outcome, megabytes = done.stdout.split()
    assert outcome == b"refused"
    assert int(megabytes) < 150  # decoded it would take 160 MB as bits and 640 MB as RGB


def test_a_jpeg_of_many_scans_is_refused_before_decoding(draw, encode):
    data = encode(draw(64, 64), progressive=True)
    assert 1 < scans(data, 100) <= 12
    last = data.rindex(b"\xff\xda")
    scan = data[last:-2]
    assert "编码层数" in refusal(data[:-2] + scan * 200 + b"\xff\xd9").message
    assert decode(data + b"\xff\xda\x00\x02" * 500).width == 64  # a tail is not part of it


# Likeness


def test_a_photo_sent_again_smaller_or_worse_looks_alike_and_others_do_not(draw, encode):
    first = draw(1200, 900)
    known = decode(encode(first)).phash
    assert -(2**63) <= known < 2**63
    for again in (
        encode(first, quality=40),
        encode(first.resize((600, 450))),
        encode(first.point(lambda value: min(255, int(value * 1.2)))),
        encode(first, "WEBP"),
    ):
        assert difference(known, decode(again).phash) <= 10
    strangers = [decode(encode(draw(1200, 900, seed=seed))).phash for seed in (3, 5, 8)]
    assert min(difference(known, other) for other in strangers) > 10


# Real photos


def test_real_photos_are_read_where_they_were_taken(real_photos):
    sanzao = decode((real_photos / "DERIVED_gps_sanzao.jpg").read_bytes())
    assert sanzao.position == pytest.approx((113.342830, 22.052970), abs=1e-5)
    assert sanzao.taken_at == datetime(2018, 9, 19, 1, 30, tzinfo=UTC)
    hongqi = decode((real_photos / "DERIVED_gps_hongqi.jpg").read_bytes())
    assert hongqi.position == pytest.approx((113.342660, 22.147850), abs=1e-5)
    abroad = decode((real_photos / "fixmystreet" / "photo_with_gps.jpeg").read_bytes())
    assert abroad.position == pytest.approx((-2.478839, 51.799172), abs=1e-5)
    assert abroad.taken_at == datetime(2025, 10, 8, 15, 4, 49, tzinfo=UTC)


def test_every_real_photo_is_taken_and_served_without_metadata(real_photos):
    files = sorted(real_photos.rglob("*.jp*g"))
    assert len(files) >= 13
    pictures = [decode(file.read_bytes()) for file in files]
    for picture in pictures:
        assert not {*range(0xE1, 0xF0), 0xFE, 0x100} & set(jpeg_markers(picture.view))
    turned = next(p for f, p in zip(files, pictures, strict=True) if "rotated" in f.name)
    assert (turned.width, turned.height) == (50, 100)
