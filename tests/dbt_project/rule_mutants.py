"""Makes mutants of rules: the SQL of a rule model, or the policy it reads, with one small thing changed.

A case that no mutant fails proves nothing; a mutant that fails no case shows what the cases leave open. What is changed is what
decides a status: comparisons, conditions, branches, words and numbers. Sentences are left alone, and so is whatever only they need.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlglot
from sqlglot import exp

Rows = list[dict[str, str]]

# What a macro writes is one text, which stands in many places: a change of it is one mutant, and it is enough that the cases of
# one place notice it. What a place hands over to the macro is changed there alone, and has to be noticed there.
# By something that only this macro writes:
MACROS_OF_PARTS: Mapping[str, str] = {
    "checked_items": "No rule is written for this item.",
    "judge_recency": "is not due yet: the engagement is younger",
    "judge_deadline": " is due by ",
    "judge_situations": "CAST(NULL AS BOOLEAN) AS is_kept",
    "judge_entries": " AS counted_lists",
    "judge_responses": " are open, and their hours have not passed.",
    "time_responses": "THEN 'waiting'",
    "last_dates": " AS last_date ",
    "list_entries": "GENERATE_SUBSCRIPTS",
}
# Columns of such parts that the place makes, and not the macro.
HANDED_OVER = {"not_applicable_reason", "is_meant", "is_complete"}
FLIPS: Mapping[type[exp.Expression], type[exp.Expression]] = {
    exp.LT: exp.LTE,
    exp.LTE: exp.LT,
    exp.GT: exp.GTE,
    exp.GTE: exp.GT,
    exp.EQ: exp.NEQ,
    exp.NEQ: exp.EQ,
    exp.And: exp.Or,
    exp.Or: exp.And,
    exp.Max: exp.Min,
    exp.Min: exp.Max,
}
COMPARISONS = (exp.LT, exp.LTE, exp.GT, exp.GTE, exp.EQ, exp.NEQ)
A_WORD = re.compile(r"[a-z_]+")


@dataclass(frozen=True)
class Mutant:
    part: str
    # Of the compiled SQL; 0 if sqlglot does not know.
    line: int
    before: str
    after: str
    sql: str
    # The column of the part whose value is changed; empty if it is the rows.
    column: str
    # The macro that wrote this, and what is the same for the same change at its other places. Both are empty if the change is of
    # this place alone.
    macro: str = ""
    alike: str = ""


@dataclass(frozen=True)
class PolicyMutant:
    blueprint: str
    seed: str
    before: str
    after: str
    rows: tuple[Mapping[str, str], ...]


def rule_mutants(sql: str) -> Iterator[Mutant]:
    """Every mutant of a compiled rule model."""
    query = sqlglot.parse_one(sql, dialect="duckdb")
    deciding = _deciding_columns(query)
    for part in query.ctes:
        if not _is_import(part.this):
            yield from _Part(query, part, deciding).mutants()


def policy_mutants(policy: Mapping[str, Rows]) -> Iterator[PolicyMutant]:
    """Mutants of the tables that rules are judged by. The tracks that share a value are one decision and change together."""
    yield from _threshold_mutants(policy["checklist_thresholds"])
    yield from _engagement_gap_mutants(policy["validation_strictness"])
    yield from _word_mutants(policy["checklist_items"])


def _threshold_mutants(rows: Rows) -> Iterator[PolicyMutant]:
    key = ("blueprint", "item", "threshold", "comparison", "threshold_value")
    for decision in sorted({tuple(row[column] for column in key) for row in rows}):
        blueprint, item, threshold, comparison, value = decision

        def changed(column: str, after: str, decision: tuple[str, ...] = decision) -> tuple[Mapping[str, str], ...]:
            return tuple(
                {**row, column: after} if tuple(row[name] for name in key) == decision else row for row in rows
            )

        place = f"{item} {threshold}"
        for after in (f"{float(value) + step:g}" for step in (-1, 1)):
            yield PolicyMutant(
                blueprint, "checklist_thresholds", f"{place} {value}", after, changed("threshold_value", after)
            )
        # A deadline is a day, which counts: there is no other kind.
        flips = {} if threshold == "deadline" else {"at_most": "less_than", "less_than": "at_most"}
        for flipped in flips.get(comparison, "").split():
            yield PolicyMutant(
                blueprint, "checklist_thresholds", f"{place} {comparison}", flipped, changed("comparison", flipped)
            )


def _engagement_gap_mutants(rows: Rows) -> Iterator[PolicyMutant]:
    column = "engagement_gap_maximum_days"
    for place, row in enumerate(rows):
        for step in (-1, 1) if row[column] else ():
            after = str(int(row[column]) + step)
            yield PolicyMutant(
                "C01",
                "validation_strictness",
                f"{row['track']} {column} {row[column]}",
                after,
                (*rows[:place], {**row, column: after}, *rows[place + 1 :]),
            )


def _word_mutants(rows: Rows) -> Iterator[PolicyMutant]:
    for place, row in enumerate(rows):
        words = row["accepted_words"].split(";") if row["accepted_words"] else []
        for word in words:
            after = ";".join(other for other in words if other != word)
            yield PolicyMutant(
                row["blueprint"],
                "checklist_items",
                f"{row['item']} accepted_words {row['accepted_words']}",
                after or "none",
                (*rows[:place], {**row, "accepted_words": after}, *rows[place + 1 :]),
            )


def _is_import(select: exp.Expression) -> bool:
    """Whether a part only brings a table in: it names columns, and there is nothing to change."""
    tables = list(select.find_all(exp.Table))
    return len(tables) == 1 and bool(tables[0].db)


def _deciding_columns(query: exp.Expression) -> set[str]:
    """The names of the columns that a status may depend on. Two columns of one name are taken for one."""
    selects = [select for select in query.find_all(exp.Select) if not _is_import(select)]
    deciding = {"status"}
    for select in selects:
        clauses = [part for name, part in select.args.items() if name != "expressions"]
        deciding |= {column.name for part in clauses for column in _own_columns(part)}
    while True:
        found = {
            column.name
            for select in selects
            for projection in select.expressions
            if projection.alias_or_name in deciding
            for column in projection.find_all(exp.Column)
        }
        if found <= deciding:
            return deciding
        deciding |= found


def _own_columns(part: Any) -> Iterator[exp.Column]:
    """Columns of a clause, without those of the queries in it: they are selects of their own."""
    for node in part if isinstance(part, list) else [part]:
        if isinstance(node, exp.Expression):
            for found in node.walk(prune=lambda inner: isinstance(inner, exp.Select)):
                if isinstance(found, exp.Column):
                    yield found


class _Part:
    def __init__(self, query: exp.Expression, part: exp.CTE, deciding: set[str]) -> None:
        self._query, self._part, self._deciding = query, part, deciding
        text = part.sql("duckdb", comments=False)
        self._written_by = next((name for name, sign in MACROS_OF_PARTS.items() if sign in text), "")
        self._dates = list(dict.fromkeys(_dates_of(part.this)))
        self._inside: dict[str, int] = {}

    def mutants(self) -> Iterator[Mutant]:
        yield from self._visit(self._part.this, self._written_by, "")

    def _visit(self, node: exp.Expression, macro: str, column: str) -> Iterator[Mutant]:
        found = _macro(node)
        if found:
            for after in _instead(found, node):
                yield self._mutant(node, after, macro, column)
            # Counted from the beginning of each use, so that the same change has the same number everywhere.
            self._inside[found] = 0
        for target, after in _changes(node):
            # A factor is what the place compares with.
            of_place = isinstance(target.parent, exp.Mul)
            yield self._mutant(target, after, self._written_by if of_place else found or macro, column)
        for child, name in self._children(node):
            inner = "" if name in HANDED_OVER and macro == self._written_by else macro
            yield from self._visit(child, found or inner, column or name)

    def _children(self, node: exp.Expression) -> Iterator[tuple[exp.Expression, str]]:
        for name, value in list(node.args.items()):
            for child in value if isinstance(value, list) else [value]:
                if not isinstance(child, exp.Expression):
                    continue
                is_column = isinstance(node, exp.Select) and name == "expressions"
                if not is_column or child.alias_or_name in self._deciding:
                    yield child, child.alias_or_name if is_column else ""

    def _mutant(self, target: exp.Expression, after: exp.Expression | None, macro: str, column: str) -> Mutant:
        texts = _text(target), _text(after)
        alike = ""
        if macro and macro == self._written_by:
            alike = self._without_names(" ".join((macro, column, *texts)))
        elif macro:
            self._inside[macro] += 1
            alike = f"{macro} {self._inside[macro]}"
        line = _line(target)
        undo = _replace(target, after)
        sql = self._query.sql("duckdb")
        undo()
        return Mutant(self._part.alias, line, *texts, sql, column, macro, alike)

    def _without_names(self, text: str) -> str:
        """The text without what differs by place: the item, paths in its document, the names of dates, sentences."""
        text = re.sub(r"'[^']*'", lambda found: found[0] if A_WORD.fullmatch(found[0][1:-1]) else "'…'", text)
        for number, name in enumerate(self._dates, start=1):
            text = re.sub(rf"\b{name}\b", f"date {number}", text)
        return text


def _dates_of(select: exp.Expression) -> Iterator[str]:
    for projection in select.expressions:
        if projection.alias_or_name == "is_kept":
            for column in projection.find_all(exp.Column, bfs=False):
                if column.name.endswith("_date") and column.name != "began_date":
                    yield column.name


def _macro(node: exp.Expression) -> str:
    """Which of the macros that are used everywhere wrote this, as far as it has something to change."""
    if isinstance(node, exp.Coalesce):
        columns = {column.name for column in node.find_all(exp.Column)}
        if isinstance(node.this, exp.And) and "placeholder_list" in columns:
            return "is_filled"
        if isinstance(node.this, exp.Contains) and "accepted_words" in columns:
            return "is_accepted"
    if not isinstance(node, exp.Case):
        return ""
    branches = node.args["ifs"]
    words = [branch.this.name for branch in branches if isinstance(branch.this, exp.Literal)]
    if words == ["at_most", "less_than", "at_least"]:
        return "is_within"
    if words == ["true", "yes", "false", "no"]:
        return "yes_or_no"
    if node.this is None and len(branches) == 1:
        condition = branches[0].this
        if isinstance(condition, exp.RegexpLike):
            return "written_day"
        if isinstance(condition, (exp.LT, exp.LTE)) and _macro(condition.this) == "written_day":
            return "past_day"
    return ""


def _instead(macro: str, node: exp.Expression) -> Iterator[exp.Expression]:
    """What could stand in the place of a macro, had somebody forgotten it."""
    if macro == "is_filled":
        value = node.find(exp.Trim)
        assert value is not None, node
        yield exp.Not(this=exp.Is(this=value.this.copy(), expression=exp.Null()))
    elif macro == "past_day":
        yield node.args["ifs"][0].args["true"].copy()
    elif macro in ("is_accepted", "is_within"):
        yield exp.true()
        yield exp.false()


def _changes(node: exp.Expression) -> Iterator[tuple[exp.Expression, exp.Expression | None]]:
    """What to replace with what; with None where it is to go."""
    if type(node) in FLIPS:
        yield node, FLIPS[type(node)](**{name: _copy(value) for name, value in node.args.items()})
    if isinstance(node, (exp.And, exp.Or)):
        yield node, node.left.copy()
        # Of a longer chain, what stands on the left is a chain, whose links are dropped one by one.
        if type(node.left) is not type(node):
            yield node, node.right.copy()
    if isinstance(node, exp.Not):
        yield node, node.this.copy()
    if isinstance(node, exp.Is) and not isinstance(node.parent, exp.Not):
        yield node, exp.Not(this=node.copy())
    if isinstance(node, exp.Boolean):
        yield node, exp.Boolean(this=not node.this)
    if isinstance(node, exp.Literal):
        yield from _changed_literals(node)
    if isinstance(node, exp.In) and len(node.expressions) > 1:
        for word in node.expressions:
            rest = [other.copy() for other in node.expressions if other is not word]
            yield node, exp.In(this=node.this.copy(), expressions=rest)
    if isinstance(node, exp.Coalesce):
        yield from _shortened(node)
    if isinstance(node, exp.Case):
        yield from _without_branches(node)
    if isinstance(node, exp.Join) and node.side == "LEFT":
        inner = node.copy()
        inner.set("side", None)
        yield node, inner
    for condition in _conditions(node):
        if not isinstance(condition, (exp.And, exp.Boolean)):
            yield condition, exp.true()


def _conditions(node: exp.Expression) -> Iterator[exp.Expression]:
    if isinstance(node, exp.Where) or (isinstance(node, exp.If) and not _operand(node)):
        yield node.this
    if isinstance(node, exp.Join) and node.args.get("on"):
        yield node.args["on"]


def _operand(branch: exp.If) -> exp.Expression | None:
    """What a `case x when …` compares with: its branches hold values, not conditions."""
    return branch.parent.this if isinstance(branch.parent, exp.Case) else None


def _changed_literals(node: exp.Literal) -> Iterator[tuple[exp.Expression, exp.Expression]]:
    parent = node.parent
    if not node.is_string:
        if isinstance(parent, (*COMPARISONS, exp.Mul)):
            yield node, exp.Literal.number(int(node.name) + 1)
    elif A_WORD.fullmatch(node.name) and isinstance(parent, (exp.EQ, exp.NEQ, exp.If, exp.Case)):
        yield node, exp.Literal.string(f"other_than_{node.name}")


def _shortened(node: exp.Coalesce) -> Iterator[tuple[exp.Expression, exp.Expression]]:
    values = [value for value in [node.this, *node.expressions] if not isinstance(value, (exp.Literal, exp.Boolean))]
    if len(values) > 1:
        for dropped in range(len(values)):
            rest = [value.copy() for place, value in enumerate(values) if place != dropped]
            yield node, exp.Coalesce(this=rest[0], expressions=rest[1:]) if rest[1:] else rest[0]


def _without_branches(node: exp.Case) -> Iterator[tuple[exp.Expression, exp.Expression | None]]:
    branches = node.args["ifs"]
    if len(branches) == 1:
        yield node, (_copy(node.args.get("default")) or exp.Null())
    else:
        yield from ((branch, None) for branch in branches)
    if node.args.get("default") is not None:
        yield node.args["default"], None


def _copy(value: Any) -> Any:
    return value.copy() if isinstance(value, exp.Expression) else value


def _replace(target: exp.Expression, after: exp.Expression | None) -> Any:
    """Put one in the place of the other, and hand back what undoes it."""
    parent, key, place = target.parent, target.arg_key, target.index
    assert parent is not None, target
    assert key is not None, target
    if place is None:
        parent.set(key, after)
        return lambda: parent.set(key, target)
    values = list(parent.args[key])
    parent.set(
        key, [after if value is target else value for value in values if after is not None or value is not target]
    )
    return lambda: parent.set(key, values)


def _text(node: exp.Expression | None) -> str:
    if node is None:
        return "nothing"
    text = node.sql("duckdb", comments=False)
    return (
        f"when {node.this.sql('duckdb')} then {node.args['true'].sql('duckdb')}" if isinstance(node, exp.If) else text
    )


def _line(node: exp.Expression) -> int:
    """Where it stands; names know, and a literal is near some."""
    around: exp.Expression | None = node
    while around is not None:
        lines: Sequence[int] = [name.meta["line"] for name in around.find_all(exp.Identifier) if "line" in name.meta]
        if lines:
            return min(lines)
        around = around.parent
    return 0
