"""`journal`: verifies, exports, backs up and restores what happened at a till."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from app.commands.assembly import keys_of
from app.commands.configuration import Configuration
from app.commands.site import Site, default_folder
from app.commands.world import SystemClock, SystemIdentities
from app.ledger.verification import Verified
from app.values.money import currency_of, format_minor
from app.values.problems import Problem
from app.values.speech import Speech
from app.values.wording import wording

if TYPE_CHECKING:
    from offline_store.reader import StoreReader


class BackupThere(Problem):
    """Raised when a backup would take the place of something."""

    code = "BACKUP-THERE"


def open_reader(site: Site, configuration: Configuration) -> "StoreReader":
    """Open a till's store for reading, also while the till sells.

    Raises:
        StoreProblem: there is none, or it cannot be read.
    """
    from offline_store.reader import StoreReader

    return StoreReader(site.ledger_folder, keys_of(site, configuration.till_settings().till_id))


def look_at_journal(site: Site, configuration: Configuration) -> Verified:
    """Check every page of the file, then verify every entry and every table beside the journal.

    Raises:
        StoreProblem: there is no store, or it cannot be read.
    """
    with open_reader(site, configuration) as reader:
        reader.check()
        return reader.verify()


def last_recorded_at(site: Site, configuration: Configuration) -> datetime | None:
    """Return when the last entry was written, by the till's clock.

    Raises:
        StoreProblem: there is no store, or it cannot be read.
    """
    with open_reader(site, configuration) as reader:
        return reader.last_recorded_at()


def verify_journal(data: Path | None, speech: Speech, *, sample: bool) -> int:
    """Verify and say so; 1 where an entry is wrong.

    Raises:
        BadConfiguration: StoreProblem: it cannot be looked at.
    """
    site = Site(data or default_folder(), sample=sample)
    configuration = site.configuration()
    verified = look_at_journal(site, configuration)
    currency = currency_of(configuration.store.currency)
    if verified.finding is not None:
        typer.echo(speech.say(verified.finding.sentence))
        typer.echo(
            speech.say(
                wording(
                    "First wrong entry: {entry} ({kind}). {count} entries before it are right.",
                    entry=str(verified.finding.entry_id),
                    kind=verified.finding.tampering.value,
                    count=verified.entry_count,
                )
            )
        )
        return 1
    typer.echo(
        speech.say(
            wording(
                "{entries} entries are right, every hash, signature, posting and total: {sales} sales, {amount}.",
                entries=verified.entry_count,
                sales=verified.totals.sale_count,
                amount=f"{currency.symbol}{format_minor(verified.totals.gross_minor, currency)}",
            )
        )
    )
    return 0


def export_the_journal(data: Path | None, folder: Path, speech: Speech, *, sample: bool) -> int:
    """Export the journal and say what was written.

    Raises:
        BadConfiguration: StoreProblem: it cannot be read or written.
    """
    from offline_store.export import export_journal

    site = Site(data or default_folder(), sample=sample)
    with open_reader(site, site.configuration()) as reader:
        export_journal(reader, folder)
    typer.echo(
        speech.say(
            wording("The journal is in {folder}. Anybody can check it: python3 verify_export.py", folder=str(folder))
        )
    )
    return 0


def back_up_journal(data: Path | None, file: Path, speech: Speech, *, sample: bool) -> int:
    """Copy the till's store into one encrypted file, also while it sells.

    Raises:
        BadConfiguration: StoreProblem: it cannot be read or written.
    """
    from offline_store.backup import back_up

    if file.exists():
        raise BackupThere(
            wording("{file} is there already. Name a new file, so that no backup is lost.", file=str(file))
        )
    site = Site(data or default_folder(), sample=sample)
    with open_reader(site, site.configuration()) as reader:
        back_up(reader, file)
    typer.echo(speech.say(wording("The backup is {file}. Keep the till's key apart from it.", file=str(file))))
    return 0


def restore_journal(data: Path | None, file: Path, speech: Speech, *, sample: bool) -> int:
    """Put a backup in the place of the till's store; a new epoch begins.

    Raises:
        BadConfiguration: BackupUnfit: StoreProblem: nothing was changed.
    """
    from offline_store.backup import restore
    from offline_store.settings import StoreSettings

    site = Site(data or default_folder(), sample=sample)
    settings = site.settings()
    restored = restore(
        site.ledger_folder,
        file,
        settings=StoreSettings(
            settings.till_id,
            settings.store_number,
            settings.till_number,
            settings.zone,
            settings.day_starts,
            settings.currency.code,
        ),
        clock=SystemClock(),
        identities=SystemIdentities(),
        keys=keys_of(site, settings.till_id),
    )
    typer.echo(
        speech.say(
            wording(
                "The backup is in place and epoch {epoch} begins. What was there before is in {folder}.",
                epoch=restored.epoch,
                folder=str(restored.set_aside or "-"),
            )
        )
    )
    return 0
