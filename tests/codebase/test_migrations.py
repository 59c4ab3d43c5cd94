"""The models are what the migrations make, on both databases, up and down."""

import re

import flask_migrate
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import inspect

from tests.codebase.sources import ROOT
from tests.factories.steps import step, task_in
from tests.factories.world import make_task, make_world, task
from tracker.paths import MIGRATIONS
from tracker.storage.db import db
from tracker.storage.schema import upgrade_schema
from tracker.tasks.states import Action, State
from tracker.tasks.text_index import TABLES, is_modelled


def differences() -> list[object]:
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_object": is_modelled})  # fmt: skip
        return list(compare_metadata(context, db.metadata))


def tables() -> set[str]:
    return set(inspect(db.engine).get_table_names()) - {"alembic_version"} - TABLES


def test_the_migrated_schema_is_the_one_of_the_models(both: Flask):
    assert tables() == set(db.metadata.tables)
    assert differences() == []


def test_a_difference_would_be_seen(both: Flask):
    with db.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE audit_entry ADD COLUMN extra INTEGER")
    assert differences() != []


def test_every_migration_goes_down_and_up_again(both: Flask):
    db.session.remove()
    flask_migrate.downgrade(revision="base")
    assert tables() == set()
    upgrade_schema()
    assert differences() == []
    make_task(make_world())


def test_tasks_of_every_state_go_down_a_version_and_come_back_as_they_were(both: Flask):
    world = make_world()
    numbers = [task_in(world, state) for state in State]
    noticed, asked = make_task(world, State.SUBMITTED), make_task(world, State.HANDLING)
    step(world, noticed, Action.CLOSE_BY_NOTICE, "verifier")
    step(world, asked, Action.ASK_EXTENSION, "clerk")
    wanted = {n: (task(n).state, task(n).closing) for n in [*numbers, noticed]}
    db.session.remove()
    flask_migrate.downgrade(revision="0002")
    with db.engine.connect() as connection:
        old = "SELECT number FROM task WHERE closed_by_notice"
        assert [row[0] for row in connection.exec_driver_sql(old)] == [noticed]
    upgrade_schema()
    assert {n: (task(n).state, task(n).closing) for n in wanted} == wanted
    assert (task(asked).asked, task(asked).is_endorsed) == ("extension", True)
    assert (task(asked).assist_unit_ids, task(asked).joint_unit_ids) == ([], [])
    step(world, asked, Action.GRANT_EXTENSION, "dispatcher")


def test_an_upgrade_of_a_new_schema_changes_nothing(both: Flask):
    upgrade_schema()
    upgrade_schema()
    assert differences() == []


def test_there_is_one_head_and_each_migration_says_what_it_does():
    script = ScriptDirectory(str(MIGRATIONS))
    assert len(script.get_heads()) == 1
    for revision in script.walk_revisions():
        assert re.fullmatch(r"\d{4}", revision.revision)
        assert (revision.doc or "").endswith("."), revision.revision


@pytest.mark.parametrize("folder", ["tracker/storage/migrations/versions"])
def test_every_migration_is_numbered_in_its_name(folder: str):
    names = sorted(path.name for path in (ROOT / folder).glob("*.py"))
    assert [name[:4] for name in names] == [f"{n:04d}" for n in range(1, len(names) + 1)]
