"""Knows who acts: a frozen picture of a person's grants, free of the database."""

from collections.abc import Iterable
from dataclasses import dataclass

from tracker.access.roles import Role


@dataclass(frozen=True)
class Grant:
    """One role within one jurisdiction; `area_code` None is the whole installation."""

    role: Role
    area_code: str | None = None
    organization_id: int | None = None


@dataclass(frozen=True)
class Actor:
    """Who asks. `user_id` None is nobody, or the system itself when `is_system`."""

    user_id: int | None = None
    name: str = ""
    organization_id: int | None = None
    grants: tuple[Grant, ...] = ()
    #: imports, feeds and the scheduler act as the system: no jurisdiction, the rules of state hold
    is_system: bool = False

    @property
    def is_signed_in(self) -> bool:
        return self.user_id is not None

    @property
    def roles(self) -> frozenset[Role]:
        return frozenset(grant.role for grant in self.grants)

    def has(self, *roles: Role) -> bool:
        """Whether the person holds one of the roles, anywhere."""
        return any(grant.role in roles for grant in self.grants)

    def areas_as(self, roles: Iterable[Role]) -> frozenset[str | None]:
        """Codes of the areas in which the person holds one of the roles; None is everywhere."""
        wanted = set(roles)
        return frozenset(grant.area_code for grant in self.grants if grant.role in wanted)

    def units_as(self, roles: Iterable[Role]) -> frozenset[int]:
        """Organizations for which the person acts in one of the roles."""
        wanted = set(roles)
        return frozenset(
            grant.organization_id
            for grant in self.grants
            if grant.role in wanted and grant.organization_id is not None
        )


NOBODY = Actor()
SYSTEM = Actor(name="系统", is_system=True)
