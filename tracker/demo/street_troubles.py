"""Knows how the problems of a street look, and how the street looks once they are mended."""

from random import Random

from tracker.demo import objects
from tracker.demo.pen import HEIGHT, Colour, Pen, darker
from tracker.demo.scenery import ASPHALT, AWNINGS, PAVING

BINS: tuple[Colour, ...] = ((58, 128, 86), (52, 104, 162), (96, 102, 110))


def refuse(pen: Pen, chance: Random, *, after: bool) -> None:
    """Refuse bags on the pavement; later only a bin."""
    x = chance.uniform(250, 430)
    if after:
        objects.bin_(pen, x + 60, 462, BINS[0])
        return
    objects.litter(pen, chance, within=(x - 110, 450, 380, 60), many=26)
    for dx, size in ((0, 1.0), (74, 0.8), (34, 1.15), (140, 0.95), (-60, 0.7)):
        objects.bag(
            pen,
            x + dx,
            474 + size * 14,
            size=size,
            tint=chance.choice(((46, 50, 56), (70, 82, 92), (196, 200, 198))),
        )


def bins(pen: Pen, chance: Random, *, after: bool) -> None:
    """Overflowing bins; later shut and clean."""
    x = chance.uniform(220, 400)
    for number, tint in enumerate(BINS):
        left = x + number * 88
        if not after:
            objects.bag(pen, left + 24, 366, size=0.55, tint=(210, 208, 200))
            objects.bag(pen, left + 48, 364, size=0.5, tint=(64, 70, 76))
        objects.bin_(pen, left, 470, tint, shut=after)
    if not after:
        objects.bag(pen, x + 292, 486, size=0.85)
        objects.litter(pen, chance, within=(x - 60, 468, 400, 52), many=24)


def parking(pen: Pen, chance: Random, *, after: bool) -> None:
    """A car across the pavement; later bollards keep it free."""
    x, paint = chance.uniform(200, 380), chance.choice(objects.PAINTS)
    if not after:
        objects.car(pen, x, 474, paint, size=1.25)
        return
    for post in range(5):
        left = x - 60 + post * 96
        pen.shade(left + 6, 480, 36, 9)
        pen.box(left, 428, 13, 52, (214, 182, 66), round_=4)
        pen.box(left, 442, 13, 9, (60, 62, 66))


def bicycles(pen: Pen, chance: Random, *, after: bool) -> None:
    """E-bikes strewn over the pavement; later in their marked place."""
    tints = [chance.choice(objects.PAINTS) for _ in range(6)]
    x = chance.uniform(150, 250)
    if after:
        pen.shape([(x - 10, 416), (x + 470, 416), (x + 450, 474), (x - 40, 474)], (238, 238, 232))
        pen.shape([(x - 5, 420), (x + 464, 420), (x + 446, 470), (x - 32, 470)], PAVING)
        for number, tint in enumerate(tints):
            objects.bike(pen, x + number * 70, 462, tint, size=0.9)
        return
    for number, tint in enumerate(tints):
        drop, shift = (number * 37) % 62, chance.uniform(-24, 24)
        objects.bike(pen, x + number * 78 + shift, 440 + drop, tint, size=0.9 + drop / 300)


def vending(pen: Pen, chance: Random, *, after: bool) -> None:
    """A stall on the pavement; later the pavement is free."""
    x, awning = chance.uniform(220, 400), chance.choice(AWNINGS)
    if after:
        return
    objects.stall(pen, chance, x, 482, awning)
    for number in range(3):
        objects.crate(
            pen, x - 96 + number * 22, 492 - number * 4, 60, 34 + number * 6, (196, 152, 96)
        )
    objects.litter(pen, chance, within=(x - 40, 484, 300, 26), many=10)


def pothole(pen: Pen, chance: Random, *, after: bool) -> None:
    """A hole with standing water in the carriageway; later a square patch."""
    x, y = chance.uniform(300, 480), 540.0
    if after:
        pen.shape(
            [(x - 130, y - 30), (x + 140, y - 30), (x + 120, y + 32), (x - 156, y + 32)],
            darker(ASPHALT, 0.35),
        )
        return
    for wide, high, tint in (
        (290, 74, darker(ASPHALT, 0.25)),
        (240, 56, (72, 66, 60)),
        (190, 38, (122, 138, 150)),
    ):
        pen.oval(x, y, wide, high, tint)
        pen.oval(x + wide * 0.28, y + high * 0.16, wide * 0.5, high * 0.8, tint)
    pen.oval(x - 20, y - 4, 90, 9, (188, 206, 216))
    for _ in range(16):
        pen.oval(
            x + chance.uniform(-190, 210),
            y + chance.uniform(-40, 44),
            chance.uniform(8, 22),
            8,
            (82, 78, 74),
        )
    for turn in (-1, 1):
        pen.line(
            [(x + turn * 140, y), (x + turn * 190, y - 16), (x + turn * 250, y - 6)],
            (64, 64, 66),
            thick=3,
        )


def cover(pen: Pen, chance: Random, *, after: bool) -> None:
    """A manhole without its cover; later closed."""
    x, y = chance.uniform(330, 470), 528.0
    pen.oval(x, y, 178, 64, (150, 152, 154))
    if not after:
        pen.oval(x, y, 154, 50, (24, 24, 28))
        pen.oval(x, y + 8, 120, 26, (40, 40, 44))
        pen.shade(x + 170, y + 14, 190, 50)
        pen.oval(x + 168, y + 4, 166, 52, (92, 96, 100))
        pen.oval(x + 168, y, 166, 50, (118, 122, 126))
        return
    pen.oval(x, y, 160, 54, (104, 108, 112))
    for row in range(-2, 3):
        pen.line(
            [(x - 64 + abs(row) * 12, y + row * 9), (x + 64 - abs(row) * 12, y + row * 9)],
            (136, 140, 144),
            thick=4,
        )


def dark_lamp(pen: Pen, chance: Random, *, after: bool) -> None:
    """A street lamp that stays dark at dusk; later it shines."""
    pen.veil(0, HEIGHT, (16, 24, 52), depth=128)
    objects.lamp(pen, chance.uniform(330, 430), 478, lit=after)


def laundry(pen: Pen, chance: Random, *, after: bool) -> None:
    """Washing hung along the street; later gone."""
    if after:
        return
    pen.line([(120, 318), (400, 336), (700, 316)], (70, 72, 76), thick=3)
    for number in range(8):
        x, tint = 160 + number * 64, chance.choice(objects.PAINTS)
        y = 322 + 12 * (1 - abs(number - 3.5) / 4)
        pen.shape(
            [
                (x - 20, y + 14),
                (x - 8, y),
                (x + 26, y),
                (x + 38, y + 14),
                (x + 28, y + 26),
                (x + 26, y + 82),
                (x - 8, y + 82),
                (x - 10, y + 26),
            ],
            darker(tint, 0.05),
        )


def fire_lane(pen: Pen, chance: Random, *, after: bool) -> None:
    """A car on the marked fire lane; later the lane is free."""
    yellow: Colour = (236, 196, 60)
    pen.shape([(90, 512), (710, 512), (770, 596), (30, 596)], yellow)
    pen.shape([(102, 518), (698, 518), (752, 590), (48, 590)], ASPHALT)
    for bar in range(120, 680, 70):
        pen.shape([(bar, 518), (bar + 14, 518), (bar - 36, 590), (bar - 54, 590)], yellow)
    x, paint = chance.uniform(210, 330), chance.choice(objects.PAINTS)
    if not after:
        objects.car(pen, x, 574, paint, size=1.3)


def crossing(pen: Pen, chance: Random, *, after: bool) -> None:
    """A car that stands on the zebra crossing; later it waits before it."""
    for x in range(330, 640, 52):
        pen.shape([(x, 498), (x + 30, 498), (x + 6, HEIGHT), (x - 28, HEIGHT)], (242, 242, 238))
    pen.shape([(270, 498), (280, 498), (250, HEIGHT), (238, HEIGHT)], (242, 242, 238))
    objects.car(pen, -60 if after else 300, 562, chance.choice(objects.PAINTS), size=1.1)
