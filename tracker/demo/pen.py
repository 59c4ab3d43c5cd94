"""Knows how to draw flat shapes smoothly on a picture of 800 x 600 points."""

from collections.abc import Iterable, Sequence

from PIL import Image, ImageDraw

WIDTH, HEIGHT = 800, 600
#: Shapes are drawn this many times larger and scaled down, which smooths their edges.
_FINER = 2

Colour = tuple[int, int, int]
Spot = tuple[float, float]


class Pen:
    """Draws in points of the finished picture; x to the right, y downwards."""

    def __init__(self) -> None:
        self._image = Image.new("RGB", (WIDTH * _FINER, HEIGHT * _FINER))
        self._draw = ImageDraw.Draw(self._image, "RGBA")

    def box(
        self, x: float, y: float, wide: float, high: float, fill: Colour, *, round_: float = 0
    ) -> None:
        """A rectangle from its upper left corner, with rounded corners if asked."""
        shape = self._scaled([(x, y), (x + wide, y + high)])
        if round_:
            self._draw.rounded_rectangle(shape, radius=round_ * _FINER, fill=fill)
        else:
            self._draw.rectangle(shape, fill=fill)

    def shape(self, spots: Iterable[Spot], fill: Colour) -> None:
        """A filled polygon."""
        self._draw.polygon(self._scaled(spots), fill=fill)

    def oval(self, x: float, y: float, wide: float, high: float, fill: Colour) -> None:
        """An ellipse around its middle."""
        corners = [(x - wide / 2, y - high / 2), (x + wide / 2, y + high / 2)]
        self._draw.ellipse(self._scaled(corners), fill=fill)

    def line(self, spots: Iterable[Spot], fill: Colour, *, thick: float = 2) -> None:
        """A line through `spots`."""
        self._draw.line(self._scaled(spots), fill=fill, width=round(thick * _FINER), joint="curve")

    def shade(self, x: float, y: float, wide: float, high: float, *, depth: int = 60) -> None:
        """A soft-looking shadow: a see-through dark ellipse around its middle."""
        corners = [(x - wide / 2, y - high / 2), (x + wide / 2, y + high / 2)]
        self._draw.ellipse(self._scaled(corners), fill=(20, 24, 32, depth))

    def glow(self, x: float, y: float, size: float, colour: Colour, *, depth: int) -> None:
        """A see-through disc of light around its middle."""
        corners = [(x - size / 2, y - size / 2), (x + size / 2, y + size / 2)]
        self._draw.ellipse(self._scaled(corners), fill=(*colour, depth))

    def cone(self, tip: Spot, foot: float, wide: float, colour: Colour, *, depth: int) -> None:
        """See-through light that falls from `tip` to the ground at `foot`."""
        x, y = tip
        spots = [(x - 14, y), (x + 14, y), (x + wide, foot), (x - wide, foot)]
        self._draw.polygon(self._scaled(spots), fill=(*colour, depth))

    def veil(self, y: float, high: float, colour: Colour, *, depth: int) -> None:
        """A see-through band across the picture: dust, dusk or a reflection."""
        corners = self._scaled([(0, y), (WIDTH, y + high)])
        self._draw.rectangle(corners, fill=(*colour, depth))

    def fade(self, top: Colour, bottom: Colour, *, y: float = 0, high: float = HEIGHT) -> None:
        """A band that runs from one colour to the other."""
        first, steps = round(y * _FINER), round(high * _FINER)
        for step in range(0, steps, 2):
            share = step / steps
            mixed = mix(top, bottom, share)
            self._draw.rectangle((0, first + step, WIDTH * _FINER, first + step + 1), fill=mixed)

    def finished(self) -> Image.Image:
        """The picture at its size."""
        return self._image.resize((WIDTH, HEIGHT), Image.Resampling.BOX)

    def _scaled(self, spots: Iterable[Spot]) -> Sequence[Spot]:
        return [(x * _FINER, y * _FINER) for x, y in spots]


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """The colour that lies `share` of the way from `one` to `other`."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def darker(colour: Colour, share: float = 0.2) -> Colour:
    """The colour in shadow."""
    return mix(colour, (20, 24, 32), share)
