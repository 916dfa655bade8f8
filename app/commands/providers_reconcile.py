"""`providers reconcile`: matches each provider's bill of a day with what the till has, also while the till sells."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

import typer

from app.commands.configuration import Configuration, localized
from app.commands.journal import open_reader
from app.commands.options import PROBLEM_EXIT_CODE
from app.commands.site import Site, default_folder, writable
from app.commands.world import SystemClock
from app.payments.day_end import DayItem, DayProvider, DayResult, DayVerdict, reconcile_day
from app.payments.day_end_documents import carried_of, day_as_json, worklists_as_csv
from app.payments.provider import PaymentProvider
from app.payments.reconciliation import Carried
from app.values.clock import Clock
from app.values.money import Money, currency_of
from app.values.problems import Problem
from app.values.speech import Speech
from app.values.wording import LocalizedText, Wording, wording

if TYPE_CHECKING:
    from app.commands.payments.sections import ProviderSection

FOLDER: Final = "reconciliation"
"""In the till's folder; in it a folder for each provider, and in that a file for each day."""

SHOWN_ITEMS: Final = 50
"""Of each provider; the rest is in the files."""

DIFFERENCES_EXIT_CODE: Final = 1
_DAY_FILE: Final = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})\.json")


class NoSuchProvider(Problem):
    """Raised when a provider is named that the till does not have."""

    code = "NO-SUCH-PROVIDER"


class DayFileNotWritten(Problem):
    """Raised when a day's record cannot be kept."""

    code = "DAY-FILE-NOT-WRITTEN"


@dataclass(frozen=True, slots=True)
class Reachable:
    """The providers that could be made, and why the others could not."""

    providers: Mapping[str, PaymentProvider]
    troubles: Mapping[str, Problem]


def reconcile(
    data: Path | None,
    day: date | None,
    provider_id: str,
    out: Path | None,
    speech: Speech,
    *,
    sample: bool,
) -> int:
    """Reconcile a day and say how it stands.

    Args:
        data: the till's folder.
        day: yesterday, in each provider's zone, where it is None.
        provider_id: one provider; all that give bills where it is empty.
        out: a folder that gets the worklists as CSV and each day as JSON, beside the record in the till's folder.
        speech: the person's language.
        sample: whether the till was opened with the sample store.

    Returns:
        0 where everything agrees, 1 where somebody must look at something, 2 where a bill could not be had.

    Raises:
        BadConfiguration: StoreProblem: NoSuchProvider: DayFileNotWritten: see there.
    """
    site = Site(data or default_folder(), sample=sample)
    return DayEnd(site, speech, SystemClock()).run(day, provider_id, out)


@contextmanager
def open_configured(configuration: Configuration, folder: Path, clock: Clock) -> Iterator[Reachable]:
    """Make the till's own providers, and let them go in the end."""
    from app.commands.payments.providers import open_providers

    opened = open_providers(configuration, folder, clock)
    try:
        yield Reachable(opened.providers, opened.troubles)
    finally:
        opened.close()


class DayEnd:
    """A till's day, provider by provider."""

    def __init__(
        self,
        site: Site,
        speech: Speech,
        clock: Clock,
        say: Callable[[str], None] = typer.echo,
        providers: Mapping[str, PaymentProvider] | None = None,
    ) -> None:
        """Prepare.

        Args:
            site: the till.
            speech: the person's language.
            clock: which day was yesterday.
            say: takes each line that a person reads.
            providers: instead of those of the configuration; they stay the caller's.
        """
        self._site = site
        self._speech = speech
        self._clock = clock
        self._say = say
        self._providers = providers

    def run(self, day: date | None, provider_id: str = "", out: Path | None = None) -> int:
        """Reconcile, keep what was found, and print it; see `reconcile`."""
        configuration = self._site.configuration()
        results = list(self._results(configuration, day, provider_id))
        for result in results:
            self._keep(result)
            self._print(result)
        if out is not None:
            self._write_out(results, out)
        if not results:
            self._tell(
                wording("{provider} gives no bills, so there is nothing to reconcile.", provider=provider_id)
                if provider_id
                else wording("No provider of this till gives bills, so there is nothing to reconcile.")
            )
        if any(result.verdict is DayVerdict.DIFFERENCES for result in results):
            return DIFFERENCES_EXIT_CODE
        return PROBLEM_EXIT_CODE if any(result.verdict is DayVerdict.NOT_DONE for result in results) else 0

    def _results(self, configuration: Configuration, day: date | None, provider_id: str) -> Iterator[DayResult]:
        sections = [one for one in configuration.provider if provider_id in {"", one.id}]
        if provider_id and not sections:
            raise NoSuchProvider(
                wording(
                    "This till has no provider {provider}. It has: {known}.",
                    provider=provider_id,
                    known=", ".join(one.id for one in configuration.provider) or "-",
                )
            )
        from offline_store.payment_facts import StoredPaymentFacts

        settings = configuration.till_settings()
        with (
            self._opened(configuration) as opened,
            open_reader(self._site, configuration) as reader,
        ):
            for section in sections:
                named = day or self._yesterday(opened.providers.get(section.id))
                asked = _asked(configuration, section, opened.providers.get(section.id))
                if asked is None:
                    trouble = opened.troubles.get(section.id)
                    if trouble is not None:
                        yield _not_made(configuration, section, named, trouble)
                    continue
                if not asked.provider.capabilities.bills and not provider_id:
                    continue
                with StoredPaymentFacts(
                    reader, store_number=settings.store_number, till_number=settings.till_number
                ) as facts:
                    yield reconcile_day(asked, facts, named, self._handed_on(section.id, named))

    @contextmanager
    def _opened(self, configuration: Configuration) -> Iterator[Reachable]:
        if self._providers is not None:
            yield Reachable(self._providers, {})
            return
        with open_configured(configuration, self._site.folder, self._clock) as opened:
            yield opened

    def _yesterday(self, provider: PaymentProvider | None) -> date:
        now = self._clock.now()
        local = now if provider is None else now.astimezone(provider.capabilities.bill_zone)
        return local.date() - timedelta(days=1)

    # What is kept from day to day.

    def _folder(self, provider_id: str) -> Path:
        return self._site.folder / FOLDER / provider_id

    def _handed_on(self, provider_id: str, day: date) -> Carried | None:
        """Return what the day before handed on.

        Raises:
            BadDayFile: its record cannot be read.
        """
        folder = self._folder(provider_id)
        path = folder / f"{day - timedelta(days=1)}.json"
        if path.exists():
            return carried_of(path.read_bytes())
        self._say_where_a_day_is_missing(provider_id, folder, day)
        return None

    def _say_where_a_day_is_missing(self, provider_id: str, folder: Path, day: date) -> None:
        earlier = [found[1] for path in folder.glob("*.json") if (found := _DAY_FILE.fullmatch(path.name)) is not None]
        last = max((one for one in earlier if one < day.isoformat()), default=None)
        if last is None:
            return
        waiting = carried_of((folder / f"{last}.json").read_bytes())
        if waiting is not None and waiting.waiting:
            following = date.fromisoformat(last) + timedelta(days=1)
            self._tell(
                wording(
                    "{provider}: payments of {last} still wait for the bill of {next}. Reconcile {next} first.",
                    provider=provider_id,
                    last=last,
                    next=following.isoformat(),
                )
            )

    def _keep(self, result: DayResult) -> None:
        """Keep a day's record; one that was not done takes the place of none that was.

        Raises:
            DayFileNotWritten: its folder or disk does not let it.
        """
        path = self._folder(result.provider_id) / f"{result.day}.json"
        if result.verdict is DayVerdict.NOT_DONE and path.exists():
            return
        _write(path, day_as_json(result, self._speech, self._clock.now()))

    def _write_out(self, results: list[DayResult], out: Path) -> None:
        for result in results:
            record = day_as_json(result, self._speech, self._clock.now())
            _write(out / f"{result.day}-{result.provider_id}.json", record)
        days = sorted({result.day.isoformat() for result in results})
        if days:
            # With its mark, so that a spreadsheet reads Chinese right.
            table = worklists_as_csv(results, self._speech).encode("utf-8-sig")
            _write(out / f"{days[0]}-worklist.csv", table)
            self._tell(wording("The worklist is in {folder}.", folder=str(out)))

    # What a person reads.

    def _tell(self, sentence: Wording) -> None:
        self._say(self._speech.say(sentence))

    def _print(self, result: DayResult) -> None:
        if result.trouble is not None:
            self._tell(
                wording(
                    "✗ {name}, {day}: {sentence}",
                    name=result.name,
                    day=result.day.isoformat(),
                    sentence=result.trouble.sentence,
                )
            )
            return
        self._tell(_headline(result))
        self._tell(_sums(result))
        for item in result.worklist[:SHOWN_ITEMS]:
            self._print_item(result, item)
        more = sum(not item.waits for item in result.worklist[SHOWN_ITEMS:])
        if result.reconciliation is not None:
            more += result.reconciliation.left_out
        if more:
            self._tell(wording("  … and {count} more; the files have them.", count=more))

    def _print_item(self, result: DayResult, item: DayItem) -> None:
        self._tell(
            wording(
                "  {mark} {title}  bill {bill}, journal {journal}  {number}  {receipt}",
                mark="…" if item.waits else "!",
                title=item.title,
                bill=str(Money(item.bill_minor, result.currency)),
                journal=str(Money(item.recorded_minor, result.currency)),
                number=item.refund_number or item.provider_number,
                receipt=item.receipt or "-",
            )
        )
        self._tell(wording("      {so} {todo}", so=item.what_is_so, todo=item.what_to_do))


def _headline(result: DayResult) -> Wording:
    name, day = result.name, result.day.isoformat()
    match result.verdict:
        case DayVerdict.CLEAN:
            return wording("✓ {name}, {day}: bill, journal and till agree.", name=name, day=day)
        case DayVerdict.WAITING:
            return wording(
                "✓ {name}, {day}: bill, journal and till agree; {count} near midnight wait for the next bill.",
                name=name,
                day=day,
                count=len(result.worklist),
            )
        case _:
            return wording(
                "! {name}, {day}: {count} differences. Clear each of them.",
                name=name,
                day=day,
                count=result.differences,
            )


def _sums(result: DayResult) -> Wording:
    sums, currency = result.sums, result.currency
    return wording(
        "  Charged {charged}, given back {back}, fees {fees}: {payout} will be paid out. The journal has {journal}.",
        charged=str(Money(sums.charged_minor, currency)),
        back=str(Money(sums.refunded_minor, currency)),
        fees=str(Money(sums.fee_minor, currency)),
        payout=str(Money(sums.payout_minor, currency)),
        journal=str(Money(sums.recorded_minor, currency)),
    )


def _name(configuration: Configuration, section: "ProviderSection") -> LocalizedText:
    for tender in configuration.tender:
        if tender.id == section.tender:
            return localized(tender.name, tender.name_en)
    return LocalizedText(section.id)


def _asked(
    configuration: Configuration, section: "ProviderSection", provider: PaymentProvider | None
) -> DayProvider | None:
    if provider is None:
        return None
    return DayProvider(
        provider_id=section.id,
        name=_name(configuration, section),
        provider=provider,
        tender_type_ids=frozenset({section.tender}),
        currency=currency_of(configuration.store.currency),
    )


def _not_made(configuration: Configuration, section: "ProviderSection", day: date, trouble: Problem) -> DayResult:
    name = _name(configuration, section)
    currency = currency_of(configuration.store.currency)
    return DayResult(section.id, name, day, DayVerdict.NOT_DONE, currency, trouble=trouble)


def _write(path: Path, data: bytes) -> None:
    from offline_store.durable_files import write_whole

    writable(path.parent)
    try:
        write_whole(path, data)
    except OSError as error:
        raise DayFileNotWritten(
            wording(
                "{file} could not be written: {reason}. Make room on the disk, or set the folder's rights.",
                file=str(path),
                reason=error.strerror or str(error),
            )
        ) from error
