"""Knows how a perceptual hash is cut into quarters, so that near copies are found by an index."""

#: Most bits of 64 in which a near copy differs; measured, see docs/decisions/0016.
LIMIT = 7
_QUARTERS = 4
_BITS = 16
_MASK = (1 << _BITS) - 1


def keys_of(phash: int) -> list[int]:
    """The four keys under which a photo is found: number of the quarter, then its 16 bits."""
    return [quarter << _BITS | phash >> (quarter * _BITS) & _MASK for quarter in range(_QUARTERS)]


def probes_of(phash: int) -> list[int]:
    """The 68 keys that differ from one of its own in no bit or in one.

    Of two hashes at most 7 bits apart, some quarter differs in one bit at most: four quarters
    with two each would make eight. So what these keys do not find is farther away.
    """
    return [
        key ^ flipped
        for key in keys_of(phash)
        for flipped in (0, *(1 << bit for bit in range(_BITS)))
    ]
