"""The pages on which results are read: one for each suite, as Great Expectations renders it, and one that leads to them.

Its own frame around the content loads styles and scripts from elsewhere, and is of little use where they cannot be had. The content
is put into a frame of ours, with a stylesheet in the page.
"""

from __future__ import annotations

import copy
import re
import shutil
from collections.abc import Mapping, Sequence
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from expectations.checks import ERROR, FAIL, NOTHING_TO_ASSESS, PASS, Outcome, Suite
from expectations.results import Run, Subject

SUBJECTS_SHOWN = 20

_STYLESHEET = Path(__file__).with_name("data_docs.css")
_NOT_OF_THE_CONTENT = re.compile(
    r"<script.*?</script>|<link[^>]*>|<img[^>]*>|<nav.*?</nav>|<footer.*?</footer>", re.DOTALL
)
_CONTENT = re.compile(
    r'<div id="section-1".*?(?=<div id="section-\d+"[^>]*>\s*<div class="row"\s*>\s*<div id="section-\d+-content-block-1" class="col-12 table-responsive)',
    re.DOTALL,
)
_WORDING = {
    " Data asset: None<br>": "",
    "Sampled Unexpected Values": f"At fault (the first {SUBJECTS_SHOWN})",
    "Table-Level Expectations": "Expectations",
    "unexpected values found": "at fault",
    "total rows": "that count",
}
_COLUMNS = (PASS, FAIL, ERROR, NOTHING_TO_ASSESS)


def write_data_docs(
    folder: Path,
    run: Run,
    suites: Sequence[Suite],
    outcomes: Sequence[Outcome],
    answers: Mapping[str, Any],
    subjects: Mapping[str, Sequence[Subject]],
) -> Path:
    """Write the site in place of what the folder held, and say where it begins."""
    made = folder.with_name(folder.name + ".new")
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir(parents=True)
    for suite in suites:
        of_suite = [outcome for outcome in outcomes if outcome.suite == suite.name]
        page = _suite_page(run, suite, of_suite, answers, subjects)
        (made / f"{suite.name}.html").write_text(page, encoding="utf-8")
    (made / "index.html").write_text(_index(run, suites, outcomes), encoding="utf-8")
    shutil.rmtree(folder, ignore_errors=True)
    made.replace(folder)
    return folder / "index.html"


def _suite_page(
    run: Run,
    suite: Suite,
    outcomes: Sequence[Outcome],
    answers: Mapping[str, Any],
    subjects: Mapping[str, Sequence[Subject]],
) -> str:
    assessed = [outcome for outcome in outcomes if outcome.status in (PASS, FAIL)]
    parts = [f'<p class="quiet">{escape(suite.note)}</p>' if suite.note else "", _errors(outcomes)]
    if assessed:
        parts.append(_rendered(suite, assessed, answers, subjects))
    if nothing := [outcome for outcome in outcomes if outcome.status == NOTHING_TO_ASSESS]:
        parts.append("<h2>Nothing to assess</h2><p>No row that counts was there; that is no success.</p><ul>")
        parts += [f"<li>{escape(_named(outcome))}</li>" for outcome in nothing]
        parts.append("</ul>")
    return _framed(suite.title, f"{suite.table.place}, as of {run.as_of}", "".join(parts), inner=True)


def _errors(outcomes: Sequence[Outcome]) -> str:
    errors = [outcome for outcome in outcomes if outcome.status == ERROR]
    if not errors:
        return ""
    said = "".join(
        f"<li>{escape(_named(outcome))}<br><code>{escape(outcome.message or '')}</code></li>" for outcome in errors
    )
    return f'<h2 class="error">Could not be run</h2><p>Neither passed nor failed.</p><ul>{said}</ul>'


@cache
def _page_view() -> Any:
    """One for all pages: each would compile all templates anew."""
    from great_expectations.render.view.view import DefaultJinjaPageView

    return DefaultJinjaPageView()


def _rendered(
    suite: Suite,
    outcomes: Sequence[Outcome],
    answers: Mapping[str, Any],
    subjects: Mapping[str, Sequence[Subject]],
) -> str:
    from great_expectations.core.expectation_validation_result import ExpectationSuiteValidationResult
    from great_expectations.render.renderer.page_renderer import ValidationResultsPageRenderer

    passed = sum(outcome.status == PASS for outcome in outcomes)
    result = ExpectationSuiteValidationResult(
        success=passed == len(outcomes),
        results=[_shown(outcome, answers, subjects.get(outcome.check.key, ())) for outcome in outcomes],
        suite_name=suite.title,
        suite_parameters={},
        statistics={
            "evaluated_expectations": len(outcomes),
            "successful_expectations": passed,
            "unsuccessful_expectations": len(outcomes) - passed,
            "success_percent": 100 * passed / len(outcomes),
        },
        # Without the run, which only its own frame shows: it looks for a moment in a run's id, and fails on some that seem to have one.
        meta={},
    )
    document = ValidationResultsPageRenderer(run_info_at_end=True).render(result)
    rendered = _page_view().render(document)
    page = _NOT_OF_THE_CONTENT.sub("", rendered)
    content = _CONTENT.search(page)
    assert content, "Great Expectations lays its pages out in another way than the pinned version did"
    # The suite's own page is this one, and what is called unexpected values are the subjects at fault.
    rendered = re.sub(r'<a href="\.\./[^"]*"\s*>(.*?)</a>', r"\1", content[0])
    for said, meant in _WORDING.items():
        rendered = rendered.replace(said, meant)
    return rendered


def _shown(outcome: Outcome, answers: Mapping[str, Any], subjects: Sequence[Subject]) -> Any:
    """The result with a description that says whose it is, and with the names of those at fault.

    Great Expectations writes both as they are, and both come from files that anybody may have written.
    """
    shown = copy.deepcopy(answers[outcome.check.key])
    shown.expectation_config.description = escape(_named(outcome))
    shown.result["partial_unexpected_list"] = [
        escape(
            f"{subject.subject_id}: {subject.reason or subject.status}" + (f" ({subject.link})" if subject.link else "")
        )
        for subject in subjects
    ]
    # Great Expectations counts the values beside the list; here it would count them twice.
    shown.result.pop("partial_unexpected_counts", None)
    return shown


def _named(outcome: Outcome) -> str:
    check = outcome.check
    about = [part for part in (check.track, check.severity, check.owner_role, check.playbook) if part]
    return f"{check.rule_id} [{', '.join(about)}; at least {check.minimum_pct:g} % pass]: {check.description}."


def _index(run: Run, suites: Sequence[Suite], outcomes: Sequence[Outcome]) -> str:
    broken = [outcome for outcome in outcomes if outcome.is_broken_data]
    rows = []
    for suite in suites:
        counts = {status: sum(o.suite == suite.name and o.status == status for o in outcomes) for status in _COLUMNS}
        cells = "".join(
            f'<td class="number {status if counts[status] else "quiet"}">{counts[status]}</td>' for status in _COLUMNS
        )
        note = "" if suite.checks else f'<br><span class="quiet">{escape(suite.note)}</span>'
        rows.append(
            f'<tr><td><a href="{suite.name}.html">{escape(suite.title)}</a>{note}</td>'
            f"<td>{escape(suite.table.place)}</td>{cells}</tr>"
        )
    worst = sorted(
        (outcome for outcome in outcomes if outcome.status == FAIL and outcome.check.severity == "error"),
        key=lambda outcome: -outcome.unexpected,
    )[:10]
    listed = "".join(
        f'<li><a href="{outcome.suite}.html">{escape(_named(outcome))}</a> '
        f'<span class="fail">{outcome.unexpected} of {outcome.counted} fail</span></li>'
        for outcome in worst
    )
    body = [
        '<p class="fail">Broken data: ' + escape("; ".join(outcome.check.key for outcome in broken)) + "</p>"
        if broken
        else "<p>No data is broken: what fails below are gaps of the business.</p>",
        "<table><thead><tr><th>Suite</th><th>Table</th>",
        *(f'<th class="number">{status.replace("_", " ")}</th>' for status in _COLUMNS),
        f"</tr></thead><tbody>{''.join(rows)}</tbody></table>",
        f"<h2>Most failures among the strictest</h2><ul>{listed}</ul>" if listed else "",
    ]
    said = f"as of {run.as_of}, policy {run.policy_version}, run {run.run_id}"
    return _framed("What the expectations say", said, "".join(body), inner=False)


def _framed(title: str, said: str, body: str, *, inner: bool) -> str:
    home = '<a href="index.html">All suites</a>' if inner else ""
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{_STYLESHEET.read_text(encoding='utf-8')}</style></head><body>"
        f"<header>{home}<h1>{escape(title)}</h1><p>{escape(said)}</p></header><main>{body}</main></body></html>\n"
    )
