"""The demo's accounts are shown in a demonstration and nowhere else."""

from collections.abc import Callable

from flask import Flask, render_template

from tracker.demo.staff import DEMO_PASSWORD


def _rendered(app: Flask) -> str:
    with app.test_request_context("/login"):
        return render_template("home/demo_accounts.html")


def test_a_demonstration_names_an_account_for_each_role(make_app: Callable[..., Flask]) -> None:
    page = _rendered(make_app("sqlite", demo=True))
    assert DEMO_PASSWORD in page
    for role in (
        "督导员",
        "网格员",
        "社区书记",
        "责任单位经办人",
        "派遣员",
        "核查员",
        "领导",
        "系统管理员",
        "安全管理员",
        "审计管理员",
    ):
        assert f"<td>{role}</td>" in page


def test_a_real_installation_knows_no_demo_account(make_app: Callable[..., Flask]) -> None:
    app = make_app("sqlite")
    assert _rendered(app).strip() == ""
    assert "demo_accounts" not in app.jinja_env.globals
