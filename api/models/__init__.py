"""Tables: columns and constraints, no rules."""

from api.models.categories import Category, CategoryText
from api.models.clinics import Clinic, Redirect
from api.models.entries import Entry, Review, Revision, Slug, Transition, Variant
from api.models.people import ApiKey, Person, Role
from api.models.published import Coming, Published, PublishedValue, SearchDocument
from api.models.records import AuditEntry, Promise, Publication, Stamp

LIBRARY = "library"
"""The reserved scope that every clinic reads."""

__all__ = [
    "LIBRARY",
    "ApiKey",
    "AuditEntry",
    "Category",
    "CategoryText",
    "Clinic",
    "Coming",
    "Entry",
    "Person",
    "Promise",
    "Publication",
    "Published",
    "PublishedValue",
    "Redirect",
    "Review",
    "Revision",
    "Role",
    "SearchDocument",
    "Slug",
    "Stamp",
    "Transition",
    "Variant",
]
