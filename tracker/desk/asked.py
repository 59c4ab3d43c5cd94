"""Knows what a request to the office's workbench asks for: which queue, of a script or of a person."""

from flask import request

from tracker.desk.queues import BY_KEY, Queue
from tracker.errors import Invalid, NotFound
from tracker.texts import N_


def asked_queue(mine: list[Queue], counts: dict[str, int] | None = None) -> Queue:
    """The queue of the address, else the first one in which something lies.

    Raises NotFound for an unknown one and for one that is another role's.
    """
    key = request.values.get("queue", "")
    if not key and mine:
        return next((queue for queue in mine if (counts or {}).get(queue.key)), mine[0])
    if key not in BY_KEY or BY_KEY[key] not in mine:
        raise NotFound(N_("没有这个待办列表，或您无权查看。"))
    return BY_KEY[key]


def is_script() -> bool:
    """Whether the page's own script asks, for a fragment."""
    return request.headers.get("X-Requested-With") == "fetch"


def sent_version() -> int:
    """The version of the task that the page showed. Raises Invalid."""
    text = request.form.get("version", "")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Invalid(N_("页面信息不完整，操作没有保存。请刷新页面后重试。"), field="version")
    return int(text)
