"""A tile that did not change, behind a login, against the same bytes from an application of three lines on the same server."""

import tempfile
from pathlib import Path

from flask import Flask

from bench.district import signed_in_cookie
from bench.installations import SMALL, copied
from bench.readers import Question, read, until_answers
from bench.report import Section
from bench.servers import SERVERS, Running, bare, product
from bench.spots import tile_of_a_task
from bench.targets import at_least
from bench.timing import say

READERS, ANSWERS, ROUNDS = 4, 1_500, 3
AIM = 0.3
#: Counted cells: from zoom 15 on a tile shows how near deadlines are, and is another one each minute.
ZOOM = 13
_BARE, _WHOLE, _SAME = (
    "bytes of a file, no login",
    "the tile, sent whole",
    "the tile, unchanged (304)",
)


def measure() -> Section:
    """Each server in turn; what is compared is the processor time that the server spends on an answer."""
    rows: list[tuple[str, ...]] = []
    with copied(SMALL) as app, tempfile.TemporaryDirectory() as name:
        with app.app_context():
            cookie, path = (
                "=".join(signed_in_cookie(app)),
                f"/tiles/tasks/{tile_of_a_task(ZOOM)}.mvt",
            )
        with_cookie = {"Cookie": cookie, "Accept-Encoding": "gzip"}
        client = app.test_client(use_cookies=False)
        answer = client.get(path, headers=with_cookie)
        body = Path(name) / "tile"
        body.write_bytes(answer.data)
        whole = Question(path, with_cookie)
        same = Question(path, {**with_cookie, "If-None-Match": answer.headers["ETag"]}, status=304)
        for server in SERVERS:
            say(f"a tile from {server} …")
            rows += _rows(app, server, body, {_WHOLE: whole, _SAME: same})
    notes = [
        f"Processor time of the server process and its children an answer (so that who asks does not count), medians of {ROUNDS} rounds of {ANSWERS:,} answers over {READERS} open connections; a tile of zoom {ZOOM} of {len(answer.data)} bytes, SQLite.",
        f"Aim: at least {AIM:g} of the rate of the bare application. Beyond the session, the stamp and the epoch that say whether the tile changed, Flask itself is the cost: docs/decisions/0039.",
    ]
    columns = ("server", "answer", "µs of the server", "share of bare", "aim")
    return Section("A tile that did not change", columns, rows, notes)


def _rows(
    app: Flask, server: str, body: Path, questions: dict[str, Question]
) -> list[tuple[str, ...]]:
    with bare(body, server) as plain, product(app, server) as ours:
        ways = {_BARE: (plain, Question("/"))}
        ways |= {words: (ours, question) for words, question in questions.items()}
        seen: dict[str, list[float]] = {words: [] for words in ways}
        for turn in range(ROUNDS + 1):
            for words, (running, question) in ways.items():
                seconds = _cpu_of(running, question)
                if turn:
                    seen[words].append(seconds)
    took = {words: sorted(found)[len(found) // 2] for words, found in seen.items()}
    rows: list[tuple[str, ...]] = [(server, _BARE, f"{took[_BARE] * 1e6:,.0f}", "1.00 ×", "")]
    for words in questions:
        judged = at_least(took[_BARE] / took[words], AIM)
        rows.append((server, words, f"{took[words] * 1e6:,.0f}", *judged))
    return rows


def _cpu_of(running: Running, question: Question) -> float:
    before = running.cpu()
    heard = read(running.port, [question], READERS, until_answers(ANSWERS))
    if heard.faults:
        raise RuntimeError(heard.faults[0])
    return (running.cpu() - before) / len(heard.seconds)
