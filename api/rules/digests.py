"""Digests: what exactly was approved."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from schemas.content_type import ContentType

_canonical = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode


def digest(slug: str | None, document: dict[str, Any]) -> str:
    """SHA-256 of the slug and the whole document, keys sorted: `sha256:` and 64 hexadecimal digits."""
    return _sha256({"slug": slug, "document": document})


def clinical_digest(content_type: ContentType, document: dict[str, Any]) -> str:
    """SHA-256 of the clinical fields alone; a part that clinics may override (facts.price) is left out."""
    clinical: dict[str, Any] = {name: document.get(name) for name in content_type.clinical}
    for path in content_type.overridable:
        name, _, key = path.partition(".")
        if key and clinical.get(name):
            clinical[name] = [part for part in clinical[name] if part.get("key") != key]
    return _sha256(clinical)


def _sha256(value: Any) -> str:
    return "sha256:" + hashlib.sha256(_canonical(value).encode()).hexdigest()
