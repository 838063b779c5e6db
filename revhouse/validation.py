"""Asking the warehouse what the policy expects of it: which file, whose lock, which day. What is asked is expectations/."""

from datetime import UTC, date, datetime
from importlib import import_module
from threading import Thread

from expectations.results import Run
from expectations.validation import Validation, suites_of, validate
from ingestion.warehouse import writer_lock
from revhouse import models
from revhouse.settings import Settings


def policy_suites() -> tuple[list[str], str]:
    """Names of all suites, and the policy's version."""
    suites, version = suites_of(models.PROJECT / "seeds" / "policy")
    return [suite.name for suite in suites], version


def begin_importing() -> Thread:
    """Great Expectations takes seconds to import: that can be done while dbt builds."""
    thread = Thread(target=import_module, args=("great_expectations",))
    thread.start()
    return thread


def validate_warehouse(
    settings: Settings, as_of: date, *, run_id: str, now: datetime, only: frozenset[str] = frozenset()
) -> Validation:
    """Run all suites, or those named in `only`, on the day that the tables show.

    The pages show what is known now: of what was known earlier, only rows are kept, in the file that was rebuilt.
    """
    suites, version = suites_of(models.PROJECT / "seeds" / "policy")
    chosen = [suite for suite in suites if not only or suite.name in only]
    run = Run(run_id, as_of, now.astimezone(UTC).replace(tzinfo=None), version)
    given = {"memory_limit": settings.memory_limit, "threads": settings.threads}
    with writer_lock(settings.warehouse, settings.lock_wait_seconds):
        return validate(
            settings.built,
            chosen,
            run,
            # A part of the suites would replace the pages of all of them.
            data_docs=settings.data_docs if settings.known_at is None and not only else None,
            settings={name: str(value) for name, value in given.items() if value},
        )
