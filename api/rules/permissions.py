"""Who may make which move."""

from __future__ import annotations

from dataclasses import dataclass, field

HOUSE = "library"
ROLES = ("author", "editor", "medical_reviewer", "publisher", "admin")

MAY: dict[str, tuple[str, ...]] = {
    "create": ("author", "editor"),
    "edit": ("author", "editor"),
    "translate": ("author", "editor"),
    "submit": ("author", "editor"),
    "comment": ("author", "editor", "medical_reviewer"),
    "approve_medical": ("medical_reviewer",),
    "approve": ("editor", "medical_reviewer"),
    "reject_medical": ("medical_reviewer",),
    "reject": ("editor", "medical_reviewer"),
    "publish": ("publisher",),
    "unschedule": ("publisher",),
    "unpublish": ("publisher",),
    "withdraw": ("publisher", "medical_reviewer"),
    "recall": ("medical_reviewer", "admin"),
    "restore": ("editor",),
    "overlay": ("editor",),
    "hide": ("editor",),
    "show": ("editor",),
    "pin": ("editor",),
    "follow": ("editor",),
    "archive": ("editor",),
    "categories": ("editor",),
    "redirects": ("editor",),
    "clinics": ("admin",),
    "people": ("admin",),
    "keys": ("admin",),
}
NEVER_BY_ADMIN = ("approve_medical",)


@dataclass(frozen=True)
class Actor:
    """Who is asking: anyone, a key, a person, or the operator at the command line.

    `roles` holds (role, scope) pairs; scope is a clinic id or the house.
    """

    id: str
    person_id: str | None = None
    roles: frozenset[tuple[str, str]] = field(default_factory=frozenset)

    def may(self, act: str, scope: str) -> bool:
        """Whether a role for the house, or for that clinic, allows the act. Library content needs the house."""
        held = {role for role, where in self.roles if where in (HOUSE, scope)}
        if "admin" in held and act not in NEVER_BY_ADMIN:
            return True
        return bool(held & set(MAY[act]))


ANYONE = Actor("anyone")
OPERATOR = Actor("operator", roles=frozenset({("admin", HOUSE)}))
"""The operator at the command line. Its audit lines say so; it approves nothing medical."""
