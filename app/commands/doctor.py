"""`doctor`: looks at everything a till stands on and says in words what is wrong and what to do."""

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from app.commands.configuration import Configuration
from app.commands.site import Site, default_folder, writable
from app.commands.world import SystemClock
from app.values.problems import Problem
from app.values.speech import Speech
from app.values.wording import Wording, wording

if TYPE_CHECKING:
    from app.commands.payments.show import Finding
    from app.commands.promotions_on_file import PromotionsOnFile

_SLOW_DISK_MS = 50
_LOW_SPACE_BYTES = 200_000_000
_OLD_PRICE_BOOK = timedelta(days=7)
_OLDEST_PLAUSIBLE = datetime(2026, 1, 1, tzinfo=UTC)
"""Before this program was made: a clock that says less has lost its battery."""


class Health(Enum):
    """What a check found."""

    GOOD = "good"
    LOOK = "look"
    """The till sells, but somebody should look."""

    WRONG = "wrong"


_MARKS = {Health.GOOD: "✓", Health.LOOK: "!", Health.WRONG: "✗"}


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at."""

    subject: Wording
    health: Health
    sentence: Wording


def examine(data: Path | None, speech: Speech, *, sample: bool) -> int:
    """Look at everything and print a line each; 1 where something is wrong, 0 where the till can sell."""
    site = Site(data or default_folder(), sample=sample)
    worst = 0
    for check in checks(site):
        line = wording(
            "{mark} {subject}: {sentence}", mark=_MARKS[check.health], subject=check.subject, sentence=check.sentence
        )
        typer.echo(speech.say(line))
        worst = max(worst, 1 if check.health is Health.WRONG else 0)
    typer.echo(
        speech.say(
            wording("Something is wrong. Mend what is marked ✗, then look again.")
            if worst
            else wording("The till can sell.")
        )
    )
    return worst


def checks(site: Site) -> Iterator[Check]:
    """Look at one thing after the other; a check that finds a problem says its sentence and the next one goes on."""
    configuration: list[Configuration] = []
    looks: tuple[tuple[Wording, Callable[[], Check]], ...] = (
        (wording("Configuration"), lambda: _configuration(site, configuration)),
        (wording("Database library"), _database_library),
        (wording("Disk"), lambda: _disk(site)),
        (wording("Ledger"), lambda: _ledger(site, configuration)),
        (wording("Catalogue"), lambda: _catalogue(site)),
        (wording("Promotions"), lambda: _promotions(site, configuration)),
        (wording("Members"), lambda: _members(site, configuration)),
        (wording("Clock"), lambda: _clock(site, configuration)),
        (wording("Fonts"), _fonts),
        (wording("Codes in pictures"), _picture_readers),
    )
    for subject, look in looks:
        try:
            yield look()
        except Problem as problem:
            yield Check(subject, Health.WRONG, problem.sentence)
    yield from _beside_members(site, configuration)
    yield from _drivers(configuration)
    yield from _providers(site, configuration)


def _configuration(site: Site, read: list[Configuration]) -> Check:
    configuration = site.configuration()
    settings = site.settings()
    configuration.code_settings()
    read.append(configuration)
    site.require_real_payments()
    return Check(
        wording("Configuration"),
        Health.GOOD,
        wording("{shop}, till {till}.", shop=settings.shop.name, till=settings.till_id),
    )


def _database_library() -> Check:
    from offline_store.library import database_library

    version, cipher = database_library()
    return Check(
        wording("Database library"),
        Health.GOOD,
        wording("SQLite {version}, SQLCipher {cipher}.", version=version, cipher=cipher),
    )


def _disk(site: Site) -> Check:
    folder = site.folder
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    subject = wording("Disk")
    if free < _LOW_SPACE_BYTES:
        return Check(
            subject,
            Health.WRONG,
            wording(
                "Only {megabytes} MB are free; no new basket is opened below 200 MB. Make room.",
                megabytes=free // 1_000_000,
            ),
        )
    milliseconds = _sync_milliseconds(writable(folder))
    if milliseconds > _SLOW_DISK_MS:
        return Check(
            subject,
            Health.LOOK,
            wording(
                "Writing safely takes {milliseconds} ms, so each sale waits that long. The disk may be wearing out.",
                milliseconds=milliseconds,
            ),
        )
    return Check(
        subject,
        Health.GOOD,
        wording(
            "{gigabytes} GB free; writing safely takes {milliseconds} ms.",
            gigabytes=free // 1_000_000_000,
            milliseconds=milliseconds,
        ),
    )


def _sync_milliseconds(folder: Path) -> int:
    """Return how long the slowest of five small synced writes takes."""
    slowest = 0
    descriptor, name = tempfile.mkstemp(prefix=".guitai-doctor-", dir=folder)
    try:
        for _ in range(5):
            began = time.monotonic_ns()
            os.write(descriptor, b"\0" * 4096)
            os.fsync(descriptor)
            slowest = max(slowest, time.monotonic_ns() - began)
    finally:
        os.close(descriptor)
        Path(name).unlink()
    return -(-slowest // 1_000_000)


def _ledger(site: Site, configuration: list[Configuration]) -> Check:
    from app.commands.journal import look_at_journal

    subject = wording("Ledger")
    if not configuration:
        return Check(subject, Health.LOOK, wording("Not looked at, since the configuration is wrong."))
    if not (site.ledger_folder / "till.db").exists():
        return Check(subject, Health.GOOD, wording("Nothing was sold yet; it is made at the first start."))
    verified = look_at_journal(site, configuration[0])
    if verified.finding is not None:
        return Check(subject, Health.WRONG, verified.finding.sentence)
    return Check(
        subject,
        Health.GOOD,
        wording("{entries} entries, whole and signed by this till.", entries=verified.entry_count),
    )


def _catalogue(site: Site) -> Check:
    from offline_store.catalogue.live import LiveCatalogue
    from offline_store.catalogue.shelf import CatalogueShelf

    subject = wording("Catalogue")
    shelf = CatalogueShelf(site.catalogue_folder)
    if site.sample and shelf.pointer() is None:
        return Check(subject, Health.GOOD, wording("The sample store's catalogue is made at the first start."))
    catalogue = LiveCatalogue(shelf)
    try:
        shelf.verify_current()
        published = catalogue.published_at()
        count = catalogue.file.product_count
    finally:
        catalogue.close()
    old = SystemClock().now() - published > _OLD_PRICE_BOOK
    return Check(
        subject,
        Health.LOOK if old and not site.sample else Health.GOOD,
        wording(
            "{count} products, price book of {time}.", count=count, time=f"{published.astimezone():%Y-%m-%d %H:%M}"
        ),
    )


def _promotions(site: Site, configuration: list[Configuration]) -> Check:
    subject = wording("Promotions")
    if not configuration:
        return Check(subject, Health.LOOK, wording("Not looked at, since the configuration is wrong."))
    promotions = _promotions_of(site, configuration[0])
    if promotions.trouble is not None:
        return Check(subject, Health.WRONG, promotions.trouble)
    count = len(promotions.book.rules.offers)
    if promotions.are_sent:
        return Check(subject, Health.GOOD, wording("{count} offers, as headquarters sent them.", count=count))
    return Check(subject, Health.GOOD, wording("{count} offers.", count=count))


def _promotions_of(site: Site, configuration: Configuration) -> "PromotionsOnFile":
    from app.commands.promotions_on_file import PromotionsOnFile

    store = configuration.store
    return PromotionsOnFile(site.configuration_folder, site.folder, currency=store.currency, time_zone=store.time_zone)


def _members(site: Site, configuration: list[Configuration]) -> Check:
    subject = wording("Members")
    if not configuration:
        return Check(subject, Health.LOOK, wording("Not looked at, since the configuration is wrong."))
    found = site.member_settings(configuration[0])
    if found is None:
        return Check(subject, Health.GOOD, wording("This shop has no members."))
    if found.headquarters is None:
        return Check(subject, Health.GOOD, wording("Kept by this till itself."))
    from app.payments.credentials import read_credential

    read_credential(found.headquarters.token, "headquarters.token")
    return Check(
        subject,
        Health.GOOD,
        wording("Kept by headquarters at {address}; the till's token is there.", address=found.headquarters.url),
    )


def _beside_members(site: Site, configuration: list[Configuration]) -> Iterator[Check]:
    """Look at whoever keeps the members, and at the coupons; what is wrong with the settings was said before."""
    from app.commands.members.examining import look_at_coupons, look_at_keeper

    for read in configuration:
        with suppress(Problem):
            found = site.member_settings(read)
            if found is None:
                continue
            yield from map(_checked, look_at_keeper(site, read, found))
            rules = _promotions_of(site, read).book.rules
            yield from map(_checked, look_at_coupons(site, read, found, rules))


def _clock(site: Site, configuration: list[Configuration]) -> Check:
    subject, now = wording("Clock"), SystemClock().now()
    if now < _OLDEST_PLAUSIBLE:
        return Check(
            subject,
            Health.WRONG,
            wording("The clock says {year}. Set date and time; the battery may be flat.", year=now.year),
        )
    last = None
    if configuration and (site.ledger_folder / "till.db").exists():
        from app.commands.journal import last_recorded_at

        with suppress(Problem):  # what is wrong with the ledger was said by its own check
            last = last_recorded_at(site, configuration[0])
    if last is not None and now < last - timedelta(minutes=1):
        return Check(
            subject,
            Health.WRONG,
            wording(
                "The clock is behind the last sale ({time}). Set date and time.", time=f"{last:%Y-%m-%d %H:%M} UTC"
            ),
        )
    return Check(subject, Health.GOOD, wording("Local time {time}.", time=f"{now.astimezone():%Y-%m-%d %H:%M}"))


def _fonts() -> Check:
    from hardware.printers.fonts import find_chinese_font

    path, _face = find_chinese_font()
    return Check(wording("Fonts"), Health.GOOD, wording("Chinese font: {file}.", file=path.name))


def _picture_readers() -> Check:
    from hardware.scanners.pictures import best_available

    return Check(
        wording("Codes in pictures"), Health.GOOD, wording("Read by {library}.", library=best_available().name)
    )


def _drivers(configuration: list[Configuration]) -> Iterator[Check]:
    from hardware.registry import load_drivers

    used = {driver for found in configuration for driver in found.drivers}
    registry = load_drivers()
    for status in registry.statuses:
        unusable = Health.WRONG if status.driver_id in used else Health.LOOK
        health = Health.GOOD if status.usable else unusable
        yield Check(wording("Driver {name}", name=status.driver_id), health, status.sentence)
    for missing in sorted(used - {status.driver_id for status in registry.statuses}):
        yield Check(
            wording("Driver {name}", name=missing),
            Health.WRONG,
            wording("The configuration names it, but it is not installed. Install it or choose another."),
        )


def _providers(site: Site, configuration: list[Configuration]) -> Iterator[Check]:
    """Look at every kind of payment provider, and at the settings of those that the till uses; nothing is sent."""
    from app.commands.payments.show import look_at_providers
    from app.payments.registry import load_providers

    used = {section.driver for found in configuration for section in found.provider}
    for status in load_providers().statuses:
        unusable = Health.WRONG if status.provider_id in used else Health.LOOK
        yield Check(
            wording("Payments by {name}", name=status.provider_id),
            Health.GOOD if status.usable else unusable,
            status.sentence,
        )
    for found in configuration:
        for finding in look_at_providers(site, found, connect=None):
            yield replace(_checked(finding), subject=wording("Provider {name}", name=finding.subject))


def _checked(finding: "Finding") -> Check:
    health = next(health for health, mark in _MARKS.items() if mark == finding.mark)
    subject = finding.subject if isinstance(finding.subject, Wording) else Wording(finding.subject)
    return Check(subject, health, finding.sentence)
