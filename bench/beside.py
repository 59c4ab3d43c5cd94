"""Eight who read while one writes: how much longer they wait, and whether anybody is told that the database is locked."""

from statistics import median, quantiles

from flask import Flask

from bench import wide
from bench.district import signed_in_cookie
from bench.installations import SMALL, copied
from bench.readers import Heard, Question, for_seconds, read
from bench.report import Section
from bench.servers import GUNICORN, WAITRESS, product
from bench.spots import tile_of_a_task, usual_community
from bench.targets import at_most
from bench.timing import say
from bench.writers import DOOR, STEPS, Crew
from bench.writes import supplied

READERS = 8
ROUNDS = 4
#: Steps of one round: what the embedded tier is asked to bear, and a shorter look at the other server.
WRITES = {WAITRESS: 2_500, GUNICORN: 500}
ALONE_S = 4.0


def measure() -> Section:
    """Rounds without and with the writer in turn, for each server."""
    rows: list[tuple[str, ...]] = []
    with copied(SMALL) as app:
        for server, writes in WRITES.items():
            say(f"8 readers beside a writer, {server} …")
            rows += _rows(app, server, writes)
    notes = [
        f"{READERS} readers on open connections ask a real server for the tasks of a community's map (JSON), a page of the list (HTML) and a tile in turn, {ROUNDS} rounds without and with the writer; SQLite, {SMALL:,} tasks.",
        "The writer is a process of its own that takes tasks through their life by the door, one commit a step, as quickly as it can; readers, server and writer share the machine's cores.",
        f"Aims: the median with the writer at most 1.5 × that without, and no 'database is locked' in {WRITES[WAITRESS] * ROUNDS:,} writes.",
    ]
    columns = ("server", "what", "without", "beside", "ratio", "aim")
    return Section("Readers beside a writer", columns, rows, notes)


def _rows(app: Flask, server: str, writes: int) -> list[tuple[str, ...]]:
    with app.app_context():
        cookie = "=".join(signed_in_cookie(app))
        questions = _questions(cookie)
        tasks = writes * ROUNDS // len(STEPS) + len(STEPS) + 20
        supply = supplied(wide.areas(), tasks, 1)
    crew = Crew(app.config["SETTINGS"], supply)
    alone, beside, written_s, refused = Heard(), Heard(), 0.0, []
    try:
        with product(app, server) as running:
            read(running.port, questions, READERS, for_seconds(2))  # warm
            for turn in range(ROUNDS):
                say(f"round {turn + 1} of {ROUNDS}")
                _add(alone, read(running.port, questions, READERS, for_seconds(ALONE_S)))
                crew.begin(DOOR, writes)
                found = read(running.port, questions, READERS, lambda _count: crew.is_busy())
                refused += crew.end()
                written_s += sum(found.seconds) / READERS
                _add(beside, found)
    finally:
        crew.dismiss()
    faults = [*alone.faults, *beside.faults, *refused]
    return [
        *_said(server, alone, beside),
        (server, "writes, and a second", "", f"{writes * ROUNDS:,}; {writes * ROUNDS / written_s:,.0f}", "", ""),
        (server, "reads and writes that were refused", "", str(len(faults)), "", "none" if not faults else f"none: missed ({faults[0][:80]})"),
    ]  # fmt: skip


def _said(server: str, alone: Heard, beside: Heard) -> list[tuple[str, ...]]:
    p50 = [median(one.seconds) * 1000 for one in (alone, beside)]
    p95 = [quantiles(one.seconds, n=20)[-1] * 1000 for one in (alone, beside)]
    rate = [READERS * len(one.seconds) / sum(one.seconds) for one in (alone, beside)]
    return [
        (server, "median of an answer, ms", f"{p50[0]:.1f}", f"{p50[1]:.1f}", *at_most(p50[1] / p50[0], 1.5)),
        (server, "slowest of twenty, ms", f"{p95[0]:.1f}", f"{p95[1]:.1f}", f"{p95[1] / p95[0]:.2f} ×", ""),
        (server, "answers a second", f"{rate[0]:,.0f}", f"{rate[1]:,.0f}", f"{rate[1] / rate[0]:.2f} ×", ""),
    ]  # fmt: skip


def _questions(cookie: str) -> list[Question]:
    with_cookie = {"Cookie": cookie}
    return [
        Question(f"/maps/{usual_community()}/tasks.json", with_cookie),
        Question("/tasks/", with_cookie),
        Question(f"/tiles/tasks/{tile_of_a_task()}.mvt", with_cookie),
    ]


def _add(whole: Heard, part: Heard) -> None:
    whole.seconds += part.seconds
    whole.faults += part.faults
