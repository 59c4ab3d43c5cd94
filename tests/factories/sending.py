"""A phone as the server sees it: a session, photos piece by piece, items."""

import hashlib
import io
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from flask import Flask
from PIL import Image, ImageDraw
from werkzeug.test import TestResponse

from tests.factories.client import OfficeClient, open_session, visitor


@dataclass
class SendingPhone:
    """`token` is the deposit right; with `signed_in` False it has nothing else."""

    client: OfficeClient
    csrf: str
    token: str

    def send(self, body: Any, **headers: str) -> TestResponse:
        """Post one item."""
        return self.client.post("/inspect/items", json=body, headers=self._headers(headers))

    def bring(self, data: bytes, *, piece: int = 1024 * 1024, **headers: str) -> str:
        """Upload a photo whole; returns its SHA-256."""
        sha256 = hashlib.sha256(data).hexdigest()
        at = 0
        while at < len(data):
            answer = self.piece(sha256, data[at : at + piece], at, len(data), **headers)
            assert answer.status_code == 204, answer.text
            at = int(answer.headers["Upload-Offset"])
        return sha256

    def piece(
        self, sha256: str, piece: bytes, offset: int, length: int, **headers: str
    ) -> TestResponse:
        """One PATCH."""
        told = {"Upload-Offset": str(offset), "Upload-Length": str(length)}
        return self.client.patch(
            f"/inspect/photos/{sha256}",
            data=piece,
            content_type="application/octet-stream",
            headers=self._headers({**told, **headers}),
        )

    def ask(self, sha256: str, **headers: str) -> TestResponse:
        """One HEAD."""
        return self.client.head(f"/inspect/photos/{sha256}", headers=headers)

    def leave(self, body: Any) -> TestResponse:
        """Deposit one item."""
        return self.client.post("/inspect/deposit", json=body, headers=self.right)

    @property
    def right(self) -> dict[str, str]:
        return {"Authorization": f"Deposit {self.token}"}

    def _headers(self, more: dict[str, str]) -> dict[str, str]:
        given = {name.replace("_", "-"): value for name, value in more.items()}
        return given if "Authorization" in given else {"X-CSRFToken": self.csrf, **given}


def phone_of(app: Flask, username: str) -> SendingPhone:
    """A phone whose person is signed in."""
    client = open_session(app, username)
    told = client.get("/inspect/session").get_json()
    return SendingPhone(client, told["csrf"], told["deposit"]["token"])


def signed_out(app: Flask, phone: SendingPhone) -> SendingPhone:
    """The same phone without a session: it kept its deposit right."""
    return SendingPhone(visitor(app), "", phone.token)


def named(sha256: str, uuid: str | None = None) -> dict[str, str]:
    """A photo as an item names it."""
    return {"uuid": uuid or str(uuid4()), "sha256": sha256}


def jpeg(seed: int = 0, *, exif: Image.Exif | None = None) -> bytes:
    """A small photo, another for each seed."""
    image = Image.linear_gradient("L").resize((320, 240)).convert("RGB")
    draw = ImageDraw.Draw(image)
    for step in range(8):
        x, y = (step * 97 + seed * 53) % 320, (step * 61 + seed * 131) % 240
        draw.ellipse((x - 30, y - 20, x + 30, y + 20), fill=(step * 30, seed * 41 % 256, 90))
    kept = io.BytesIO()
    image.save(kept, "JPEG", **({} if exif is None else {"exif": exif}))
    return kept.getvalue()
