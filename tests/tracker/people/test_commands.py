"""`tracker user` and the first administrator of `tracker init`."""

import pytest

from tests.factories.client import sign_in, visitor
from tests.factories.world import PASSWORD, SANZAO, make_world
from tracker.access.roles import Role
from tracker.cli.init import init
from tracker.cli.user import user
from tracker.people import first_admin, queries
from tracker.storage.db import db

STRONG = "a-strong-first-word-1"


@pytest.fixture
def run(app):
    def call(*words, typed=None, command=user):
        return app.test_cli_runner().invoke(command, list(words), input=typed)

    return call


def add(run, *words, typed=None):
    return run("add", "zhangsan", "--name", "张三", *words, typed=typed)


def test_an_account_with_its_role_is_made_in_one_command(app, run):
    make_world()
    done = add(
        run,
        "--unit",
        "三灶社区居委会",
        "--role",
        "grid_lead",
        "--area",
        SANZAO,
        "--organization",
        "三灶社区居委会",
    )
    assert done.exit_code == 0, done.output
    first = done.output.split("shown once: ")[1].split()[0]
    db.session.rollback()
    (held,) = queries.named("zhangsan").as_actor().grants
    assert (held.role, held.area_code) == (Role.GRID_LEAD, SANZAO)
    assert sign_in(app, "zhangsan", first).get("/").location == "/account/password"


def test_the_password_comes_from_standard_input_and_is_not_printed(app, run):
    done = add(run, "--password-stdin", typed=STRONG + "\n")
    assert done.exit_code == 0
    assert STRONG not in done.output
    assert sign_in(app, "zhangsan", STRONG)


def test_what_is_refused_ends_with_1_and_leaves_nothing(app, run):
    make_world()
    for words, typed in (
        (["--role", "leader"], None),
        (["--role", "leader", "--area", "000"], None),
        (["--password-stdin"], "short\n"),
    ):
        done = add(run, *words, typed=typed)
        assert done.exit_code == 1, done.output
        assert "Error" in done.output
    db.session.rollback()
    assert queries.find(queries.UserFilter(text="zhangsan")).total == 0


def test_wrong_usage_ends_with_2(app, run):
    for words in (
        ["--role", "emperor"],
        ["--unit", "没有这个单位"],
        ["--area", "1"],
        ["--password-stdin"],
    ):
        assert add(run, *words, typed="").exit_code == 2
    assert run("add", "zhangsan").exit_code == 2


def test_grant_reset_and_list(app, run):
    make_world()
    assert run("grant", "worker", "--role", "inspector", "--area", SANZAO).exit_code == 0
    assert run("grant", "nobody", "--role", "inspector", "--area", SANZAO).exit_code == 1
    done = run("reset", "worker")
    assert done.exit_code == 0
    first = done.output.split("shown once: ")[1].split()[0]
    refused = visitor(app).post_form("/login", {"username": "worker", "password": PASSWORD})
    assert refused.status_code == 401
    assert sign_in(app, "worker", first)
    listed = run("list", "--text", "worker").output.splitlines()
    assert listed[1].split("\t") == [
        "worker", "worker", "区环卫中心", "active", f"inspector@{SANZAO}"
    ]  # fmt: skip


def test_init_makes_the_first_administrator_from_the_environment_and_no_second(
    app, run, monkeypatch
):
    monkeypatch.setenv("TRACKER_ADMIN", "boss")
    monkeypatch.setenv("TRACKER_ADMIN_PASSWORD", STRONG)
    assert run(command=init).exit_code == 0
    monkeypatch.setenv("TRACKER_ADMIN", "boss2")
    assert run(command=init).exit_code == 0
    db.session.rollback()
    assert [one.username for one in queries.find(queries.UserFilter()).rows] == ["boss"]
    assert queries.named("boss").as_actor().roles == {Role.SYSTEM_ADMIN}
    assert sign_in(app, "boss", STRONG).get("/").location == "/account/password"


def test_init_refuses_a_weak_first_password(app, run, monkeypatch):
    monkeypatch.setenv("TRACKER_ADMIN", "boss")
    monkeypatch.setenv("TRACKER_ADMIN_PASSWORD", "admin")
    done = run(command=init)
    assert done.exit_code == 1
    assert queries.find(queries.UserFilter()).total == 0


def test_on_a_terminal_the_first_administrator_is_asked_for_until_it_is_fit(app):
    import click
    from click.testing import CliRunner

    @click.command()
    def ask() -> None:
        first_admin.ensure(None, None)

    typed = "\n".join(["1bad", "boss", "short", "short", STRONG, STRONG, ""])
    done = CliRunner().invoke(ask, input=typed)
    assert done.exit_code == 0, done.output
    assert STRONG not in done.output
    db.session.rollback()
    assert not queries.named("boss").must_change_password
