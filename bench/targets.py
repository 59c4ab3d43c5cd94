"""Knows how a figure is set beside what was aimed at, and says so when it was missed."""


def at_most(ratio: float, most: float) -> tuple[str, str]:
    """Two cells: the ratio, and the aim that it should not exceed."""
    return _cells(ratio, f"at most {most:g} ×", ratio <= most)


def at_least(ratio: float, least: float) -> tuple[str, str]:
    """Two cells: the ratio, and the aim that it should reach."""
    return _cells(ratio, f"at least {least:g} ×", ratio >= least)


def _cells(ratio: float, aim: str, is_met: bool) -> tuple[str, str]:
    shown = f"{ratio:,.0f} ×" if ratio >= 100 else f"{ratio:.2f} ×"
    return shown, aim if is_met else f"{aim}: missed"
