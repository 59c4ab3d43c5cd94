"""Knows the campaign's four projects (工程) and fifteen actions (行动), domain §5.1."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Action:
    """One action (行动); `code` is its number in the plan, as text."""

    code: str
    name: str
    name_en: str


@dataclass(frozen=True)
class Project:
    """One project (工程) and its actions in the order of the plan."""

    code: str
    name: str
    name_en: str
    actions: tuple[Action, ...]


PROJECTS = (
    Project("face", "洁面工程", "Clean face (streetscape)", (
        Action("1", "环境卫生大清洁行动", "Sanitation clean-up"),
        Action("2", "“七乱一占”大整治行动", "Seven disorders and road occupation"),
        Action("3", "蓝天碧水大保卫行动", "Blue sky and clear water"),
        Action("4", "交通秩序大畅顺行动", "Smooth traffic"),
    )),
    Project("body", "强身工程", "Strong body (facilities)", (
        Action("5", "测评点位大补漏行动", "Closing the gaps at inspection points"),
        Action("6", "老旧小区大改造行动", "Renewal of old estates"),
        Action("7", "农贸市场大升级行动", "Market upgrade"),
        Action("8", "文体设施大提档行动", "Culture and sports facilities"),
    )),
    Project("heart", "养心工程", "Nourished heart (citizens)", (
        Action("9", "公民信仰大培育行动", "Civic beliefs"),
        Action("10", "标杆典范大选树行动", "Role models"),
        Action("11", "文明理念大宣传行动", "Publicity for civility"),
        Action("12", "志愿服务大普及行动", "Volunteer service"),
    )),
    Project("lasting", "长效工程", "Lasting effect (management)", (
        Action("13", "网格体系大建设行动", "Grid system"),
        Action("14", "项目推进大调度行动", "Project dispatch meetings"),
        Action("15", "考核评级大督促行动", "Assessment and grading"),
    )),
)  # fmt: skip

#: code → action
ACTIONS = {action.code: action for project in PROJECTS for action in project.actions}
#: code → project or action: what a list can be narrowed by
PARTS: dict[str, Project | Action] = {project.code: project for project in PROJECTS} | ACTIONS


def actions_of(code: str) -> tuple[str, ...]:
    """Codes of the actions of a project, or the action's own. Raises KeyError for neither."""
    part = PARTS[code]
    return tuple(one.code for one in part.actions) if isinstance(part, Project) else (code,)


def part_of(text: str) -> str:
    """The code of a project or an action as an address gives it. Raises ValueError."""
    if text not in PARTS:
        raise ValueError(text)
    return text


def action_name(code: str, *, english: bool = False) -> str:
    """The name of an action or a project; a code that is not known stands for itself."""
    part = PARTS.get(code)
    if part is None:
        return code
    return part.name_en if english else part.name


@dataclass(frozen=True)
class ProjectChoice:
    """A project as a select groups it: itself, and (code, name) of its actions."""

    code: str
    name: str
    actions: list[tuple[str, str]]


def choices(*, english: bool) -> list[ProjectChoice]:
    """The projects with their actions, in the order of the plan and the reader's language."""
    return [
        ProjectChoice(
            project.code,
            action_name(project.code, english=english),
            [(one.code, action_name(one.code, english=english)) for one in project.actions],
        )
        for project in PROJECTS
    ]
