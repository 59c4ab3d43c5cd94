"""Knows how a rule marks its words for translation without knowing the web."""


def N_(text: str) -> str:  # noqa: N802 - the name gettext tools look for
    """Mark `text` for extraction; it is translated where it is shown."""
    return text
