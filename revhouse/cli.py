"""The command line: what can be asked for, in which words, and with which examples.

Commands only settle what is asked and show what came of it. Loading and making the sample belong to
ingestion, which is imported inside the commands, so that `--help` need not wait for DuckDB.
"""

import difflib
import json
import os
import secrets
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from revhouse import exits
from revhouse.exits import Stop, explained
from revhouse.settings import SETTINGS, Settings, read_settings
from revhouse.wording import command, counted, short

if TYPE_CHECKING:
    from rich.console import Console

    from ingestion.contract import Contract
    from revhouse.models import Dbt
    from revhouse.summary import Summary

SAMPLE_AS_OF = date(2026, 6, 30)
"""The sample company's today unless one is named: fixed, so that everybody gets the same company."""

_SAMPLE_SEED = 7
_INFOHUB = "infohub"
_WIDTH_WITHOUT_TERMINAL = 110

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


def _settings_options(*names: str) -> Callable[[Decorated], Decorated]:
    """The flags of these settings. Values stay text: settings.py judges them as it does the environment's."""

    def decorate(function: Decorated) -> Decorated:
        for setting in reversed(SETTINGS):
            if setting.flag and setting.name in names:
                explanation = f"{setting.meaning} [{setting.variable}]"
                option = click.option(setting.flag, setting.name, metavar=setting.metavar, help=explanation)
                function = option(function)
        return function

    return decorate


_LOADING = (
    "landing",
    "infohub",
    "warehouse",
    "memory_limit",
    "threads",
    "timezone",
    "as_of",
    "lock_wait_seconds",
)
_BUILDING = (*_LOADING, "data_docs")

_only_option = click.option(
    "--only",
    metavar="NAME",
    multiple=True,
    help="Load only this system (salesforce), this table (salesforce__accounts) or infohub. May be repeated.",
)
_accept_drop_option = click.option(
    "--accept-drop",
    is_flag=True,
    help="Let an export or an InfoHub that is empty, or much smaller than the last one, replace it.",
)
_format_option = click.option(
    "--format",
    "output_format",
    type=click.Choice(["table", "json"]),
    default="table",
    show_default=True,
    help="What to print: tables for people, JSON for programs.",
)


def _block(title: str, *lines: str) -> str:
    # The \b keeps click from running the lines together.
    return f"\b\n{title}:\n" + "\n".join(f"  {line}" for line in lines)


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=_block("Exit codes", *(f"{code}  {meaning}" for code, meaning in exits.MEANINGS.items()))
    + "\n\n"
    + _block("First time", "revhouse run --sample-if-empty"),
)
@click.version_option(package_name="revhouse", message="%(package)s %(version)s")
def cli() -> None:
    """Turn exports of CRM, support, usage, billing and InfoHub into a warehouse that accounts for every row.

    Drop exports into data/landing/SYSTEM/INSTANCE/ (for example data/landing/salesforce/main/Account.csv)
    and an InfoHub into data/infohub/, then run `revhouse run`. What was loaded before is not loaded again.
    """


@cli.command(
    epilog=_block(
        "Examples",
        "revhouse run --sample-if-empty",
        "revhouse run --landing /exports --warehouse /srv/revhouse/warehouse.duckdb",
        "revhouse run --only salesforce --only billing__invoices",
        "revhouse run --format json > summary.json",
        "revhouse run --as-of 2026-03-31",
        "revhouse run --as-of 2026-03-31 --known-at 2026-04-01T06:00:00",
    )
)
@click.option(
    "--sample-if-empty",
    is_flag=True,
    help="Write the small sample company first if there is no file to load.",
)
@_accept_drop_option
@_only_option
@_format_option
@click.option(
    "--into-infohub",
    is_flag=True,
    help="Write each gap_report.yaml into its engagement's folder in the InfoHub, too.",
)
@_settings_options(*_BUILDING, "gap_reports", "known_at")
def run(
    sample_if_empty: bool,
    accept_drop: bool,
    only: tuple[str, ...],
    output_format: str,
    into_infohub: bool,
    **flags: str | None,
) -> None:
    """Do everything from the exports to the summary.

    Loads what is new in the landing folder and the InfoHub, builds and tests the dbt models on it, then says
    for each source what was loaded, quarantined and refused, whether every row is accounted for, and where to
    look next.

    With --as-of, everything is as it was at the end of that day, by what is known now. With --known-at too, by
    what was known at that moment: nothing is loaded, and the models are built into a file of their own beside
    the warehouse, WAREHOUSE_known_at.duckdb, so that what was reported stays as it was.
    """
    settings = _read_settings(flags)
    if settings.known_at:
        given = {
            "--sample-if-empty": sample_if_empty,
            "--accept-drop": accept_drop,
            "--only": only,
            "--into-infohub": into_infohub,
        }
        if unused := [flag for flag, value in given.items() if value]:
            raise click.UsageError(f"With --known-at nothing is loaded: leave out {' and '.join(unused)}.")
        _rebuild(settings, output_format=output_format)
        return
    if sample_if_empty and _is_empty(settings.landing) and _is_empty(settings.infohub):
        target = _sample_target(settings)
        click.echo(f"Nothing to load yet: writing a small sample company to {short(target)}.", err=True)
        _write_sample(target, preset="small", seed=_SAMPLE_SEED, as_of=settings.as_of or SAMPLE_AS_OF)
    from revhouse.models import started_dbt

    with started_dbt(settings) as dbt:
        _load(
            settings,
            accept_drop=accept_drop,
            only=only,
            output_format=output_format,
            dbt=dbt,
            into_infohub=into_infohub,
        )


@cli.command(
    epilog=_block(
        "Examples",
        "revhouse load",
        "revhouse load --only zendesk --wait 60",
        "revhouse load --accept-drop --only salesforce__contacts",
    )
)
@_accept_drop_option
@_only_option
@_format_option
@_settings_options(*_LOADING)
def load(accept_drop: bool, only: tuple[str, ...], output_format: str, **flags: str | None) -> None:
    """Load new and changed files into the warehouse.

    A bad row is quarantined and the rest of its file loads; a bad file is refused whole and the last good
    data stays. No file is ever half loaded, so a run that was stopped can simply be started again.
    """
    settings = _read_settings(flags)
    _load(settings, accept_drop=accept_drop, only=only, output_format=output_format)


@cli.command(
    epilog=_block(
        "Examples",
        "revhouse sample",
        "revhouse sample --preset medium --to ~/company",
        "revhouse sample --seed 11 --as-of 2026-03-31",
    )
)
@click.option(
    "--preset",
    type=click.Choice(["small", "medium", "large"]),
    default="small",
    show_default=True,
    help="How big: about 200, 5,000 or 50,000 accounts.",
)
@click.option("--seed", type=int, default=_SAMPLE_SEED, show_default=True, help="Another number makes another company.")
@click.option("--as-of", metavar="DATE", help=f"The company's today. Default: {SAMPLE_AS_OF}. [REVHOUSE_AS_OF]")
@click.option(
    "--to",
    "target",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("data"),
    show_default=True,
    help="Folder to write landing/, infohub/ and ground_truth.csv into.",
)
def sample(preset: str, seed: int, as_of: str | None, target: Path) -> None:
    """Write the exports of a made-up company.

    They come in the formats, and with the faults, that real systems' exports have. The same preset, seed
    and day always give the same bytes. What was planted in them (who will churn, which rows are bad) is in
    ground_truth.csv.
    """
    settings = _read_settings({"as_of": as_of})
    _refuse_to_mix(target)
    _write_sample(target, preset=preset, seed=seed, as_of=settings.as_of or SAMPLE_AS_OF)
    elsewhere = "" if target == Path("data") else f" --landing {target}/landing --infohub {target}/infohub"
    click.echo(f"Next: {command()} load{elsewhere}")


@cli.command(epilog=_block("Examples", "revhouse status", "revhouse status --format json"))
@_format_option
@_settings_options("warehouse", "timezone")
def status(output_format: str, **flags: str | None) -> None:
    """Show what the warehouse holds, table by table.

    Rows now, files loaded and refused, rows quarantined, and when the table was last loaded. Changes nothing.
    """
    settings = _read_settings(flags)
    if not settings.warehouse.exists():
        hint = f"Make one with: {command()} run --sample-if-empty"
        raise Stop(f"There is no warehouse at {short(settings.warehouse)} yet. {hint}", exits.NOTHING_TO_LOAD)
    from revhouse.holdings import print_holdings, read_holdings

    with explained():
        holdings = read_holdings(settings.warehouse)
    if output_format == "json":
        click.echo(json.dumps(holdings.as_json(), indent=2))
    else:
        print_holdings(_console(), holdings, timezone=settings.timezone)


@cli.command(epilog=_block("Examples", "revhouse export", "revhouse export --to /srv/export --wait 60"))
@_format_option
@_settings_options("export", "warehouse", "lock_wait_seconds")
def export(output_format: str, **flags: str | None) -> None:
    """Write the raw layer as Parquet, for another engine to build on.

    One folder per table of raw, raw_history and ledger; JSON as text, timestamps in UTC. Tables that have
    not changed since the last export are left alone.
    """
    settings = _read_settings(flags)
    if not settings.warehouse.exists():
        hint = f"Make one with: {command()} run --sample-if-empty"
        raise Stop(f"There is no warehouse at {short(settings.warehouse)} yet. {hint}", exits.NOTHING_TO_LOAD)
    from ingestion.raw_export import export_raw

    with explained():
        exported = export_raw(settings.warehouse, settings.export, wait_seconds=settings.lock_wait_seconds)
    if output_format == "json":
        click.echo(json.dumps({**asdict(exported), "folder": str(exported.folder)}, indent=2))
        return
    click.echo(
        f"{short(exported.folder)}: {counted(len(exported.written), 'table')} written, "
        f"{len(exported.unchanged):,} unchanged, {len(exported.removed):,} removed."
    )


@cli.group(name="infohub")
def infohub_group() -> None:
    """Look at an InfoHub by itself, without a landing folder or a warehouse."""


@infohub_group.command(
    name="check",
    epilog=_block(
        "Examples",
        "revhouse infohub check data/infohub",
        "revhouse infohub check . --fail-on warn",
        "revhouse infohub check /infohub --warehouse /srv/revhouse/warehouse.duckdb",
        "revhouse infohub check . --format md > gaps.md",
        "revhouse infohub check . --as-of 2026-06-30 --fail-on never",
    )
    + "\n\n"
    + _block(
        "Exit codes", "0  no gap that --fail-on asks about", f"{exits.GAPS_FOUND}  {exits.MEANINGS[exits.GAPS_FOUND]}"
    ),
)
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--format",
    "output_format",
    type=click.Choice(["table", "json", "yaml", "md"]),
    default="table",
    show_default=True,
    help="What to print: tables for people, JSON or YAML for programs, Markdown for a pull request.",
)
@click.option(
    "--fail-on",
    type=click.Choice(["minimal", "warn", "error", "never"]),
    default="error",
    show_default=True,
    help="The least severity of a gap that makes the command fail.",
)
@click.option(
    "--warehouse",
    "crm_warehouse",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="A warehouse into which the CRM's exports were loaded. Without it nothing is known of deals but what the InfoHub says.",
)
@_settings_options("memory_limit", "threads", "timezone", "as_of", "lock_wait_seconds")
def infohub_check(
    folder: Path, output_format: str, fail_on: str, crm_warehouse: Path | None, **flags: str | None
) -> None:
    """Scan the InfoHub in FOLDER for gaps.

    FOLDER holds a folder for each realm, and in it one for each engagement. For each of them this says which track
    governs it and why, what became of the five dimensions, and each gap with who closes it, how and by when. Nothing in
    FOLDER is changed, and no warehouse.
    """
    settings = _read_settings(flags)
    now = datetime.now(UTC)
    folder = folder.absolute()
    from revhouse.infohub_check import check_infohub
    from revhouse.progress import shown_progress

    with explained():
        # A sample company's InfoHub says beside it what its day is.
        as_of = replace(settings, landing=folder.parent / "landing").effective_as_of(now)
        with shown_progress("Scanning InfoHub", _console(stderr=True)) as progress:
            progress(0, 1, short(folder))
            check = check_infohub(folder, settings, as_of, now=now, crm_warehouse=crm_warehouse)
            progress(1, 1, "")
    if not check.reports:
        raise Stop(
            f"There is no engagement in {short(folder)}. One lies in REALM/NODE/ below it, for example "
            f"{short(folder)}/ACME/IMPLEMENTATION/blueprint.yaml, and has begun by {as_of}.",
            exits.NOTHING_TO_LOAD,
        )
    from revhouse import gap_screen

    if output_format == "table":
        gap_screen.print_check(_console(), check)
    else:
        write = {"json": gap_screen.as_json, "yaml": gap_screen.as_yaml, "md": gap_screen.as_markdown}[output_format]
        click.echo(write(check))
    if check.fails(fail_on):
        raise click.exceptions.Exit(exits.GAPS_FOUND)


@cli.command(
    epilog=_block(
        "Examples",
        "revhouse validate",
        "revhouse validate --suite checklist_b01 --suite staleness_pre_sales_premium",
        "revhouse validate --format json > validation.json",
    )
)
@click.option("--suite", "suites", metavar="NAME", multiple=True, help="Only this suite. May be repeated.")
@_format_option
@_settings_options("warehouse", "data_docs", "memory_limit", "threads", "timezone", "lock_wait_seconds")
def validate(suites: tuple[str, ...], output_format: str, **flags: str | None) -> None:
    """Ask what the policy expects of the tables, as of the day that they show.

    Every checklist item, the freshness of every asset and of every source. Results are kept in the schema
    expectations of the warehouse, day by day, and shown as pages. Gaps of the business end with 0; broken
    data, and an expectation that could not be run, do not.
    """
    settings = _read_settings(flags)
    if not settings.warehouse.exists():
        hint = f"Make one with: {command()} run --sample-if-empty"
        raise Stop(f"There is no warehouse at {short(settings.warehouse)} yet. {hint}", exits.NOTHING_TO_LOAD)
    from revhouse.models import state_folder
    from revhouse.report import print_validated
    from revhouse.standing import read_standing
    from revhouse.validation import policy_suites, validate_warehouse

    known, _ = policy_suites()
    for name in suites:
        if name not in known:
            close = difflib.get_close_matches(name, known, n=3)
            meant = f" Did you mean {' or '.join(close)}?" if close else ""
            raise click.BadParameter(
                f"{name!r} is no suite.{meant} There are: {', '.join(known)}.", param_hint="--suite"
            )
    standing = read_standing(state_folder(settings))
    if standing is None:
        raise Stop(
            f"Nothing has been built in {short(settings.warehouse)} yet. Build it with: {command()} run",
            exits.NOTHING_TO_LOAD,
        )
    now = datetime.now(UTC)
    with explained():
        validation = validate_warehouse(settings, standing.day, run_id=_run_id(now), now=now, only=frozenset(suites))
    docs = short(validation.data_docs) if validation.data_docs else ""
    if output_format == "json":
        click.echo(json.dumps({"as_of": f"{standing.day}", **asdict(validation.tally), "data_docs": docs}, indent=2))
    else:
        print_validated(_console(), validation.tally, docs)
    if validation.tally.broken:
        raise click.exceptions.Exit(exits.BROKEN)


@cli.command(
    epilog=_block(
        "Examples",
        "revhouse truth",
        "revhouse truth --format json > truth.json",
        "revhouse truth --landing /sample/landing",
    )
    + "\n\n"
    + _block(
        "Exit codes",
        "0  precision and recall are 1.0 for every rule",
        f"{exits.NOT_AS_PLANTED}  {exits.MEANINGS[exits.NOT_AS_PLANTED]}",
    )
)
@_format_option
@_settings_options("landing", "warehouse")
def truth(output_format: str, **flags: str | None) -> None:
    """Compare what was found in the sample company with what was planted in it.

    For each kind of gap, and for each rule: how many findings were planted, how many were found, and how many
    of these are right. Precision is how much of what was found is right, recall how much of what was planted
    was found. Reads ground_truth.csv beside the landing folder, and changes nothing.
    """
    settings = _read_settings(flags)
    if not settings.warehouse.exists():
        hint = f"Make one with: {command()} run --sample-if-empty"
        raise Stop(f"There is no warehouse at {short(settings.warehouse)} yet. {hint}", exits.NOTHING_TO_LOAD)
    from revhouse.ground_truth import compare_with_truth

    with explained():
        comparison = compare_with_truth(settings.warehouse, settings.ground_truth)
    if output_format == "json":
        click.echo(json.dumps(comparison.as_json(), indent=2))
    else:
        from revhouse.ground_truth_report import print_comparison

        print_comparison(_console(), comparison)
    if not comparison.is_exact:
        raise click.exceptions.Exit(exits.NOT_AS_PLANTED)


@cli.group()
def policy() -> None:
    """Look after the policy: the CSV files in dbt_project/seeds/policy."""


@policy.command("check", epilog=_block("Examples", "revhouse policy check", "revhouse policy check --format json"))
@_format_option
@_settings_options("warehouse")
def check_policy_files(output_format: str, **flags: str | None) -> None:
    """Say what is wrong with the policy, by file and line.

    Reads the files as they are now and changes nothing; no warehouse and no company is needed. What the
    governance models contradict themselves in is listed with how it is resolved. Exit code 8 if there is an
    error.
    """
    settings = _read_settings(flags)
    with explained():
        from revhouse.policy import check_policy
        from revhouse.progress import shown_progress

        with shown_progress("Checking policy", _console(stderr=True)) as progress:
            progress(0, 1, "dbt compile")
            check = check_policy(settings)
            progress(1, 1, "")
    if output_format == "json":
        click.echo(json.dumps(check.as_json(), indent=2))
    else:
        from revhouse.policy_report import print_policy_check

        print_policy_check(_console(), check, command=command())
    if check.of("error"):
        raise click.exceptions.Exit(exits.POLICY)


def main() -> None:
    """Run the command line. What nobody foresaw ends with its traceback and exit code 1."""
    try:
        code = cli.main(prog_name="revhouse", standalone_mode=False)
        sys.exit(code if isinstance(code, int) else exits.OK)
    except click.Abort:
        click.echo("Stopped. What was loaded stays loaded; start again to go on.", err=True)
        sys.exit(130)  # what shells expect after Ctrl-C
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except Exception:
        traceback.print_exc()
        click.echo(
            "\nrevhouse was stopped by something unexpected (above). Each file is loaded whole or not, "
            "so the warehouse is as good as before; starting again goes on where it stopped.",
            err=True,
        )
        sys.exit(exits.UNEXPECTED)


def _read_settings(flags: Mapping[str, str | None]) -> Settings:
    with explained():
        return read_settings(flags)


def _load(
    settings: Settings,
    *,
    accept_drop: bool,
    only: Sequence[str],
    output_format: str,
    dbt: "Dbt | None" = None,
    into_infohub: bool = False,
) -> None:
    """Load what is new, build with dbt if it is given, and tell of it."""
    now = datetime.now(UTC)
    if _is_empty(settings.landing) and _is_empty(settings.infohub):
        raise Stop(_how_to_get_files(settings), exits.NOTHING_TO_LOAD)

    from ingestion.contract import read_contracts
    from ingestion.infohub.scan import InfohubRefused, InfohubReport, load_infohub
    from ingestion.loader import load_landing
    from ingestion.runs import LoadRun
    from ingestion.warehouse import open_warehouse
    from revhouse.progress import shown_progress
    from revhouse.summary import summarise

    with explained():
        # Before anything is loaded: an unreadable sample_company.json should not come to light only
        # afterwards.
        as_of = settings.effective_as_of(now)
        contracts = read_contracts()
        tables, with_infohub = _selection(only, contracts)
        loading = LoadRun(_run_id(now), now.replace(tzinfo=None))
        landing_report = None
        infohub_report: InfohubReport | InfohubRefused | None = None
        with open_warehouse(
            settings.warehouse,
            memory_limit=settings.memory_limit,
            threads=settings.threads,
            wait_seconds=settings.lock_wait_seconds,
        ) as connection:
            if tables is None or tables:
                with shown_progress("Loading exports", _console(stderr=True)) as progress:
                    landing_report = load_landing(
                        connection,
                        settings.landing,
                        contracts,
                        loading,
                        only=tables,
                        accept_drop=accept_drop,
                        progress=progress,
                    )
            if with_infohub:
                with shown_progress("Reading InfoHub", _console(stderr=True)) as progress:
                    try:
                        infohub_report = load_infohub(
                            connection, settings.infohub, loading, accept_drop=accept_drop, progress=progress
                        )
                    except InfohubRefused as refusal:
                        # Told with the rest: the exports are loaded by now.
                        infohub_report = refusal

    summary = summarise(
        landing_report,
        infohub_report,
        run_id=loading.run_id,
        as_of=as_of,
        loaded_at=now,
        landing=settings.landing,
        infohub_folder=settings.infohub,
        warehouse=settings.warehouse,
    )
    if summary.nothing_seen:
        raise Stop(_how_to_get_files(settings, only), exits.NOTHING_TO_LOAD)
    if dbt:
        _build(settings, summary, dbt, into_infohub=into_infohub)
    _tell(summary, output_format)
    if summary.files_refused or summary.infohub_refused:
        raise click.exceptions.Exit(exits.REFUSED)


def _run_id(now: datetime) -> str:
    return f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"


def _rebuild(settings: Settings, *, output_format: str) -> None:
    """Build what was known at a moment, and load nothing."""
    from revhouse.holdings import first_loaded_at
    from revhouse.summary import summarise

    assert settings.known_at is not None
    now = datetime.now(UTC)
    with explained():
        as_of = settings.effective_as_of(now)
        first = first_loaded_at(settings.warehouse) if settings.warehouse.exists() else None
    if first is None or first > settings.known_at:
        began = f"the first load was at {first:%Y-%m-%dT%H:%M:%S} UTC" if first else "nothing has been loaded at all"
        raise Stop(
            f"Nothing was known at {settings.known_at:%Y-%m-%dT%H:%M:%S} UTC in {short(settings.warehouse)}: {began}.",
            exits.NOTHING_TO_LOAD,
        )
    summary = summarise(
        None,
        None,
        run_id="",
        as_of=as_of,
        loaded_at=now,
        landing=settings.landing,
        infohub_folder=settings.infohub,
        warehouse=settings.warehouse,
    )
    _build(settings, summary)
    _tell(summary, output_format)


def _build(settings: Settings, summary: "Summary", dbt: "Dbt | None" = None, *, into_infohub: bool = False) -> None:
    from revhouse.gap_scan import tell_gaps
    from revhouse.models import build_models
    from revhouse.progress import shown_progress
    from revhouse.validation import begin_importing

    importing = begin_importing()
    with explained(), shown_progress("Building models", _console(stderr=True)) as progress:
        progress(0, 1, "dbt build")
        summary.built = build_models(settings, summary.as_of, dbt)
        summary.gaps = tell_gaps(settings, summary.as_of, into_infohub=into_infohub)
        progress(1, 1, "")
    summary.known_at = settings.known_at
    summary.built_in = short(settings.built)
    importing.join()
    if not summary.built.faults:
        # What could not be built would only be said to be at fault once more.
        _validate(settings, summary)


def _validate(settings: Settings, summary: "Summary") -> None:
    from revhouse.progress import shown_progress
    from revhouse.validation import validate_warehouse

    with explained(), shown_progress("Asking what is expected", _console(stderr=True)) as progress:
        progress(0, 1, "expectations")
        run_id = summary.run_id or _run_id(summary.loaded_at)
        validation = validate_warehouse(settings, summary.as_of, run_id=run_id, now=summary.loaded_at)
        progress(1, 1, "")
    summary.validated = validation.tally
    summary.data_docs = short(validation.data_docs) if validation.data_docs else ""


def _tell(summary: "Summary", output_format: str) -> None:
    from revhouse.report import print_summary

    if output_format == "json":
        click.echo(json.dumps(summary.as_json(), indent=2))
    else:
        print_summary(_console(), summary, command=command())
    if summary.built and summary.built.faults:
        raise click.exceptions.Exit(exits.NOT_BUILT)
    if summary.validated and summary.validated.broken:
        raise click.exceptions.Exit(exits.BROKEN)


def _selection(only: Sequence[str], contracts: Mapping[str, "Contract"]) -> tuple[set[str] | None, bool]:
    """The tables to load (None for all of them), and whether to read the InfoHub."""
    if not only:
        return None, True
    choices: dict[str, set[str]] = {_INFOHUB: set()}
    for system, contract in contracts.items():
        choices[system] = {table.raw_name for table in contract.tables}
        choices.update({table.raw_name: {table.raw_name} for table in contract.tables})
    for name in only:
        if name not in choices:
            close = difflib.get_close_matches(name, choices, n=3)
            meant = f" Did you mean {' or '.join(close)}?" if close else ""
            known = ", ".join([*sorted(contracts), _INFOHUB])
            raise click.BadParameter(
                f"{name!r} is no system or table.{meant} There are: {known}, and tables named system__table.",
                param_hint="--only",
            )
    return set().union(*(choices[name] for name in only)), _INFOHUB in only


def _is_empty(folder: Path) -> bool:
    """True when there is no file but hidden ones below the folder."""
    return not any(not name.startswith(".") for _, _, names in os.walk(folder) for name in names)


def _how_to_get_files(settings: Settings, only: Sequence[str] = ()) -> str:
    landing, infohub = short(settings.landing), short(settings.infohub)
    asked = f" of what --only asks for ({', '.join(only)})" if only else ""
    return f"""There is nothing to load: no file{asked} in {landing} or {infohub}.

Either drop exports there, a folder for each system and instance, for example
  {landing}/salesforce/main/Account.csv
  {landing}/zendesk/main/tickets.jsonl.gz
  {infohub}/ACME/IMPLEMENTATION/blueprint.yaml
or look at a made-up company first:
  {command()} run --sample-if-empty

Files somewhere else? Name the folders with --landing and --infohub, or in the environment as
REVHOUSE_LANDING and REVHOUSE_INFOHUB."""


def _sample_target(settings: Settings) -> Path:
    """The folder whose landing/ and infohub/ the settings name."""
    target = settings.landing.parent
    if settings.landing != target / "landing" or settings.infohub != target / "infohub":
        raise Stop(
            "There is nothing to load, and the sample company cannot be written to where the settings point: "
            "it is two folders beside each other, landing/ and infohub/, but the settings say "
            f"{short(settings.landing)} and {short(settings.infohub)}. "
            f"Write it elsewhere with: {command()} sample --to FOLDER",
            exits.USAGE,
        )
    return target


def _refuse_to_mix(target: Path) -> None:
    exports = [folder for folder in (target / "landing", target / "infohub") if not _is_empty(folder)]
    if exports and not (target / "sample_company.json").exists():
        raise Stop(
            f"{exports[0]} holds files that are no sample company's, and the two would be hard to tell apart "
            f"later. Nothing was written. Choose another folder: {command()} sample --to FOLDER",
            exits.USAGE,
        )


def _write_sample(target: Path, *, preset: str, seed: int, as_of: date) -> None:
    from ingestion.sample import write_sample
    from revhouse.progress import shown_progress

    with shown_progress("Writing sample", _console(stderr=True)) as progress:
        write_sample(target, preset=preset, seed=seed, as_of=as_of, progress=progress)
    folder = short(target.absolute())
    click.echo(
        f"Wrote the {preset} sample company (seed {seed}, as of {as_of}) to {folder}. "
        f"What was planted in it is listed in {folder}/ground_truth.csv.",
        err=True,
    )


def _console(*, stderr: bool = False) -> "Console":
    from rich.console import Console

    console = Console(stderr=stderr, highlight=False)
    if not console.is_terminal:
        # A log or a file has no width of its own; rich would take 80 and break lines that fit elsewhere.
        console.width = _WIDTH_WITHOUT_TERMINAL
    return console
