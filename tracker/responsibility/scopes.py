"""Knows what a post can answer for (categories, their 大类, site types, everything) and what fits."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.catalogue.models import Category
from tracker.errors import Invalid
from tracker.points.models import SiteType
from tracker.texts import N_

#: Scopes of one post; more is a post for everything.
MAX_SCOPES = 40


class ScopeKind(StrEnum):
    """The narrower a scope the earlier its post answers: the order of the members."""

    CATEGORY = "category"  #: 小类, e.g. 06010 暴露垃圾
    SITE_TYPE = "site_type"  #: 点位类型, e.g. 农贸市场
    MAJOR = "major"  #: 大类, e.g. 06 市容环境
    ALL = "all"  #: 全部事项


SCOPE_LABELS = {
    ScopeKind.CATEGORY: N_("问题小类"),
    ScopeKind.SITE_TYPE: N_("点位类型"),
    ScopeKind.MAJOR: N_("问题大类"),
    ScopeKind.ALL: N_("全部事项"),
}
_RANK = {kind: rank for rank, kind in enumerate(ScopeKind)}


@dataclass(frozen=True, order=True)
class Scope:
    """One thing answered for; `value` is a code, empty for everything."""

    kind: ScopeKind
    value: str = ""

    @property
    def token(self) -> str:
        """As forms and addresses write it, e.g. major:06."""
        return f"{self.kind}:{self.value}" if self.value else str(self.kind)

    def __str__(self) -> str:
        return self.token

    @classmethod
    def of_token(cls, token: str) -> "Scope":
        """Read `token`. Raises ValueError."""
        kind, _, value = token.partition(":")
        if "\0" in value or len(value) > 40:
            raise ValueError(token)
        return cls(ScopeKind(kind), value)


EVERYTHING = (Scope(ScopeKind.ALL),)


def fit(scopes: Iterable[Scope], category: str | None, site_type: str | None) -> int | None:
    """How narrowly scopes answer a question (0 is the narrowest), None when they do not.

    A question with neither a category (its code) nor a site type is answered by every post.
    """
    if not category and not site_type:
        return min((_RANK[one.kind] for one in scopes), default=None)
    ranks = [_RANK[one.kind] for one in scopes if _answers(one, category, site_type)]
    return min(ranks, default=None)


def _answers(scope: Scope, category: str | None, site_type: str | None) -> bool:
    if scope.kind is ScopeKind.ALL:
        return True
    if scope.kind is ScopeKind.SITE_TYPE:
        return scope.value == site_type
    if category is None:
        return False
    if scope.kind is ScopeKind.MAJOR:
        return category.startswith(scope.value)
    return category == scope.value


def share(one: Sequence[Scope], other: Sequence[Scope]) -> bool:
    """Whether two posts answer for the very same thing: neither of them is the narrower one."""
    return bool(set(one) & set(other))


def checked(known: "Words", scopes: Sequence[Scope]) -> tuple[Scope, ...]:
    """The scopes once each, everything alone. Raises Invalid for codes that stand for nothing."""
    if any(one.kind is ScopeKind.ALL for one in scopes) or not scopes:
        return EVERYTHING
    if len(scopes) > MAX_SCOPES:
        raise Invalid(
            N_("一个岗位最多选 %(n)d 项事项，更多请选“全部事项”。"), field="scopes", n=MAX_SCOPES
        )
    for one in scopes:
        if not known.knows(one):
            raise Invalid(
                N_("没有代码为“%(given)s”的问题类别或点位类型，请重新选择。"),
                field="scopes",
                given=one.value[:20],
            )
    return tuple(sorted(set(scopes)))


class Words:
    """Names of everything that can be answered for, read once."""

    def __init__(self, session: Session) -> None:
        self.majors: dict[str, tuple[str, str]] = {}
        self.categories: dict[str, tuple[str, str]] = {}
        rows = session.execute(
            select(
                Category.code, Category.name, Category.name_en, Category.major_code,
                Category.major_name, Category.major_name_en, Category.is_active,
            ).order_by(Category.code)
        )  # fmt: skip
        self.active: set[str] = set()
        for code, name, name_en, major, major_name, major_name_en, is_active in rows:
            self.majors.setdefault(major, (major_name, major_name_en))
            self.categories.setdefault(code, (name, name_en))
            if is_active:
                self.active.add(code)
        self.site_types: dict[str, tuple[str, str]] = {
            code: (name, name_en)
            for code, name, name_en in session.execute(
                select(SiteType.code, SiteType.name, SiteType.name_en)
                .where(SiteType.is_channel.is_(False))
                .order_by(SiteType.sort)
            )
        }

    def _table(self, kind: ScopeKind) -> dict[str, tuple[str, str]]:
        return {
            ScopeKind.CATEGORY: self.categories,
            ScopeKind.MAJOR: self.majors,
            ScopeKind.SITE_TYPE: self.site_types,
        }.get(kind, {})

    def knows(self, scope: Scope) -> bool:
        return scope.kind is ScopeKind.ALL or scope.value in self._table(scope.kind)

    def name(self, scope: Scope, *, english: bool = False) -> str:
        """E.g. 06 市容环境; everything is a message id."""
        if scope.kind is ScopeKind.ALL:
            return SCOPE_LABELS[ScopeKind.ALL]
        chinese, other = self._table(scope.kind).get(scope.value, (scope.value, ""))
        words = (english and other) or chinese
        return words if scope.kind is ScopeKind.SITE_TYPE else f"{scope.value} {words}"

    def by_word(self, text: str) -> Scope | None:
        """What a cell of a file names: a code, a name, or 全部."""
        plain = text.strip()
        if plain.casefold() in ("all", "全部", "全部事项", "所有"):
            return EVERYTHING[0]
        first = plain.split(" ", 1)[0]
        for kind in (ScopeKind.MAJOR, ScopeKind.CATEGORY, ScopeKind.SITE_TYPE):
            table = self._table(kind)
            if first in table:
                return Scope(kind, first)
            found = [code for code, names in table.items() if plain in names]
            if found:
                return Scope(kind, found[0])
        return None
