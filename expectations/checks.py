"""What a check is, what a suite of them is, and what came of one. How they are put together is suites.py, how they are run running.py."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

ERROR, FAIL, PASS, NOTHING_TO_ASSESS = "error", "fail", "pass", "nothing_to_assess"


@dataclass(frozen=True)
class Share:
    """Of the rows of a group that count, so many in a hundred have a status that passes."""

    group: Mapping[str, str | bool]
    counted: tuple[str, ...]
    passing: tuple[str, ...]
    minimum_pct: float
    column: str = "status"


@dataclass(frozen=True)
class OneOf:
    """No row has another value."""

    column: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Filled:
    """No row is without a value."""

    column: str


@dataclass(frozen=True)
class Contains:
    """Each of these values is there."""

    column: str
    values: tuple[str, ...]


Question = Share | OneOf | Filled | Contains


@dataclass(frozen=True)
class Check:
    """One rule, asked of one table. `severity` is the policy's word; a blocking check that does not hold means broken data."""

    key: str
    rule_id: str
    description: str
    question: Question
    severity: str
    owner_role: str
    is_blocking: bool = False
    playbook: str | None = None
    archetype: str | None = None
    blueprint: str | None = None
    item: str | None = None
    track: str | None = None
    threshold: str | None = None

    @property
    def minimum_pct(self) -> float:
        return self.question.minimum_pct if isinstance(self.question, Share) else 100.0


@dataclass(frozen=True)
class Table:
    """Where rows are judged, and which of its columns name a row, say why it fails, and lead to what it rests on."""

    schema: str
    name: str
    subject: tuple[str, ...]
    reason: str
    link: str

    @property
    def place(self) -> str:
        return f"{self.schema}.{self.name}"


@dataclass(frozen=True)
class Suite:
    """Checks of one table that belong together. One without checks says in `note` why there is nothing to check."""

    name: str
    title: str
    table: Table
    checks: tuple[Check, ...]
    note: str = ""


@dataclass(frozen=True)
class Outcome:
    """What came of a check. `counts` is how many rows have which status, those that do not count included."""

    suite: str
    check: Check
    status: str
    counted: int = 0
    unexpected: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    message: str | None = None

    @property
    def observed_pct(self) -> float | None:
        return 100.0 * (self.counted - self.unexpected) / self.counted if self.counted else None

    @property
    def is_broken_data(self) -> bool:
        """Whether the pipeline has to stop: the check could not be run, or what it stands for is no business gap."""
        return self.status == ERROR or (self.status == FAIL and self.check.is_blocking)
