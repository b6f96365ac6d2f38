"""Examples of replies, taken from the seeded library by `make openapi`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

EXAMPLES: dict[str, Any] = json.loads(Path(__file__).with_name("examples.json").read_text(encoding="utf-8"))
"""Operation summary -> the body of its reply."""
