"""Keeps a connection open after an answer that has no body, which waitress would close.

A map asks for dozens of tiles again, and most answers say only that nothing changed (304): without
this each cost a new connection. RFC 9112, 6.3: such an answer ends with its headers.
"""

from waitress.channel import HTTPChannel
from waitress.task import WSGITask


class _Kept(WSGITask):
    def set_close_on_finish(self) -> None:
        """Asked for by waitress where no Content-Length tells the end; without a body none has to."""
        said = self.request.headers.get("CONNECTION", "").lower()
        if self.version == "1.1" and not self.has_body and said != "close":
            return
        super().set_close_on_finish()


def install() -> None:
    """Let the servers of this process answer so; said twice, it is done once."""
    HTTPChannel.task_class = _Kept
