"""The life of one text as a plain-Python model: what the workflow table says, written down a second time."""

from __future__ import annotations

from dataclasses import dataclass, field

ROLES = ("author", "editor", "medical_reviewer", "publisher", "admin")


@dataclass
class Draft:
    """One revision: its words, where it stands, who wrote it."""

    number: int
    words: str
    clinical: str
    writer: str
    state: str = "draft"
    approved: bool = False
    medically: bool = False

    @property
    def digest(self) -> tuple[str, str]:
        return self.words, self.clinical


@dataclass
class Life:
    """A clinical text. `planned` holds (instant, revision) of publications ahead."""

    revisions: list[Draft] = field(default_factory=list)
    live: int | None = None
    withdrawn: bool = False
    planned: list[tuple[int, int]] = field(default_factory=list)
    ever_live: bool = False
    gone: bool = False

    @property
    def newest(self) -> Draft:
        return self.revisions[-1]

    def number(self, wanted: int) -> Draft:
        return self.revisions[wanted - 1]

    def write(self, who: str, words: str | None = None, clinical: str | None = None) -> None:
        last = self.revisions[-1] if self.revisions else Draft(0, "", "", who)
        made = Draft(last.number + 1, words or last.words, clinical or last.clinical, who)
        self.revisions.append(made)

    def tick(self, now: int) -> None:
        """Let the plans come that have come."""
        for at, revision in sorted(self.planned):
            if at <= now:
                self.live, self.ever_live, self.gone = revision, True, False
        self.planned = [plan for plan in self.planned if plan[0] > now]

    def can(self, move: str, who: str, revision: int | None = None, at: int | None = None) -> bool:
        """Whether this person may make this move now; publish may name a revision and an instant."""
        draft = self.number(revision) if revision else self.newest
        if move == "publish" and draft.number == self.shown_at(at):
            return False
        return who in self._who(move) and self._stands(move, who, draft)

    def shown_at(self, at: int | None) -> int | None:
        """What shows now or at an instant, as things stand."""
        come = [plan for plan in self.planned if at is not None and plan[0] <= at]
        return come[-1][1] if (come := sorted(come, key=lambda plan: plan[0])) else self.live

    def _who(self, move: str) -> set[str]:
        medical = self.newest.state == "medical_review"
        table = {
            "submit": {"author", "editor", "admin"},
            "approve": {"medical_reviewer"} if medical else {"editor", "medical_reviewer", "admin"},
            "reject": {"medical_reviewer", "admin"} if medical else {"editor", "medical_reviewer", "admin"},
            "publish": {"publisher", "admin"},
            "unschedule": {"publisher", "admin"},
            "unpublish": {"publisher", "admin"},
            "withdraw": {"publisher", "medical_reviewer", "admin"},
            "restore": {"editor", "admin"},
        }
        return table[move]

    def _stands(self, move: str, who: str, draft: Draft) -> bool:
        if move == "submit":
            return draft.state == "draft"
        if move == "approve":
            return draft.state in ("medical_review", "in_review") and who not in self.writers()
        if move == "reject":
            reviewed = draft.state in ("medical_review", "in_review", "approved")
            return reviewed and self.live != draft.number
        if move == "publish":
            words = any(each.approved and each.digest == draft.digest for each in self.revisions)
            return draft.state == "approved" and not self.withdrawn and words and self.doctored(draft)
        if move == "unschedule":
            return bool(self.planned)
        return self.withdrawn if move == "restore" else self.live is not None

    def writers(self) -> set[str]:
        """Who wrote any revision since the last approved one."""
        earlier = [each.number for each in self.revisions[:-1] if each.approved]
        since = max(earlier, default=0)
        return {each.writer for each in self.revisions if each.number > since}

    def doctored(self, draft: Draft) -> bool:
        return any(each.medically and each.clinical == draft.clinical for each in self.revisions)

    def make(self, move: str, who: str, now: int, at: int | None = None, revision: int | None = None) -> None:
        """What a move that may be made does."""
        draft = self.number(revision) if revision else self.newest
        if move == "submit":
            draft.state = "in_review" if self.doctored(draft) else "medical_review"
        elif move == "approve":
            draft.medically = draft.medically or draft.state == "medical_review"
            draft.state, draft.approved = "approved", True
        elif move == "reject":
            draft.state, draft.approved, draft.medically = "draft", False, False
            self.planned = [plan for plan in self.planned if plan[1] != draft.number]
        elif move == "publish":
            self.planned.append((at if at is not None else now, draft.number))
            self.tick(now)
        elif move == "unschedule":
            self.planned = []
        elif move == "unpublish":
            self.live, self.gone = None, False
        elif move == "withdraw":
            self.live, self.withdrawn, self.gone, self.planned = None, True, True, []
        elif move == "restore":
            for each in self.revisions:
                each.approved = each.medically = False
            self.withdrawn = False
            self.write(who)
