"""How commands end: the exit codes that other programs rely on, and which errors become which.

What a person has to do about an error is said where the error is raised.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

import click

from revhouse.settings import SettingError

OK = 0
UNEXPECTED = 1
USAGE = 2
NOTHING_TO_LOAD = 3
REFUSED = 4
BUSY = 5
NOT_BUILT = 6
GAPS_FOUND = 7
POLICY = 8
BROKEN = 9
NOT_AS_PLANTED = 10

MEANINGS = {
    OK: "done",
    UNEXPECTED: "stopped by something unexpected",
    USAGE: "an option, a setting or a contract cannot be used",
    NOTHING_TO_LOAD: "there is nothing to load",
    REFUSED: "done, but some file was refused",
    BUSY: "another program has the warehouse open",
    NOT_BUILT: "loaded, but a model could not be built or a test of the data failed",
    GAPS_FOUND: "an InfoHub has gaps that --fail-on asks about, or could not be assessed",
    POLICY: "the policy has an error",
    BROKEN: "built, but an expectation that stops the pipeline failed or could not be run",
    NOT_AS_PLANTED: "what was found in the sample company is not what was planted in it",
}


class Stop(click.ClickException):
    """Ends the command with a message for the person and an exit code for the program."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.exit_code = code  # type: ignore[misc]  # click reads it from the instance, but types it for the class

    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(self.message, file=file, err=True)


@contextmanager
def explained() -> Iterator[None]:
    """Turn the errors that a person can do something about into a message and an exit code."""
    try:
        yield
    except SettingError as error:
        raise Stop(str(error), USAGE) from error
    except Exception as error:
        # By name: importing the classes imports DuckDB, which an error in an option need not wait for.
        match type(error).__name__:
            case "WarehouseBusy":
                raise Stop(str(error), BUSY) from error
            case "ContractError":
                raise Stop(f"The contracts cannot be used:\n{error}", USAGE) from error
            case "ContractChanged":
                raise Stop(str(error), USAGE) from error
            case "InfohubRefused":
                raise Stop(str(error), USAGE) from error
            case "PolicyUnreadable":
                raise Stop(str(error), POLICY) from error
            case "ModelsFailed":
                raise Stop(str(error), NOT_BUILT) from error
            case "NotComparable":
                raise Stop(str(error), NOTHING_TO_LOAD) from error
        raise
