"""What a person reads after a run: what was loaded, quarantined and refused, then where to look next.

The figures come from summary.py; nothing is counted here.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from revhouse.control import Control, Corrections, Matches, MissingDays, UnexplainedRows
from revhouse.summary import Counts, Drift, InfohubSummary, Problem, Summary
from revhouse.wording import counted, one_line

if TYPE_CHECKING:
    from expectations.results import Tally

# More than this of a kind is a list that nobody reads in a terminal; --format json has all of it.
_MOST_LINES = 10
_MOST_REASONS = 3
# Refusals that --accept-drop lifts.
_SHRUNK = ("sharp_drop", "empty_export", "empty_root", "missing_root")
_WIDTH_FOR_ALL_COLUMNS = 98


def print_summary(console: Console, summary: Summary, *, command: str = "revhouse") -> None:
    """Print it for a person. `command` is how they call this program."""
    if summary.known_at:
        _print_rebuilt(console, summary)
        return
    console.print()
    console.print(_heading("What was loaded", f"run {summary.run_id}, as of {summary.as_of}"))
    if summary.sources:
        console.print(_sources(summary, narrow=console.width < _WIDTH_FOR_ALL_COLUMNS))
        if summary.total.rows.superseded:
            console.print(
                Text("Superseded: the warehouse already had these rows, in the same or a newer version.", "dim")
            )
    if summary.infohub:
        console.print(_infohub_line(summary.infohub, summary.infohub_folder))
    _print_quarantined(console, summary)
    _print_problems(console, "Refused files", "nothing of them was loaded; earlier data stays", summary.refused)
    if summary.infohub:
        consequence = "whatever could be read was loaded"
        _print_problems(console, "InfoHub files with a problem", consequence, summary.infohub.problems)
    if summary.infohub_refused:
        _print_problems(console, "InfoHub refused", "what the last run read stays", [summary.infohub_refused])
    _print_drift(console, summary.drift)
    _print_control(console, summary)
    console.print()
    console.print(_verdict(summary))
    _print_built(console, summary)
    _print_gaps(console, summary)
    if summary.validated:
        print_validated(console, summary.validated, summary.data_docs)
    _print_next_steps(console, summary, command)


def _print_rebuilt(console: Console, summary: Summary) -> None:
    console.print()
    console.print(_heading("What was known", f"at {summary.known_at:%Y-%m-%d %H:%M:%S} UTC, as of {summary.as_of}"))
    _print_control(console, summary)
    console.print()
    console.print(Text("Nothing was loaded, and what was reported is as it was.", "bold"))
    _print_built(console, summary)
    _print_gaps(console, summary)
    if summary.validated:
        print_validated(console, summary.validated, summary.data_docs)
    console.print()
    console.print(_heading("Where to look next"))
    _print_steps(console, [(summary.built_in, f"the rebuilt tables; {summary.warehouse} has today's")])


def _sources(summary: Summary, *, narrow: bool) -> Table:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_footer=True)
    table.add_column("Source", "All", overflow="fold")
    shown: list[tuple[str, str, Callable[[Counts], int]]] = [
        ("Files\nloaded", "", lambda counts: counts.files.loaded),
        ("Files\nunchanged", "", lambda counts: counts.files.unchanged),
        ("Files\nrefused", "red", lambda counts: counts.files.refused),
        ("Rows\nread", "", lambda counts: counts.rows.read),
        ("Rows\nloaded", "", lambda counts: counts.rows.loaded),
        ("Rows\nsuperseded", "", lambda counts: counts.rows.superseded),
        ("Rows\nquarantined", "yellow", lambda counts: counts.rows.quarantined),
    ]
    if narrow:
        # A source's name folded into a column of letters would be worse than doing without these two.
        shown = [column for column in shown if column[0] not in ("Files\nunchanged", "Rows\nread")]
    for heading, _, count in shown:
        table.add_column(heading, _number(count(summary.total)), justify="right", no_wrap=True)
    for source in summary.sources:
        table.add_row(source.name, *(_number(count(source), style) for _, style, count in shown))
    return table


def _infohub_line(infohub: InfohubSummary, folder: str) -> str:
    if not infohub.files_seen and not infohub.files_removed:
        return f"InfoHub: no file in {folder}."
    parts = [f"{counted(infohub.files_parsed, 'file')} read", f"{infohub.files_unchanged:,} unchanged"]
    if infohub.files_removed:
        parts.append(f"{infohub.files_removed:,} gone since the last run")
    if infohub.files_unreadable or infohub.files_refused:
        parts.append(f"{infohub.files_unreadable + infohub.files_refused:,} unusable")
    nodes = f"{counted(infohub.nodes, 'node')} in {counted(infohub.realms, 'realm')}"
    return f"InfoHub: {nodes}; {', '.join(parts)}."


def _print_quarantined(console: Console, summary: Summary) -> None:
    affected = [(source, table) for source in summary.sources for table in source.tables if table.rows.quarantined]
    if not affected:
        return
    affected.sort(key=lambda pair: -pair[1].rows.quarantined)
    console.print()
    console.print(_heading("Quarantined rows", "with their original text and place in ledger.quarantine"))
    grid = Table.grid(padding=(0, 2))
    grid.add_column(overflow="fold")
    grid.add_column(justify="right")
    grid.add_column(overflow="fold")
    for source, table in affected[:_MOST_LINES]:
        name = Text.assemble(table.table, (f" {source.instance}", "dim"))
        grid.add_row(name, Text(f"{table.rows.quarantined:,}", "yellow"), _reasons(table.quarantine_reasons))
    console.print(Padding(grid, (0, 0, 0, 2), expand=False))
    _print_left_out(console, len(affected), "table")


def _reasons(reasons: Mapping[str, int]) -> str:
    ranked = sorted(reasons.items(), key=lambda pair: (-pair[1], pair[0]))
    named = [f"{code} {count:,}" for code, count in ranked[:_MOST_REASONS]]
    rest = sum(count for _, count in ranked[_MOST_REASONS:])
    return ", ".join([*named, f"others {rest:,}"] if rest else named)


def _print_problems(console: Console, title: str, consequence: str, problems: Sequence[Problem]) -> None:
    if not problems:
        return
    console.print()
    console.print(_heading(title, consequence))
    for problem in problems[:_MOST_LINES]:
        line = Text.assemble(one_line(problem.path), (f"  {problem.reason_code}", "red"))
        # Paths are copied out of terminals: a broken one is of no use.
        console.print(Text("  ").append_text(line), soft_wrap=True)
        console.print(Padding(Text(one_line(problem.reason), "dim"), (0, 0, 0, 6), expand=False))
    _print_left_out(console, len(problems), "file")


def _print_drift(console: Console, drift: Sequence[Drift]) -> None:
    if not drift:
        return
    # A changed column is usually in every file from some day on: it is told once, with the first of them.
    paths_of: dict[tuple[str, str], list[str]] = {}
    for line in drift:
        paths_of.setdefault((line.table, line.detail), []).append(line.path)
    console.print()
    console.print(_heading("Columns that differ from their contract", "all of them in ledger.schema_drift"))
    for (table, detail), paths in list(paths_of.items())[:_MOST_LINES]:
        more = f" and {counted(len(paths) - 1, 'more file')}" if len(paths) > 1 else ""
        console.print(
            Text.assemble(f"  {table}: {one_line(detail)}", (f"  in {one_line(paths[0])}{more}", "dim")),
            soft_wrap=True,
        )
    _print_left_out(console, len(paths_of), "difference")


def _print_control(console: Console, summary: Summary) -> None:
    if summary.built is None or not summary.built.control.rows_exported:
        return
    control = summary.built.control
    console.print()
    console.print(_heading("Is everything accounted for", f"as of {summary.as_of}, over all exports"))
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    grid.add_row("Rows", _rows_line(control))
    if control.matches.companies:
        grid.add_row("Companies", _matches_line(control.matches))
    grid.add_row("Corrections", _corrections_line(control.corrections))
    if control.objects_by_basis:
        grid.add_row("Objects", _objects_line(control.objects_by_basis))
    console.print(Padding(grid, (0, 0, 0, 2), expand=False))
    if control.missing:
        _print_missing(console, control.missing)
    if control.unexplained:
        _print_unexplained(console, control.unexplained)


def _rows_line(control: Control) -> Text:
    excluded = sum(control.rows_excluded.values())
    line = f"{control.rows_exported:,} in the exports and the InfoHub: {control.rows_conformed:,} conformed"
    if excluded:
        reasons = ", ".join(f"{reason} {rows:,}" for reason, rows in control.rows_excluded.items())
        line += f", {excluded:,} left out ({reasons})"
    if not control.unexplained:
        return Text.assemble(line, "; ", ("all accounted for", "green"))
    unexplained = sum(abs(rows.rows) for rows in control.unexplained)
    return Text.assemble(line, "; ", (f"{unexplained:,} unexplained, see below", "bold red"))


def _matches_line(matches: Matches) -> str:
    exact = matches.by_confidence.get("exact", 0)
    others = [f"{count:,} {word}" for word, count in matches.by_confidence.items() if word not in ("exact", "none")]
    unmatched = matches.by_confidence.get("none", 0)
    parts = [f"{exact:,} of {matches.companies:,} in other systems are one of the accounts", *others]
    return ", ".join([*parts, *([f"{unmatched:,} none"] if unmatched else [])])


def _corrections_line(corrections: Corrections) -> str:
    if not corrections.values:
        return "none: no day that had been reported has changed"
    span = f"{corrections.first} to {corrections.last}" if corrections.first != corrections.last else corrections.first
    return (
        f"{counted(corrections.values, 'value')} of {counted(corrections.days, 'day')} that had been reported ({span}), "
        f"because of {counted(corrections.files, 'file')}; each is in core.fct_corrections"
    )


def _objects_line(by_basis: Mapping[str, int]) -> str:
    return f"state on that day: {', '.join(f'{count:,} {basis}' for basis, count in by_basis.items())}"


def _print_missing(console: Console, missing: Sequence[MissingDays]) -> None:
    console.print()
    console.print(_heading("Missing days", "nothing is known of them; all in core.fct_source_days"))
    grid = Table.grid(padding=(0, 2))
    for span in missing[:_MOST_LINES]:
        ends = f"{span.first} to {span.last}" if span.days > 1 else f"{span.first}"
        grid.add_row(
            Text.assemble(span.source, (f" {span.object}", "dim")),
            ends,
            counted(span.days, "day"),
            Text(span.reason, "yellow"),
        )
    console.print(Padding(grid, (0, 0, 0, 2), expand=False))
    _print_left_out(console, len(missing), "span")


def _print_unexplained(console: Console, unexplained: Sequence[UnexplainedRows]) -> None:
    console.print()
    console.print(
        _heading("Unexplained rows", "exported, and neither conformed nor left out; negative: conformed only")
    )
    grid = Table.grid(padding=(0, 2))
    for line in unexplained[:_MOST_LINES]:
        grid.add_row(
            Text.assemble(line.table, (f" {line.source}", "dim")),
            Text(f"{line.rows:,}", "red"),
            line.model or "no row at all",
        )
    console.print(Padding(grid, (0, 0, 0, 2), expand=False))
    _print_left_out(console, len(unexplained), "table")


def _print_left_out(console: Console, count: int, thing: str) -> None:
    if count > _MOST_LINES:
        console.print(Text(f"  … and {counted(count - _MOST_LINES, f'more {thing}')}", "dim"))


def _verdict(summary: Summary) -> Text:
    if summary.nothing_new:
        known = summary.total.files.unchanged
        if infohub := summary.infohub:
            known += max(0, infohub.files_unchanged - infohub.files_unreadable - infohub.files_refused)
        text = "Nothing was loaded."
        if known:
            text = f"Nothing new: {counted(known, 'file')} had been loaded before, and none was loaded again."
    else:
        parts = []
        if files := summary.total.files.loaded:
            parts.append(f"{counted(summary.total.rows.loaded, 'row')} from {counted(files, 'file')}")
        if summary.infohub and summary.infohub.files_parsed:
            parts.append(f"what {counted(summary.infohub.files_parsed, 'InfoHub file')} said")
        text = f"Loaded {' and '.join(parts) or 'nothing'} into {summary.warehouse}."
        if summary.infohub and summary.infohub.files_removed:
            text += f" {counted(summary.infohub.files_removed, 'InfoHub file')} gone since the last run."
    if summary.files_refused or summary.infohub_refused:
        what = [counted(summary.files_refused, "file")] if summary.files_refused else []
        what += ["the InfoHub"] if summary.infohub_refused else []
        refused = f" Refused {' and '.join(what)}, see above."
        return Text.assemble((text, "bold"), (refused, "bold red"))
    return Text(text, "bold green")


def _print_built(console: Console, summary: Summary) -> None:
    built = summary.built
    if built is None:
        return
    for refreshed in built.refreshed:
        seeds = ", ".join(refreshed.seeds)
        line = f"{refreshed.model} was built from the beginning, because the policy changed: {seeds}."
        console.print(Text(line, "yellow"))
    done = f"Built {counted(built.models, 'model')} for {summary.as_of} and ran {counted(built.tests, 'test')} on them."
    if not built.faults:
        console.print(Text(done, "bold green"))
        return
    console.print(Text.assemble((done, "bold"), (f" {counted(len(built.faults), 'fault')}:", "bold red")))
    for fault in built.faults[:_MOST_LINES]:
        console.print(Padding(Text(fault), (0, 0, 0, 2)))
    _print_left_out(console, len(built.faults), "fault")


def _print_gaps(console: Console, summary: Summary) -> None:
    gaps = summary.gaps
    if gaps is None:
        return
    by_severity = ", ".join(f"{count:,} {severity}" for severity, count in gaps.gaps.items() if count)
    text = f"Gap scan of {counted(gaps.engagements, 'engagement')}: {counted(sum(gaps.gaps.values()), 'open gap')}"
    text += f" ({by_severity})" if by_severity else ""
    text += f", {gaps.overdue:,} of them overdue, {gaps.waived:,} waived."
    console.print(Text(text, "bold"))
    if gaps.unassessed:
        line = f"{counted(gaps.unassessed, 'engagement')} could not be assessed: none of their gaps was closed."
        console.print(Padding(Text(line, "yellow"), (0, 0, 0, 2)))
    for written in (gaps.written, gaps.written_into_infohub):
        if written:
            line = f"{counted(written.written, 'gap report')} written to {written.folder}, {written.unchanged:,} unchanged."
            console.print(Padding(Text(line, "dim"), (0, 0, 0, 2)))
            for refused in written.refused[:_MOST_LINES]:
                console.print(Padding(Text(f"Not written: {one_line(refused)}.", "red"), (0, 0, 0, 2)))
            _print_left_out(console, len(written.refused), "report")


def print_validated(console: Console, tally: "Tally", data_docs: str) -> None:
    """A validation: figures, then what is broken. Gaps of the business are many, and read elsewhere."""
    suites, expectations = counted(tally.suites, "suite"), counted(tally.expectations, "expectation")
    passed, nothing = tally.by_status.get("pass", 0), tally.by_status.get("nothing_to_assess", 0)
    failed = ", ".join(f"{count:,} {severity}" for severity, count in tally.failed_by_severity.items())
    errors = tally.by_status.get("error", 0)
    parts = [f"{passed:,} passed", f"{len(tally.failing):,} failed" + (f" ({failed})" if failed else "")]
    if nothing:
        parts.append(f"{nothing:,} had nothing to assess")
    if errors:
        parts.append(f"{errors:,} could not be run")
    line = Text.assemble((f"Asked {expectations} in {suites}: ", "bold"), ", ".join(parts) + ".")
    console.print(line)
    if tally.broken:
        console.print(Text("The data are broken:", "bold red"))
        for broken in tally.broken[:_MOST_LINES]:
            console.print(Padding(Text(one_line(broken)), (0, 0, 0, 2)))
        _print_left_out(console, len(tally.broken), "expectation")
    if data_docs:
        console.print(Text(f"Who and what is at fault: {data_docs}", "dim"), soft_wrap=True)


def _print_next_steps(console: Console, summary: Summary, command: str) -> None:
    steps = [(f"{command} status", "what the warehouse holds, table by table")]
    if summary.refused:
        steps.append((f"{command} load", f"again, once the refused files in {summary.landing} are mended or gone"))
    refusals = summary.refused + ([summary.infohub_refused] if summary.infohub_refused else [])
    if any(problem.reason_code in _SHRUNK for problem in refusals):
        steps.append((f"{command} load --accept-drop", "if what shrank was meant to"))
    if summary.gaps and summary.gaps.written:
        steps.append(
            (summary.gaps.written.folder, "what the gap scan says of each engagement: REALM/NODE/gap_report.yaml")
        )
    steps.append(("make ui", "the tables as Dagster assets, with their lineage"))
    console.print()
    console.print(_heading("Where to look next"))
    _print_steps(console, steps)


def _print_steps(console: Console, steps: Sequence[tuple[str, str]]) -> None:
    grid = Table.grid(padding=(0, 2))
    for typed, meaning in steps:
        grid.add_row(Text(typed), Text(meaning, "dim"))
    console.print(Padding(grid, (0, 0, 0, 2), expand=False))
    console.print()


def _heading(title: str, remark: str = "") -> Text:
    return Text.assemble((title, "bold"), (f"  {remark}" if remark else "", "dim"))


def _number(value: int, style: str = "") -> Text:
    return Text("·", "dim") if value == 0 else Text(f"{value:,}", style)
