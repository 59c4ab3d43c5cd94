"""Knows how the few words that must stand in a map page are written so that they stay words.

Measured with Folium 0.20: text in a Popup or Tooltip that holds `${…}` runs as JavaScript even after HTML escaping.
So data never goes through those classes (nor through the page at all); what remains are titles, layer names and
credits, and the settings block that the page's scripts read.
"""

import html
import json
from typing import Any

# The characters that can end a script block or, in older engines, a line of JavaScript.
_IN_SCRIPT = {ord(char): f"\\u{ord(char):04x}" for char in "<>&'`\u2028\u2029"}


def as_html(text: str) -> str:
    """Escape `text` for a place where Leaflet sets innerHTML: layer names, credits, control titles."""
    return html.escape(text, quote=True).replace("`", "&#96;").replace("$", "&#36;")


def as_json(value: Any) -> str:
    """Write `value` as JSON that may stand inside a `<script>` element; parsing it gives the same value.

    Raises TypeError for what JSON cannot hold and ValueError for NaN and infinities.
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.translate(_IN_SCRIPT)
