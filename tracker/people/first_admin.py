"""Makes the first system administrator of an installation, who makes everybody else."""

import click

from tracker.access.actor import SYSTEM
from tracker.access.roles import Role
from tracker.errors import Fault
from tracker.people import queries
from tracker.people.granting import Jurisdiction, add_user
from tracker.people.operations import Particulars, new_account
from tracker.people.passwords import MIN_LENGTH, check_strength
from tracker.people.usernames import checked


def ensure(username: str | None, password: str | None) -> None:
    """Make the first administrator unless there is one.

    With both values nothing is asked, and the password has to be changed at the first sign-in:
    it was written into an environment. On a terminal the missing ones are asked for. Raises
    Invalid for an unfit name or a weak password, Conflict when the name is taken.
    """
    if queries.has_holder(Role.SYSTEM_ADMIN):
        return
    from_environment = bool(username and password)
    if not username:
        username = _ask_username()
    if not password:
        password = _ask_password(username)
    account = new_account(username, Particulars(username), password, must_change=from_environment)
    add_user(account, [Jurisdiction(Role.SYSTEM_ADMIN)], actor=SYSTEM)
    click.echo(f"系统管理员已建立 / first administrator: {account.username}")


def _ask_username() -> str:
    """Ask until the name fits."""
    while True:
        try:
            return checked(
                str(click.prompt("系统管理员账号 / administrator account", default="admin"))
            )
        except Fault as fault:
            click.echo(str(fault), err=True)


def _ask_password(username: str) -> str:
    """Ask twice, until it is strong enough; not shown."""
    while True:
        typed = str(
            click.prompt(
                f"密码，至少 {MIN_LENGTH} 位 / password, at least {MIN_LENGTH} characters",
                hide_input=True,
                confirmation_prompt="再输一遍 / once more",
            )
        )
        try:
            check_strength(typed, username=username)
        except Fault as fault:
            click.echo(str(fault), err=True)
        else:
            return typed
