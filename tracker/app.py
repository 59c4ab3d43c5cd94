"""Builds the application: a table of contents, in the order in which things depend on each other."""

import gc
from dataclasses import replace

from flask import Flask
from flask_migrate import Migrate
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from tracker.access.gate import current_actor
from tracker.counters import projecting
from tracker.home import demo_accounts
from tracker.jobs import worker
from tracker.paths import MIGRATIONS, STATIC, TEMPLATES
from tracker.settings import Settings
from tracker.storage.db import db, engine_options, prepare_engine
from tracker.tasks import text_index
from tracker.web import (
    addresses,
    compression,
    cookies,
    errors,
    filters,
    forgiving,
    headers,
    locale,
    navigation,
    origin,
    static_files,
)

#: The largest request body: a form with several photos.
MAX_BODY = 64 * 1024 * 1024

#: `tracker demo` leaves this file in the data folder: known passwords, the ribbon is shown.
DEMO_MARKER = "demo"

csrf = CSRFProtect()
migrate = Migrate()


def create_app(settings: Settings | None = None) -> Flask:
    """The whole product as one WSGI application. Raises BadSetting."""
    settings = settings or Settings.from_environ()
    settings.check_queue()
    if (settings.data_dir / DEMO_MARKER).exists():
        settings = replace(settings, demo=True)
    app = Flask("tracker", static_folder=str(STATIC), template_folder=str(TEMPLATES))
    addresses.install(app)
    static_files.install(app)
    _configure(app, settings)
    _extend(app)
    _features(app)
    compression.install(app)
    return app


def settle() -> None:
    """Say to the collector of garbage that what is loaded now stays; for a process that serves.

    Without it each of its full rounds looks through every module again and stops all threads for 0.1 s.
    """
    gc.collect()
    gc.freeze()


def _configure(app: Flask, settings: Settings) -> None:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    app.config.update(
        SETTINGS=settings,
        SECRET_KEY=settings.effective_secret(),
        SQLALCHEMY_DATABASE_URI=settings.effective_database_url,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(settings.effective_database_url),
        SESSION_COOKIE_NAME="__Host-tracker" if settings.secure_cookies else "tracker",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        MAX_CONTENT_LENGTH=MAX_BODY,
        MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024,
        WTF_CSRF_TIME_LIMIT=None,
        DEFAULT_LOCALE=settings.locale,
        IDLE_MINUTES=settings.idle_minutes,
        ARGON2_KIB=settings.argon2_kib,
        NUMBER_PREFIX=settings.number_prefix,
    )
    if settings.hosts:
        app.config["TRUSTED_HOSTS"] = [name.strip() for name in settings.hosts.split(",")]
    if settings.proxy_hops:
        hops = settings.proxy_hops
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]


def _extend(app: Flask) -> None:
    from tracker.catalogue.models import Category
    from tracker.people import sessions
    from tracker.places import moving, versions
    from tracker.places.models import Organization
    from tracker.progress import proposal_counts, tabs, totals
    from tracker.tasks.queries import any_in
    from tracker.workdays import banner

    db.init_app(app)
    with app.app_context():
        prepare_engine(db.engine)
    projecting.install()
    proposal_counts.install()
    totals.install()
    versions.install(Organization, Category)
    moving.tell_recorded(any_in)
    migrate.init_app(
        app,
        db,
        directory=str(MIGRATIONS),
        render_as_batch=True,
        include_object=text_index.is_modelled,
    )
    cookies.install(app)
    csrf.init_app(app)
    origin.install(app)
    sessions.install(app)
    locale.install(app)
    errors.install(app)
    filters.install(app)
    forgiving.install(app)
    navigation.install(app)
    headers.install(app)
    app.jinja_env.globals.update(settings=app.config["SETTINGS"], current_actor=current_actor)
    demo_accounts.install(app)
    banner.install(app)
    tabs.install(app)


def _features(app: Flask) -> None:
    from tracker import features

    for blueprint in features.blueprints():
        app.register_blueprint(blueprint)
    app.extensions[worker.EXTENSION] = features.jobs()
