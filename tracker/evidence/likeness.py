"""Knows how alike two pictures look: a 64-bit hash that survives re-encoding and scaling."""

from functools import cache
from typing import TYPE_CHECKING

from PIL import Image

if TYPE_CHECKING:
    import numpy

#: Edge of the small grey picture, and of the block of slow waves taken from it.
_EDGE = 32
_WAVES = 8
_MASK = (1 << 64) - 1
#: A picture whose middle wave is weaker than this has no hash (in units of the DCT below, without
#: its constant factor): noise and re-encoding change waves by up to 83 there, so half its bits
#: would be chance. Measured, see docs/decisions/0016: photos reach 51 and more, a plain colour,
#: a fog, a lens cap or an even gradient at most 11.
MIN_AMPLITUDE = 25.0


def likeness(image: Image.Image) -> int | None:
    """The DCT hash of a picture: 64 bits as a signed integer; None when it shows nothing.

    The picture becomes 32 × 32 grey; of its two-dimensional DCT-II the 8 × 8 slowest waves but
    the constant ones are compared with their median, row by row, first bit highest (Zauner 2010,
    §3.2.1). Re-encoding, scaling and brightness change few bits; a crop of 10 % or a mirror image
    changes many, so this finds lazily reused photos and is no proof either way.
    """
    import numpy

    grey = image.convert("L").resize((_EDGE, _EDGE), Image.Resampling.LANCZOS)
    waves = _cosines()
    block = waves @ numpy.asarray(grey, dtype=float) @ waves.T
    if numpy.median(numpy.abs(block)) < MIN_AMPLITUDE:
        return None
    bits = (block > numpy.median(block)).ravel()
    value = int.from_bytes(numpy.packbits(bits).tobytes())
    return value - (1 << 64) if value >> 63 else value


def difference(one: int, other: int) -> int:
    """How many of the 64 bits differ: 0 for the same picture, about 32 for strangers."""
    return ((one ^ other) & _MASK).bit_count()


@cache
def _cosines() -> "numpy.ndarray":
    """Rows 1 to 8 of the DCT-II matrix for 32 samples, without its constant factor."""
    import numpy

    wave = numpy.arange(1, _WAVES + 1)[:, None]
    sample = numpy.arange(_EDGE)[None, :]
    return numpy.cos(numpy.pi * wave * (2 * sample + 1) / (2 * _EDGE))
