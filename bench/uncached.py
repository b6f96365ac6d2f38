"""The service without its front: every request is read from the database. Settled as wsgi.py settles it."""

import gc

from api.app import create_app

app = create_app(front=False)
gc.freeze()
gc.set_threshold(20_000, 20, 20)
