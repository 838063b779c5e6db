"""The sample InfoHub: the same every time, complete, and what is planted in it can be found again from the files alone.

The checklist rules are written here a second time, over the fields of the files and in the words of the governance models. That a
planted outcome is certain means that this second reading agrees with it everywhere.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from ingestion.sample.infohub.catalogue import LEVELS, TRACKS, leaf_paths, read_catalogue
from ingestion.sample.infohub.plan_assets import READABLE_ODDITIES, UNREADABLE
from ingestion.sample.infohub.writing import write_infohub
from ingestion.sample.infohub.yaml_writing import to_yaml

AS_OF = date(2026, 6, 30)
PRE, POST = "pre_sales_governance", "post_sales_governance"
MIB = 1024 * 1024
CATALOGUE = read_catalogue()

NODE_COLUMNS = """
    realm text, node text, archetype text, track text, account_id text, account_name text, opportunity_id text, crm_stage text,
    amount_usd double, owner_name text, owner_email text, csm_name text, started_on date, signed_on date, ended_on date,
    health_score integer, story text, has_poc boolean, has_rfp boolean, has_partner boolean, competitor text,
    uses_services boolean, has_dse boolean, is_reference boolean, last_touch_on date, renewal_on date
"""
TRUTH_COLUMNS = """
    area text, fact text, source_system text, source_instance text, subject_type text, subject_id text, on_date date,
    expected text, detail json
"""
STORIES = [
    *["healthy"] * 6, "stalling", "stalling", "silent_churn", "silent_churn", "champion_left", "over_discounted",
    "renewal_missed", "expansion", "onboarding",
]  # fmt: skip


def company(count: int, *, dice_seed: int = 11) -> duckdb.DuckDBPyConnection:
    """A small sim.nodes: a deal and a post-sale engagement per customer, in every state."""
    dice = random.Random(dice_seed)
    connection = duckdb.connect()
    connection.execute("create schema sim")
    connection.execute(f"create table sim.nodes ({NODE_COLUMNS})")
    connection.execute(f"create table sim.truth ({TRUTH_COLUMNS})")
    rows = [_deal(number, dice) if number % 2 == 0 else _engagement(number, dice) for number in range(count)]
    if rows:
        connection.executemany(f"insert into sim.nodes values ({', '.join('?' * 26)})", rows)
    return connection


def _deal(number: int, dice: random.Random) -> tuple[Any, ...]:
    stage = dice.choice(
        ["qualification", "discovery", "discovery", "solution", "solution", "commercial", "commitment", "won", "lost"]
    )
    started = AS_OF - timedelta(days=dice.randint(1, 220))
    ended = None
    if stage in ("won", "lost"):
        ended = min(AS_OF, started + timedelta(days=dice.randint(1, 219)))
    return (
        f"ACME_{number // 2}", "SECURITY_DEAL", PRE, dice.choice(["poc", *["economy"] * 2, *["premium"] * 2, "fast_track"]),
        f"001A{number // 2:011d}AAA", f"Açme & Søn: {number // 2}", f"006A{number:011d}AAA", stage,
        dice.randint(10, 400) * 1000.0, "Ada O'Brien", "ada@larkspur.example", None, started,
        ended if stage == "won" else None, ended, dice.randint(5, 99), dice.choice(STORIES), dice.random() < 0.5,
        dice.random() < 0.35, dice.random() < 0.35, dice.choice([None, "Splonk", "NO"]), dice.random() < 0.5, False, False,
        AS_OF - timedelta(days=dice.randint(0, 40)), None,
    )  # fmt: skip


def _engagement(number: int, dice: random.Random) -> tuple[Any, ...]:
    story = dice.choice(STORIES)
    age = dice.randint(1, 40) if story == "onboarding" else dice.randint(30, 500)
    started = AS_OF - timedelta(days=age)
    ended = started + timedelta(days=age // 2) if story == "silent_churn" and dice.random() < 0.4 else None
    return (
        f"ACME_{number // 2}", "IMPLEMENTATION", POST,
        dice.choice(["poc", *["economy"] * 3, *["premium"] * 4, *["fast_track"] * 2]),
        f"001A{number // 2:011d}AAA", f"Açme & Søn: {number // 2}", None, None, dice.randint(10, 400) * 1000.0, "Ada O'Brien",
        "ada@larkspur.example", "Björn Müller", started, started if dice.random() < 0.97 else None, ended,
        dice.randint(5, 99), story, False, False, False, None, dice.random() < 0.5, dice.random() < 0.4, dice.random() < 0.4,
        AS_OF - timedelta(days=dice.choice([0, 3, 7, 8, 14, 15, 30, 31, 45])), started + timedelta(days=365),
    )  # fmt: skip


@dataclass(frozen=True)
class Fact:
    fact: str
    subject: str
    expected: str
    detail: Mapping[str, Any]


@dataclass(frozen=True)
class Sample:
    root: Path
    facts: tuple[Fact, ...]
    nodes: Mapping[str, Mapping[str, Any]]

    def planted(self, fact: str) -> list[Fact]:
        return [planted for planted in self.facts if planted.fact == fact]

    @cached_property
    def folders(self) -> Mapping[str, Folder]:
        return {name: Folder(self.root / name, node) for name, node in self.nodes.items()}


def write_sample(root: Path, *, count: int, seed: int = 7, dice_seed: int = 11, **options: Any) -> Sample:
    connection = company(count, dice_seed=dice_seed)
    write_infohub(connection, root, seed=seed, as_of=AS_OF, **options)
    facts = connection.execute("select fact, subject_id, expected, detail from sim.truth").fetchall()
    result = connection.execute("select * from sim.nodes")
    names = [column[0] for column in result.description]
    nodes = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
    return Sample(
        root,
        tuple(Fact(fact, subject, expected, json.loads(detail)) for fact, subject, expected, detail in facts),
        {f"{node['realm']}/{node['node']}": node for node in nodes},
    )


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    return write_sample(tmp_path_factory.mktemp("company") / "infohub", count=200)


# --- a second reader ------------------------------------------------------------------------------------------------------


class Unreadable(Exception):
    pass


def read_yaml(path: Path, root: Path) -> dict[str, Any]:
    """A file's first document, or why it has none that is safe to use."""
    if not path.resolve().is_relative_to(root.resolve()):
        raise Unreadable("symlink")
    content = path.read_bytes()
    if len(content) > MIB:
        raise Unreadable("oversized")
    if content.count(b"[") > 1000:
        raise Unreadable("too_deep")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Unreadable("not_utf8") from error
    if path.suffix == ".md":
        text = text.split("---\n")[1]
    try:
        documents = list(yaml.load_all(text, Loader=yaml.CSafeLoader))
    except yaml.YAMLError as error:
        raise Unreadable("not_yaml") from error
    if not documents or not isinstance(documents[0], dict):
        raise Unreadable("empty")
    try:
        if _expanded_size(documents[0], {}) > 100_000:
            raise Unreadable("alias_bomb")
    except RecursionError as error:
        raise Unreadable("recursive_alias") from error
    return documents[0]


def _expanded_size(value: Any, known: dict[int, int]) -> int:
    """How many values there would be if every alias were written out."""
    if not isinstance(value, dict | list):
        return 1
    if id(value) not in known:
        parts = value.values() if isinstance(value, dict) else value
        known[id(value)] = 1 + sum(_expanded_size(part, known) for part in parts)
    return known[id(value)]


@dataclass
class Folder:
    """A node's folder as a loader that knows the aliases would see it."""

    home: Path
    crm: Mapping[str, Any]
    _read: dict[str, dict[str, Any] | str] = field(default_factory=dict)

    @cached_property
    def root(self) -> Path:
        return self.home.parent.parent

    @cached_property
    def blueprint(self) -> dict[str, Any]:
        return read_yaml(self.home / "blueprint.yaml", self.root)

    @cached_property
    def profile(self) -> dict[str, Any]:
        return read_yaml(self.home / "node_profile.yaml", self.root)

    @property
    def track(self) -> str:
        return self.blueprint.get("track") or self.crm["track"]

    @property
    def situation(self) -> Mapping[str, Any]:
        return self.profile["situation"]

    @property
    def timeline(self) -> Mapping[str, date | None]:
        return self.profile["timeline"]

    @cached_property
    def files_by_stem(self) -> Mapping[str, list[Path]]:
        found = defaultdict(list)
        for path in sorted(self.home.rglob("*")):
            if not path.is_dir() and path.relative_to(self.home).parts[0] != "raw":
                found[path.stem].append(path)
        return found

    def places(self, asset: str) -> list[Path]:
        aliases = CATALOGUE.assets[asset].aliases
        for candidate in (asset, f"internal-infohub/{asset}", f"external-infohub/{asset}", *aliases):
            path = self.home / candidate
            if path.exists() or path.is_symlink():
                return [path]
        if Path(asset).stem in CATALOGUE.shared_stems:
            return []
        return self.files_by_stem[Path(asset).stem]

    def read(self, asset: str) -> dict[str, Any] | str:
        """The asset's fields, or 'missing' or 'unreadable'."""
        if asset not in self._read:
            places = self.places(asset)
            if len(places) != 1:
                self._read[asset] = "unreadable" if places else "missing"
            else:
                try:
                    self._read[asset] = read_yaml(places[0], self.root)
                except Unreadable:
                    self._read[asset] = "unreadable"
        return self._read[asset]

    @cached_property
    def dropped(self) -> set[str]:
        return {entry["path"] for entry in self.blueprint["customisations"]["dropped_assets"] if entry["reason"]}

    @cached_property
    def blueprints(self) -> set[str]:
        listed = {name.partition("_")[0] for name in self.blueprint["reference_blueprints"]}
        asked = {
            name
            for name, blueprint in CATALOGUE.blueprints.items()
            if blueprint.archetype == self.crm["archetype"] and blueprint.asked.get(self.track) == "required"
        }
        # Services that are at work are a signal of theirs, which asks for it whoever forgot to select it.
        fired = {"C05"} if self.situation["services_state"] == "active" else set()
        return listed | asked | fired

    @property
    def ended_on(self) -> date | None:
        return self.timeline["ended_on"]


def is_filled(value: Any) -> bool:
    return value not in (None, "", "TBD", [], {})


def at_path(document: Mapping[str, Any], path: str) -> Any:
    value: Any = document
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def as_day(value: Any) -> date:
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    return value.date() if isinstance(value, datetime) else value


def as_moment(value: Any) -> datetime:
    return (datetime.fromisoformat(value) if isinstance(value, str) else value).replace(tzinfo=None)


def hours_between(first: Any, last: Any) -> float:
    return (as_moment(last) - as_moment(first)).total_seconds() / 3600


def content_date(document: Mapping[str, Any], path: Path) -> tuple[date, str | None]:
    """The content date and its key; without a key the file's time of modification tells."""
    metadata = document.get("metadata") or {}
    for key in ("updated_at", "last_updated", "date", "created_at", "created"):
        if key in document:
            return as_day(document[key]), key
        if key in metadata:
            return as_day(metadata[key]), f"metadata.{key}"
    return datetime.fromtimestamp(path.stat().st_mtime, tz=UTC).date(), None


def level_of(document: Mapping[str, Any], asset: str) -> str:
    reached = [
        level
        for level in LEVELS
        if all(is_filled(at_path(document, path)) for path in CATALOGUE.assets[asset].required_fields(level))
    ]
    return reached[-1]


# --- the checklist rules, a second time --------------------------------------------------------------------------------------

Judge = Callable[[dict[str, Any], Folder], "bool | str"]
Before = Callable[[Folder], "str | None"]


@dataclass(frozen=True)
class Rule:
    """A rule over the fields of an asset: true passes, false fails, a status is that status."""

    asset: str
    needs: str
    judge: Judge
    before: Before = lambda folder: None
    """What is known without the asset."""


@dataclass(frozen=True)
class Recent:
    """The latest date under a field is at most so many days old (a month is 31, a quarter 92)."""

    asset: str
    needs: str
    days: int | Mapping[str, int]
    before: Before = lambda folder: None


@dataclass(frozen=True)
class Deadline:
    asset: str
    needs: str
    after: str
    days: int
    without: str


def not_competitive(folder: Folder) -> str | None:
    return None if folder.situation["is_competitive"] else "not_applicable"


def no_services(folder: Folder) -> str | None:
    return None if folder.situation["uses_services"] else "not_applicable"


def stage_number(folder: Folder) -> int:
    stages = ["qualification", "discovery", "solution", "commercial", "commitment", "won"]
    return stages.index(folder.crm["crm_stage"]) + 1


def stages_behind(folder: Folder) -> list[str]:
    return ["qualification", "discovery", "solution", "commercial", "commitment"][: stage_number(folder) - 1]


def stage_done(document: dict[str, Any], folder: Folder) -> bool:
    behind = stages_behind(folder)
    return all(entry["status"] == "completed" for entry in document["activities"] if entry["stage"] in behind)


def lost(folder: Folder) -> str | None:
    return "not_applicable" if folder.crm["crm_stage"] == "lost" else None


def no_stage_behind(folder: Folder) -> str | None:
    return "not_applicable" if folder.crm["crm_stage"] in ("lost", "qualification") else None


def poc_planned(folder: Folder) -> str | None:
    return "too_early" if folder.situation["poc_state"] == "planned" else None


def poc_not_over(folder: Folder) -> str | None:
    return None if folder.situation["poc_state"] == "completed" else "too_early"


def only_premium(folder: Folder) -> str | None:
    return None if folder.track == "premium" else "not_applicable"


def specialist_in_time(document: dict[str, Any], folder: Folder) -> bool:
    assignment = document["assignment"]
    allowed = {"economy": 72, "premium": 24, "fast_track": 24}[folder.track]
    if not assignment["assigned_at"]:
        return False
    return hours_between(assignment["requested_at"], assignment["assigned_at"]) <= allowed


def checkpoints_kept(document: dict[str, Any], folder: Folder) -> bool:
    due = [entry for entry in document["checkpoints"] if as_day(entry["scheduled_on"]) <= AS_OF]
    return all(entry["held_on"] and as_day(entry["held_on"]) <= as_day(entry["scheduled_on"]) for entry in due)


def attested(document: dict[str, Any], folder: Folder) -> bool | str:
    attestation = document["attestation"]
    return "manual" if attestation is None else attestation["verdict"] == "pass"


def all_or_none(key: str, *paths: str) -> Judge:
    """Every entry has these fields; without entries the rule does not apply."""

    def judge(document: dict[str, Any], folder: Folder) -> bool | str:
        entries = document[key]
        return (
            all(is_filled(at_path(entry, path)) for entry in entries for path in paths) if entries else "not_applicable"
        )

    return judge


def every(key: str, *paths: str) -> Judge:
    """There are entries, and each has these fields."""

    def judge(document: dict[str, Any], folder: Folder) -> bool:
        entries = document[key]
        return bool(entries) and all(is_filled(at_path(entry, path)) for entry in entries for path in paths)

    return judge


def risks_escalated(document: dict[str, Any], folder: Folder) -> bool | str:
    allowed = {"critical": 4, "high": 24}
    urgent = [risk for risk in document["risks"] if risk["severity"] in allowed]
    if not urgent:
        return "not_applicable"
    return all(
        risk["escalated_at"] and hours_between(risk["identified_at"], risk["escalated_at"]) <= allowed[risk["severity"]]
        for risk in urgent
    )


def cases_escalated(document: dict[str, Any], folder: Folder) -> bool | str:
    critical = [case for case in document["cases"] if case["priority"] == "critical"]
    if not critical:
        return "not_applicable"
    return all(
        case["escalated_at"] and hours_between(case["opened_at"], case["escalated_at"]) <= 1 for case in critical
    )


def milestones_recorded(document: dict[str, Any], folder: Folder) -> bool:
    finished = [entry for entry in document["milestones"] if entry["completed_at"]]
    return all(hours_between(entry["completed_at"], entry["recorded_at"]) <= 24 for entry in finished)


def not_later(first: str, last: str) -> Judge:
    def judge(document: dict[str, Any], folder: Folder) -> bool:
        early, late = at_path(document, first), at_path(document, last)
        return bool(early and late) and as_day(early) <= as_day(late)

    return judge


def says(path: str, *allowed: Any) -> Judge:
    return lambda document, folder: at_path(document, path) in allowed


def fills(*paths: str) -> Judge:
    return lambda document, folder: all(is_filled(at_path(document, path)) for path in paths)


def both(*judges: Judge) -> Judge:
    return lambda document, folder: all(judge(document, folder) is True for judge in judges)


RULES: Mapping[tuple[str, str], Rule | Recent | Deadline] = {
    ("B01", "CHK_SALES_001"): Rule(
        "sales/opportunity_profile.yaml", "stakeholders", fills("stakeholders.economic_buyer.name")
    ),
    ("B01", "CHK_SALES_002"): Rule("sales/stage_checklist.yaml", "activities", stage_done, lost),
    ("B01", "CHK_SALES_003"): Recent("sales/deal_health_score.yaml", "calculated_on", 7),
    ("B01", "CHK_SALES_004"): Rule(
        "governance/deal_review_log.yaml",
        "reviews",
        lambda document, folder: set(stages_behind(folder)) <= {review["stage"] for review in document["reviews"]},
        no_stage_behind,
    ),
    ("B02", "CHK_RFP_001"): Rule(
        "rfp/rfp_intake.yaml",
        "intake",
        lambda document, folder: (
            document["intake"]["status"] == "complete"
            and len(document["sections"]) == document["intake"]["section_count"]
        ),
    ),
    ("B02", "CHK_RFP_002"): Rule("rfp/response_plan.yaml", "sections", every("sections", "owner")),
    ("B02", "CHK_RFP_003"): Rule(
        "rfp/customization_log.yaml",
        "customization_level",
        says("customization_level", "standard", "modified", "custom"),
    ),
    ("B02", "CHK_RFP_004"): Rule(
        "rfp/customization_log.yaml",
        "sa_review",
        not_later("sa_review.reviewed_on", "submission.submitted_on"),
        lambda folder: None if folder.timeline["rfp_submitted_on"] else "too_early",
    ),
    ("B03", "CHK_SPEC_001"): Rule("specialists/engagement_request.yaml", "scope", fills("scope", "success_criteria")),
    ("B03", "CHK_SPEC_002"): Rule(
        "specialists/engagement_request.yaml",
        "assignment",
        specialist_in_time,
        lambda folder: "not_applicable" if folder.track == "poc" else None,
    ),
    ("B03", "CHK_SPEC_003"): Rule(
        "specialists/engagement_plan.yaml",
        "approval",
        both(says("approval.status", "approved"), says("approval.approver_role", "specialist_manager")),
    ),
    ("B03", "CHK_SPEC_004"): Rule(
        "specialists/handoff_notes.yaml",
        "handoff",
        not_later("handoff.completed_on", "handoff.engagement_closed_on"),
        lambda folder: "too_early" if folder.situation["specialist_state"] == "active" else None,
    ),
    ("B04", "CHK_CI_001"): Rule(
        "competitive/competitor_profile.yaml", "competitors", every("competitors", "name"), not_competitive
    ),
    ("B04", "CHK_CI_002"): Rule(
        "competitive/battlecard.yaml", "applied", both(says("applied", True), fills("referenced_in")), not_competitive
    ),
    ("B04", "CHK_CI_003"): Deadline(
        "competitive/win_loss_analysis.yaml", "analysis.completed_on", "ended_on", 14, "not_applicable"
    ),
    ("B04", "CHK_CI_004"): Rule("canvases/competitive_canvas.md", "attestation", attested, not_competitive),
    ("B05", "CHK_PROD_001"): Rule("product/feature_request_log.yaml", "requests", every("requests", "customer_impact")),
    ("B05", "CHK_PROD_002"): Rule(
        "product/roadmap_alignment.yaml", "commitments", all_or_none("commitments", "pm_approval.approved_by")
    ),
    ("B05", "CHK_PROD_003"): Rule(
        "product/cab_engagement.yaml", "nominations", all_or_none("nominations", "executive_sponsor")
    ),
    ("B05", "CHK_PROD_004"): Rule(
        "product/engineering_escalation.yaml", "escalations", all_or_none("escalations", "resolution.target_date")
    ),
    ("B07", "CHK_POC_001"): Rule(
        "poc/poc_plan.yaml", "success_criteria", every("success_criteria", "metric", "target")
    ),
    ("B07", "CHK_POC_002"): Rule(
        "poc/poc_environment.yaml",
        "validation",
        both(says("validation.status", "passed"), not_later("validation.validated_on", "customer_access.granted_on")),
        poc_planned,
    ),
    ("B07", "CHK_POC_003"): Rule("poc/poc_checkpoint_log.yaml", "checkpoints", checkpoints_kept, poc_planned),
    ("B07", "CHK_POC_004"): Deadline("poc/poc_results.yaml", "results.documented_on", "poc_ended_on", 3, "too_early"),
    ("B07", "CHK_POC_005"): Rule(
        "poc/poc_results.yaml", "recommendation", says("recommendation.decision", "go", "no_go"), poc_not_over
    ),
    ("B08", "CHK_PARTNER_001"): Rule(
        "partners/partner_profile.yaml", "partners", every("partners", "name", "type", "contact", "engaged_on")
    ),
    ("B08", "CHK_PARTNER_002"): Rule(
        "partners/data_boundary_agreement.yaml",
        "boundaries",
        both(fills("boundaries"), every("acknowledgements", "acknowledged_on")),
    ),
    ("B08", "CHK_PARTNER_003"): Recent("partners/partner_scorecard.yaml", "scored_on", 30),
    ("B08", "CHK_PARTNER_004"): Recent("partners/engagement_plan.yaml", "joint_planning", 92),
    ("B09", "CHK_SA_001"): Rule(
        "architecture/reference_architecture.yaml", "selected", fills("selected.name", "selected.justification")
    ),
    ("B09", "CHK_SA_002"): Rule("architecture/sizing_estimate.yaml", "assumptions", fills("assumptions")),
    ("B09", "CHK_SA_003"): Rule(
        "proposals/proposal_draft.yaml",
        "reviews",
        lambda document, folder: any(review["reviewer_role"] == "sa_manager" for review in document["reviews"]),
        only_premium,
    ),
    ("B09", "CHK_SA_004"): Rule(
        "canvases/architecture_decision_canvas.md",
        "rendering",
        both(says("rendering.status", "rendered"), fills("rendering.rendered_on")),
    ),
    ("B10", "CHK_SVC_001"): Rule(
        "services/services_engagement.yaml",
        "engagement",
        both(says("qualifies", True), fills("engagement.triggered_on")),
        no_services,
    ),
    ("B10", "CHK_SVC_002"): Rule(
        "services/migration_assessment.yaml",
        "assessment",
        both(says("assessment.status", "completed"), fills("assessment.completed_on")),
        lambda folder: None if folder.situation["is_migration"] else "not_applicable",
    ),
    ("B10", "CHK_SVC_003"): Rule(
        "services/services_proposal.yaml",
        "aligned_with",
        lambda document, folder: (
            document["aligned_with"]["license_version"] == document["license_proposal"]["version"]
            and document["aligned_with"]["starts_on"] == document["license_proposal"]["starts_on"]
        ),
        no_services,
    ),
    ("B10", "CHK_SVC_004"): Rule(
        "services/delivery_risk_register.yaml",
        "shared_with_customer",
        fills("risks", "shared_with_customer.shared_on"),
        no_services,
    ),
    ("C01", "CHK_ENG_001"): Deadline(
        "engagement/customer_profile.yaml", "profile.completed_on", "signed_on", 7, "insufficient_data"
    ),
    ("C01", "CHK_ENG_002"): Rule(
        "engagement/engagement_plan.yaml",
        "plan",
        lambda document, folder: (document["plan"]["touchpoints_per_month"] or 0) >= 1,
    ),
    ("C01", "CHK_ENG_003"): Recent(
        "engagement/touchpoint_log.yaml",
        "touchpoints",
        {"economy": 30, "premium": 14, "fast_track": 7},
        lambda folder: "not_applicable" if folder.track == "poc" else None,
    ),
    ("C01", "CHK_ENG_004"): Recent("engagement/sentiment_tracker.yaml", "entries", 31),
    ("C02", "CHK_CS_001"): Deadline(
        "success/success_plan.yaml", "plan.drawn_up_on", "signed_on", 30, "insufficient_data"
    ),
    ("C02", "CHK_CS_002"): Recent("success/adoption_metrics.yaml", "measurements", 7),
    ("C02", "CHK_CS_003"): Recent("governance/health_score.yaml", "calculated_on", 6),
    ("C02", "CHK_CS_004"): Recent("success/success_plan.yaml", "qbrs", 92, only_premium),
    ("C03", "CHK_ACCT_001"): Deadline(
        "account/postsales_handoff.yaml", "handoff.completed_on", "signed_on", 7, "insufficient_data"
    ),
    ("C03", "CHK_ACCT_002"): Recent("account/account_health_report.yaml", "reviews", 31),
    ("C03", "CHK_ACCT_003"): Rule(
        "account/team_responsibilities.yaml", "responsibilities", every("responsibilities", "person", "acknowledged_on")
    ),
    ("C03", "CHK_ACCT_004"): Rule(
        "account/expansion_tracker.yaml", "opportunities", all_or_none("opportunities", "status", "next_step")
    ),
    ("C04", "CHK_HUB_001"): Deadline(
        "knowledge/customer_hub_config.yaml", "hub.initialized_on", "onboarded_on", 14, "too_early"
    ),
    ("C04", "CHK_HUB_002"): Rule(
        "knowledge/use_case_library.yaml", "use_cases", lambda document, folder: len(document["use_cases"]) >= 3
    ),
    ("C04", "CHK_HUB_003"): Recent("knowledge/architecture_decisions.yaml", "reviewed_on", 29),
    ("C04", "CHK_HUB_004"): Rule("knowledge/learning_path.yaml", "steps", fills("steps")),
    ("C05", "CHK_SVC_001"): Recent(
        "services/engagement_status.yaml",
        "syncs",
        7,
        lambda folder: None if folder.situation["services_state"] == "active" else "not_applicable",
    ),
    ("C05", "CHK_SVC_002"): Rule("services/milestone_tracker.yaml", "milestones", milestones_recorded),
    ("C05", "CHK_SVC_003"): Rule("services/services_risk_register.yaml", "risks", risks_escalated),
    ("C05", "CHK_SVC_004"): Rule(
        "services/services_report.yaml",
        "closure",
        both(says("closure.status", "completed"), fills("closure.reported_on")),
        lambda folder: "too_early" if folder.situation["services_state"] == "active" else None,
    ),
    ("C06", "CHK_SUP_001"): Rule(
        "support/support_profile.yaml", "escalation_contacts", every("escalation_contacts", "name", "email")
    ),
    ("C06", "CHK_SUP_002"): Rule("support/case_log.yaml", "cases", cases_escalated),
    ("C06", "CHK_SUP_003"): Rule(
        "support/dse_engagement.yaml",
        "activities",
        every("activities", "outcome"),
        lambda folder: None if folder.situation["has_dse"] else "not_applicable",
    ),
    ("C06", "CHK_SUP_004"): Recent("support/support_health.yaml", "reviews", 31),
    ("C07", "CHK_ADV_001"): Rule(
        "advocacy/success_stories.yaml",
        "stories",
        lambda document, folder: any(story["status"] in ("documented", "published") for story in document["stories"]),
    ),
    ("C07", "CHK_ADV_002"): Rule(
        "advocacy/permission_tracker.yaml",
        "permissions",
        lambda document, folder: (
            bool(document["permissions"])
            and all(as_day(entry["expires_on"]) >= AS_OF for entry in document["permissions"])
        ),
    ),
    ("C07", "CHK_ADV_003"): Rule("advocacy/advocacy_log.yaml", "uses", all_or_none("uses", "outcome")),
    ("C07", "CHK_ADV_004"): Recent("advocacy/reference_profile.yaml", "candidate_reviews", 92),
}


def judged(key: tuple[str, str], folder: Folder) -> str:
    """The status of a checklist item, from the files and the CRM stage alone; waivers apart."""
    rule = RULES[key]
    if key[0] not in folder.blueprints or rule.asset in folder.dropped:
        return "not_applicable"
    document = folder.read(rule.asset)
    if isinstance(rule, Deadline):
        return _judged_deadline(rule, folder, document)
    known = rule.before(folder)
    if known is not None:
        return known
    if isinstance(rule, Recent) and folder.ended_on is not None:
        return "not_applicable"
    if isinstance(document, str) or rule.needs not in document:
        return "insufficient_data"
    if isinstance(rule, Recent):
        return _judged_recent(rule, folder, document)
    outcome = rule.judge(document, folder)
    if isinstance(outcome, str):
        return outcome
    return "pass" if outcome else "fail"


def _judged_deadline(rule: Deadline, folder: Folder, document: dict[str, Any] | str) -> str:
    anchor = folder.timeline[rule.after]
    if anchor is None:
        return rule.without
    deadline = anchor + timedelta(days=rule.days)
    done = None if isinstance(document, str) else at_path(document, rule.needs)
    if document == "unreadable":
        return "insufficient_data"
    if done is not None and as_day(done) <= deadline:
        return "pass"
    return "too_early" if deadline >= AS_OF else "fail"


def _judged_recent(rule: Recent, folder: Folder, document: dict[str, Any]) -> str:
    days = rule.days if isinstance(rule.days, int) else rule.days[folder.track]
    last = latest(document[rule.needs])
    if last is None:
        begun = folder.timeline["signed_on"] or folder.timeline["started_on"]
        return "too_early" if (AS_OF - begun).days <= days else "fail"
    return "pass" if (AS_OF - last).days <= days else "fail"


def latest(value: Any) -> date | None:
    if not isinstance(value, list):
        return as_day(value)
    days = [
        as_day(entry.get("date") or entry.get("held_on"))
        for entry in value
        if entry.get("date") or entry.get("held_on")
    ]
    return max(days, default=None)


# --- tests ------------------------------------------------------------------------------------------------------------------


def test_the_catalogue_holds_66_assets_and_65_items_and_a_rule_for_each() -> None:
    keys = [(item.blueprint, item.item) for item in CATALOGUE.items]
    assert len(CATALOGUE.assets) == 66
    assert len(set(keys)) == len(keys) == 65
    assert set(RULES) == set(keys)
    assert {asset.blueprint for asset in CATALOGUE.assets.values()} == set(CATALOGUE.blueprints)
    assert all(set(asset.demands) <= set(TRACKS) for asset in CATALOGUE.assets.values())
    assert all(RULES[item.blueprint, item.item].asset == item.asset for item in CATALOGUE.items)


def test_no_failing_item_can_lower_a_level() -> None:
    for path, asset in CATALOGUE.assets.items():
        level_fields = set(asset.required_fields("comprehensive")) | set(leaf_paths(asset.premium_sla))
        evidence = {
            leaf
            for item in asset.items
            for fields in [
                item.fields,
                *(v.fields for v in (*item.passes, *item.fails)),
                *(c.fields for c in item.cases),
            ]
            for leaf in leaf_paths(fields)
        }
        assert not level_fields & evidence, path
        overlaps = [(one, other) for one in level_fields for other in evidence if one.startswith(f"{other}.")]
        assert not overlaps, path


def fingerprint(root: Path) -> dict[str, tuple[str, int]]:
    def content(path: Path) -> str:
        return str(path.readlink()) if path.is_symlink() else hashlib.sha256(path.read_bytes()).hexdigest()

    files = [path for path in root.rglob("*") if path.is_symlink() or not path.is_dir()]
    return {str(path.relative_to(root)): (content(path), path.lstat().st_mtime_ns) for path in files}


def test_the_same_seed_gives_the_same_bytes_times_and_facts(tmp_path: Path) -> None:
    first = write_sample(tmp_path / "first", count=40)
    second = write_sample(tmp_path / "second", count=40)
    assert fingerprint(first.root) == fingerprint(second.root)
    assert first.facts == second.facts
    other = write_sample(tmp_path / "other", count=40, seed=8)
    assert fingerprint(first.root) != fingerprint(other.root)


def test_a_node_does_not_depend_on_its_place_among_the_others(tmp_path: Path) -> None:
    """Rows arrive in any order; only the hashes decide."""
    straight = write_sample(tmp_path / "straight", count=30)
    connection = company(30)
    connection.execute("create table sim.turned as select * from sim.nodes order by account_name desc, node")
    connection.execute("create or replace table sim.nodes as select * from sim.turned")
    write_infohub(connection, tmp_path / "turned", seed=7, as_of=AS_OF)
    assert fingerprint(tmp_path / "turned") == fingerprint(straight.root)


def test_every_asset_path_occurs(sample: Sample) -> None:
    found = {"/".join(path.parts[-2:]) for path in sample.root.rglob("*") if not path.is_dir()}
    assert set(CATALOGUE.assets) <= found


@pytest.mark.parametrize(("count", "seed", "dice_seed"), [(150, 3, 5), (160, 99, 23)])
def test_every_checklist_item_passes_somewhere_and_fails_somewhere(
    count: int, seed: int, dice_seed: int, tmp_path: Path
) -> None:
    sample = write_sample(tmp_path / "infohub", count=count, seed=seed, dice_seed=dice_seed)
    outcomes = defaultdict(set)
    for fact in sample.planted("checklist_item"):
        outcomes[fact.detail["blueprint"], fact.detail["item"]].add(fact.expected)
    lacking = {key: outcomes[key] for key in RULES if not {"pass", "fail"} <= outcomes[key]}
    assert not lacking
    assert {fact.expected for fact in sample.planted("checklist_item")} == {
        "pass", "fail", "not_applicable", "too_early", "insufficient_data", "manual", "waived",
    }  # fmt: skip
    assert disagreements(sample) == []


def disagreements(sample: Sample) -> list[str]:
    wrong = []
    for fact in sample.planted("checklist_item"):
        key = (fact.detail["blueprint"], fact.detail["item"])
        found = judged(key, sample.folders[fact.subject])
        if found != fact.detail["unwaived_status"]:
            wrong.append(
                f"{fact.subject} {key}: planted {fact.detail['unwaived_status']} ({fact.detail['why']}), found {found}"
            )
    return wrong


def test_the_planted_outcome_of_every_item_follows_from_the_files(sample: Sample) -> None:
    assert disagreements(sample) == []


def test_healthy_nodes_pass_more_often_than_churning_ones(sample: Sample) -> None:
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for fact in sample.planted("checklist_item"):
        counts[sample.nodes[fact.subject]["story"]][fact.detail["unwaived_status"]] += 1

    def share(story: str) -> float:
        return counts[story]["fail"] / (counts[story]["fail"] + counts[story]["pass"])

    assert share("healthy") < 0.15 < 0.25 < share("silent_churn")
    assert share("healthy") < share("stalling")


def test_every_readable_asset_reaches_its_planted_level_and_date(sample: Sample) -> None:
    facts = sample.planted("asset_level")
    assert {fact.expected for fact in facts} == set(LEVELS)
    for fact in facts:
        path = sample.root / fact.subject / fact.detail["found_at"]
        document = read_yaml(path, sample.root)
        assert level_of(document, fact.detail["asset"]) == fact.expected, path
        day, key = content_date(document, path)
        assert (day.isoformat(), key) == (fact.detail["content_date"], fact.detail["date_key"]), path
        assert day <= AS_OF
        if fact.detail["meets_demand"] is None:
            continue
        if fact.detail["demanded"] == "premium_sla":
            sla = all(
                is_filled(at_path(document, name))
                for name in leaf_paths(CATALOGUE.assets[fact.detail["asset"]].premium_sla)
            )
            assert (sla and fact.expected in ("standard", "comprehensive")) == fact.detail["meets_demand"]
        else:
            meets = LEVELS.index(fact.expected) >= LEVELS.index(fact.detail["demanded"])
            assert meets == fact.detail["meets_demand"], path


def test_content_dates_are_written_in_all_the_ways_people_write_them(sample: Sample) -> None:
    keys = Counter(fact.detail["date_key"] for fact in sample.planted("asset_level"))
    assert set(keys) == {
        "updated_at", "last_updated", "date", "created_at", "created", "metadata.last_updated", "metadata.updated_at",
        None,
    }  # fmt: skip
    text = "".join(path.read_text() for path in sample.root.glob("*/*/engagement/*.yaml"))
    for form in ('"2026-', "'2026-", "T10:15:00Z", "+05:30", " 10:15:00"):
        assert form in text


def test_stale_missing_and_misplaced_assets_are_as_planted(sample: Sample) -> None:
    stale = {(fact.subject, fact.detail["asset"]) for fact in sample.planted("asset_stale")}
    for fact in sample.planted("asset_level"):
        folder = sample.folders[fact.subject]
        if (fact.subject, fact.detail["asset"]) in stale:
            threshold = CATALOGUE.staleness_days[folder.crm["archetype"]][folder.track]
            assert threshold is not None
            assert fact.detail["age_days"] > threshold
            assert folder.ended_on is None
        places = folder.places(fact.detail["asset"])
        assert [str(path.relative_to(folder.home)) for path in places] == [fact.detail["found_at"]]
    for fact in sample.planted("asset_missing"):
        assert sample.folders[fact.subject].places(fact.detail["asset"]) == []
    ways = {fact.expected for fact in sample.planted("asset_misplaced")}
    assert ways == {"internal_infohub", "external_infohub", "alias", "stem"}
    for fact in sample.planted("asset_ambiguous"):
        assert len(sample.folders[fact.subject].places(fact.detail["asset"])) == 2
    for fact in sample.planted("raw_decoy"):
        assert (sample.root / fact.subject / fact.detail["decoy"]).exists()


def test_every_asset_that_is_asked_for_has_exactly_one_fate(sample: Sample) -> None:
    """Present, missing, unreadable, ambiguous or dropped: nothing that a node is asked for falls out."""
    uncertain = {
        fact.subject
        for name in ("blueprint_missing", "blueprint_unreadable", "unknown_archetype")
        for fact in sample.planted(name)
    }
    fates = defaultdict(list)
    for name in ("asset_level", "asset_missing", "asset_unreadable", "asset_ambiguous"):
        for fact in sample.planted(name):
            fates[fact.subject, fact.detail["asset"]].append(name)
    for fact in sample.planted("customisation"):
        if fact.expected == "dropped":
            fates[fact.subject, fact.detail["asset"]].append("dropped")
    for name, folder in sample.folders.items():
        if name in uncertain:
            continue
        for asset in CATALOGUE.assets.values():
            if asset.blueprint in folder.blueprints:
                assert len(fates[name, asset.path]) == 1, (name, asset.path)


# The latest day of an activity counts as on time so long, and as late from then on: what lies between is a matter of reading.
RHYTHM_DAYS = {
    "daily": (1, 5), "twice_weekly": (4, 5), "weekly": (7, 8), "bi_weekly": (14, 15), "monthly": (31, 31), "quarterly": (92, 92),
    "semi_annual": (184, 184),
}  # fmt: skip


def test_overdue_activities_are_as_planted(sample: Sample) -> None:
    lists = {
        "deal_review": "reviews", "deal_health_update": "calculated_on", "poc_checkpoint": "checkpoints", "qbr": "qbrs",
        "specialist_sync": "entries", "customer_check_in": "touchpoints", "health_update": "calculated_on",
        "services_sync": "syncs", "services_reporting": "reports", "support_review": "reviews",
    }  # fmt: skip
    facts = sample.planted("cadence_overdue")
    assert {fact.detail["activity"] for fact in facts if fact.expected == "overdue"} == set(lists)
    for fact in facts:
        if fact.expected not in ("on_time", "overdue"):
            continue
        folder = sample.folders[fact.subject]
        document = folder.read(fact.detail["asset"])
        assert isinstance(document, dict)
        last = latest(document[lists[fact.detail["activity"]]])
        if fact.detail["rhythm"] == "end_only":
            assert folder.ended_on is not None
            in_time = last is not None and folder.ended_on <= last <= folder.ended_on + timedelta(days=7)
            assert in_time == (fact.expected == "on_time")
        elif fact.expected == "on_time":
            assert last is not None
            assert (AS_OF - last).days <= RHYTHM_DAYS[fact.detail["rhythm"]][0], fact
        elif last is not None:
            assert (AS_OF - last).days >= RHYTHM_DAYS[fact.detail["rhythm"]][1], fact


def test_what_files_declare_about_themselves_is_right_except_where_planted(sample: Sample) -> None:
    found = set()
    for name, folder in sample.folders.items():
        for path in folder.home.rglob("*.yaml"):
            if path.relative_to(folder.home).parts[0] == "raw":
                continue
            try:
                document = read_yaml(path, sample.root)
            except Unreadable:
                continue
            file = str(path.relative_to(folder.home))
            found |= {(name, file, wrong) for wrong in contradictions(document)}
    planted = {
        (fact.subject, fact.detail["asset"], fact.detail["field"]) for fact in sample.planted("declared_disagrees")
    }
    checks = {
        (fact.subject, fact.detail["asset"], fact.detail["field"])
        for fact in sample.planted("declared_disagrees")
        if fact.detail["field"].startswith("checklists.")
    }
    assert found == planted - checks
    assert checks
    for subject, _, where in checks:
        _, blueprint, item = where.split(".")
        declared = {
            entry["check_id"]: entry["status"] for entry in sample.folders[subject].blueprint["checklists"][blueprint]
        }
        assert (declared[item], judged((blueprint, item), sample.folders[subject])) == ("passed", "fail")


def contradictions(document: Mapping[str, Any]) -> Iterator[str]:
    counts = {
        "total_risks": ("risks", None), "critical": ("risks", ("severity", "critical")), "high": ("risks", ("severity", "high")),
        "total_touchpoints": ("touchpoints", None), "positive": ("touchpoints", ("sentiment", "positive")),
        "total_cases": ("cases", None), "total_actions": ("actions", None),
    }  # fmt: skip
    for name, declared in document.get("summary", {}).items() if isinstance(document.get("summary"), dict) else ():
        if name == "overdue":
            counted = sum(as_day(action["due_date"]) < AS_OF for action in document["actions"])
        else:
            entries, where = counts[name]
            if name == "critical" and "cases" in document:
                entries, where = "cases", ("priority", "critical")
            counted = sum(where is None or entry[where[0]] == where[1] for entry in document[entries])
        if declared != counted:
            yield f"summary.{name}"
    for name in ("deal_health", "health_score"):
        health = document.get(name)
        if not isinstance(health, dict) or not is_filled(health):
            continue
        total = document["calculation"]["total"]
        components = document.get("components")
        if components and all(isinstance(part, dict) for part in components.values()):
            assert round(sum(part["score"] * part["weight"] for part in components.values()), 6) == total
        if health["current"] != total:
            yield f"{name}.current"
        limits = health["thresholds"]
        score = health["current"]
        status = "healthy" if score >= limits["healthy"] else "at_risk" if score >= limits["at_risk"] else "critical"
        if health["status"] != status:
            yield f"{name}.status"
        if int(health["change"]) != score - health["previous"]:
            yield f"{name}.change"
    for place, entry in enumerate(document.get("interventions") or []):
        if entry["status"] == "in_progress" and entry["completed_on"]:
            yield f"interventions[{place}].status"
    for place, entry in enumerate((document.get("playbooks") or {}).get("required", [])):
        if entry["status"] == "in_progress" and entry["completed_date"]:
            yield f"playbooks.required[{place}].status"
    stamps = [as_moment(entry["timestamp"]) for entry in document.get("changelog") or []]
    if stamps != sorted(stamps):
        yield "changelog"


def test_every_planted_bad_file_is_really_bad(sample: Sample) -> None:
    facts = sample.planted("asset_unreadable")
    assert {fact.expected for fact in facts} == set(UNREADABLE)
    for fact in facts:
        path = sample.root / fact.subject / fact.detail["found_at"]
        with pytest.raises(Unreadable) as found:
            read_yaml(path, sample.root)
        expected = "not_yaml" if fact.expected == "tab_indentation" else fact.expected
        assert str(found.value) == expected, path
    by_kind = {fact.expected: sample.root / fact.subject / fact.detail["found_at"] for fact in facts}
    assert str(by_kind["symlink"].readlink()).startswith("../../")
    assert b"\n\t" in by_kind["tab_indentation"].read_bytes()
    assert by_kind["empty"].stat().st_size == 0
    nested = yaml.load(by_kind["too_deep"].read_text(), Loader=yaml.CSafeLoader)
    with pytest.raises(RecursionError):
        json.dumps(nested["outline"])
    bomb = yaml.load(by_kind["alias_bomb"].read_text(), Loader=yaml.CSafeLoader)
    assert by_kind["alias_bomb"].stat().st_size < 10_000
    assert _expanded_size(bomb, {}) > 100_000_000


def test_odd_but_readable_files_are_odd_and_readable(sample: Sample) -> None:
    facts = sample.planted("asset_odd_but_readable")
    assert {fact.expected for fact in facts} == set(READABLE_ODDITIES)
    for fact in facts:
        path = sample.root / fact.subject / fact.detail["found_at"]
        content = path.read_bytes()
        assert read_yaml(path, sample.root)["title"] == CATALOGUE.assets[fact.detail["asset"]].title
        signs = {
            "multi_document": len(list(yaml.load_all(content, Loader=yaml.CSafeLoader))) == 2,
            "duplicate_key": content.count(b"title: ") == 2,
            "utf8_bom": content.startswith(b"\xef\xbb\xbf"),
            "windows_lines": b"\r\n" in content,
        }
        assert signs[fact.expected]


def test_blueprint_oddities_are_as_planted(sample: Sample) -> None:
    for name in (
        "blueprint_missing", "blueprint_unreadable", "unknown_archetype", "archetype_alias", "track_missing", "track_conflict",
        "track_change", "track_planned", "blueprint_not_instantiated", "realm_id_disagrees", "orphan_node", "not_a_realm",
    ):  # fmt: skip
        assert sample.planted(name), name
    for fact in sample.planted("blueprint_missing"):
        assert not (sample.root / fact.subject / "blueprint.yaml").exists()
    for fact in sample.planted("blueprint_unreadable"):
        with pytest.raises(Unreadable):
            read_yaml(sample.root / fact.subject / "blueprint.yaml", sample.root)
    for fact in sample.planted("track_conflict"):
        folder = sample.folders[fact.subject]
        assert folder.track == fact.expected != folder.crm["track"] == fact.detail["crm_track"]
    for name in ("track_change", "track_planned"):
        for fact in sample.planted(name):
            history = sample.folders[fact.subject].blueprint["track_history"]
            in_force = [
                entry["track"] for entry in history if entry["from"] <= AS_OF and (entry["to"] or AS_OF) >= AS_OF
            ]
            assert in_force == [fact.expected]
            assert len(history) == 2
    for fact in sample.planted("unknown_archetype"):
        assert sample.folders[fact.subject].blueprint["archetype"] not in (
            PRE,
            POST,
            "retention_renewal",
            "competitive_displacement",
        )
    for fact in sample.planted("archetype_alias"):
        assert sample.folders[fact.subject].blueprint["archetype"] in ("retention_renewal", "competitive_displacement")
    for fact in sample.planted("track_missing"):
        assert "track" not in sample.folders[fact.subject].blueprint
    for fact in sample.planted("blueprint_not_instantiated"):
        listed = [name.partition("_")[0] for name in sample.folders[fact.subject].blueprint["reference_blueprints"]]
        assert fact.expected not in listed
    for fact in sample.planted("realm_id_disagrees"):
        assert sample.folders[fact.subject].profile["realm_id"] == fact.detail["realm_id"] != fact.expected


def test_waivers_and_customisations_are_as_planted(sample: Sample) -> None:
    waivers = sample.planted("waiver")
    assert {fact.expected for fact in waivers} == {"active", "expired"}
    planted = {(f.subject, f.detail["blueprint"], f.detail["item"]): f for f in sample.planted("checklist_item")}
    for fact in waivers:
        rule = f"{fact.detail['blueprint']}/{fact.detail['item']}"
        written = [entry for entry in sample.folders[fact.subject].blueprint["waivers"] if entry["rule"] == rule]
        assert (written[0]["expires_on"] >= AS_OF) == (fact.expected == "active")
        item = planted[fact.subject, fact.detail["blueprint"], fact.detail["item"]]
        assert item.expected == ("waived" if fact.expected == "active" else "fail")
    assert any(fact.detail["expires_on"] == AS_OF.isoformat() for fact in waivers)
    for fact in sample.planted("customisation"):
        customisations = sample.folders[fact.subject].blueprint["customisations"]
        section = "extra_assets" if fact.expected == "extra" else "dropped_assets"
        entry = next(entry for entry in customisations[section] if entry["path"] == fact.detail["asset"])
        assert bool(entry["reason"]) == (fact.expected != "dropped_without_reason")
    assert {fact.expected for fact in sample.planted("customisation")} == {"dropped", "extra", "dropped_without_reason"}


def test_folders_that_are_no_assets_occur(sample: Sample) -> None:
    assert (sample.root / "_templates/NEW_NODE/blueprint.yaml").exists()
    for pattern in (
        "*/realm_profile.yaml",
        "*/intelligence/news.yaml",
        "*/*/raw/*",
        "*/*/internal-infohub/stakeholders/*.yaml",
    ):
        assert list(sample.root.glob(pattern)), pattern


def test_beyond_a_number_of_nodes_folders_hold_two_files_only(tmp_path: Path) -> None:
    sample = write_sample(tmp_path / "infohub", count=40, full_nodes=10)
    lean = sample.planted("lean_node")
    assert len(lean) == 30
    for fact in lean:
        files = {path.name for path in (sample.root / fact.subject).rglob("*") if not path.is_dir()}
        assert files <= {"blueprint.yaml", "node_profile.yaml"}
    assert {fact.subject for fact in sample.planted("checklist_item")}.isdisjoint(fact.subject for fact in lean)


def test_a_folder_with_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("title: mine\n")
    with pytest.raises(FileExistsError, match="only written into an empty folder"):
        write_sample(tmp_path, count=2)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.yaml"]


def test_a_company_without_nodes_gives_an_infohub_of_templates(tmp_path: Path) -> None:
    sample = write_sample(tmp_path / "infohub", count=0)
    assert [path.name for path in sorted(sample.root.iterdir())] == ["README.md", "_templates"]


@pytest.mark.parametrize(
    "text",
    ["NO", "on", "", "1e3", "0x1F", "2026-01-01", "a: b", "# no comment", "- dash", " edge ", "Ünïcödé 🚀", "tab\tand\nline",
     "null", "~", "O'Brien", 'say "hi"', "back\\slash", "\x7f", "\x85", "12:30", "{a}", "[b]", "&c", "*d", "!e", "%f", "@g", "=", "a #b"],
)  # fmt: skip
def test_any_text_survives_being_written_as_yaml(text: str) -> None:
    document = {"text": text, "list": [text, {"deep": {"text": text}, "empty": []}], "none": None, "map": {}}
    assert yaml.load(to_yaml(document), Loader=yaml.CSafeLoader) == document


def test_numbers_dates_and_moments_keep_their_type() -> None:
    document = {
        "count": 3,
        "share": 0.25,
        "yes": True,
        "day": date(2026, 1, 2),
        "moments": [datetime(2026, 1, 2, 3, 4, 5)],
    }
    written = to_yaml(document)
    read = yaml.load(written, Loader=yaml.CSafeLoader)
    assert (read["count"], read["share"], read["day"]) == (3, 0.25, date(2026, 1, 2))
    assert read["moments"][0].isoformat() == "2026-01-02T03:04:05+00:00"
    assert yaml.load(to_yaml(document, quote_dates=True), Loader=yaml.CSafeLoader)["day"] == "2026-01-02"
