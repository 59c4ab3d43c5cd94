"""Knows how a browser's own description is said in a few words."""

_BROWSERS = (
    ("MicroMessenger", "微信"),
    ("DingTalk", "钉钉"),
    ("Edg", "Edge"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


def device_name(user_agent: str) -> str:
    """E.g. "Chrome · Windows"; empty when neither is recognised."""
    named = []
    for table in (_BROWSERS, _SYSTEMS):
        named += [name for mark, name in table if mark in user_agent][:1]
    return " · ".join(named)
