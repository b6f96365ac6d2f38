"""The service without its front, settled as wsgi.py settles it: every request is read from the database."""

import gc

from api.app import create_app

app = create_app(front=False)
gc.freeze()
gc.set_threshold(20_000, 20, 20)
