"""`tracker workflow`: the lifecycle table as a diagram and in words."""

import click

from tracker.access.policy import WHO
from tracker.tasks.lifecycle import TRANSITIONS, Transition
from tracker.tasks.offers import ON_PAGES
from tracker.tasks.states import ACTION_LABELS, NEED_LABELS, OPEN, STATE_LABELS, Action, Need, State

#: Actions that a page of their own offers.
REPORTS = (Action.REPORT, Action.SELF_HANDLE)

HEAD = """# 任务流程

由 `tracker workflow` 从 `tracker/tasks/lifecycle.py` 生成，请勿手工修改；测试保证两者一致。
每一步都在一个事务内写入任务、一条只增不改的事件和写入回执；谁可以办理见 [权限表](permissions.md)。
"""


def document() -> str:
    """The whole of docs/workflow.md."""
    return f"{HEAD}\n## 流程图\n\n{diagram()}\n## 各步骤\n\n{table()}"


def diagram() -> str:
    """The steps that change the state, as Mermaid."""
    lines = ["```mermaid", "stateDiagram-v2"]
    lines += [f"    {state.value}: {STATE_LABELS[state]}" for state in State]
    for row in TRANSITIONS:
        for source in ordered(row):
            if (target := row.leads_to(source)) is not source and target is not None:
                start = source.value if source else "[*]"
                lines.append(f"    {start} --> {target.value}: {ACTION_LABELS[row.action]}")
    lines += [f"    {state.value} --> [*]" for state in State if state not in OPEN]
    return "\n".join([*lines, "```", ""])


def ordered(row: Transition) -> list[State | None]:
    """The sources of a row in the order of the states."""
    return [source for source in (None, *State) if source in row.sources]


def table() -> str:
    """Every row of the lifecycle in words."""
    lines = [
        "| 步骤 | 从 | 到 | 必填 | 选填 | 条件 | 由谁办理 | 页面 |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in TRANSITIONS:
        cells = (
            f"{ACTION_LABELS[row.action]} `{row.action.value}`",
            _sources(row),
            STATE_LABELS[row.target] if row.target else "不变",
            _needs(row.needs),
            _needs(row.optional),
            "；".join(f"否则：{condition.otherwise}" for condition in row.conditions),
            WHO.get(row.permission, "见权限表"),
            "有" if row.action in (*ON_PAGES, *REPORTS) else "",
        )
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def _sources(row: Transition) -> str:
    if row.sources == OPEN:
        return "各未办结状态"
    if row.sources == frozenset(State):
        return "任何状态"
    return "、".join(STATE_LABELS[source] if source else "（新任务）" for source in ordered(row))


def _needs(needs: tuple[Need, ...]) -> str:
    return "、".join(NEED_LABELS[need] for need in needs)


@click.command()
def workflow() -> None:
    """Print the workflow as a Mermaid diagram and a table in Markdown (docs/workflow.md)."""
    click.echo(document(), nl=False)
