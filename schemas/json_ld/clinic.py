"""The clinic in a graph: who publishes, its WebSite, and its full profile with locations."""

from __future__ import annotations

from typing import Any

from schemas.json_ld.hours import exceptional_hours, opening_hours
from schemas.json_ld.identity import Node, clinic_id, reference, references
from schemas.json_ld.page import Page


def clinic_graph(page: Page) -> list[Node]:
    """The clinic's own page: its profile, and a `department` for each location where there are several.

    https://schema.org/MedicalClinic is both a LocalBusiness and a MedicalOrganization, so a single location's address
    and hours are its own. The only location's phone serves where the clinic names none.
    """
    locations = page.clinic.get("locations") or []
    profile = _profile(page)
    if len(locations) == 1:
        place = _place(locations[0])
        return [{**place, **profile, "telephone": profile["telephone"] or place["telephone"]}, *_site(page)]
    departments = [_department(location, page) for location in locations]
    profile["address"] = [_address(location) for location in locations]
    profile["department"] = references(departments)
    return [profile, *departments, *_site(page)]


def publisher(page: Page) -> Node:
    """The clinic as far as a page about something else has to say."""
    name, url = page.clinic.get("name"), page.clinic.get("url")
    return {"@type": "MedicalClinic", "@id": clinic_id(page), "name": name, "url": url, "logo": _logo(page)}


def _logo(page: Page) -> Node | None:
    """https://schema.org/logo"""
    logo = page.clinic.get("logo") or {}
    src = logo.get("src")
    return {"@type": "ImageObject", "contentUrl": src, "url": src, "caption": logo["alt"]} if src else None


def website(page: Page) -> Node | None:
    """The clinic's WebSite; None without one. `isPartOf` takes a CreativeWork, so it can't name the clinic itself."""
    site = page.absolute("/")
    if site is None:
        return None
    name = page.clinic.get("name")
    return {"@type": "WebSite", "@id": f"{site}#website", "url": site, "name": name, "publisher": _self(page)}


def _site(page: Page) -> list[Node]:
    site = website(page)
    return [site] if site else []


def _self(page: Page) -> Node | None:
    return reference(publisher(page))


def _profile(page: Page) -> Node:
    clinic, contact = page.clinic, page.clinic.get("contact") or {}
    return {
        **publisher(page),
        "description": clinic.get("tagline"),
        "telephone": contact.get("phone"),
        "email": contact.get("email"),
        "sameAs": [each["url"] for each in clinic.get("social") or []],
    }


def _department(location: dict[str, Any], page: Page) -> Node:
    return {**_place(location), "@id": clinic_id(page, location["key"]), "parentOrganization": _self(page)}


def _place(location: dict[str, Any]) -> Node:
    geo = location.get("geo") or {}
    return {
        "@type": "MedicalClinic",
        "name": location.get("name"),
        "telephone": location.get("phone"),
        "address": _address(location),
        "geo": {"@type": "GeoCoordinates", "latitude": geo.get("lat"), "longitude": geo.get("lng")},
        "hasMap": location.get("map_url"),
        "openingHoursSpecification": opening_hours(location),
        "specialOpeningHoursSpecification": exceptional_hours(location),
    }


def _address(location: dict[str, Any]) -> Node:
    address = location.get("address") or {}
    return {
        "@type": "PostalAddress",
        "streetAddress": address.get("street"),
        "addressLocality": address.get("locality"),
        "addressRegion": address.get("region"),
        "postalCode": address.get("postal_code"),
        "addressCountry": address.get("country"),
    }
