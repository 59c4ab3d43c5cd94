"""`tracker user`: accounts and roles without the browser."""

import sys
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec
from uuid import uuid4

import click
from flask.cli import with_appcontext

from tracker.access.roles import Role
from tracker.errors import Fault

Params = ParamSpec("Params")


def _refusing(command: Callable[Params, None]) -> Callable[Params, None]:
    """Say a refusal in words and end with 1; click itself ends with 2 for wrong usage."""

    @wraps(command)
    def wrapped(*args: Params.args, **kwargs: Params.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except Fault as fault:
            raise click.ClickException(f"{fault} [{fault.code}]") from None

    return wrapped


@click.group()
def user() -> None:
    """Accounts and role grants / 账号与岗位."""


_role = click.option("--role", type=click.Choice([str(role) for role in Role]), help="岗位 / role.")
_area = click.option("--area", "area_code", help="负责区域的代码 / code of the area.")
_unit = click.option("--organization", help="代表单位的名称 / name of the unit acted for.")
_stdin = click.option(
    "--password-stdin", is_flag=True, help="从标准输入读密码 / read the password from stdin."
)


def _organization_id(name: str | None) -> int | None:
    """The key of the unit of that name; a wrong name is wrong usage."""
    if name is None:
        return None
    from tracker.people import queries

    for unit in queries.organizations():
        if unit.name == name:
            return unit.id
    raise click.BadParameter(
        f"没有单位「{name}」 / no such organization", param_hint="--organization"
    )


def _password(from_stdin: bool) -> str | None:
    """One line of standard input, or None when a first password is to be made."""
    if not from_stdin:
        return None
    typed = sys.stdin.readline().rstrip("\r\n")
    if not typed:
        raise click.UsageError("标准输入里没有密码 / no password on standard input")
    return typed


def _say_first(username: str, first: str, *, given: bool) -> None:
    click.echo(f"账号 / account: {username}")
    if not given:
        click.echo(f"首次密码，只显示这一次 / first password, shown once: {first}")
    click.echo("登录后须先修改密码 / to be changed at the first sign-in")


@user.command()
@click.argument("username")
@click.option("--name", required=True, help="姓名 / the person's name.")
@click.option("--unit", help="所属单位的名称 / name of the unit the person belongs to.")
@_role
@_area
@_unit
@_stdin
@with_appcontext
@_refusing
def add(
    username: str, name: str, unit: str | None, role: str | None,
    area_code: str | None, organization: str | None, password_stdin: bool,
) -> None:  # fmt: skip
    """Make an account, with a role if one is given."""
    from tracker.access.actor import SYSTEM
    from tracker.people.granting import Jurisdiction, add_user
    from tracker.people.operations import Particulars, new_account

    if role is None and (area_code or organization):
        raise click.UsageError("--area 和 --organization 须与 --role 同用 / need --role")
    roles = []
    if role is not None:
        roles.append(Jurisdiction(Role(role), area_code, _organization_id(organization)))
    particulars = Particulars(name, _organization_id(unit))
    account = new_account(username, particulars, _password(password_stdin))
    add_user(account, roles, actor=SYSTEM)
    _say_first(account.username, account.first, given=password_stdin)


@user.command()
@click.argument("username")
@click.option("--role", type=click.Choice([str(role) for role in Role]), required=True)
@_area
@_unit
@with_appcontext
@_refusing
def grant(username: str, role: str, area_code: str | None, organization: str | None) -> None:
    """Give an account a role."""
    from tracker.access.actor import SYSTEM
    from tracker.people import granting, queries

    wanted = granting.Jurisdiction(Role(role), area_code, _organization_id(organization))
    person = queries.named(username)
    granting.grant_role(person.id, wanted, actor=SYSTEM, request_uuid=str(uuid4()))
    click.echo(f"已授权 / granted: {username} {role}")


@user.command()
@click.argument("username")
@_stdin
@with_appcontext
@_refusing
def reset(username: str, password_stdin: bool) -> None:
    """Give an account a new first password; ends its sessions and a lock-out."""
    from tracker.access.actor import SYSTEM
    from tracker.people import queries, securing

    person = queries.named(username)
    first = securing.reset_password(
        person.id, actor=SYSTEM, request_uuid=str(uuid4()), password=_password(password_stdin)
    )
    _say_first(username, first or "", given=password_stdin)


@user.command(name="list")
@click.option("--text", default="", help="姓名或账号的一部分 / part of a name.")
@with_appcontext
@_refusing
def listing(text: str) -> None:
    """List accounts: name, person, unit, standing, roles (tab-separated)."""
    from tracker.people import queries

    after: str | None = ""
    while after is not None:
        page = queries.find(queries.UserFilter(text=text), after=after, limit=200)
        for person in page.rows:
            unit = person.organization.name if person.organization else "-"
            standing = "active" if person.is_active else "inactive"
            roles = ",".join(
                f"{held.role}@{held.area_code or held.organization_id or '*'}"
                for held in person.as_actor().grants
            )
            click.echo("\t".join([person.username, person.name, unit, standing, roles or "-"]))
        after = page.next_key
