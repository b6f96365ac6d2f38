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
    "duplicate": ("author", "editor"),
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
    "share": ("author", "editor", "medical_reviewer", "publisher"),
    "waive": ("editor",),
    "waive_medical": ("medical_reviewer",),
    "releases": ("publisher",),
    "overlay": ("editor",),
    "hide": ("editor",),
    "show": ("editor",),
    "pin": ("editor",),
    "follow": ("editor",),
    "confirm": ("editor", "publisher"),
    "archive": ("editor",),
    "categories": ("editor",),
    "redirects": ("editor",),
    "clinics": ("admin",),
    "people": ("admin",),
    "keys": ("admin",),
    "media": ("author", "editor"),
    "media_live": ("editor", "publisher"),
    "consent": ("editor", "publisher"),
    "media_remove": ("editor",),
    "partners": ("admin",),
    "audit": ("admin",),
    "worker": ("editor", "publisher"),
    "retry": ("admin",),
}
NEVER_BY_ADMIN = ("approve_medical", "waive_medical")
SERVICE = "service"
"""What a manage key holds that acts for nobody: it drafts, submits, and publishes what people approved."""
SERVICE_MAY = (
    "create", "edit", "translate", "duplicate", "submit", "comment", "publish", "unschedule", "releases", "media",
)  # fmt: skip


def needed(act: str, scope: str) -> str:
    """Whose role an act takes in a scope, in words: `the role author or editor for the house`."""
    roles = [*MAY[act]]
    if "admin" not in roles and act not in NEVER_BY_ADMIN:
        roles.append("admin")
    *others, last = roles
    named = f"{', '.join(others)} or {last}" if others else last
    return f"the role {named} for {'the house' if scope == HOUSE else 'this clinic or the house'}"


@dataclass(frozen=True)
class Actor:
    """Who is asking: anyone, a key, a person, or the operator at the command line.

    `roles` holds (role, scope) pairs; scope is a clinic id or the house.
    """

    id: str
    person_id: str | None = None
    roles: frozenset[tuple[str, str]] = field(default_factory=frozenset)
    key_id: str | None = None

    def may(self, act: str, scope: str) -> bool:
        """Whether a role for the house, or for that clinic, allows the act. Library content needs the house."""
        held = {role for role, where in self.roles if where in (HOUSE, scope)}
        if "admin" in held and act not in NEVER_BY_ADMIN:
            return True
        return bool(held & set(MAY[act])) or (SERVICE in held and act in SERVICE_MAY)

    def sees(self, scope: str) -> bool:
        """Whether drafts of that scope may be shown: to whoever holds a role there, or in the house."""
        return any(where in (HOUSE, scope) for _, where in self.roles)


ANYONE = Actor("anyone")
OPERATOR = Actor("operator", roles=frozenset({("admin", HOUSE)}))
"""The operator at the command line. Its audit lines say so; it approves nothing medical."""
