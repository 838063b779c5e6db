"""What a person reads after `revhouse policy check`: the counts, what is wrong and where, and what is known to contradict itself.

What is found is decided in policy.py and the models behind it; nothing is counted here but findings.
"""

from collections.abc import Sequence
from itertools import groupby

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from revhouse.policy import Counted, Finding, PolicyCheck
from revhouse.wording import counted, one_line

_MOST_OF_A_CHECK = 10
_MOST_OF_A_CONTRADICTION = 2


def print_policy_check(console: Console, check: PolicyCheck, *, command: str = "revhouse") -> None:
    """Print it for a person. `command` is how they call this program."""
    console.print()
    console.print(_heading("What the policy holds", f"version {check.policy_version}, {check.folder}"))
    _print_counts(console, check)
    _print_findings(console, "Errors", "the policy cannot be relied on", "red", check.of("error"))
    _print_findings(console, "Warnings", "worth a look", "yellow", check.of("warning"))
    _print_contradictions(console, check)
    console.print()
    console.print(_verdict(check))
    if not check.of("error"):
        console.print(Text(f"{command} run builds the warehouse with it.", "dim"))


def _print_counts(console: Console, check: PolicyCheck) -> None:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column(justify="right", no_wrap=True)
    grid.add_column(overflow="fold")
    for subject, name, what in (
        ("checklist_items", "Checklist items", "with a rule"),
        ("signals", "Signals", "computed"),
        ("assets", "Assets", "with fields by level"),
        ("playbooks", "Playbooks", ""),
        ("active_blueprints", "Blueprints", ""),
    ):
        found = check.counts.get(subject)
        if found:
            grid.add_row(name, _of(found), Text(f"{found.working:,} {what}" if what else "", "dim"))
    reserved = check.counts.get("reserved_blueprints")
    if reserved:
        grid.add_row("  kept free", _of(reserved), "")
    console.print(Padding(grid, (0, 0, 0, 2), expand=False))


def _of(counts: Counted) -> Text:
    return Text(f"{counts.found:,}/{counts.expected:,}", "" if counts.found == counts.expected else "red")


def _print_findings(console: Console, title: str, consequence: str, style: str, findings: Sequence[Finding]) -> None:
    if not findings:
        return
    console.print()
    console.print(_heading(title, consequence))
    for check_name, group in groupby(findings, key=lambda finding: finding.check_name):
        of_check = list(group)
        console.print(Text.assemble("  ", (check_name, style), (f"  {len(of_check):,}", "dim")))
        for finding in of_check[:_MOST_OF_A_CHECK]:
            # Paths are copied out of terminals: a broken one is of no use.
            console.print(Text(f"    {finding.place}"), soft_wrap=True)
            console.print(Padding(Text(one_line(finding.finding)), (0, 0, 0, 6), expand=False))
            console.print(Padding(Text(one_line(finding.resolution), "dim"), (0, 0, 0, 6), expand=False))
        _print_left_out(console, len(of_check) - _MOST_OF_A_CHECK)


def _print_contradictions(console: Console, check: PolicyCheck) -> None:
    known = check.of("known_contradiction")
    if not known:
        return
    console.print()
    console.print(_heading("Known contradictions", "the models disagree; how it is read is settled"))
    for name, group in groupby(known, key=lambda finding: finding.check_name):
        places = list(group)
        console.print(Text.assemble("  ", (name, "cyan"), (f"  {len(places):,}", "dim")))
        console.print(Padding(Text(one_line(check.contradictions.get(name, ""))), (0, 0, 0, 4), expand=False))
        console.print(Padding(Text(one_line(places[0].resolution), "green"), (0, 0, 0, 4), expand=False))
        for finding in places[:_MOST_OF_A_CONTRADICTION]:
            console.print(Text(f"      {finding.place}", "dim"), soft_wrap=True)
            console.print(Padding(Text(one_line(finding.finding), "dim"), (0, 0, 0, 8), expand=False))
        _print_left_out(console, len(places) - _MOST_OF_A_CONTRADICTION)


def _print_left_out(console: Console, count: int) -> None:
    if count > 0:
        console.print(Text(f"      … and {count:,} more; --format json has all of them", "dim"))


def _verdict(check: PolicyCheck) -> Text:
    errors, warnings = check.of("error"), check.of("warning")
    names = {finding.check_name for finding in check.of("known_contradiction")}
    rest = f"{counted(len(warnings), 'warning')}, {counted(len(names), 'known contradiction')}."
    if errors:
        return Text(f"{counted(len(errors), 'error')} in the policy; {rest}", "bold red")
    return Text(f"No error in the policy; {rest}", "bold green")


def _heading(title: str, note: str) -> Text:
    return Text.assemble((title, "bold"), (f"  {note}", "dim"))
