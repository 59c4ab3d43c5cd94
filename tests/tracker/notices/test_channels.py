"""Channels: the system administrator's alone, an address is never shown again and never of another kind."""

import re

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories.client import open_session
from tests.factories.notices import make_channel, make_digest, messages
from tests.factories.world import World, make_task, make_world
from tracker.audit.models import AuditEntry
from tracker.errors import Invalid
from tracker.notices.channel_kinds import ChannelKind, allowed, parse
from tracker.notices.models import Channel
from tracker.notices.outside import NotAccepted, deliver
from tracker.storage.db import db
from tracker.tasks.states import State

KEY = "693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa"


@pytest.fixture
def world(app: Flask) -> World:
    return make_world()


@pytest.mark.parametrize(
    ("kind", "typed", "url"),
    [
        ("wecom", f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={KEY}", f"wecombot://{KEY}"),
        ("wecom", KEY, f"wecombot://{KEY}"),
        ("dingtalk", "https://oapi.dingtalk.com/robot/send?access_token=abcdef123456", "dingtalk://abcdef123456"),
        ("dingtalk", "SECsecret99@abcdef123456", "dingtalk://SECsecret99@abcdef123456"),
        ("feishu", "https://open.feishu.cn/open-apis/bot/v2/hook/ab-cd-ef-12", "feishu://ab-cd-ef-12"),
        ("email", "mailtos://u:p@mail.example.cn:465?to=a@b.cn", "mailtos://u:p@mail.example.cn:465?to=a@b.cn"),
        ("webhook", "http://10.0.0.9:8080/in?k=v", "json://10.0.0.9:8080/in?-k=v"),
        ("webhook", "https://gate.example.cn/in", "jsons://gate.example.cn/in"),
    ],
)  # fmt: skip
def test_what_is_typed_becomes_an_address_the_library_takes(kind: str, typed: str, url: str):
    import apprise

    found = parse(ChannelKind(kind), typed)
    assert found.url == url
    assert allowed(ChannelKind(kind), found.url)
    assert KEY not in found.hint
    assert apprise.Apprise().add(found.url)


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        ("wecom", ""), ("wecom", "https://evil.example.cn/send?key=" + KEY), ("wecom", "exec://rm"),
        ("wecom", "a/b?x"), ("dingtalk", "a@b@c"), ("feishu", "http://open.feishu.cn/x/abcdefgh"),
        ("email", "https://mail.example.cn"), ("email", "mailto://"), ("email", "mailtos://h:0"),
        ("webhook", "file:///etc/passwd"), ("webhook", "syslog://localhost"), ("webhook", "ftp://a/b"),
        ("webhook", "http://169.254.169.254/latest"), ("webhook", "http://[fe80::1]/"),
        ("webhook", "http://2852039166/"), ("webhook", "http://0251.0376.0251.0376/"), ("webhook", "http://0xA9FEA9FE/"),
        ("webhook", "http://[::ffff:169.254.169.254]/"), ("webhook", "http://１６９.254.169.254/"), ("webhook", "http://169.254.169.254./"),
        ("email", "mailto://169.254.169.254"), ("email", "mailtos://u:p@h.cn?smtp=169.254.169.254"),
        ("email", "mailtos://u:p@h.cn?pgpkey=/etc/passwd"), ("email", "mailtos://u:p@h.cn?from=a%0d%0aBcc:b@c.cn"),
        ("email", "mailtos://u:p@h.cn?%2BBcc=b@c.cn"), ("email", "mailtos://u:p@h.cn#x"),
        ("webhook", "http://[oops/"), ("webhook", "http://a:99999/"), ("webhook", "//a/b"),
        ("manual", "anything"),
    ],
)  # fmt: skip
def test_an_address_of_another_kind_or_scheme_is_refused(kind: str, typed: str):
    with pytest.raises(Invalid):
        parse(ChannelKind(kind), typed)


def test_an_address_that_came_to_lead_to_the_machines_plumbing_gets_no_message():
    # what a name resolves to is asked before each message; a number needs no name server to show it
    for kind, url in (
        ("webhook", "json://2852039166/"),
        ("email", "mailto://h.cn?smtp=169.254.1.1"),
    ):
        with pytest.raises(NotAccepted, match="不符合其类型"):
            deliver(ChannelKind(kind), url, title="a", body="b", to="a@b.cn")


def form(world: World, **changes: str) -> dict[str, str]:
    return {
        "name": "环卫群", "kind": "wecom", "organization_id": str(world.units["sanitation"]), "address": KEY,
        "per_minute": "20", "is_active": "y", "quiet_from": "", "quiet_until": "", **changes,
    }  # fmt: skip


def test_the_address_is_never_shown_again_nor_written_to_the_log(app: Flask, world: World):
    client = open_session(app, "sysadmin")
    assert client.post_form("/admin/channels/new", form(world)).status_code == 302
    channel = db.session.scalars(select(Channel)).one()
    pages = client.get("/admin/channels").text + client.get(f"/admin/channels/{channel.id}").text
    assert "环卫群" in pages
    assert KEY not in pages
    assert "…5aaa" in pages
    changed = form(world, name="环卫一群", address="", version=str(channel.version))
    assert client.post_form(f"/admin/channels/{channel.id}", changed).status_code == 302
    db.session.rollback()
    assert db.session.scalars(select(Channel)).one().address == f"wecombot://{KEY}"
    kept = db.session.execute(select(AuditEntry.kind, AuditEntry.object, AuditEntry.detail)).all()
    assert ("channel.create", "环卫群", {}) in [tuple(row) for row in kept]
    assert KEY not in str(kept)


def test_a_wrong_form_comes_back_and_a_stale_one_is_told_so(app: Flask, world: World):
    client = open_session(app, "sysadmin")
    for wrong in (
        {"address": "http://evil.example.cn"}, {"address": ""}, {"kind": "sms"}, {"kind": ""}, {"per_minute": "21"},
        {"per_minute": "9" * 40}, {"per_minute": "x"}, {"organization_id": "0"}, {"organization_id": "9" * 30},
        {"organization_id": "x"}, {"name": ""}, {"name": "长" * 51}, {"quiet_from": "24"}, {"address": "a" * 501},
    ):  # fmt: skip
        answer = client.post_form("/admin/channels/new", form(world, **wrong))
        assert answer.status_code == 422, wrong
    assert client.post_form("/admin/channels/new", form(world, name="环\0卫")).status_code in (
        302,
        422,
    )
    channel_id = make_channel(world, "police")
    stale = form(world, name="改后", address="", version="77")
    answer = client.post_form(f"/admin/channels/{channel_id}", stale)
    assert answer.status_code == 409
    assert 'value="改后"' in answer.text
    again = re.search(r'name="version" value="(\d+)"', answer.text)
    assert again is not None
    saved = client.post_form(f"/admin/channels/{channel_id}", {**stale, "version": again.group(1)})
    assert saved.status_code == 302
    assert client.get("/admin/channels/99999").status_code == 404


@pytest.mark.parametrize("who", ["dispatcher", "secadmin", "leader", "clerk"])
def test_only_the_system_administrator_has_channels(app: Flask, world: World, who: str):
    client = open_session(app, who)
    assert client.get("/admin/channels").status_code == 403
    assert client.post_form("/admin/messages/1/retry").status_code == 403


def test_a_text_to_be_copied_stands_on_the_page_until_somebody_passed_it_on(
    app: Flask, world: World
):
    make_channel(world, "sanitation")
    number = make_task(world, State.DISPATCHED)
    make_digest(f"unit:{world.units['sanitation']}")
    client = open_session(app, "sysadmin")
    assert number in client.get("/admin/channels").text
    message = messages()[0].id
    assert client.post_form(f"/admin/messages/{message}/retry").status_code == 409
    assert client.post_form(f"/admin/messages/{message}/forwarded").status_code == 302
    assert number not in client.get("/admin/channels").text
    assert client.post_form(f"/admin/messages/{message}/forwarded").status_code == 409
    assert client.post_form("/admin/messages/99999/retry").status_code == 404


def test_a_test_message_pressed_twice_is_one(app: Flask, world: World):
    channel_id = make_channel(world, "police")
    client = open_session(app, "sysadmin")
    uuid = {"request_uuid": "0f8fad5b-d9cb-469f-a165-70867728950e"}
    for _ in range(2):
        assert client.post_form(f"/admin/channels/{channel_id}/test", uuid).status_code == 302
    assert len(messages()) == 1
    assert client.post_form(f"/admin/channels/{channel_id}/test", {"request_uuid": "x"}).status_code == 422  # fmt: skip
