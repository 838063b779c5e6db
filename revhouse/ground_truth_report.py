"""What a person reads after `revhouse truth`: a line for each rule, what is not as planted, and a verdict.

The figures come from ground_truth.py; nothing is counted here but lines.
"""

import math
from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from revhouse.ground_truth import SECTIONS, Comparison, Finding, RuleResult
from revhouse.wording import counted, one_line

# More than this of a kind is a list that nobody reads in a terminal; --format json has all of it.
_MOST_LINES = 10
# Whatever is wrong in these is wrong in the outcomes, too.
_TOLD_BY_OUTCOME = ("checklist_item", "duty")


def print_comparison(console: Console, comparison: Comparison) -> None:
    console.print()
    console.print(
        Text.assemble(
            ("What was found, against what was planted", "bold"), (f"  sample company as of {comparison.as_of}", "dim")
        )
    )
    console.print(_table(comparison))
    remark = "A dot is 0. Where nothing was found there is no precision, and where nothing was planted no recall."
    console.print(Text(remark, "dim"))
    _print_findings(console, "Missed", "planted and not found", comparison.missed)
    _print_findings(console, "Too many", "found and not planted", comparison.too_many)
    console.print()
    console.print(Text(verdict(comparison), "bold green" if comparison.is_exact else "bold red"))
    if comparison.untold_gaps:
        told = f"{counted(comparison.untold_gaps, 'gap')} more: nobody can say whether they are right, so they do not count."
        console.print(Text(told, "dim"))
    console.print()


def verdict(comparison: Comparison) -> str:
    """The whole of it in a sentence."""
    # Of those that had something to find, or found something.
    rules = [rule for rule in comparison.rules if rule.planted or rule.found]
    wrong = sum(not rule.is_exact for rule in rules)
    if wrong:
        return f"{wrong:,} of {counted(len(rules), 'line')} are not exactly as planted."
    gaps = counted(comparison.total("gap_kind").planted, "planted gap")
    return f"Precision and recall are 1.0 in {counted(len(rules), 'line')}: {gaps} found, and no other."


def _table(comparison: Comparison) -> Table:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column("Rule", overflow="fold")
    for heading in ("Planted", "Found", "Right", "Precision", "Recall"):
        table.add_column(heading, justify="right", no_wrap=True)
    for section, title in SECTIONS.items():
        if rules := comparison.of(section):
            total = comparison.total(section)
            table.add_row(Text(title, "bold"), *_figures(total), style="bold")
            for number, rule in enumerate(rules, 1):
                table.add_row(Text(f"  {rule.rule}"), *_figures(rule), end_section=number == len(rules))
    return table


def _figures(rule: RuleResult) -> list[Text]:
    style = "" if rule.is_exact else "red"
    counts = [
        Text(f"{count:,}", style) if count else Text("·", "dim") for count in (rule.planted, rule.found, rule.right)
    ]
    return [*counts, _share(rule.precision), _share(rule.recall)]


def _share(share: float | None) -> Text:
    if share is None:
        return Text("–", "dim")
    # Rounded down: 1.000 is said of nothing that is not 1.
    return Text(f"{math.floor(share * 1000) / 1000:.3f}", "" if share == 1 else "red")


def _print_findings(console: Console, title: str, meaning: str, findings: Sequence[Finding]) -> None:
    findings = [finding for finding in findings if finding.section not in _TOLD_BY_OUTCOME]
    if not findings:
        return
    console.print()
    console.print(Text.assemble((title, "bold"), (f"  {len(findings):,} {meaning}", "dim")))
    for finding in findings[:_MOST_LINES]:
        what = finding.rule if finding.section == "gap_kind" else finding.outcome
        told = Text.assemble(one_line(f"{finding.node} {finding.subject}"), (f"  {one_line(what)}", "red"))
        console.print(Padding(told, (0, 0, 0, 2), expand=False))
    if len(findings) > _MOST_LINES:
        console.print(Text(f"  and {len(findings) - _MOST_LINES:,} more: --format json lists them all", "dim"))
