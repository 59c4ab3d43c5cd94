"""Knows the things that stand or lie about in the demo's scenes."""

import math
from random import Random

from tracker.demo.pen import Colour, Pen, darker, mix

PAINTS: tuple[Colour, ...] = (
    (184, 60, 54),
    (236, 236, 234),
    (58, 96, 146),
    (66, 70, 78),
    (206, 208, 210),
    (44, 110, 104),
)
LITTER: tuple[Colour, ...] = (
    (240, 240, 236),
    (206, 62, 58),
    (66, 126, 188),
    (238, 200, 84),
    (120, 94, 70),
    (150, 196, 140),
)


def litter(
    pen: Pen, chance: Random, *, within: tuple[float, float, float, float], many: int
) -> None:
    """Scraps strewn in the box `within` (x, y, wide, high)."""
    x, y, wide, high = within
    for _ in range(many):
        left, top, size = (
            x + chance.random() * wide,
            y + chance.random() * high,
            chance.uniform(8, 19),
        )
        turn = chance.random() * math.pi
        spots = [
            (left + size * math.cos(turn + n * 1.57), top + size * 0.45 * math.sin(turn + n * 1.57))
            for n in range(4)
        ]
        pen.shape([(a + 2, b + 3) for a, b in spots], (88, 86, 82))
        pen.shape(spots, chance.choice(LITTER))


def bag(pen: Pen, x: float, foot: float, *, size: float = 1.0, tint: Colour = (46, 50, 56)) -> None:
    """A tied refuse bag."""
    pen.shade(x, foot, 92 * size, 16 * size)
    pen.oval(x, foot - 28 * size, 78 * size, 60 * size, tint)
    pen.shape(
        [
            (x - 12 * size, foot - 52 * size),
            (x + 12 * size, foot - 52 * size),
            (x, foot - 76 * size),
        ],
        tint,
    )
    pen.oval(x - 14 * size, foot - 38 * size, 16 * size, 20 * size, mix(tint, (255, 255, 255), 0.2))


def bin_(pen: Pen, x: float, foot: float, tint: Colour, *, shut: bool = True) -> None:
    """A wheeled bin with its lid shut or thrown back."""
    pen.shade(x + 34, foot + 2, 96, 16)
    pen.shape([(x, foot - 112), (x + 70, foot - 112), (x + 62, foot), (x + 8, foot)], tint)
    pen.shape(
        [(x + 50, foot - 112), (x + 70, foot - 112), (x + 62, foot), (x + 48, foot)], darker(tint)
    )
    pen.oval(x + 35, foot - 56, 32, 32, (246, 246, 242))
    pen.oval(x + 35, foot - 56, 18, 18, tint)
    if shut:
        pen.box(x - 5, foot - 124, 80, 15, darker(tint, 0.35), round_=6)
    else:
        pen.shape(
            [(x, foot - 112), (x - 8, foot - 158), (x + 4, foot - 160), (x + 12, foot - 112)],
            darker(tint, 0.4),
        )
    for wheel in (x + 14, x + 56):
        pen.oval(wheel, foot, 16, 16, (40, 42, 46))


def car(pen: Pen, x: float, foot: float, paint: Colour, *, size: float = 1.0) -> None:
    """A car from the side, its plate left blank."""

    def at(*spots: tuple[float, float]) -> list[tuple[float, float]]:
        return [(x + a * size, foot + b * size) for a, b in spots]

    pen.shade(x + 130 * size, foot + 2, 290 * size, 26 * size, depth=90)
    pen.shape(at((50, -62), (84, -106), (178, -106), (220, -62)), darker(paint, 0.15))
    pen.shape(at((62, -64), (88, -98), (126, -98), (126, -64)), (148, 184, 202))
    pen.shape(at((134, -64), (134, -98), (174, -98), (206, -64)), (148, 184, 202))
    pen.box(x, foot - 66 * size, 262 * size, 48 * size, paint, round_=16 * size)
    pen.box(x + 4 * size, foot - 34 * size, 254 * size, 8 * size, darker(paint, 0.25))
    pen.box(x + 246 * size, foot - 56 * size, 14 * size, 12 * size, (248, 232, 160), round_=3)
    pen.box(x + 2 * size, foot - 56 * size, 10 * size, 12 * size, (196, 60, 52), round_=3)
    pen.box(x + 148 * size, foot - 56 * size, 16 * size, 4 * size, darker(paint, 0.4))
    for wheel in (58, 202):
        pen.oval(x + wheel * size, foot - 14 * size, 54 * size, 54 * size, (38, 40, 44))
        pen.oval(x + wheel * size, foot - 14 * size, 26 * size, 26 * size, (186, 190, 194))


def bike(pen: Pen, x: float, foot: float, tint: Colour, *, size: float = 1.0) -> None:
    """An electric bicycle from the side."""
    pen.shade(x + 56 * size, foot, 140 * size, 14 * size, depth=70)
    for wheel in (16, 98):
        pen.oval(x + wheel * size, foot - 18 * size, 36 * size, 36 * size, (40, 42, 46))
        pen.oval(x + wheel * size, foot - 18 * size, 18 * size, 18 * size, (176, 180, 184))
    pen.shape(
        [
            (x + a * size, foot + b * size)
            for a, b in (
                (14, -24),
                (20, -54),
                (60, -54),
                (66, -30),
                (82, -30),
                (96, -72),
                (104, -72),
                (98, -20),
                (60, -14),
            )
        ],
        tint,
    )
    pen.box(x + 10 * size, foot - 64 * size, 50 * size, 11 * size, (46, 48, 52), round_=5)
    pen.line(
        [
            (x + 98 * size, foot - 64 * size),
            (x + 90 * size, foot - 86 * size),
            (x + 78 * size, foot - 86 * size),
        ],
        (50, 52, 56),
        thick=4 * size,
    )


def crate(pen: Pen, x: float, foot: float, wide: float, high: float, tint: Colour) -> None:
    """A box or carton."""
    pen.shade(x + wide / 2, foot, wide * 1.15, 14, depth=60)
    pen.box(x, foot - high, wide, high, tint)
    pen.box(x + wide * 0.8, foot - high, wide * 0.2, high, darker(tint, 0.12))
    pen.box(x, foot - high, wide, 5, mix(tint, (255, 255, 255), 0.3))
    pen.box(x + wide * 0.42, foot - high, wide * 0.14, high, darker(tint, 0.08))


def stall(pen: Pen, chance: Random, x: float, foot: float, awning: Colour) -> None:
    """A fruit stall under a parasol."""
    pen.shade(x + 110, foot, 270, 22)
    pen.box(x + 106, foot - 210, 7, 200, (120, 124, 128))
    for stripe in range(6):
        left = x - 16 + stripe * 42
        tint = awning if stripe % 2 else (246, 240, 230)
        pen.shape([(x + 110, foot - 246), (left, foot - 190), (left + 42, foot - 190)], tint)
    pen.box(x, foot - 78, 220, 16, (150, 110, 72))
    pen.box(x + 8, foot - 62, 204, 58, (122, 90, 62))
    fruits = ((214, 74, 58), (240, 168, 60), (132, 176, 72), (244, 208, 92))
    for pile in range(4):
        tint = fruits[(pile + chance.randrange(2)) % 4]
        for row, count in enumerate((3, 2, 1)):
            for n in range(count):
                pen.oval(x + 20 + pile * 52 + n * 15 + row * 7, foot - 86 - row * 12, 17, 17, tint)


def lamp(pen: Pen, x: float, foot: float, *, lit: bool) -> None:
    """A street lamp, dark or shining."""
    pen.box(x - 4, foot - 330, 9, 330, (88, 94, 102))
    pen.line([(x, foot - 326), (x + 70, foot - 340)], (88, 94, 102), thick=6)
    if lit:
        for wide in (150, 104, 64):
            pen.glow(x + 78, foot - 322, wide, (255, 232, 160), depth=60)
        pen.cone((x + 78, foot - 330), foot + 40, 170, (255, 236, 170), depth=46)
    pen.box(x + 54, foot - 348, 50, 14, (255, 244, 196) if lit else (64, 68, 74), round_=6)


def board(pen: Pen, x: float, y: float, accent: Colour, *, torn: bool) -> None:
    """A public-interest notice: a picture and lines that stand for words, fresh or torn."""
    pen.box(x - 12, y - 12, 364, 244, (126, 92, 66) if torn else (150, 108, 72))
    paper = (226, 218, 200) if torn else (252, 248, 238)
    tint = mix(accent, paper, 0.62) if torn else accent
    pen.box(x, y, 340, 220, paper)
    pen.box(x, y, 340, 46, tint)
    pen.oval(x + 76, y + 132, 116, 116, mix(tint, paper, 0.35))
    pen.shape([(x + 76, y + 84), (x + 118, y + 150), (x + 34, y + 150)], tint)
    pen.box(x + 64, y + 148, 24, 30, darker(tint, 0.2))
    for row in range(5):
        pen.box(
            x + 168,
            y + 74 + row * 26,
            142 - 22 * (row % 3),
            9,
            mix((90, 90, 92), paper, 0.5 if torn else 0.1),
        )
    if torn:
        pen.shape(
            [
                (x + 340, y + 90),
                (x + 250, y + 148),
                (x + 286, y + 176),
                (x + 232, y + 220),
                (x + 340, y + 220),
            ],
            (156, 122, 92),
        )
        pen.shape([(x + 250, y + 148), (x + 286, y + 176), (x + 232, y + 196)], (244, 238, 226))
        pen.line([(x + 20, y + 60), (x + 58, y + 108), (x + 48, y + 150)], (150, 140, 126), thick=3)
