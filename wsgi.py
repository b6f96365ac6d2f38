"""The WSGI application, for any server."""

import gc

from api.app import create_app

app = create_app()
# What was made by now lives as long as the process: the collector need not walk through it at every turn.
gc.freeze()
gc.set_threshold(20_000, 20, 20)
