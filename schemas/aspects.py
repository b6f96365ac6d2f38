"""The aspects a topic's sections speak of, with schema.org's word where it has one (HealthAspectEnumeration)."""

ASPECTS: dict[str, str | None] = {
    "overview": "OverviewHealthAspect",
    "how-it-works": "HowItWorksHealthAspect",
    "preparing": None,
    "procedure": None,
    "aftercare": "SelfCareHealthAspect",
    "results": "EffectivenessHealthAspect",
    "maintenance": None,
    "suitability": None,
    "risks": "RisksOrComplicationsHealthAspect",
    "alternatives": None,
    "misconceptions": "MisconceptionsHealthAspect",
}
