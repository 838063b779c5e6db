"""Stages: what policy calls them, what each CRM and pipeline calls them, and the one that was renamed.

Makes sim.stage_names and the macros that say what a stage was called on a given day. Which deal is where is not known here.
"""

from __future__ import annotations

import duckdb

# Stage as policy knows it → what the CRM of each business unit calls it. `unmapped` is a stage that policy has no place
# for: the Salesforce value was deleted from the picklist, the HubSpot stage from its pipeline, with deals still in it.
SALESFORCE_STAGES = {
    "qualification": ("Qualification", 10, "Pipeline"),
    "discovery": ("Needs Analysis", 20, "Pipeline"),
    "unmapped": ("Budget Review", 35, "Pipeline"),
    "solution": ("Solution Validation", 40, "BestCase"),
    "commercial": ("Proposal/Price Quote", 65, "BestCase"),
    "commitment": ("Negotiation/Review", 85, "Forecast"),
    "won": ("Closed Won", 100, "Closed"),
    "lost": ("Closed Lost", 0, "Omitted"),
    "no_decision": ("Closed No Decision", 0, "Omitted"),
}
SOLUTION_NAME_BEFORE_RENAME = "Value Proposition"
HUBSPOT_STAGES = {
    "qualification": ("appointmentscheduled", "Appointment Scheduled", 0.1),
    "discovery": ("qualifiedtobuy", "Qualified To Buy", 0.2),
    "unmapped": ("98112233", None, 0.3),
    "solution": ("presentationscheduled", "Technical Fit", 0.4),
    "commercial": ("decisionmakerboughtin", "Decision Maker Bought-In", 0.65),
    "commitment": ("contractsent", "Contract Sent", 0.85),
    "won": ("closedwon", "Closed Won", 1.0),
    "lost": ("closedlost", "Closed Lost", 0.0),
    "no_decision": ("21990417", "No Decision", 0.0),
}
HUBSPOT_RENEWAL_STAGES = {
    "qualification": ("12847301", "Renewal Started", 0.5),
    "commercial": ("12847302", "Renewal Quoted", 0.7),
    "commitment": ("12847303", "Renewal Signing", 0.9),
    "won": ("12847304", "Renewed", 1.0),
    "lost": ("12847305", "Not Renewed", 0.0),
}
HUBSPOT_RENEWAL_PIPELINE = "7120045"


def make_stage_names(connection: duckdb.DuckDBPyConnection) -> None:
    rows = [
        ("salesforce", "", stage, name, name, probability / 100, category, place)
        for place, (stage, (name, probability, category)) in enumerate(SALESFORCE_STAGES.items())
    ]
    for pipeline, stages in (("default", HUBSPOT_STAGES), (HUBSPOT_RENEWAL_PIPELINE, HUBSPOT_RENEWAL_STAGES)):
        rows += [
            ("hubspot", pipeline, stage, stage_id, label or "", probability, "", place)
            for place, (stage, (stage_id, label, probability)) in enumerate(stages.items())
        ]
    connection.execute(
        "create table sim.stage_names (crm varchar, pipeline varchar, policy_stage varchar, name varchar, label varchar, "
        "probability double, forecast_category varchar, place integer)"
    )
    connection.executemany("insert into sim.stage_names values (?, ?, ?, ?, ?, ?, ?, ?)", rows)
    # The day on which an administrator renamed a Salesforce stage: older history rows keep the old name.
    connection.execute("create macro sim.stage_renamed_on() as (sim.first_day() + interval '9 months')::date")
    connection.execute(
        "create macro sim.salesforce_stage_name(policy_stage, name, moved_at) as "
        "case when policy_stage = 'solution' and moved_at < sim.stage_renamed_on() "
        f"then '{SOLUTION_NAME_BEFORE_RENAME}' else name end"
    )
