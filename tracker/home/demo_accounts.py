"""Knows the demo's sample accounts for the sign-in page; registered in a demonstration only."""

from dataclasses import dataclass

from flask import Flask

from tracker.access.roles import LABELS


@dataclass(frozen=True)
class Sample:
    """One way into the demo; `role` is the Chinese label, translated where it is shown."""

    username: str
    name: str
    role: str
    unit: str
    password: str


def demo_accounts() -> list[Sample]:
    """The sample accounts, one for each role that has one."""
    from tracker.demo.staff import DEMO_PASSWORD, demo_people

    return [
        Sample(person.username, person.name, LABELS[person.role], person.unit, DEMO_PASSWORD)
        for person in demo_people()
        if person.is_sample
    ]


def install(app: Flask) -> None:
    """Give templates `demo_accounts()` when this installation is a demonstration."""
    if app.config["SETTINGS"].demo:
        app.jinja_env.globals["demo_accounts"] = demo_accounts
