"""Shows a page of a GET form again when an argument of its address is refused: the message, and what was typed."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec

from flask import Flask, g, make_response, request
from werkzeug.datastructures import ImmutableMultiDict

from tracker.errors import Invalid
from tracker.web.errors import wants_json, words

_Given = ParamSpec("_Given")


@dataclass(frozen=True)
class Refusal:
    """An argument that was left out, as it was typed, and why."""

    field: str
    value: str
    message: str


def forgiving(view: Callable[_Given, Any]) -> Callable[_Given, Any]:
    """A view that leaves refused arguments out and answers 422 with the page of the others.

    Only what the address names is left out; anything else that is wrong stays a page of its own.
    """

    @wraps(view)
    def shown(*args: _Given.args, **kwargs: _Given.kwargs) -> Any:
        while True:
            try:
                answer = view(*args, **kwargs)
            except Invalid as fault:
                if wants_json() or fault.field not in request.args:
                    raise
                _leave_out(fault)
            else:
                return make_response(answer, 422) if refusals() else answer

    return shown


def _leave_out(fault: Invalid) -> None:
    assert fault.field is not None
    typed = request.args[fault.field]
    g.refusals = [*refusals(), Refusal(fault.field, typed, words(fault))]
    rest = [(name, value) for name, value in request.args.items(multi=True) if name != fault.field]
    request.args = ImmutableMultiDict(rest)


def refusals() -> list[Refusal]:
    """What was left out of the address of this request."""
    found: list[Refusal] = g.get("refusals", [])
    return found


def typed(name: str, usual: Any) -> str:
    """What a field of a form shows: what was typed there and refused, else the value in force."""
    found = [one.value for one in refusals() if one.field == name]
    return found[0] if found else str(usual)


def is_refused(name: str) -> bool:
    """Whether the value of a field was refused."""
    return any(one.field == name for one in refusals())


def install(app: Flask) -> None:
    """Give the templates what was refused."""
    app.jinja_env.globals.update(refusals=refusals, typed=typed, is_refused=is_refused)
