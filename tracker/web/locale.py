"""Knows the language of an answer: the person's choice, the visitor's cookie, the installation's."""

from functools import cached_property
from typing import Any

from babel import Locale
from flask import Blueprint, Flask, Response, current_app, g, redirect, request, session
from flask_babel import Babel, Domain, get_locale

from tracker.access.gate import requires
from tracker.access.permissions import Permission
from tracker.paths import TRANSLATIONS
from tracker.settings import LOCALES
from tracker.web.redirects import back


class _Words(Domain):
    """The catalogue of the reader, found once a request: a page says two hundred words.

    It is kept where flask-babel itself forgets it, when the language changes amid a request.
    """

    def get_translations(self) -> Any:
        kept = g.get("_flask_babel") if g else None
        found = getattr(kept, "babel_translations", None)
        if found is None:
            found = super().get_translations()
            if g:
                g._flask_babel.babel_translations = found
        return found


class _Babel(Babel):
    @cached_property
    def domain_instance(self) -> _Words:
        return _Words(domain=self.domain)


babel = _Babel()
#: Read once: every request chooses one.
_READ = {name: Locale.parse(name) for name in LOCALES}
blueprint = Blueprint("locale", __name__)


def choose_locale() -> str:
    """The locale of this request; never raises."""
    chosen = session.get("locale") or getattr(g.get("person"), "locale", None)
    return chosen if chosen in LOCALES else current_app.config["DEFAULT_LOCALE"]


def is_english() -> bool:
    """Whether the reader chose English; outside a request the house's language."""
    locale = get_locale()
    return locale is not None and locale.language == "en"


def install(app: Flask) -> None:
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(TRANSLATIONS)
    app.config["BABEL_DEFAULT_LOCALE"] = app.config["DEFAULT_LOCALE"]
    app.config["BABEL_DEFAULT_TIMEZONE"] = "Asia/Shanghai"
    babel.init_app(app, locale_selector=lambda: _READ[choose_locale()])
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        lambda text: babel.domain_instance.get_translations().ugettext(text),
        lambda one, many, n: babel.domain_instance.get_translations().ungettext(one, many, n),
        newstyle=True,
    )
    app.jinja_env.globals["get_locale"] = get_locale
    app.register_blueprint(blueprint)


@blueprint.post("/locale")
@requires(Permission.PUBLIC)
def switch() -> Response:
    """Remember the chosen language in the visitor's cookie."""
    wanted = request.form.get("locale", "")
    if wanted in LOCALES:
        session["locale"] = wanted
    return redirect(back())  # type: ignore[return-value]
