"""Knows how the places look in which the demo's problems are found."""

from random import Random

from tracker.demo.pen import HEIGHT, WIDTH, Colour, Pen, darker, mix

SKIES: tuple[tuple[Colour, Colour], ...] = (
    ((120, 178, 222), (226, 240, 248)),
    ((150, 190, 214), (240, 240, 232)),
    ((166, 182, 198), (228, 232, 236)),
    ((104, 166, 214), (250, 232, 206)),
)
WALLS: tuple[Colour, ...] = (
    (232, 214, 186),
    (214, 196, 176),
    (206, 214, 216),
    (226, 202, 180),
    (198, 208, 196),
    (220, 188, 168),
)
AWNINGS: tuple[Colour, ...] = ((192, 72, 62), (52, 120, 128), (206, 142, 54), (72, 110, 160))
LEAVES: tuple[Colour, ...] = ((82, 142, 84), (98, 156, 92), (70, 128, 84))
PAVING: Colour = (198, 194, 188)
ASPHALT: Colour = (98, 102, 110)


def sky(pen: Pen, chance: Random) -> None:
    """Sky with a far skyline."""
    top, low = chance.choice(SKIES)
    pen.fade(top, low, high=420)
    far = mix(low, (120, 140, 160), 0.35)
    x = -20.0
    while x < WIDTH:
        wide, high = chance.uniform(40, 90), chance.uniform(60, 170)
        pen.box(x, 330 - high, wide, high + 60, far)
        x += wide + chance.uniform(2, 26)


def houses(pen: Pen, chance: Random, *, ground: float = 392) -> None:
    """A row of houses with shops."""
    x = -chance.uniform(0, 60)
    while x < WIDTH:
        wide, high = chance.uniform(150, 230), chance.uniform(190, 300)
        wall = chance.choice(WALLS)
        pen.box(x, ground - high, wide, high, wall)
        pen.box(x, ground - high, wide, 10, darker(wall, 0.25))
        pen.box(x + wide - 10, ground - high, 10, high, darker(wall, 0.1))
        _windows(pen, chance, x, ground - high, wide, high)
        _shop(pen, chance, x, ground, wide)
        x += wide


def _windows(pen: Pen, chance: Random, x: float, y: float, wide: float, high: float) -> None:
    glass = mix((86, 112, 134), (180, 206, 222), chance.random() * 0.6)
    columns = int(wide // 46)
    gap = wide / columns
    row = y + 26
    while row < y + high - 108:
        for column in range(columns):
            left = x + column * gap + gap / 2 - 13
            pen.box(left - 2, row - 2, 30, 36, (246, 246, 242))
            pen.box(left, row, 26, 32, glass)
            pen.shape(
                [(left, row + 32), (left, row + 12), (left + 20, row)],
                mix(glass, (255, 255, 255), 0.25),
            )
        row += 50


def _shop(pen: Pen, chance: Random, x: float, ground: float, wide: float) -> None:
    awning = chance.choice(AWNINGS)
    pen.box(x + 12, ground - 74, wide - 24, 74, (84, 92, 100))
    pen.box(x + 18, ground - 60, wide * 0.5, 60, (168, 190, 198))
    pen.box(x + wide * 0.66, ground - 58, wide * 0.2, 58, (116, 88, 70))
    stripes = 8
    for stripe in range(stripes):
        left = x + 6 + stripe * (wide - 12) / stripes
        right = left + (wide - 12) / stripes
        tint = awning if stripe % 2 else (244, 240, 232)
        pen.shape(
            [
                (left + 4, ground - 92),
                (right + 4, ground - 92),
                (right, ground - 68),
                (left, ground - 68),
            ],
            tint,
        )


def road(pen: Pen, *, top: float = 392) -> None:
    """Pavement, kerb and carriageway."""
    pen.fade(PAVING, darker(PAVING, 0.08), y=top, high=90)
    for x in range(-200, WIDTH + 200, 46):
        pen.line([(x * 0.9 + 40, top), (x, top + 84)], darker(PAVING, 0.1), thick=1)
    pen.line([(0, top + 40), (WIDTH, top + 40)], darker(PAVING, 0.1), thick=1)
    pen.box(0, top + 84, WIDTH, 12, (226, 224, 218))
    pen.box(0, top + 96, WIDTH, 5, darker(PAVING, 0.4))
    pen.fade(darker(ASPHALT, 0.1), ASPHALT, y=top + 101, high=HEIGHT - top - 101)
    for x in range(-40, WIDTH, 150):
        pen.shape([(x, 566), (x + 84, 566), (x + 76, 576), (x - 10, 576)], (236, 234, 226))


def tree(pen: Pen, chance: Random, x: float, foot: float, *, size: float = 1.0) -> None:
    """A street tree."""
    leaf = chance.choice(LEAVES)
    pen.shade(x, foot, 90 * size, 14 * size, depth=50)
    pen.box(x - 5 * size, foot - 100 * size, 10 * size, 100 * size, (116, 92, 72))
    for dx, dy, wide in ((-24, -112, 74), (24, -116, 78), (0, -146, 86)):
        pen.oval(x + dx * size, foot + dy * size, wide * size, wide * 0.86 * size, leaf)
    pen.oval(
        x + 10 * size, foot - 154 * size, 46 * size, 34 * size, mix(leaf, (255, 255, 220), 0.18)
    )


def street(pen: Pen, chance: Random) -> None:
    """A street with shops and trees."""
    sky(pen, chance)
    houses(pen, chance)
    road(pen)
    for x in (chance.uniform(40, 130), chance.uniform(660, 760)):
        tree(pen, chance, x, 434, size=chance.uniform(0.9, 1.15))


def lane(pen: Pen, chance: Random) -> None:
    """A narrow lane seen against a plastered wall with a door."""
    wall = chance.choice(WALLS)
    pen.fade(mix(wall, (255, 255, 255), 0.25), wall, high=470)
    pen.box(0, 388, WIDTH, 84, darker(wall, 0.22))
    for x in range(0, WIDTH, 200):
        pen.line([(x + 60, 0), (x + 60, 470)], darker(wall, 0.06), thick=2)
    door = chance.choice(AWNINGS)
    side = chance.choice((40, 610))
    pen.box(side, 150, 150, 322, darker(wall, 0.4))
    pen.box(side + 10, 160, 130, 312, darker(door, 0.15))
    pen.box(side + 24, 180, 102, 110, darker(door, 0.3))
    pen.oval(side + 126, 330, 12, 12, (230, 206, 130))
    pen.fade(PAVING, darker(PAVING, 0.2), y=470, high=130)
    for x in range(-300, WIDTH + 300, 90):
        pen.line([(x * 0.8 + 80, 470), (x, HEIGHT)], darker(PAVING, 0.15), thick=1)


def park(pen: Pen, chance: Random) -> None:
    """A lawn with a path, trees and a bench."""
    sky(pen, chance)
    pen.fade((132, 176, 108), (98, 152, 86), y=320, high=280)
    pen.shape([(430, 320), (470, 320), (760, 600), (380, 600)], (222, 210, 184))
    for x, foot in ((90, 372), (230, 350), (620, 352), (730, 388)):
        tree(pen, chance, x + chance.uniform(-20, 20), foot, size=chance.uniform(0.8, 1.2))
    pen.box(590, 428, 120, 10, (150, 106, 70))
    pen.box(590, 402, 120, 9, (164, 118, 78))
    for x in (600, 692):
        pen.box(x, 402, 7, 58, (82, 86, 92))


def river(pen: Pen, chance: Random) -> None:
    """A river between stone banks."""
    sky(pen, chance)
    houses(pen, chance, ground=330)
    pen.box(0, 330, WIDTH, 34, (176, 172, 164))
    for x in range(0, WIDTH, 60):
        pen.line([(x, 330), (x, 364)], (150, 146, 140), thick=2)
    pen.fade((108, 160, 172), (70, 124, 142), y=364, high=190)
    for _ in range(26):
        left, y = chance.uniform(0, WIDTH), chance.uniform(374, 540)
        pen.line([(left, y), (left + chance.uniform(30, 90), y)], (146, 190, 198), thick=2)
    pen.box(0, 552, WIDTH, 48, (196, 192, 184))
    pen.box(0, 500, WIDTH, 7, (228, 228, 226))
    for x in range(20, WIDTH, 80):
        pen.box(x, 500, 7, 56, (228, 228, 226))


def building_site(pen: Pen, chance: Random) -> None:
    """A building site behind its hoarding."""
    sky(pen, chance)
    x = chance.uniform(120, 260)
    for floor in range(5):
        pen.box(x, 300 - floor * 52, 330, 10, (160, 158, 154))
        for column in range(6):
            pen.box(x + 8 + column * 62, 300 - floor * 52, 9, 52, (178, 174, 168))
    crane = x + 400
    pen.box(crane, 40, 12, 330, (222, 168, 52))
    pen.box(crane - 210, 44, 320, 10, (222, 168, 52))
    pen.line([(crane + 6, 14), (crane - 190, 46)], (120, 104, 60))
    pen.line([(crane + 6, 14), (crane + 100, 46)], (120, 104, 60))
    pen.line([(crane - 150, 54), (crane - 150, 150)], (90, 90, 92))
    road(pen)


def stairwell(pen: Pen, chance: Random) -> None:
    """The landing of a block of flats."""
    wall = mix(chance.choice(WALLS), (255, 255, 255), 0.45)
    pen.fade(wall, darker(wall, 0.08), high=430)
    pen.box(0, 330, WIDTH, 110, mix(wall, (96, 150, 130), 0.45))
    pen.shape([(0, 430), (WIDTH, 430), (WIDTH, HEIGHT), (0, HEIGHT)], (188, 184, 178))
    for step in range(7):
        pen.box(500 + step * 44, 430 - step * 40, 320, 42, darker((206, 202, 196), step * 0.045))
        pen.box(500 + step * 44, 430 - step * 40, 320, 6, (226, 222, 216))
    pen.line([(492, 330), (760, 88)], (120, 78, 58), thick=9)
    for step in range(6):
        pen.line(
            [(505 + step * 44, 430 - step * 40), (505 + step * 44, 322 - step * 40)],
            (96, 100, 106),
            thick=4,
        )
    pen.box(60, 120, 150, 312, (112, 84, 68))
    pen.box(70, 130, 130, 302, chance.choice(((150, 70, 58), (88, 104, 118), (128, 96, 70))))
    pen.oval(186, 290, 12, 12, (232, 210, 140))
    pen.box(300, 60, 130, 110, (236, 240, 242))
    pen.box(308, 68, 114, 94, (170, 202, 220))
