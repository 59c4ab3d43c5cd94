"""A browser that already has what it asks for keeps its connection for the next question."""

import threading
from collections.abc import Iterator
from http.client import HTTPConnection

import pytest
from flask import Flask
from waitress import create_server

from tracker.web import open_connections

PATH = "/static/css/app.css"


@pytest.fixture
def connection(app: Flask) -> Iterator[HTTPConnection]:
    """To the product behind the server that `tracker run` starts."""
    open_connections.install()
    server = create_server(app, host="127.0.0.1", port=0, threads=2)
    threading.Thread(target=server.run, daemon=True).start()
    opened = HTTPConnection("127.0.0.1", server.effective_port, timeout=30)
    yield opened
    opened.close()
    server.close()


def asked(connection: HTTPConnection, **headers: str) -> tuple[int, str, object]:
    """Status, ETag and the socket that is left open."""
    connection.request("GET", PATH, headers={k.replace("_", "-"): v for k, v in headers.items()})
    answer = connection.getresponse()
    answer.read()
    return answer.status, answer.headers["ETag"], connection.sock


def test_an_answer_that_nothing_changed_leaves_the_connection_open(connection):
    status, tag, first = asked(connection)
    assert (status, first is None) == (200, False)
    for _ in range(3):
        assert asked(connection, If_None_Match=tag) == (304, tag, first)
    assert asked(connection)[0::2] == (200, first), "the answer after it is read rightly"
    assert asked(connection, If_None_Match=tag, Connection="close") == (304, tag, None)
