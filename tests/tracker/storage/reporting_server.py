"""A server that reports problems as fast as it can and says so after each commit; it gets killed.

Run as `python reporting_server.py USERNAME`; the database is named by the environment. For each
line it reads it starts a process of its own that reports until it is killed: forked, since the
start of Python would take longer than the load.
"""

import os
import sys
import threading
from uuid import uuid4

from flask import Flask
from sqlalchemy import select

from tests.factories.world import given_report
from tracker.app import create_app
from tracker.people.models import User
from tracker.storage.db import db
from tracker.tasks.operations import Order, perform
from tracker.tasks.states import Action

THREADS = 3


def say(line: str) -> None:
    """One write, so that the lines of threads do not mix."""
    os.write(1, f"{line}\n".encode())


def report_for_ever(app: Flask, username: str) -> None:
    with app.app_context():
        user = db.session.scalars(select(User).where(User.username == username)).one()
        actor, given = user.as_actor(), given_report()
        while True:
            uuid = str(uuid4())
            made = perform(
                [Order(Action.REPORT, given)], number=None, actor=actor, version=None,
                request_uuid=uuid,
            )  # fmt: skip
            say(f"{uuid} {made['number']}")


def load(app: Flask, username: str) -> None:
    threads = [
        threading.Thread(target=report_for_ever, args=(app, username)) for _ in range(THREADS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def main(username: str) -> None:
    app = create_app()
    for _line in sys.stdin:
        child = os.fork()
        if child == 0:
            load(app, username)
            os._exit(1)
        say(f"pid {child}")
        os.waitpid(child, 0)
        say("killed")


if __name__ == "__main__":
    main(sys.argv[1])
