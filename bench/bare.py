"""The reference: a RESTX route that gives out stored bytes and does nothing else; BENCH_BODY names the bytes."""

import os
from pathlib import Path

from flask import Flask, Response
from flask_restx import Api, Resource

BODY = Path(os.environ["BENCH_BODY"]).read_bytes()

app = Flask("bare")
api = Api(app, doc=False, add_specs=False)


@api.route("/v1/clinics/<clinic>/topics/<slug>")
class Bare(Resource):
    """The same bytes for every address."""

    def get(self, clinic: str, slug: str) -> Response:
        return Response(BODY, content_type="application/json")
