"""The vocabulary of the sample company: names of people, companies, features, stages and reasons.

Only lists. Who gets which word is decided where the people, accounts and deals are made.
"""

from __future__ import annotations

OWN_DOMAIN = "larkspur.example"

# fmt: off
FIRST_NAMES = (
    "Ada", "Alejandra", "Amara", "Anders", "Anika", "Antoine", "Bea", "Björn", "Carmen", "Cédric", "Chidi", "Chloé",
    "Daria", "David", "Diego", "Elif", "Elena", "Emil", "Esther", "Farah", "Felix", "Fiona", "François", "Gloria", "Grace",
    "Hana", "Hugo", "Ines", "Ingrid", "Isaac", "Jakub", "Jana", "Jonas", "José", "Julia", "Kai", "Karim", "Katja", "Kofi",
    "Lara", "Leila", "Liam", "Lucía", "Magnus", "Mara", "Mateo", "Mei", "Mila", "Nadia", "Nils", "Noor", "Olga", "Omar",
    "Paula", "Priya", "Rafael", "Renée", "Rosa", "Samir", "Søren", "Tariq", "Theo", "Uma", "Yusuf",
)
LAST_NAMES = (
    "Abe", "Adeyemi", "Alvarez", "Andersen", "Bachmann", "Baptiste", "Becker", "Bianchi", "Brandt", "Brooks", "Castillo",
    "Chen", "Costa", "Cruz", "Dahl", "Delgado", "Dubois", "Eriksen", "Esposito", "Farouk", "Fischer", "Fontaine", "García",
    "Gruber", "Haddad", "Hansen", "Hayes", "Hoffmann", "Ibrahim", "Ito", "Jensen", "Jovanović", "Kaya", "Keller", "Kim",
    "Kowalski", "Laurent", "Lindqvist", "Lopez", "Maier", "Marsh", "Mbeki", "Meyer", "Moreau", "Müller", "Nakamura", "Nguyen",
    "Novak", "O'Brien", "Okafor", "Olsen", "Park", "Patel", "Peralta", "Quinn", "Reyes", "Rossi", "Santos", "Schäfer",
    "Silva", "Sørensen", "Tanaka", "Vogel", "Weiß",
)

# 64 × 64 × 16 = 65,536 different company names, more than the largest company has accounts.
COMPANY_FIRST = (
    "Alder", "Amber", "Anchor", "Apex", "Arbor", "Ash", "Azur", "Basalt", "Bay", "Birch", "Blue", "Brook", "Cedar", "Clear",
    "Cliff", "Cobalt", "Copper", "Coral", "Crown", "Delta", "Dove", "Eagle", "East", "Élan", "Ember", "Fair", "Falcon",
    "Fern", "Fjord", "Flint", "Forge", "Glen", "Gold", "Granit", "Grün", "Harbor", "Hazel", "High", "Iron", "Ivory", "Jade",
    "Juniper", "Kestrel", "Lake", "Lumen", "Maple", "Meadow", "Mill", "Moss", "North", "Oak", "Onyx", "Opal", "Pine",
    "Quarz", "Raven", "River", "Silver", "Stone", "Summit", "Tide", "Violet", "West", "Willow",
)
COMPANY_SECOND = (
    "acre", "bank", "beam", "bell", "berg", "bridge", "brook", "burg", "cast", "craft", "crest", "dale", "field", "fleet",
    "flow", "ford", "forge", "fort", "gate", "glen", "grove", "hall", "haven", "hill", "holm", "house", "keep", "key",
    "land", "lane", "leaf", "light", "line", "link", "loft", "mark", "mere", "mill", "mont", "moor", "mount", "pass",
    "path", "peak", "point", "pond", "port", "reach", "ridge", "root", "shore", "side", "spring", "stead", "stream", "tal",
    "tower", "vale", "view", "ward", "water", "way", "well", "wood",
)
COMPANY_KINDS = (
    "Logistics", "Energy", "Foods", "Health", "Insurance", "Media", "Mobility", "Pharma", "Retail", "Robotics", "Software",
    "Steel", "Systems", "Telecom", "Travel", "Works",
)

INDUSTRIES = {
    "Logistics": "Transportation", "Energy": "Energy", "Foods": "Food & Beverage", "Health": "Healthcare",
    "Insurance": "Insurance", "Media": "Media", "Mobility": "Transportation", "Pharma": "Biotechnology", "Retail": "Retail",
    "Robotics": "Machinery", "Software": "Technology", "Steel": "Manufacturing", "Systems": "Technology",
    "Telecom": "Telecommunications", "Travel": "Hospitality", "Works": "Engineering",
}

# The committee a B2B purchase needs; the contact in the first place of an account is its champion.
CONTACT_ROLES = (
    ("Champion", "Head of Operations"),
    ("Economic Buyer", "Chief Financial Officer"),
    ("Technical Buyer", "IT Security Lead"),
    ("Business User", "Operations Analyst"),
    ("Procurement", "Procurement Manager"),
    ("Executive Sponsor", "Chief Operating Officer"),
    ("Legal", "Legal Counsel"),
    ("Business User", "Team Lead"),
    ("Evaluator", "Solutions Architect"),
    ("Influencer", "Programme Manager"),
)

COUNTRIES = {
    "emea": ("Germany", "France", "United Kingdom", "Spain", "Netherlands", "Sweden", "Switzerland"),
    "americas": ("United States", "Canada", "Brazil", "Mexico"),
}

LOSS_REASONS = ("Price", "Missing feature", "Competitor chosen", "Timing", "Champion left", "Security concerns")
NO_DECISION_REASONS = ("No budget", "Priorities changed", "Status quo preferred")
COMPETITORS = ("Brightpath", "Corvane", "Datumly", "Helioframe")
LEAD_SOURCES = ("Web", "Referral", "Event", "Outbound", "Partner")
LEAD_STATUSES = ("Open - Not Contacted", "Working - Contacted", "Closed - Not Converted")
NEXT_STEPS = ("Send revised proposal", "Security review call", "Demo with finance", "Agree success plan", "Legal redlines")

FEATURES = (
    "report_created", "report_shared", "dashboard_viewed", "dashboard_edited", "alert_configured", "alert_acknowledged",
    "workflow_created", "workflow_run", "workflow_failed", "integration_connected", "data_imported", "data_exported",
    "user_invited", "comment_added", "task_completed", "forecast_opened", "template_applied", "search_performed",
    "api_key_created", "settings_changed",
)
ONBOARDING_EVENTS = (
    "onboarding_workspace_created", "onboarding_data_connected", "onboarding_team_invited", "onboarding_first_report",
    "onboarding_first_workflow",
)

TICKET_SUBJECTS = (
    "Export does not finish", "Cannot sign in", "Report shows old numbers", "Question about permissions", "Webhook fails",
    "Slow dashboard", "Invoice address", "Import rejects rows", "Feature request: filters", "Alert fires twice",
    "API returns 500", "How do I add a team?",
)
CALL_SUBJECTS = ("Discovery call", "Check-in", "Pricing call", "Follow-up", "Support review")
EMAIL_SUBJECTS = ("Email: next steps", "Email: proposal", "Email: recap", "Email: introduction", "Email: renewal")
MEETING_SUBJECTS = ("Demo", "Quarterly business review", "Workshop", "Executive briefing", "Onboarding session")
# fmt: on


def sql_list(words: tuple[str, ...]) -> str:
    """The words as a SQL list literal."""
    return "[" + ", ".join("'" + word.replace("'", "''") + "'" for word in words) + "]"
