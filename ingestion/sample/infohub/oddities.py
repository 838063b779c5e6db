"""What a real InfoHub holds besides good assets: files that cannot be read, odd but readable ones, templates, notes, market papers.

Bad files here are bad for whoever reads them and harmless to whoever only lists them. Where they go is decided in plan.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from ingestion.sample.infohub.render import Dice, Document
from ingestion.sample.infohub.yaml_writing import to_yaml

MAXIMUM_BYTES = 1024 * 1024
# Deep enough to end every reader that calls itself per level, shallow enough not to end the process of those written in C.
_NESTING = 12_000
_BOMB_LEVELS = 9

TEMPLATE_FOLDER = "_templates"


# --- files that are wrong ---------------------------------------------------------------------------------------------------


def spoil(kind: str, text: str) -> bytes:
    """A good file's text, made bad or odd in one way. A symlink is no text and not made here."""
    return _WAYS[kind](text)


def _not_yaml(text: str) -> bytes:
    title, rest = text.split("\n", 1)
    return f'{title}\nsummary: [unfinished, "half a quote\n{rest}'.encode()


def _tab_indentation(text: str) -> bytes:
    return f"{text}remarks:\n\tnote: indented with a tab\n".encode()


def _not_utf8(text: str) -> bytes:
    return f'{text}remarks: "Prüfung läuft, Rückfrage offen"\n'.encode("cp1252", errors="replace")


def _oversized(text: str) -> bytes:
    line = (
        "  - a page of minutes that was pasted in again and again, because nobody noticed that it was there already\n"
    )
    return (f"{text}minutes:\n" + line * (MAXIMUM_BYTES // len(line) + 500)).encode()


def _alias_bomb(text: str) -> bytes:
    lines = ["attachments:", "  level0: &level0 [" + ", ".join(["again"] * _BOMB_LEVELS) + "]"]
    for level in range(1, _BOMB_LEVELS):
        aliases = ", ".join([f"*level{level - 1}"] * _BOMB_LEVELS)
        lines.append(f"  level{level}: &level{level} [{aliases}]")
    return (text + "\n".join(lines) + "\n").encode()


def _recursive_alias(text: str) -> bytes:
    return f"{text}related: &related\n  part_of: *related\n".encode()


def _too_deep(text: str) -> bytes:
    return f"{text}outline: {'[' * _NESTING}{']' * _NESTING}\n".encode()


def _multi_document(text: str) -> bytes:
    return f"{text}---\nnote: a second document, added by hand\n".encode()


def _duplicate_key(text: str) -> bytes:
    return f"title: an earlier title\n{text}".encode()


_WAYS: Mapping[str, Callable[[str], bytes]] = {
    "not_yaml": _not_yaml,
    "tab_indentation": _tab_indentation,
    "not_utf8": _not_utf8,
    "oversized": _oversized,
    "alias_bomb": _alias_bomb,
    "recursive_alias": _recursive_alias,
    "too_deep": _too_deep,
    "empty": lambda text: b"",
    "multi_document": _multi_document,
    "duplicate_key": _duplicate_key,
    "utf8_bom": lambda text: b"\xef\xbb\xbf" + text.encode(),
    "windows_lines": lambda text: text.replace("\n", "\r\n").encode(),
}


# --- files that are not assets ----------------------------------------------------------------------------------------------


def template_files() -> Iterator[tuple[str, str]]:
    """A folder beside the realms that is none: blank documents to copy, one of them at the depth of a node's blueprint."""
    blank: Document = {"version": "<fill in>", "archetype": "<fill in>", "track": "<fill in>", "last_updated": "<date>"}
    profile: Document = {"title": "<fill in>", "opportunity": {"name": "<fill in>", "stage": "<fill in>"}}
    yield f"{TEMPLATE_FOLDER}/blueprint.yaml", to_yaml(blank)
    yield f"{TEMPLATE_FOLDER}/NEW_NODE/blueprint.yaml", to_yaml(blank)
    yield f"{TEMPLATE_FOLDER}/NEW_NODE/sales/opportunity_profile.yaml", to_yaml(profile)
    yield (
        "README.md",
        "# InfoHub\n\nOne folder per customer, one below it per engagement. Copy `_templates/NEW_NODE` to begin.\n",
    )


def realm_files(node: Mapping[str, Any], realm_id: str, dice: Dice) -> Iterator[tuple[str, str]]:
    """What lies beside the nodes of a realm, told from one of them."""
    as_of: date = node["as_of"]
    profile: Document = {
        "realm_id": realm_id,
        "name": node["account_name"],
        "crm": {"system": "salesforce", "account_id": node["account_id"]},
        "tier": dice.pick(("strategic", "key", "standard")),
        "last_updated": as_of - timedelta(days=dice.below(60)),
    }
    yield "realm_profile.yaml", to_yaml(profile)
    if dice.below(6) == 0:
        paper: Document = {"topic": "Market", "date": as_of - timedelta(days=dice.below(90)), "trend": "consolidation"}
        news: Document = {"items": [{"date": as_of - timedelta(days=dice.below(20)), "headline": "New finance chief"}]}
        yield "intelligence/market/overview.yaml", to_yaml(paper)
        yield "intelligence/news.yaml", to_yaml(news)


def notes(node: Mapping[str, Any], dice: Dice) -> Iterator[tuple[str, str]]:
    """Raw notes: text, and YAML that is no asset and need not even be one."""
    held_on: date = node["as_of"] - timedelta(days=dice.below(60))
    yield (
        f"raw/call_{held_on.isoformat()}.md",
        f"# Call with {node['people']('champion')}\n\nThey like it. Price: open.\n",
    )
    if dice.below(2) == 0:
        yield "raw/transcript.txt", "00:01 hello\n00:02 can you hear me\n"
    if dice.below(3) == 0:
        yield "raw/export.yaml", "pasted: yes\n\tfrom: a chat\n"


def working_papers(node: Mapping[str, Any], dice: Dice) -> Iterator[tuple[str, Document, dict[str, str] | None]]:
    """Registers that no blueprint asks for, as (path, document, what its summary gets wrong)."""
    as_of: date = node["as_of"]
    folder = "internal-infohub"
    risks = [
        {
            "risk_id": f"R{number}",
            "severity": dice.pick(("critical", "high", "medium", "low")),
            "status": "open",
            "owner": node["owner_name"],
            "review_date": as_of + timedelta(days=dice.below(30)),
        }
        for number in range(1, 2 + dice.below(4))
    ]
    wrong: dict[str, str] | None = None
    declared = len(risks)
    if dice.below(8) == 0:
        declared += 2
        wrong = {"field": "summary.total_risks", "declared": str(declared), "recomputed": str(len(risks))}
    summary = {"total_risks": declared, "critical": sum(risk["severity"] == "critical" for risk in risks)}
    stamp = as_of - timedelta(days=dice.below(25))
    yield f"{folder}/risks/risk_register.yaml", {"last_updated": stamp, "summary": summary, "risks": risks}, wrong

    actions = [
        {
            "action_id": f"A{number}",
            "owner": node["csm_name"],
            "due_date": as_of + timedelta(days=dice.below(40) - 15),
            "priority": dice.pick(("high", "low")),
            "status": "open",
        }
        for number in range(1, 2 + dice.below(3))
    ]
    overdue = sum(action["due_date"] < as_of for action in actions)
    tracker: Document = {"summary": {"total_actions": len(actions), "overdue": overdue}, "actions": actions}
    yield f"{folder}/actions/action_tracker.yaml", {"last_updated": stamp, **tracker}, None

    decision: Document = {"decision": "Start with one team", "decided_on": stamp, "by": node["people"]("sponsor")}
    yield f"{folder}/decisions/decision_log.yaml", {"date": stamp, "decisions": [decision]}, None

    for role in ("champion", "economic_buyer"):
        person: Document = {
            "name": node["people"](role),
            "role": role,
            "stance": dice.pick(("supporter", "neutral", "critic")),
        }
        yield f"{folder}/stakeholders/{role}.yaml", {"last_updated": stamp, "stakeholder": person}, None
