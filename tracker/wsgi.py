"""The application for a WSGI server: `gunicorn tracker.wsgi:app`."""

from tracker.app import create_app, settle

app = create_app()
settle()
