"""What can go wrong for a reason the user can mend; the web layer gives each its status."""

from collections.abc import Mapping
from typing import Any


class Fault(Exception):
    """A refusal with a message for the person: what, where, how to mend.

    `code` is stable for programs; `facts` are the values that the message names, filled into
    the (translatable) message with %-formatting. A fact is never called code: it would be the other.
    """

    status = 400
    code = "fault"

    def __init__(self, message: str, /, *, code: str | None = None, **facts: Any) -> None:
        super().__init__(message)
        self.message = message
        self.facts: Mapping[str, Any] = facts
        if code:
            self.code = code

    def __str__(self) -> str:
        return self.message % self.facts if self.facts else self.message


class Invalid(Fault):
    """What was sent cannot be used; `field` names the input to mend."""

    status = 422
    code = "invalid"

    def __init__(self, message: str, /, *, field: str | None = None, **facts: Any) -> None:
        super().__init__(message, **facts)
        self.field = field


class NotPermitted(Fault):
    """The person may see the thing, but may not do this to it."""

    status = 403
    code = "not_permitted"


class NotFound(Fault):
    """There is no such thing, or none this person may know of."""

    status = 404
    code = "not_found"


class Conflict(Fault):
    """Somebody acted first, or the same request was sent with other content."""

    status = 409
    code = "conflict"


class Unavailable(Fault):
    """The database or the disk refuses; nothing was written, try again later."""

    status = 503
    code = "unavailable"


class StorageFull(Unavailable):
    """No room left for what was sent; nothing of it was kept."""

    status = 507
    code = "storage_full"
