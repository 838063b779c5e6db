"""Builds the documents that are more than filled-in templates: blueprint.yaml, node_profile.yaml, scores that add up, stages.

Assets that follow a template are in assets.yml. Nothing here decides an outcome: scenes and rows say what it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from ingestion.sample.infohub.catalogue import POST_SALES, PRE_SALES, Blueprint
from ingestion.sample.infohub.render import INTERVAL_DAYS, Dice, Document, Fill, Scene

STAGES = ("qualification", "discovery", "solution", "commercial", "commitment")
_STAGE_ACTIVITIES = {
    "qualification": ("Need confirmed", "Budget range known"),
    "discovery": ("Technical interview held", "Current costs collected"),
    "solution": ("Design presented", "Trial agreed or waived"),
    "commercial": ("Offer sent", "Security questions answered"),
    "commitment": ("Legal text agreed", "Start date set"),
}
_COMPONENTS = {
    True: (("qualification", 0.3), ("engagement", 0.3), ("technical_fit", 0.2), ("competition", 0.2)),
    False: (("adoption", 0.3), ("support", 0.3), ("relationship", 0.2), ("outcomes", 0.2)),
}
_HEALTHY_FROM, _AT_RISK_FROM = 75, 50

UNKNOWN_ARCHETYPES = ("market_shaping", "strategic_orbit")
ARCHETYPE_ALIASES = {PRE_SALES: "competitive_displacement", POST_SALES: "retention_renewal"}


# --- health scores ----------------------------------------------------------------------------------------------------------


def health_status(score: int) -> str:
    if score >= _HEALTHY_FROM:
        return "healthy"
    return "at_risk" if score >= _AT_RISK_FROM else "critical"


def health_headline(scene: Scene) -> Document:
    score: int = scene.node["health_score"]
    previous = max(0, min(100, score + (-9, -4, 0, 3, 7)[scene.dice.below(5)]))
    manner = scene.dice.below(3) if scene.contradicts_itself else None
    headline: Document = {
        "current": score,
        "previous": previous,
        "change": f"{score - previous:+d}",
        "status": health_status(score),
        "thresholds": {"healthy": _HEALTHY_FROM, "at_risk": _AT_RISK_FROM},
    }
    name = "deal_health" if scene.node["is_pre_sales"] else "health_score"
    if manner == 0:
        declared = score - 8 if score >= 8 else score + 8
        headline["current"] = scene.contradict(f"{name}.current", declared, score)
        # The status and the change go with the wrong number, so that the number is the only thing wrong.
        headline["status"] = health_status(declared)
        headline["change"] = f"{declared - previous:+d}"
    elif manner == 1:
        wrong = "critical" if score >= _HEALTHY_FROM else "healthy"
        headline["status"] = scene.contradict(f"{name}.status", wrong, health_status(score))
    elif manner == 2:
        wrong = f"{score - previous + 5:+d}"
        headline["change"] = scene.contradict(f"{name}.change", wrong, f"{score - previous:+d}")
    return headline


def health_components(scene: Scene) -> Document:
    """Component scores whose weighted sum is the health score exactly: two pairs of equal weight, apart by equal amounts."""
    score: int = scene.node["health_score"]
    reach = min(score, 100 - score, 15)
    first, second = scene.dice.below(reach + 1), scene.dice.below(reach + 1)
    scores = (score + first, score - first, score + second, score - second)
    return {
        name: {
            "score": component,
            "weight": weight,
            "weighted_contribution": round(component * weight, 2),
            "status": health_status(component),
        }
        for (name, weight), component in zip(_COMPONENTS[scene.node["is_pre_sales"]], scores, strict=True)
    }


def health_calculation(scene: Scene) -> Document:
    score: int = scene.node["health_score"]
    return {"method": "weighted sum of the components", "total": float(score), "rounded": score}


def health_history(scene: Scene) -> list[Document]:
    score: int = scene.node["health_score"]
    return [
        {"date": scene.content_on - timedelta(days=30 * place), "score": max(0, min(100, score - 3 * place))}
        for place in (2, 1, 0)
    ]


def not_completed_on(scene: Scene) -> date | None:
    """The date of completion of an intervention that is in progress: none, unless the file contradicts itself."""
    if not scene.contradicts_itself:
        return None
    scene.contradict("interventions[1].status", "in_progress", "completed")
    return scene.content_on - timedelta(days=3)


# --- stages, specialists, trials ----------------------------------------------------------------------------------------------


def stage_activities(scene: Scene) -> list[Document]:
    rank = scene.node["stage_rank"] or 3  # a lost deal has no rank: it got as far as the solution
    started: date = scene.node["started_on"]
    step = max(0, (scene.content_on - started).days) // (2 * len(STAGES) + 1)
    entries = []
    for place, stage in enumerate(STAGES[: min(rank, len(STAGES))]):
        for turn, activity in enumerate(_STAGE_ACTIVITIES[stage]):
            is_done = place + 1 < rank or turn == 0
            if scene.variant == "fail" and place + 2 == rank and turn == 1:
                is_done = False
            entries.append(
                {
                    "stage": stage,
                    "activity": activity,
                    "status": "completed" if is_done else "open",
                    "completed_on": started + timedelta(days=step * (2 * place + turn)) if is_done else None,
                }
            )
    return entries


def stage_reviews(scene: Scene) -> list[Document]:
    if scene.event_on is None:
        return []
    rank = scene.node["stage_rank"] or 3
    started: date = scene.node["started_on"]
    behind = list(STAGES[: rank - 1])
    if scene.variant == "fail":
        behind.pop()
    days = max(0, (scene.event_on - started).days)
    reviews = [
        _review(scene, stage, started + timedelta(days=days * (place + 1) // (len(STAGES) + 1)))
        for place, stage in enumerate(behind)
    ]
    return [*reviews, _review(scene, scene.node["crm_stage"], scene.event_on)]


def _review(scene: Scene, stage: str, held_on: date) -> Document:
    outcome = scene.dice.pick(("go on", "go on with conditions", "look again"))
    return {"date": held_on, "stage": stage, "outcome": outcome, "reviewer": scene.node["owner_name"]}


def specialist_assignment(scene: Scene) -> Document:
    requested = datetime.combine(scene.content_on - timedelta(days=10), time(9))
    hours = scene.node["specialist_sla_hours"]
    if scene.variant != "fail":
        # The last hour counts as in time.
        assigned = requested + timedelta(hours=hours - scene.dice.pick((0, 1, 6, 20)))
    elif scene.dice.below(3) == 0:
        return {"requested_at": requested, "assigned_at": None, "specialist": None}
    else:
        assigned = requested + timedelta(hours=hours + scene.dice.pick((1, 7, 40)))
    return {"requested_at": requested, "assigned_at": assigned, "specialist": scene.node["people"]("specialist")}


def checkpoints(scene: Scene) -> list[Document]:
    if scene.event_on is None:
        return []
    step = timedelta(days=scene.interval)
    first: date = scene.node["poc_starts_on"]
    held = [scene.event_on - place * step for place in range(4)]
    entries = [_checkpoint(day, "held") for day in sorted(day for day in held if day >= first or day == scene.event_on)]
    following = scene.event_on + step
    if scene.variant == "fail":
        if scene.is_overdue:
            entries.append(_checkpoint(following, "missed"))
        else:
            entries.insert(0, _checkpoint(max(first, entries[0]["scheduled_on"] - step), "missed"))
    elif scene.node["poc_state"] == "running" and following > scene.node["as_of"]:
        entries.append(_checkpoint(following, "planned"))
    return entries


def _checkpoint(scheduled_on: date, status: str) -> Document:
    return {"scheduled_on": scheduled_on, "held_on": scheduled_on if status == "held" else None, "status": status}


BUILDERS: Mapping[str, Fill] = {
    "health_headline": health_headline,
    "health_components": health_components,
    "health_calculation": health_calculation,
    "health_history": health_history,
    "not_completed_on": not_completed_on,
    "stage_activities": stage_activities,
    "stage_reviews": stage_reviews,
    "specialist_assignment": specialist_assignment,
    "checkpoints": checkpoints,
}


# --- blueprint.yaml and node_profile.yaml -----------------------------------------------------------------------------------


def declared_archetype(node: Mapping[str, Any]) -> str:
    archetype: str = node["archetype"]
    if node["oddity"] == "unknown_archetype":
        return UNKNOWN_ARCHETYPES[node["node_rank"] % len(UNKNOWN_ARCHETYPES)]
    if node["oddity"] == "archetype_alias":
        return ARCHETYPE_ALIASES[archetype]
    return archetype


def blueprint_document(
    node: Mapping[str, Any],
    *,
    blueprints: Sequence[Blueprint],
    rhythms: Mapping[str, str],
    checks: Sequence[tuple[str, str, str]],
    extra_assets: Sequence[Document],
    dropped_assets: Sequence[Document],
    waivers: Sequence[Document],
    dice: Dice,
) -> Document:
    as_of: date = node["as_of"]
    updated_on = max(node["anchor_on"], as_of - timedelta(days=dice.below(20)))
    document: Document = {
        "version": f"1.{dice.below(6)}",
        "archetype": declared_archetype(node),
        "domain": dice.pick(("security", "observability", "search")),
        **_track_fields(node),
        "metadata": {"owner": node["owner_name"], "created": node["started_on"], "last_updated": updated_on},
        "crm": {
            "system": "salesforce",
            "account_id": node["account_id"],
            "opportunity_id": node["opportunity_id"],
        },
        "timeline": _timeline(node),
        "reference_blueprints": [blueprint.full_name for blueprint in blueprints],
        "playbooks": {"required": _playbooks(node, blueprints, dice), "optional": [], "blocked": []},
        "checklists": _declared_checks(checks),
        "success_criteria": [
            {"criterion": dice.pick(("Signed by quarter end", "First value in 60 days")), "met": False}
        ],
        "expected_signals": [dice.pick(("stage_progression", "milestone_reached", "engagement_gap"))],
        "governance": {
            "gap_scan_frequency": rhythms["gap_scan"],
            "health_check_frequency": rhythms["health"],
            "sla": {"escalation_hours": {"economy": 48, "premium": 24, "fast_track": 4}.get(node["track"])},
        },
        "customisations": {"extra_assets": list(extra_assets), "dropped_assets": list(dropped_assets)},
        "waivers": list(waivers),
        "changelog": _changelog(node, updated_on),
    }
    if document["track"] is None:
        del document["track"]
    return document


def node_profile_document(node: Mapping[str, Any], *, realm_id: str, dice: Dice) -> Document:
    as_of: date = node["as_of"]
    is_pre_sales = node["is_pre_sales"]
    return {
        "node_id": node["node"],
        "realm_id": realm_id,
        "status": "closed" if node["is_ended"] else "active",
        "operating_mode": dice.pick(("guided", "autonomous")),
        "blueprint": {"archetype": declared_archetype(node), "track": node["track"]},
        "account": {"name": node["account_name"], "crm_id": node["account_id"]},
        "commercial": {
            "opportunity_id": node["opportunity_id"],
            "opportunity_arr": node["amount_usd"],
            "stage": node["crm_stage"],
            "next_milestone": dice.pick(("Architecture workshop", "Offer", "Value review", "Renewal talk")),
            "next_milestone_date": as_of + timedelta(days=3 + dice.below(30)),
        },
        "situation": {
            "is_competitive": node["is_competitive"],
            "competitor": node["competitor"] if node["is_competitive"] else None,
            "has_poc": node["has_poc"],
            "has_rfp": node["has_rfp"],
            "has_partner": node["has_partner"],
            "uses_services": node["uses_services"],
            "is_migration": node["is_migration"],
            "has_dse": node["has_dse"],
            "is_reference": node["is_reference"],
            "specialist_state": node["specialist_state"],
            "services_state": node["services_state"],
            "poc_state": node["poc_state"],
        },
        "timeline": _timeline(node),
        "stakeholders": [
            {"name": node["people"](role), "role": role}
            for role in (("champion", "technical_evaluator") if is_pre_sales else ("champion", "sponsor"))
        ],
        "last_updated": max(node["anchor_on"], as_of - timedelta(days=dice.below(15))),
    }


def _timeline(node: Mapping[str, Any]) -> Document:
    if node["is_pre_sales"]:
        names = [
            "started_on",
            "rfp_submitted_on",
            "poc_starts_on",
            "poc_ends_on",
            "poc_ended_on",
            "signed_on",
            "ended_on",
        ]
    else:
        names = ["started_on", "signed_on", "onboarded_on", "ended_on", "renewal_on"]
    return {name: node[name] for name in names}


def _track_fields(node: Mapping[str, Any]) -> Document:
    as_of, started = node["as_of"], node["started_on"]
    if node["oddity"] == "track_missing":
        return {"track": None}
    if node["oddity"] == "track_change":
        changed = as_of - timedelta(days=50)
        earlier = {"track": node["other_track"], "from": started, "to": changed - timedelta(days=1)}
        return {
            "track": node["track"],
            "track_effective": {"from": changed, "to": None},
            "track_history": [earlier, {"track": node["track"], "from": changed, "to": None}],
        }
    if node["oddity"] == "track_planned":
        change = as_of + timedelta(days=20)
        return {
            "track": node["track"],
            "track_effective": {"from": started, "to": change - timedelta(days=1)},
            "track_history": [
                {"track": node["track"], "from": started, "to": change - timedelta(days=1)},
                {"track": node["other_track"], "from": change, "to": None},
            ],
        }
    return {"track": node["track"], "track_effective": {"from": started, "to": None}}


def _playbooks(node: Mapping[str, Any], blueprints: Sequence[Blueprint], dice: Dice) -> list[Document]:
    entries = []
    for sequence, blueprint in enumerate(blueprints, start=1):
        is_done = dice.below(2) == 0
        done_on = node["started_on"] + timedelta(days=min(5 * sequence, (node["as_of"] - node["started_on"]).days))
        entries.append(
            {
                "playbook_id": blueprint.playbooks[0],
                "sequence": sequence,
                "status": "completed" if is_done else "in_progress",
                "completed_date": done_on if is_done else None,
            }
        )
    if node["oddity"] == "playbook_contradiction":
        entries[0] |= {"status": "in_progress", "completed_date": node["started_on"]}
    return entries


def _declared_checks(checks: Sequence[tuple[str, str, str]]) -> Document:
    phases: Document = {}
    for blueprint, item, status in checks:
        phases.setdefault(blueprint, []).append({"check_id": item, "status": status})
    return phases


def _changelog(node: Mapping[str, Any], updated_on: date) -> list[Document]:
    entries = [
        {"timestamp": datetime.combine(node["started_on"], time(9)), "action": "created", "details": "Folder set up"},
        {"timestamp": datetime.combine(updated_on, time(10)), "action": "updated", "details": "Assets linked"},
    ]
    return entries[::-1] if node["oddity"] == "changelog_backwards" else entries


def rhythm_names(track: str) -> dict[str, str]:
    return {
        "gap_scan": {"economy": "monthly", "premium": "weekly", "fast_track": "daily"}.get(track, "end only"),
        "health": {"economy": "monthly", "premium": "weekly", "fast_track": "daily"}.get(track, "none"),
    }


def interval_days(rhythm: str | None) -> int:
    return INTERVAL_DAYS.get(rhythm or "", 7)
