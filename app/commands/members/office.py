"""What the commands about members and coupons have in common: the shop's own book, and how answers are printed."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import typer

from app.checkout.settings import TillSettings
from app.commands.members.keepers import open_own_book
from app.commands.members.settings import MemberSettings
from app.commands.site import Site, default_folder
from app.commands.world import SystemClock, SystemIdentities
from app.values.problems import Problem
from app.values.speech import Speech
from app.values.wording import LocalizedText, Wording, wording

if TYPE_CHECKING:
    from app.headquarters.members import MemberBook


class NoMembersHere(Problem):
    """Raised when a command about members is given for a shop that has none."""

    code = "NO-MEMBERS"


class NotDone(Problem):
    """Raised when the book did not do what a command asked for; says why and what to do."""

    code = "MEMBERS-NOT-DONE"


@dataclass(frozen=True, slots=True)
class Asked:
    """What every command about members is told."""

    data: Path | None
    sample: bool
    as_json: bool
    speech: Speech


@dataclass(frozen=True, slots=True)
class Office:
    """The shop's own book with what the shop decided."""

    book: "MemberBook"
    settings: MemberSettings
    till: TillSettings
    clock: SystemClock
    identities: SystemIdentities


@contextmanager
def opened(asked: Asked) -> Iterator[Office]:
    """Open the book that a shop keeps itself; a till may be open beside it.

    Raises:
        NoMembersHere: NoOwnBook: BadConfiguration: BookKeyMissing: each says what to do.
    """
    site = Site(asked.data or default_folder(), sample=asked.sample)
    configuration = site.configuration()
    settings = site.member_settings(configuration)
    if settings is None:
        raise NoMembersHere(
            wording(
                "This shop has no members: there is no members.toml in {folder}.", folder=str(site.configuration_folder)
            )
        )
    clock, till = SystemClock(), site.settings()
    book = open_own_book(site, till, settings, clock)
    try:
        yield Office(book, settings, till, clock, SystemIdentities())
    finally:
        book.close()


def print_json(content: object) -> None:
    """Print a value as JSON for a machine."""
    typer.echo(msgspec.json.format(msgspec.json.encode(content), indent=2).decode())


def print_sentence(asked: Asked, sentence: Wording) -> None:
    """Print a sentence to a person."""
    typer.echo(asked.speech.say(sentence))


def print_row(asked: Asked, *cells: Wording | LocalizedText | str) -> None:
    """Print a line of a list."""
    typer.echo("  ".join(asked.speech.say(cell) for cell in cells))
