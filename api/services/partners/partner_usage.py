"""What partners' pages showed, how often, and who still shows what was taken down."""

from __future__ import annotations

import csv
import datetime as dt
import io
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from api.errors import invalid_parameters
from api.models import Clinic, EmbedView, Entry, Partner, PartnerAck, Transition, Variant
from api.services import lookup, pages
from api.services.minding import minded
from api.services.pages import Rows
from api.services.partners import partners, takedowns
from api.services.work import Work

Said = dict[str, Any]
USUAL_DAYS, MOST_DAYS = 30, 92
COLUMNS = ("day", "clinic", "type", "id", "locale", "mode", "views", "revision", "seen_at", "shows_withdrawn")
ORDER = (EmbedView.day, EmbedView.id)


@dataclass(frozen=True)
class Period:
    """Days, both ends with it."""

    since: dt.date
    until: dt.date


def period(work: Work, asked: Said) -> Period:
    """The days asked for. Raises invalid_parameter where they run backwards or are too many."""
    until = asked.get("until") or work.database.instant().date()
    usual = dt.date.fromordinal(max(1, until.toordinal() - USUAL_DAYS + 1))
    since = asked.get("since") or usual
    if since > until or (until - since).days >= MOST_DAYS:
        detail = f"Ask for 1 to {MOST_DAYS} days, the first one first."
        raise invalid_parameters([{"parameter": "since", "code": "out_of_range", "detail": detail}])
    return Period(since, until)


def views(work: Work, partner: Partner, days: Period, after: tuple[Any, ...] | None, size: int) -> Rows:
    """One page of what a partner's pages showed, in order of day."""
    return pages.page(work, _asked(partner, days), ORDER, after, size, lambda row: _told(row))


def table(work: Work, partner: Partner, days: Period) -> str:
    """All of it as CSV (RFC 4180): every value is ours, none could be taken for a formula."""
    out = io.StringIO()
    write = csv.writer(out)
    write.writerow(COLUMNS)
    for row in work.session.execute(_asked(partner, days).order_by(*ORDER)):
        told = _told(row)
        write.writerow([str(told[name]).lower() if name == "shows_withdrawn" else told[name] for name in COLUMNS])
    return out.getvalue()


def total(work: Work, partner: Partner, days: Period) -> Said:
    """{since, until, views} of the whole period."""
    asked = select(func.coalesce(func.sum(EmbedView.views), 0)).where(
        EmbedView.partner_id == partner.id, EmbedView.day.between(days.since.isoformat(), days.until.isoformat())
    )
    found = work.session.scalar(asked) or 0
    return {"since": days.since.isoformat(), "until": days.until.isoformat(), "views": int(found)}


def showing(work: Work, asked: Said, after: tuple[Any, ...] | None, size: int) -> Rows:
    """Who was seen to show what had been taken down, the latest first, as far as the actor minds partners."""
    clinics = minded(work, "partners")
    found = (
        select(EmbedView, Clinic.slug, Entry.type, Partner.name)
        .join(Clinic, Clinic.id == EmbedView.clinic_id)
        .join(Entry, Entry.id == EmbedView.entry_id)
        .outerjoin(Partner, Partner.id == EmbedView.partner_id)
        .where(takedowns.is_still_shown())
    )
    if clinics is not None:
        mine = [each.id for each in partners.every(work)]
        found = found.where(EmbedView.clinic_id.in_(clinics), EmbedView.partner_id.in_([*mine, ""]))
    if (named := asked.get("filter[partner]")) is not None:
        found = found.where(EmbedView.partner_id == named)
    rows = pages.page(
        work, found, (EmbedView.seen_at, EmbedView.id), after, size,
        lambda row: {"view": row[0], "clinic": row[1], "type": row[2], "name": row[3]}, falling=True,
    )  # fmt: skip
    down = _withdrawals(work, [row["view"].id for row in rows.rows])
    return Rows([_shown(row, down[row["view"].id]) for row in rows.rows], rows.last)


def _asked(partner: Partner, days: Period) -> Any:
    return (
        select(EmbedView, Clinic.slug, Entry.type, takedowns.is_still_shown().label("withdrawn"))
        .join(Clinic, Clinic.id == EmbedView.clinic_id)
        .join(Entry, Entry.id == EmbedView.entry_id)
        .where(EmbedView.partner_id == partner.id)
        .where(EmbedView.day.between(days.since.isoformat(), days.until.isoformat()))
    )


def _told(row: Any) -> Said:
    view: EmbedView = row[0]
    return {
        "day": view.day,
        "clinic": row[1],
        "type": row[2],
        "id": view.entry_id,
        "locale": view.locale,
        "mode": view.mode,
        "views": view.views,
        "revision": view.revision,
        "seen_at": lookup.instant(view.seen_at),
        "shows_withdrawn": bool(row[3]),
    }


def _withdrawals(work: Work, ids: list[int]) -> dict[int, Any]:
    """By view: the first withdrawal that it came after, with the partner's word on it."""
    asked = (
        select(
            EmbedView.id.label("view"), Transition.id, Transition.move, Transition.at, Transition.reason,
            Transition.severity, takedowns.shown_until().label("revision"), PartnerAck.at.label("acknowledged"),
        )
        .select_from(EmbedView)
        .join(Variant, Variant.entry_id == EmbedView.entry_id)
        .join(Entry, Entry.id == Variant.entry_id)
        .join(Transition, Transition.variant_id == Variant.id)
        .outerjoin(
            PartnerAck,
            (PartnerAck.transition_id == Transition.id) & (PartnerAck.partner_id == EmbedView.partner_id),
        )
        .where(EmbedView.id.in_(ids), takedowns.still_shown())
        .order_by(Transition.id.desc())
    )  # fmt: skip
    return {row.view: row for row in work.session.execute(asked)}


def _shown(row: Said, down: Any) -> Said:
    view: EmbedView = row["view"]
    return {
        "partner": {"id": view.partner_id, "name": row["name"]} if row["name"] is not None else None,
        "clinic": row["clinic"],
        "entry": {"type": row["type"], "id": view.entry_id},
        "locale": view.locale,
        "mode": view.mode,
        "revision": view.revision,
        "seen_at": lookup.instant(view.seen_at),
        "withdrawal": withdrawal(down),
        "acknowledged_at": lookup.instant(down.acknowledged),
    }


def withdrawal(row: Any) -> Said:
    """A withdrawal as those who must act on it see it."""
    return {
        "id": str(row.id),
        "kind": takedowns.KINDS[row.move],
        "at": lookup.instant(row.at),
        "reason": row.reason,
        "severity": row.severity,
        "revision": row.revision,
    }
