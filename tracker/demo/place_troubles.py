"""Knows how problems of lanes, parks, rivers, sites and stairs look, before and once mended."""

from random import Random

from tracker.demo import objects
from tracker.demo.pen import WIDTH, Colour, Pen, darker, mix


def bills(pen: Pen, chance: Random, *, after: bool) -> None:
    """A wall full of bills; later clean."""
    if after:
        return
    for number in range(14):
        x, y = (
            230 + (number % 5) * 76 + chance.uniform(-16, 16),
            110 + (number // 5) * 96 + chance.uniform(-16, 16),
        )
        wide, high, tint = (
            chance.uniform(48, 70),
            chance.uniform(60, 84),
            chance.choice(objects.LITTER),
        )
        paper = mix(tint, (255, 255, 250), 0.6)
        pen.box(x + 3, y + 4, wide, high, (150, 140, 128))
        pen.box(x, y, wide, high, paper)
        pen.box(x + 6, y + 7, wide - 12, 13, tint)
        for row in range(3):
            pen.box(x + 6, y + 28 + row * 11, wide - 16 - row * 6, 4, (104, 104, 108))
    for _ in range(3):
        x, y = chance.uniform(230, 520), chance.uniform(120, 350)
        pen.line(
            [(x, y), (x + 30, y - 24), (x + 52, y + 12), (x + 86, y - 20)], (170, 44, 44), thick=5
        )


def bare_green(pen: Pen, chance: Random, *, after: bool) -> None:
    """Bare soil and litter on a lawn; later green with flowers."""
    x = chance.uniform(150, 250)
    if not after:
        for dx, dy, wide in ((0, 0, 280), (90, 26, 240), (-60, 30, 180)):
            pen.oval(x + dx, 500 + dy, wide, 84, (166, 128, 88))
        pen.oval(x + 30, 510, 170, 44, (142, 106, 72))
        objects.litter(pen, chance, within=(x - 110, 460, 330, 100), many=22)
        return
    for _ in range(46):
        left, top = x + chance.uniform(-130, 180), chance.uniform(468, 560)
        pen.line([(left, top), (left - 3, top - 12)], (74, 126, 66), thick=3)
        pen.oval(
            left - 3,
            top - 14,
            9,
            9,
            chance.choice(((240, 200, 80), (226, 110, 120), (250, 248, 240))),
        )


def dirty_water(pen: Pen, chance: Random, *, after: bool) -> None:
    """Litter and scum on the water; later clear."""
    if after:
        return
    for _ in range(9):
        x, y = chance.uniform(60, 740), chance.uniform(400, 488)
        pen.oval(x, y, chance.uniform(90, 190), chance.uniform(14, 26), (122, 138, 96))
    objects.litter(pen, chance, within=(80, 396, 640, 92), many=46)


def site(pen: Pen, chance: Random, *, after: bool) -> None:
    """A broken hoarding in dust; later whole, with the road washed."""
    panel = (64, 130, 110)
    for number in range(9):
        x = -10 + number * 92
        if not after and number in (3, 4):
            lean = 34 if number == 3 else -20
            pen.shape(
                [(x + lean, 300), (x + lean + 84, 318), (x + 84, 440), (x, 440)],
                darker(panel, 0.25),
            )
            continue
        pen.box(x, 280, 88, 160, panel)
        for rib in range(4):
            pen.box(x + 10 + rib * 20, 284, 4, 152, darker(panel, 0.12))
        pen.box(x, 280, 88, 12, (240, 240, 234))
    if after:
        return
    pen.shape([(210, 500), (300, 404), (420, 470), (520, 500)], (178, 142, 100))
    pen.shape([(470, 506), (560, 440), (640, 506)], (160, 128, 92))
    for y, depth in ((300, 40), (380, 70), (440, 56)):
        pen.veil(y, 160, (206, 182, 148), depth=depth)


def clutter(pen: Pen, chance: Random, *, after: bool) -> None:
    """Cartons and a bicycle on the landing; later it is free."""
    x = chance.uniform(230, 300)
    if after:
        return
    objects.crate(pen, x, 520, 110, 90, (198, 156, 104))
    objects.crate(pen, x + 14, 430, 84, 60, (186, 140, 92))
    objects.crate(pen, x + 130, 536, 130, 66, (150, 168, 178))
    objects.bag(pen, x - 60, 540, size=0.9, tint=(170, 72, 66))
    objects.bike(pen, x + 110, 570, chance.choice(objects.PAINTS), size=1.4)


def wires(pen: Pen, chance: Random, *, after: bool) -> None:
    """Dangling cables that charge an e-bike; later one tidy duct."""
    x = chance.uniform(330, 430)
    if after:
        pen.box(0, 84, WIDTH, 16, (232, 232, 228))
        pen.box(0, 98, WIDTH, 3, (170, 168, 162))
        return
    for number in range(6):
        sag = 60 + number * 14 + chance.uniform(0, 20)
        pen.line(
            [(0, 50 + number * 9), (200, 50 + sag), (460, 44 + sag), (WIDTH, 60 + number * 7)],
            (46, 48, 52),
            thick=3,
        )
    pen.line([(x, 110), (x + 18, 240), (x - 8, 350), (x + 34, 452)], (210, 76, 56), thick=5)
    pen.box(x + 20, 446, 34, 16, (244, 244, 240), round_=4)
    objects.bike(pen, x - 40, 520, chance.choice(objects.PAINTS), size=1.6)


def notice(pen: Pen, chance: Random, *, after: bool) -> None:
    """A torn, faded public-interest notice; later a fresh one."""
    objects.board(
        pen, 232, 110, chance.choice(((192, 60, 52), (58, 122, 92), (52, 104, 160))), torn=not after
    )


def broken_bench(pen: Pen, chance: Random, *, after: bool) -> None:
    """A bench with broken slats; later whole."""
    x = chance.uniform(180, 290)
    pen.shade(x + 120, 546, 290, 24)
    wood: Colour = (172, 120, 74)
    for leg in (x + 16, x + 214):
        pen.box(leg, 420, 12, 126, (74, 78, 84))
    for number, y in enumerate((426, 452, 496)):
        if after or number == 0:
            pen.box(x, y, 244, 17, wood, round_=3)
        elif number == 1:
            pen.box(x, y, 96, 17, wood)
            pen.shape(
                [(x + 150, y + 26), (x + 240, y), (x + 244, y + 16), (x + 154, y + 44)],
                darker(wood),
            )
        else:
            pen.shape([(x, y), (x + 120, y + 26), (x + 116, y + 42), (x, y + 17)], darker(wood))
    if not after:
        objects.litter(pen, chance, within=(x - 20, 540, 280, 30), many=8)
