"""Draws the elements that a sheet is made of, in millimetres, every text safe in XML."""

from xml.etree import ElementTree as ET

from tracker.progress.sheet_options import legal

INK, MUTED, LINE = "#1f2937", "#4b5563", "#94a3b8"
#: Fill of what has no figure, hatched as on the screen: see `hatch`.
NO_DATA = "url(#no-data)"


class Pen:
    """Adds elements to the drawing."""

    def __init__(self, root: ET.Element) -> None:
        self._at = root

    def put(self, tag: str, text: str = "", /, **attributes: object) -> ET.Element:
        """One element; underscores in names are hyphens, numbers are rounded to 0.01 mm."""
        named = {name.replace("_", "-"): _plain(value) for name, value in attributes.items()}
        made = ET.SubElement(self._at, tag, named)
        if text:
            made.text = legal(text)
        return made

    def group(self, **attributes: object) -> "Pen":
        """A pen that draws into a group of its own."""
        return Pen(self.put("g", **attributes))

    def write(self, x: float, y: float, text: str, size: float, **more: object) -> ET.Element:
        """A line of text, `y` its base line."""
        return self.put("text", text, x=x, y=y, font_size=size, **more)


def _plain(value: object) -> str:
    return f"{round(value, 2):g}" if isinstance(value, float) else legal(str(value))


def hatch(pen: Pen) -> None:
    """Defines NO_DATA."""
    size = 3
    tile = Pen(
        pen.put("pattern", id="no-data", width=size, height=size, patternUnits="userSpaceOnUse")
    )
    tile.put("rect", width=size, height=size, fill="#f3f4f6")
    tile.put(
        "path", d=f"M-1 1L1 -1M0 {size}L{size} 0M{size - 1} {size + 1}L{size + 1} {size - 1}",
        stroke="#9ca3af", stroke_width=0.4,
    )  # fmt: skip


def dot(pen: Pen, x: float, y: float, *, is_overdue: bool, size: float) -> None:
    """A single task: a triangle when it is overdue, else a circle, so that no colour is needed."""
    if is_overdue:
        pen.put(
            "path", d=f"M{x:.2f} {y - size:.2f}L{x + size:.2f} {y + size * 0.8:.2f}H{x - size:.2f}Z",
            fill="#b91c1c", stroke="#ffffff", stroke_width=0.2,
        )  # fmt: skip
    else:
        pen.put(
            "circle", cx=x, cy=y, r=size * 0.7, fill="#0f172a", stroke="#ffffff", stroke_width=0.2
        )
