"""Every route declares who may open it, and writes for nobody without a token."""

from flask import Flask
from werkzeug.routing import AnyConverter, Rule

from tests.codebase.crawl import open_addresses
from tests.factories.client import open_session
from tests.factories.world import make_world
from tracker.access.permissions import Permission

#: Flask's own, without a person.
WITHOUT_PERMISSION = {"static"}


def test_every_route_declares_its_permission(app: Flask):
    undeclared = sorted(
        f"{rule.rule} ({rule.endpoint})"
        for rule in app.url_map.iter_rules()
        if rule.endpoint not in WITHOUT_PERMISSION
        and not isinstance(
            getattr(app.view_functions[rule.endpoint], "permission", None), Permission
        )
    )
    assert undeclared == [], "put @requires(Permission.X) on these views"


def test_a_visitor_is_sent_to_sign_in_from_every_page_that_is_not_public(app: Flask):
    make_world()
    client = app.test_client()
    for rule, address in open_addresses(app):
        permission = getattr(app.view_functions[rule.endpoint], "permission", None)
        if permission is not Permission.PUBLIC and rule.endpoint not in WITHOUT_PERMISSION:
            answer = client.get(address)
            assert answer.status_code in (302, 401), (address, answer.status_code)


def sample(rule: Rule, argument: str) -> str:
    """A value that the route takes."""
    converter = rule._converters[argument]
    return sorted(converter.items)[0] if isinstance(converter, AnyConverter) else "1"


def test_every_writing_route_refuses_a_request_without_a_token(app: Flask):
    make_world()
    client = open_session(app, "dispatcher")
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) & {"POST", "PUT", "PATCH", "DELETE"}):
            values = {name: sample(rule, name) for name in rule.arguments}
            with app.test_request_context():
                address = app.url_map.bind("localhost").build(rule.endpoint, values, method=method)
            answer = client.open(address, method=method)
            assert answer.status_code in (400, 404), (method, address, answer.status_code)
