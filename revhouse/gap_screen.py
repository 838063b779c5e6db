"""What the gap scan of an InfoHub looks like: in a terminal, as Markdown, and as a document for programs.

What it says comes from infohub_check.py; nothing is counted here but lines.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any

import yaml
from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from publication.gap_reports import DIMENSIONS, SEVERITIES, Report
from revhouse.infohub_check import InfohubCheck
from revhouse.wording import counted, one_line

_STYLES = {
    "error": "bold red",
    "warn": "yellow",
    "minimal": "dim",
    "fail": "bold red",
    "insufficient_data": "yellow",
    "manual": "yellow",
    "too_early": "dim",
    "waived": "dim",
    "pass": "green",
    "not_applicable": "dim",
}
_STOPPED = {
    "scope_unknown": "nobody can tell what is asked of it, so nothing else could be looked at",
    "mostly_unassessed": "most of it could not be read",
    "most_nodes_unassessed": "most engagements of the InfoHub could not be assessed",
}
_COLUMNS = ("Severity", "Gap", "Why", "Who", "How", "Due")


def print_check(console: Console, check: InfohubCheck) -> None:
    """Print it for a person, the engagement with the most to do last, where it is read first."""
    for report in sorted(check.reports, key=_urgency):
        _print_engagement(console, report)
    if check.problems:
        console.print(Text.assemble(("Files that could not be read as they are", "bold")))
        for problem in check.problems:
            place = problem.path if problem.line is None else f"{problem.path}:{problem.line}"
            console.print(Text.assemble("  ", one_line(place), (f"  {problem.reason_code}", "red")), soft_wrap=True)
            console.print(Padding(Text(one_line(problem.reason), "dim"), (0, 0, 0, 6), expand=False))
        console.print()
    console.print(Text(verdict(check), "bold green" if not check.fails("minimal") else "bold"))


def verdict(check: InfohubCheck) -> str:
    """The whole of it in a sentence or two."""
    totals = {severity: sum(report["gap_counts"][severity] for report in check.reports) for severity in SEVERITIES}
    open_gaps = sum(totals.values())
    clear = sum(not report["open_gaps"] and report["scan"]["is_conclusive"] for report in check.reports)
    stopped = sum(not report["scan"]["is_conclusive"] for report in check.reports)
    engagements = counted(len(check.reports), "engagement")
    text = f"{engagements} as of {check.as_of}, {clear:,} of them without a gap. "
    text += f"{counted(open_gaps, 'open gap')}"
    if open_gaps:
        text += f" ({', '.join(f'{count:,} {severity}' for severity, count in totals.items() if count)})"
    text += "."
    if stopped:
        text += f" {counted(stopped, 'engagement')} could not be assessed."
    if not check.with_crm:
        text += " Without a CRM: stages and links are as the InfoHub says."
    return text


def as_document(check: InfohubCheck) -> dict[str, Any]:
    """What programs are told: the reports as gap_report.yaml has them."""
    return {
        "as_of": check.as_of,
        "with_crm": check.with_crm,
        "engagements": check.reports,
        "unreadable_files": [vars(problem) for problem in check.problems],
    }


def as_json(check: InfohubCheck) -> str:
    return json.dumps(as_document(check), indent=2, default=str, ensure_ascii=False)


def as_yaml(check: InfohubCheck) -> str:
    return yaml.safe_dump(as_document(check), sort_keys=False, allow_unicode=True, width=120).rstrip("\n")


def as_markdown(check: InfohubCheck) -> str:
    """For a pull request or a wiki: what stands in cells keeps to its cell."""
    lines = ["# Gap scan", "", _escaped(verdict(check)), ""]
    for report in sorted(check.reports, key=_urgency, reverse=True):
        lines += [f"## {_escaped(_name(report))}", "", f"{_escaped(_score(report))}. {_escaped(_scope(report))}", ""]
        if stop := report["scan"]["stop_reason"]:
            lines += [f"**Not assessed:** {_escaped(_STOPPED[stop])}.", ""]
        lines += _rows_of(("Dimension", "Status", "As asked", "Not", "Not known"), _dimension_rows(report))
        if gaps := [*report["open_gaps"], *report["waived_gaps"]]:
            lines += _rows_of(_COLUMNS, (_gap_row(gap) for gap in gaps))
    if check.problems:
        lines += ["## Files that could not be read as they are", ""]
        problems = ((problem.path, problem.line or "", problem.reason) for problem in check.problems)
        lines += _rows_of(("File", "Line", "Why"), problems)
    return "\n".join(lines).rstrip("\n")


def _print_engagement(console: Console, report: Report) -> None:
    stop = report["scan"]["stop_reason"]
    style = "red" if stop or report["gap_counts"]["error"] else "yellow" if report["open_gaps"] else "green"
    console.print(Text.assemble((_name(report), "bold"), (f"  {_score(report)}", style)))
    console.print(Padding(Text(_scope(report), "dim"), (0, 0, 0, 2), expand=False))
    if stop:
        console.print(Padding(Text(f"Not assessed: {_STOPPED[stop]}.", "red"), (0, 0, 0, 2), expand=False))
    grid = Table.grid(padding=(0, 2))
    for dimension, status, passed, failed, unknown in _dimension_rows(report):
        told = [f"{passed} as asked"]
        told += [f"{failed} not"] if failed else []
        told += [f"{unknown} not known"] if unknown else []
        grid.add_row(dimension, Text(status, _STYLES[status]), Text(", ".join(told), "dim"))
    console.print(Padding(grid, (0, 0, 0, 2), expand=False))
    if gaps := [*report["open_gaps"], *report["waived_gaps"]]:
        table = Table(box=box.SIMPLE_HEAD, padding=(0, 2, 0, 0), pad_edge=False)
        table.add_column("Severity", no_wrap=True)
        table.add_column("Gap", ratio=1, overflow="fold")
        table.add_column("Who", width=17)
        table.add_column("How", width=19)
        table.add_column("Due", no_wrap=True)
        for gap in gaps:
            severity, name, why, who, how, due = _gap_row(gap)
            gap_told = Text.assemble(one_line(name), "\n", (one_line(why), "dim"))
            table.add_row(Text(severity, _STYLES.get(severity, "dim")), gap_told, who, how, due)
        console.print(Padding(table, (0, 0, 0, 2), expand=True))
    console.print()


def _name(report: Report) -> str:
    return one_line(f"{report['engagement']['realm']}/{report['engagement']['node']}")


def _score(report: Report) -> str:
    score = report["score"]["governance_score"]
    if score is None:
        return "no score"
    rate, minimum = report["score"]["checklist_pass_rate_pct"], report["score"]["minimum_pass_rate_pct"]
    text = f"score {score:.1f} of 100"
    return text if rate is None else f"{text}, checklist {rate:.0f} % (asked: {minimum:.0f} %)"


def _scope(report: Report) -> str:
    engagement = report["engagement"]
    archetype = (engagement["archetype"] or "unknown archetype").removesuffix("_governance").replace("_", "-")
    track = (engagement["track"] or "unknown track").replace("_", " ")
    ended = ", ended" if engagement["is_ended"] else ""
    return one_line(f"{archetype}, {track}{ended}: {engagement['track_reason']}")


def _dimension_rows(report: Report) -> Iterable[tuple[str, str, int, int, int]]:
    for dimension in DIMENSIONS:
        figures = report["dimensions"][dimension]
        yield (
            dimension,
            figures["status"],
            figures["pass_count"],
            figures["fail_count"],
            figures["insufficient_data_count"],
        )


def _gap_row(gap: dict[str, Any]) -> tuple[str, ...]:
    if until := gap.get("waiver_expires_date"):
        severity, due = "waived", f"until {until}"
    else:
        severity, due = gap["severity"], str(gap["due_date"] or "")
    name = gap["gap_kind"].replace("_", " ")
    # Most reasons begin with what they are about.
    if not (gap.get("reason") or "").startswith(gap["subject"]):
        name += f": {gap['subject']}"
    how = f"{gap['playbook']} {gap['playbook_name']}" if gap["playbook"] else ""
    return severity, name, gap.get("reason", ""), gap["owner_role"].replace("_", " "), how, due


def _urgency(report: Report) -> tuple[int, ...]:
    counts = report["gap_counts"]
    return (not report["scan"]["is_conclusive"], *(counts[severity] for severity in SEVERITIES))


def _rows_of(heading: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    lines = [heading, ["---"] * len(heading), *rows]
    return [f"| {' | '.join(_escaped(str(cell)) for cell in line)} |" for line in lines] + [""]


def _escaped(text: str) -> str:
    # What people wrote into their files is text here, and never a table, a link or a tag.
    escaped = one_line(text).replace("\\", "\\\\")
    for sign in "|<>[]`*":
        escaped = escaped.replace(sign, f"\\{sign}")
    return escaped
