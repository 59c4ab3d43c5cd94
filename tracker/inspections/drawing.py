"""Knows how the points of a round are drawn: the same seed and points give the same draw anywhere.

A random draw ranks each point by SHA-256 of the seed and its code. That needs no generator whose
stream could change with a version of Python, and a point more or less moves no other point's rank.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from tracker.errors import Invalid
from tracker.inspections.round_models import Draw
from tracker.texts import N_

#: (site type, community): what is drawn from one by one. A point outside every community has "".
Stratum = tuple[str, str]


@dataclass(frozen=True)
class Candidate:
    """A point that may be drawn."""

    point_id: int
    code: str
    site_type: str
    community: str = ""
    cycle_days: int = 30
    last_visit_at: datetime | None = None

    @property
    def stratum(self) -> Stratum:
        return self.site_type, self.community


@dataclass(frozen=True, kw_only=True)
class DrawOptions:
    """What is drawn from and how much; empty or None narrows nothing."""

    site_types: tuple[str, ...] = ()
    communities: tuple[str, ...] = ()
    #: at most so many of each site type in each community
    per_stratum: int | None = None
    #: percent of each site type in each community, rounded up
    share: int | None = None
    #: at most so many in all
    size: int | None = None

    def as_document(self) -> dict[str, Any]:
        """As Round.draw_options keeps it."""
        return {name: list(v) if isinstance(v, tuple) else v for name, v in asdict(self).items()}

    @classmethod
    def of_document(cls, kept: Mapping[str, Any]) -> "DrawOptions":
        """What `as_document` wrote; what is missing narrows nothing."""
        return cls(
            site_types=tuple(kept.get("site_types") or ()),
            communities=tuple(kept.get("communities") or ()),
            per_stratum=kept.get("per_stratum"),
            share=kept.get("share"),
            size=kept.get("size"),
        )

    def check(self) -> None:
        """Raise Invalid, naming the field, for numbers that draw nothing or contradict each other."""
        if self.per_stratum is not None and self.share is not None:
            raise Invalid(N_("“每类每社区数量”和“比例”只能填一项。"), field="share")
        if self.per_stratum is not None and self.per_stratum < 1:
            raise Invalid(N_("每类每社区至少抽 1 个点位。"), field="per_stratum")
        if self.share is not None and not 1 <= self.share <= 100:
            raise Invalid(N_("比例请填 1 到 100 之间的整数。"), field="share")
        if self.size is not None and self.size < 1:
            raise Invalid(N_("总数至少为 1。"), field="size")


def draw(
    how: Draw,
    candidates: Iterable[Candidate],
    options: DrawOptions,
    *,
    seed: str,
    now: datetime,
    by_hand: Iterable[str] = (),
) -> list[Candidate]:
    """The drawn points, whatever order the candidates come in. Raises Invalid.

    `by_hand` are the codes that were chosen, for Draw.BY_HAND; unknown ones are left out.
    """
    options.check()
    fitting = _fitting(candidates, options)
    if how is Draw.BY_HAND:
        chosen = set(by_hand)
        return [one for one in fitting if one.code in chosen]
    if how is Draw.ALL:
        return fitting
    if how is Draw.OVERDUE_FIRST:
        return _overdue_first(fitting, options, now)
    return _at_random(fitting, options, seed)


def rank(seed: str, text: str) -> str:
    """Where `text` stands in the draw with `seed`: the lowest is drawn first."""
    return hashlib.sha256(f"{seed}\n{text}".encode()).hexdigest()


def days_over(candidate: Candidate, now: datetime) -> float | None:
    """Days by which a point is past its cycle (negative: not yet); None when it was never visited."""
    if candidate.last_visit_at is None:
        return None
    return (now - candidate.last_visit_at) / timedelta(days=1) - candidate.cycle_days


def counted(drawn: Iterable[Candidate]) -> dict[Stratum, int]:
    """How many points of each site type in each community."""
    found: dict[Stratum, int] = {}
    for one in drawn:
        found[one.stratum] = found.get(one.stratum, 0) + 1
    return found


def _fitting(candidates: Iterable[Candidate], options: DrawOptions) -> list[Candidate]:
    wanted_types, wanted_places = set(options.site_types), set(options.communities)
    found = {
        one.code: one
        for one in candidates
        if (not wanted_types or one.site_type in wanted_types)
        and (not wanted_places or one.community in wanted_places)
    }
    return [found[code] for code in sorted(found)]


def _by_stratum(candidates: Iterable[Candidate]) -> dict[Stratum, list[Candidate]]:
    found: dict[Stratum, list[Candidate]] = {}
    for one in candidates:
        found.setdefault(one.stratum, []).append(one)
    return found


def _quota(count: int, options: DrawOptions) -> int:
    if options.per_stratum is not None:
        return min(count, options.per_stratum)
    if options.share is not None:
        return -(-count * options.share // 100)
    return count


def _at_random(fitting: list[Candidate], options: DrawOptions, seed: str) -> list[Candidate]:
    strata = _by_stratum(fitting)
    quotas = {key: _quota(len(members), options) for key, members in strata.items()}
    if options.size is not None:
        quotas = _shared_out(quotas, options.size, seed)
    drawn: list[Candidate] = []
    for key in sorted(strata):
        ranked = sorted(strata[key], key=lambda one: (rank(seed, one.code), one.code))
        drawn += ranked[: quotas[key]]
    return sorted(drawn, key=lambda one: one.code)


def _shared_out(quotas: dict[Stratum, int], size: int, seed: str) -> dict[Stratum, int]:
    """Quotas that add up to `size` at most, each in proportion (largest remainder, ties by the seed)."""
    total = sum(quotas.values())
    if total <= size:
        return quotas
    shares = {key: quota * size // total for key, quota in quotas.items()}
    left = size - sum(shares.values())
    order = sorted(
        quotas, key=lambda key: (-(quotas[key] * size % total), rank(seed, "/".join(key)), key)
    )
    for key in order[:left]:
        shares[key] += 1
    return shares


def _overdue_first(
    fitting: list[Candidate], options: DrawOptions, now: datetime
) -> list[Candidate]:
    """Never visited first, then the longest past their cycle; without a size only what is due."""

    def lateness(one: Candidate) -> tuple[bool, float, str]:
        over = days_over(one, now)
        return over is not None, -(over or 0.0), one.code

    ordered = sorted(fitting, key=lateness)
    if options.size is None:
        ordered = [one for one in ordered if (days_over(one, now) or 0.0) >= 0]
    left = {key: _quota(len(all_), options) for key, all_ in _by_stratum(fitting).items()}
    drawn = []
    for one in _first(ordered, left):
        drawn.append(one)
        if len(drawn) == options.size:
            break
    return drawn


def _first(ordered: Sequence[Candidate], left: dict[Stratum, int]) -> Iterable[Candidate]:
    for one in ordered:
        if left[one.stratum] > 0:
            left[one.stratum] -= 1
            yield one
