"""Channels, notices and jobs for tests, by the product's own doors."""

import json
import socketserver
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from uuid import uuid4

from flask import Flask, current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories.world import World
from tracker import clock
from tracker.access.actor import SYSTEM
from tracker.app import create_app
from tracker.audit.operations import record
from tracker.jobs.kinds import Jobs, Kind
from tracker.jobs.worker import EXTENSION, Worker
from tracker.notices import channels, digesting
from tracker.notices.channel_kinds import ChannelKind
from tracker.notices.channels import Given
from tracker.notices.models import Channel, Message, Notice
from tracker.settings import Settings
from tracker.storage.db import db
from tracker.storage.unit_of_work import unit_of_work


@dataclass
class Gateway:
    """A real HTTP server that stands for the other side of a web-hook; `status` is what it answers."""

    url: str
    status: int = 200
    received: list[dict[str, Any]] = field(default_factory=list)


@contextmanager
def gateway() -> Iterator[Gateway]:
    """Listen on this machine until the end of the block."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            heard.received.append(json.loads(body))
            self.send_response(heard.status)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    heard = Gateway(f"http://127.0.0.1:{server.server_port}/hook/secret-token-9876")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield heard
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass
class MailServer:
    """A real SMTP server that takes every letter: (recipients, text)."""

    url: str = ""
    letters: list[tuple[list[str], str]] = field(default_factory=list)


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """Take letters on this machine until the end of the block."""
    heard = MailServer()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            recipients: list[str] = []
            self.say("220 here")
            for raw in self.rfile:
                line = raw.decode().strip()
                verb = line.split(" ")[0].upper()
                if verb == "RCPT":
                    recipients.append(line[line.index("<") + 1 : line.index(">")])
                if verb == "DATA":
                    self.say("354 go on")
                    text = b"".join(iter(self.rfile.readline, b".\r\n"))
                    heard.letters.append((recipients, text.decode()))
                self.say(
                    {"EHLO": "250-here\r\n250 AUTH PLAIN", "AUTH": "235 ok"}.get(verb, "250 ok")
                )
                if verb == "QUIT":
                    return

        def say(self, text: str) -> None:
            self.wfile.write(f"{text}\r\n".encode())

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        port = server.server_address[1]
        heard.url = (
            f"mailto://bob:pass-word-77@127.0.0.1:{port}?from=office@example.cn&mode=insecure"
        )
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield heard
        server.shutdown()


def make_channel(
    world: World, unit: str, kind: ChannelKind = ChannelKind.MANUAL, **changes: Any
) -> int:
    """A channel of a unit; its key."""
    given = {
        "name": "工作群", "organization_id": world.units[unit], "per_minute": 20,
        "is_active": True, "quiet_from": None, "quiet_until": None, **changes,
    }  # fmt: skip
    channels.create(kind, Given(**given), actor=world.actor("sysadmin"), request_uuid=str(uuid4()))
    return db.session.scalars(select(Channel.id).order_by(Channel.id.desc())).first() or 0


def told(world: World, who: str) -> list[str]:
    """The keys of the words a person was told, in their order."""
    db.session.rollback()
    return list(
        db.session.scalars(
            select(Notice.text_key).where(Notice.user_id == world.users[who]).order_by(Notice.id)
        )
    )


def make_digest(audience: str, slot: datetime | None = None) -> None:
    """What the job does at the start of a half hour."""
    asked = {"audience": audience, "slot": (slot or clock.now()).isoformat()}
    with unit_of_work() as work:
        digesting.make(work, asked)


def messages() -> list[Message]:
    """Every message as the database has it now, oldest first."""
    db.session.rollback()
    return list(db.session.scalars(select(Message).order_by(Message.id)))


def work_off() -> int:
    """Let a worker do whatever waits; how many jobs that were."""
    db.session.rollback()
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    return Worker(app).until_empty()


#: A kind of job whose effect can be counted: done twice, it is there twice.
COUNTED = "test.counted"


def count(session: Session, payload: Mapping[str, Any]) -> None:
    """One audit entry, and some time before the commit in which to be killed."""
    record(COUNTED, actor=SYSTEM, object=str(payload["n"]))
    session.flush()
    time.sleep(0.03)


def work_until_killed(settings: Settings, lease: int) -> None:
    """A worker process for a test to kill; `lease` in seconds."""
    app = create_app(settings)
    app.extensions[EXTENSION] = Jobs(kinds=(Kind(COUNTED, count),))
    Worker(app, lease=timedelta(seconds=lease)).run(threading.Event())
