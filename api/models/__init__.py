"""Tables: columns and constraints, no rules."""

from api.models.categories import Category, CategorySlug, CategoryText
from api.models.clinics import Clinic, Redirect
from api.models.coherence import Listener, Purge
from api.models.entries import Entry, Review, Revision, Slug, Transition, Variant
from api.models.life import ClaimWaiver, Comment, Conflict, Recall, Release, ReleaseItem, Waiver
from api.models.media import Media, MediaFile
from api.models.partners import EmbedScript, EmbedView, Partner, PartnerAck
from api.models.people import ApiKey, Person, Role
from api.models.published import Coming, Published, PublishedValue, SearchDocument
from api.models.records import AuditEntry, IdempotentReply, Promise, Publication, Stamp, WorkerSeen
from api.models.shares import Share
from api.models.transfers import ImportedKey, Transfer, TransferName, TransferRow

LIBRARY = "library"
"""The reserved scope that every clinic reads."""

__all__ = [
    "LIBRARY",
    "ApiKey",
    "AuditEntry",
    "Category",
    "CategorySlug",
    "CategoryText",
    "ClaimWaiver",
    "Clinic",
    "Coming",
    "Comment",
    "Conflict",
    "EmbedScript",
    "EmbedView",
    "Entry",
    "IdempotentReply",
    "ImportedKey",
    "Listener",
    "Media",
    "MediaFile",
    "Partner",
    "PartnerAck",
    "Person",
    "Promise",
    "Publication",
    "Published",
    "PublishedValue",
    "Purge",
    "Recall",
    "Redirect",
    "Release",
    "ReleaseItem",
    "Review",
    "Revision",
    "Role",
    "SearchDocument",
    "Share",
    "Slug",
    "Stamp",
    "Transfer",
    "TransferName",
    "TransferRow",
    "Transition",
    "Variant",
    "Waiver",
    "WorkerSeen",
]
