"""Knows what the selects of the responsibility map offer: matters by 大类, site types, areas, units."""

from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from tracker.points.choices import Pairs, is_english
from tracker.responsibility.scopes import Scope, ScopeKind, Words


@dataclass(frozen=True)
class Matters:
    """Everything that can be answered for, as (token, words) in groups."""

    words: Words

    def name(self, scope: Scope) -> str:
        """What a scope is called in the reader's language."""
        found = self.words.name(scope, english=is_english())
        return _(found) if scope.kind is ScopeKind.ALL else found

    def names(self, scopes: tuple[Scope, ...]) -> str:
        """Several of them, the first five by name."""
        said = _("、").join(self.name(one) for one in scopes[:5])
        more = len(scopes) - 5
        return said if more <= 0 else _("%(said)s等 %(n)d 项", said=said, n=len(scopes))

    @property
    def majors(self) -> Pairs:
        return self._pairs(ScopeKind.MAJOR, list(self.words.majors))

    @property
    def site_types(self) -> Pairs:
        return self._pairs(ScopeKind.SITE_TYPE, list(self.words.site_types))

    @property
    def categories(self) -> dict[str, Pairs]:
        """Words of a 大类 → its 小类 in use."""
        found: dict[str, Pairs] = {}
        for major, (_token, words) in zip(self.words.majors, self.majors, strict=True):
            codes = [code for code in self.words.categories if code.startswith(major)]
            active = [code for code in codes if code in self.words.active]
            members = self._pairs(ScopeKind.CATEGORY, active)
            if members:
                found[words] = members
        return found

    def _pairs(self, kind: ScopeKind, codes: list[str]) -> Pairs:
        scopes = [Scope(kind, code) for code in codes]
        return [(one.token, self.name(one)) for one in scopes]


def matters(session: Session) -> Matters:
    """The catalogue and the site types, read once for a page."""
    return Matters(Words(session))
