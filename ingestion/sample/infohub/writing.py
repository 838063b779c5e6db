"""Writes the InfoHub of the sample company: a folder per realm and node, with the assets that its track and archetype ask for.

What is written is decided beforehand, set by set, in plan.py; here the files are made, and what was planted is noted in
sim.truth. Nothing here reads an InfoHub: that is ingestion/infohub.py.
"""

from __future__ import annotations

import os
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import duckdb

from ingestion.sample.infohub import documents as documents
from ingestion.sample.infohub import oddities as oddities
from ingestion.sample.infohub.catalogue import POST_SALES, PRE_SALES, Blueprint, Catalogue, read_catalogue
from ingestion.sample.infohub.plan import PlanSettings, drop_plan, make_plan
from ingestion.sample.infohub.render import (
    Dice,
    Document,
    Person,
    Scene,
    compile_catalogue,
    write_asset,
    write_text,
)
from ingestion.sample.infohub.truth import plant_facts, plant_found_facts
from ingestion.sample.infohub.yaml_writing import to_yaml

Progress = Callable[[int, int, str], None]
Row = dict[str, Any]

# A complete folder holds some thirty files. With these two numbers even 60,000 nodes stay below 200,000 files.
FULL_NODES = 2_000
_NODES_AT_A_TIME = 500

_CHECK_WORDS = {
    "pass": "passed",
    "fail": "failed",
    "too_early": "pending",
    "manual": "pending",
    "insufficient_data": "unknown",
    "not_applicable": "not_applicable",
}
_APPROVERS = {
    "poc": ["solution architect"],
    "economy": ["solution architect", "manager"],
    "premium": ["solution architect", "director"],
    "fast_track": ["solution architect", "manager"],
}
_PARTNERS = ("Nordwind Systeme", "Blue Harbour", "Kestrel Consulting", "Altamira IT")
_EXTRA_ASSET = "security/security_review.yaml"


def write_infohub(
    connection: duckdb.DuckDBPyConnection,
    target: Path,
    *,
    seed: int,
    as_of: date,
    progress: Progress | None = None,
    full_nodes: int = FULL_NODES,
) -> None:
    """Writes the InfoHub of sim.nodes into an empty folder, and what it planted into sim.truth.

    The same nodes, seed and as_of give the same bytes and times of modification.
    """
    if target.exists() and any(target.iterdir()):
        # A sample written earlier holds symlinks that lead out of it: writing over them would write outside.
        raise FileExistsError(
            f"{target} already holds files, and the sample InfoHub is only written into an empty folder. "
            "Remove it, or name another folder."
        )
    catalogue = read_catalogue()
    make_plan(connection, catalogue, PlanSettings(seed=seed, as_of=as_of, full_nodes=full_nodes))
    total = connection.execute("select count(*) from infohub_nodes").fetchall()[0][0]
    with _Folder(target, as_of) as folder:
        writer = _InfohubWriter(folder, catalogue, seed=seed, as_of=as_of)
        writer.write_shared_files()
        for done, node in enumerate(_read_nodes(connection, total), start=1):
            writer.write_node(node)
            folder.flush()
            if progress is not None and (done % 50 == 0 or done == total):
                progress(done, total, "InfoHub")
    plant_facts(connection)
    plant_found_facts(connection, writer.facts)
    drop_plan(connection)


# --- reading the plan -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _PlannedNode:
    node: Row
    blueprints: list[Row]
    assets: list[Row]
    items: dict[tuple[str, str], Row]
    """By asset and item: the item's own name does not tell them apart."""
    waivers: list[Row]


def _read_nodes(connection: duckdb.DuckDBPyConnection, total: int) -> Iterator[_PlannedNode]:
    for first in range(1, total + 1, _NODES_AT_A_TIME):
        span = f"node_number between {first} and {first + _NODES_AT_A_TIME - 1}"
        nodes = _rows(connection, f"select * from infohub_nodes where {span} order by node_number")
        blueprints = _rows_of_nodes(connection, "infohub_blueprints", span, "blueprint")
        assets = _rows_of_nodes(connection, "infohub_assets", span, "asset")
        items = _rows_of_nodes(connection, "infohub_items", span, "blueprint, item")
        waivers = _rows_of_nodes(connection, "infohub_waivers", span, "blueprint, item")
        overdue = _rows_of_nodes(connection, "infohub_cadences", span, "asset")
        for node in nodes:
            name = node["node_id"]
            late = {row["asset"] for row in overdue[name] if row["status"] == "overdue"}
            yield _PlannedNode(
                node=node,
                blueprints=blueprints[name],
                assets=[row | {"is_overdue": row["asset"] in late} for row in assets[name]],
                items={(row["asset"], row["item"]): row for row in items[name]},
                waivers=waivers[name],
            )


def _rows_of_nodes(
    connection: duckdb.DuckDBPyConnection, table: str, span: str, order: str
) -> defaultdict[str, list[Row]]:
    grouped: defaultdict[str, list[Row]] = defaultdict(list)
    sql = f"select * from {table} where node_id in (select node_id from infohub_nodes where {span}) order by node_id, {order}"
    for row in _rows(connection, sql):
        grouped[row["node_id"]].append(row)
    return grouped


def _rows(connection: duckdb.DuckDBPyConnection, sql: str) -> list[Row]:
    result = connection.execute(sql)
    names = [column[0] for column in result.description or ()]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


# --- writing files --------------------------------------------------------------------------------------------------------


class _Folder:
    """Files below the InfoHub, each with a time of modification that follows from as_of.

    What is handed in is written when it is flushed, beside the making of the next files: making a file is the system's work
    and takes longer than filling it.
    """

    def __init__(self, root: Path, as_of: date) -> None:
        self._root = root
        self._default_ns = _nanoseconds(as_of)
        self._waiting: list[tuple[str, bytes | None, str, int]] = []
        self._pool = ThreadPoolExecutor(max_workers=4, thread_name_prefix="infohub")
        self._under_way: deque[Future[None]] = deque()

    def write(self, path: str, content: str | bytes, modified_on: date | None = None) -> None:
        moment = self._default_ns if modified_on is None else _nanoseconds(modified_on)
        self._waiting.append((path, content.encode() if isinstance(content, str) else content, "", moment))

    def link(self, path: str, to: str) -> None:
        self._waiting.append((path, None, to, self._default_ns))

    def flush(self) -> None:
        self._under_way.append(self._pool.submit(self._write_all, self._waiting))
        self._waiting = []
        while len(self._under_way) > 16:
            self._under_way.popleft().result()

    def __enter__(self) -> _Folder:
        return self

    def __exit__(self, failure: type[BaseException] | None, *_: object) -> None:
        try:
            if failure is None:
                self.flush()
                while self._under_way:
                    self._under_way.popleft().result()
        finally:
            self._pool.shutdown(cancel_futures=True)

    def _write_all(self, files: list[tuple[str, bytes | None, str, int]]) -> None:
        for folder in {path.rpartition("/")[0] for path, *_ in files}:
            (self._root / folder).mkdir(parents=True, exist_ok=True)
        for path, content, link_to, moment in files:
            target = f"{self._root}/{path}"
            if content is None:
                Path(target).symlink_to(link_to)
            else:
                with open(target, "wb") as file:  # noqa: PTH123 - a Path per file costs more than the writing
                    file.write(content)
            os.utime(target, ns=(moment, moment), follow_symlinks=False)


def _nanoseconds(day: date) -> int:
    return int(datetime.combine(day, time(10, 15), tzinfo=UTC).timestamp()) * 1_000_000_000


class _InfohubWriter:
    def __init__(self, folder: _Folder, catalogue: Catalogue, *, seed: int, as_of: date) -> None:
        self.facts: list[tuple[str, str, str, str, dict[str, Any]]] = []
        self._folder = folder
        self._catalogue = catalogue
        self._compiled = compile_catalogue(catalogue, documents.BUILDERS)
        self._seed = seed
        self._as_of = as_of
        self._people = Person(seed)
        self._realms: set[str] = set()

    def write_shared_files(self) -> None:
        for path, text in oddities.template_files():
            self._folder.write(path, text)
        self.facts.append(
            ("not_a_realm", "folder", oddities.TEMPLATE_FOLDER, "ignored", {"why": "templates are no realm"})
        )

    def write_node(self, planned: _PlannedNode) -> None:
        node = planned.node | self._told_of(planned.node)
        home = node["node_id"]
        dice = self._dice("node", home)
        realm_id = node["realm_id"]
        profile = documents.node_profile_document(node, realm_id=realm_id, dice=dice)
        self._folder.write(f"{home}/node_profile.yaml", to_yaml(profile))
        if node["is_complete"]:
            self._write_realm(node)
            for row in planned.assets:
                self._write_planned_asset(node, row, planned.items)
            self._write_unasked(node, dice)
        self._write_blueprint(node, planned, dice)

    # --- one asset

    def _write_planned_asset(self, node: Row, row: Row, items: Mapping[tuple[str, str], Row]) -> None:
        home, asset = node["node_id"], row["asset"]
        name = asset.partition("/")[2]
        if row["state"] in ("missing", "dropped"):
            if row["has_decoy"]:
                self._folder.write(f"{home}/raw/{name}", "title: Pasted from a mail, not the asset itself\n")
            return
        scene = self._scene(node, row)
        compiled = self._compiled[asset]
        variants = {
            item: (items[asset, item]["variant"], items[asset, item]["variant_number"] or 0)
            for item in compiled.items
            if (asset, item) in items
        }
        document = write_asset(
            compiled,
            scene,
            level=row["level_number"] or 2,
            has_premium_sla=row["has_premium_sla"],
            variants=variants,
        )
        date_key = row["date_key"]
        text = write_text(document, scene, date_key=date_key, is_canvas=compiled.asset.is_canvas)
        modified_on = scene.content_on if date_key is None else None
        self._write_asset_file(node, row, text, modified_on)
        for wrong in scene.contradictions:
            self._note_contradiction(home, row["found_at"], wrong)

    def _write_asset_file(self, node: Row, row: Row, text: str, modified_on: date | None) -> None:
        home, odd = node["node_id"], row["odd_file"]
        path = f"{home}/{row['found_at']}"
        if odd == "ambiguous":
            name = row["asset"].partition("/")[2]
            self._folder.write(f"{home}/working-papers/{name}", text, modified_on)
            self._folder.write(f"{home}/internal-infohub/context/{name}", text, modified_on)
        elif odd == "symlink":
            # Relative, and one step too many: it ends beside the InfoHub, where nothing may be read from.
            self._folder.link(path, "../" * (path.count("/") + 1) + "sample_company.json")
        elif odd is not None:
            self._folder.write(path, oddities.spoil(odd, text), modified_on)
        else:
            self._folder.write(path, text, modified_on)

    def _scene(self, node: Row, row: Row) -> Scene:
        asset = self._catalogue.assets[row["asset"]]
        event = asset.event
        since = node["anchor_on"]
        rhythm: str | None = None
        if event is not None:
            since = node[event.since] if event.since else since
            if event.cadence is not None:
                rhythm = self._catalogue.cadences[event.cadence].get(node["track"])
        return Scene(
            node=node,
            dice=self._dice("asset", row["file_id"]),
            content_on=row["content_on"],
            event_on=row["event_on"],
            done_on=row["done_on"],
            interval=documents.interval_days(rhythm),
            since=since,
            is_overdue=row["is_overdue"],
            contradicts_itself=row["contradicts_itself"],
        )

    # --- blueprint.yaml

    def _write_blueprint(self, node: Row, planned: _PlannedNode, dice: Dice) -> None:
        home = node["node_id"]
        if node["oddity"] == "blueprint_missing":
            return
        text = to_yaml(
            documents.blueprint_document(
                node,
                blueprints=self._listed_blueprints(node, planned),
                rhythms=documents.rhythm_names(node["track"]),
                checks=self._declared_checks(node, planned, dice),
                extra_assets=self._extra_assets(node),
                dropped_assets=self._dropped_assets(planned),
                waivers=[self._waiver(node, row) for row in planned.waivers],
                dice=dice,
            )
        )
        is_unreadable = node["oddity"] == "blueprint_unreadable"
        content = oddities.spoil("tab_indentation", text) if is_unreadable else text
        self._folder.write(f"{home}/blueprint.yaml", content)
        if node["oddity"] == "changelog_backwards":
            wrong = {"field": "changelog", "declared": "newest first", "recomputed": "oldest first"}
            self._note_contradiction(home, "blueprint.yaml", wrong)
        elif node["oddity"] == "playbook_contradiction":
            wrong = {"field": "playbooks.required[0].status", "declared": "in_progress", "recomputed": "completed"}
            self._note_contradiction(home, "blueprint.yaml", wrong)

    def _listed_blueprints(self, node: Row, planned: _PlannedNode) -> list[Blueprint]:
        in_force = [row for row in planned.blueprints if row["is_in_force"]]
        if not node["is_complete"]:
            archetype = node["archetype"]
            return [
                blueprint
                for blueprint in self._catalogue.blueprints.values()
                if blueprint.archetype == archetype and blueprint.asked.get(node["track"]) == "required"
            ]
        if node["oddity"] == "blueprint_not_instantiated":
            left_out = {PRE_SALES: "B09", POST_SALES: "C06"}[node["archetype"]]
            detail = {}
            if node["services_state"] == "active":
                # Not the track asks for it: the node's own profile says that services are at work.
                left_out = "C05"
                detail = {"signal": "services_engaged"}
            in_force = [row for row in in_force if row["blueprint"] != left_out]
            fact = ("blueprint_not_instantiated", "node", node["node_id"], left_out, {"blueprint": left_out, **detail})
            self.facts.append(fact)
        return [self._catalogue.blueprints[row["blueprint"]] for row in in_force]

    def _declared_checks(self, node: Row, planned: _PlannedNode, dice: Dice) -> list[tuple[str, str, str]]:
        """The first few items with the status they have. One node in twenty declares a failed one as passed."""
        waived = {(row["blueprint"], row["item"]) for row in planned.waivers if row["is_active"]}
        rows = [row for row in planned.items.values() if row["reached"] != "no blueprint"]
        rows.sort(key=lambda row: (row["blueprint"], row["item"]))
        lies = node["is_resolved"] and dice.below(20) == 0
        checks = []
        for row in rows[:: 1 + len(rows) // 10]:
            key = (row["blueprint"], row["item"])
            status = "waived" if key in waived else _CHECK_WORDS[row["status"]]
            if lies and status == "failed":
                lies = False
                status = "passed"
                wrong = {"field": f"checklists.{key[0]}.{key[1]}", "declared": "passed", "recomputed": "failed"}
                self._note_contradiction(node["node_id"], "blueprint.yaml", wrong)
            checks.append((*key, status))
        return checks

    def _dropped_assets(self, planned: _PlannedNode) -> list[Document]:
        dropped: list[Document] = []
        for row in planned.assets:
            blueprint = self._catalogue.blueprints[row["blueprint"]]
            if row["state"] == "dropped":
                reason = (
                    blueprint.dropped_because if row["customisation"] is None else "Kept in the customer's own tool."
                )
                dropped.append({"path": row["asset"], "reason": reason})
            elif row["customisation"] == "dropped_without_reason":
                dropped.append({"path": row["asset"], "reason": None})
        return dropped

    def _extra_assets(self, node: Row) -> list[Document]:
        home = node["node_id"]
        dice = self._dice("extra asset", home)
        if not node["is_complete"] or dice.below(25) != 0:
            return []
        is_there = dice.below(3) > 0
        if is_there:
            review: Document = {"title": "Security review", "last_updated": self._as_of - timedelta(days=1)}
            self._folder.write(f"{home}/{_EXTRA_ASSET}", to_yaml(review | {"verdict": "accepted"}))
        if node["is_resolved"]:
            detail = {"asset": _EXTRA_ASSET, "is_present": is_there}
            self.facts.append(("customisation", "node", home, "extra", detail))
        return [{"path": _EXTRA_ASSET, "reason": "The customer's security office asks for it.", "level": "basic"}]

    def _waiver(self, node: Row, row: Row) -> Document:
        return {
            "rule": f"{row['blueprint']}/{row['item']}",
            "reason": row["reason"],
            "approver": node["owner_name"],
            "approved_by_roles": _APPROVERS.get(node["track"], []),
            "expires_on": row["expires_on"],
        }

    # --- everything around

    def _write_realm(self, node: Row) -> None:
        realm = node["realm"]
        if realm in self._realms:
            return
        self._realms.add(realm)
        dice = self._dice("realm", realm)
        for path, text in oddities.realm_files(node, node["realm_id"], dice):
            self._folder.write(f"{realm}/{path}", text)
        if dice.below(90) == 0 or len(self._realms) == 1:
            home = f"{realm}/OLD_PILOT"
            text = to_yaml({"node_id": "OLD_PILOT", "realm_id": node["realm_id"], "status": "abandoned"})
            self._folder.write(f"{home}/node_profile.yaml", text)
            self.facts.append(("orphan_node", "node", home, "not in the CRM", {"file": "node_profile.yaml"}))

    def _write_unasked(self, node: Row, dice: Dice) -> None:
        home = node["node_id"]
        if dice.below(6) == 0:
            for path, text in oddities.notes(node, dice):
                self._folder.write(f"{home}/{path}", text)
        if dice.below(4) == 0:
            for path, document, wrong in oddities.working_papers(node, dice):
                self._folder.write(f"{home}/{path}", to_yaml(document))
                if wrong is not None:
                    self._note_contradiction(home, path, wrong)

    def _note_contradiction(self, home: str, file: str, wrong: Mapping[str, str]) -> None:
        self.facts.append(("declared_disagrees", "node", home, wrong["recomputed"], {"asset": file, **wrong}))

    def _told_of(self, node: Row) -> Row:
        """What the catalogue's braces name besides the columns of the plan."""
        home = node["node_id"]
        track = node["track"]
        checkpoints = self._catalogue.cadences["poc_checkpoint"].get(track, "weekly")
        slug = "".join(letter for letter in node["account_name"].lower() if letter.isascii() and letter.isalnum())
        return {
            "as_of": self._as_of,
            "people": lambda role: self._people.named(home, role),
            "engagement": node["node"].replace("_", " ").title(),
            "partner_name": self._dice("partner", home).pick(_PARTNERS),
            "mail_domain": f"{slug or 'customer'}.example",
            "checkpoint_rhythm": checkpoints,
            "health_frequency": documents.rhythm_names(track)["health"],
            "specialist_sla_hours": self._catalogue.specialist_sla_hours.get(track, 72),
        }

    def _dice(self, purpose: str, subject: str) -> Dice:
        return Dice(f"{self._seed}|{purpose}|{subject}")
