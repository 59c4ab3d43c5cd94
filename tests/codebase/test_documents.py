"""What is printed from the tables is what the documents show, and decisions are written alike."""

import re

import pytest
from click.testing import CliRunner

from tests.codebase.sources import ROOT
from tracker.cli import main, workflow
from tracker.tasks.states import ACTION_LABELS, STATE_LABELS

DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))


def test_the_workflow_document_is_the_table():
    kept = (ROOT / "docs" / "workflow.md").read_text(encoding="utf-8")
    assert kept == workflow.document(), "run: ./run workflow > docs/workflow.md"


@pytest.mark.parametrize("document", ["workflow", "permissions"])
def test_a_command_prints_the_document(document: str):
    answer = CliRunner().invoke(main, [document])
    assert answer.exit_code == 0
    assert answer.stdout == (ROOT / "docs" / f"{document}.md").read_text(encoding="utf-8")


def test_the_workflow_document_names_every_state_and_every_step():
    text = workflow.document()
    assert [
        label for label in (*STATE_LABELS.values(), *ACTION_LABELS.values()) if label not in text
    ] == []


def test_decisions_are_numbered_without_gaps():
    assert [path.name[:4] for path in DECISIONS] == [
        f"{n:04d}" for n in range(1, len(DECISIONS) + 1)
    ]


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_says_context_decision_status_and_consequences_on_one_screen(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    assert re.fullmatch(rf"# {path.name[:4]} \S.*", lines[0])
    heads = [line for line in lines if line.startswith("## ")]
    assert heads == ["## Context", "## Decision", "## Status", "## Consequences"]
    assert len(lines) <= 35
