"""The WSGI application, for any server."""

from api.app import create_app

app = create_app()
