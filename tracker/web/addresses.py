"""Knows which values an address may carry: what no row can be named by is refused at the door."""

from flask import Flask, abort, request
from werkzeug.routing import IntegerConverter, ValidationError

from tracker.errors import Invalid
from tracker.texts import N_


class RowId(IntegerConverter):
    """`<int:…>` in a route: ten digits at most, no larger than a 32-bit key; else no such page."""

    regex = r"[0-9]{1,10}"

    def to_python(self, value: str) -> int:
        found: int = super().to_python(value)
        if found > 2**31 - 1:
            raise ValidationError
        return found


def install(app: Flask) -> None:
    """Call before the first route is added."""
    app.url_map.converters["int"] = RowId

    @app.before_request
    def refuse_nul() -> None:
        """PostgreSQL keeps no NUL and no keyboard writes one: in an address it names nothing."""
        if "\0" in request.path:
            abort(404)
        if any("\0" in text for pair in request.args.items(multi=True) for text in pair):
            raise Invalid(N_("地址里有无法识别的字符，请返回上一页重新打开。"))
