"""Puts a till together: catalogue, store, printer and codes handed to the checkout. No rule of the shop lives here."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.checkout.counter import Counter
from app.checkout.requests import TillRequest
from app.checkout.till import Till
from app.checkout.views import DeviceCondition, DeviceStatusView, QuickKeyPage, SearchView, StatusView, TillView
from app.commands.configuration import Configuration
from app.commands.printing import Listeners, PrinterBehind
from app.commands.site import Site
from app.commands.world import SystemClock, SystemIdentities
from app.ledger.entry import EntryKind
from app.values.clock import Clock, write_instant
from app.values.identifiers import Identities
from app.values.wording import wording

if TYPE_CHECKING:
    from hardware.printers.driver import PrinterDriver
    from offline_store.catalogue.live import LiveCatalogue
    from offline_store.keys import KeyVault
    from offline_store.till_store import TillStoreFile


@dataclass(frozen=True, slots=True)
class Parts:
    """What a till is made with where it is not the real thing: tests and demonstrations choose their own."""

    clock: Clock
    identities: Identities
    printer_driver: "PrinterDriver | None" = None
    """A driver at hand, used instead of the configured one."""


def real_parts() -> Parts:
    """Return the machine's clock and random identities."""
    return Parts(SystemClock(), SystemIdentities())


class TillAtWork:
    """A till with its parts: what the screens' worker thread owns."""

    def __init__(self, till: Till, catalogue: "LiveCatalogue", store: "TillStoreFile") -> None:
        """Take a till, the catalogue it sells from and the store it writes to."""
        self._till = till
        self._catalogue = catalogue
        self._store = store

    def handle(self, request: TillRequest) -> TillView:
        """Do what was asked; a price book that was published in the meantime counts from here on.

        Raises:
            StoreProblem: that the price book changed could not be recorded; nothing was done.
            NoCatalogue: what was published cannot be read.
        """
        if self._catalogue.refresh():
            published = write_instant(self._catalogue.published_at())
            self._store.record(EntryKind.CATALOGUE_CHANGED, {"published_at": published})
        return self._till.handle(request)

    def view(self) -> TillView:
        """Return what the screens show now."""
        return self._till.view()

    def search(self, text: str) -> SearchView:
        """Find products by what was typed so far."""
        return self._till.search(text)

    def quick_keys(self) -> tuple[QuickKeyPage, ...]:
        """Return the pages of quick keys with today's prices."""
        return self._till.quick_keys()

    def status(self) -> StatusView:
        """Return what the status bar shows."""
        return self._till.status()

    def close(self) -> None:
        """Let go of store, catalogue and printer."""
        self._till.close()


def open_till_at_work(site: Site, operator_number: str, parts: Parts, listeners: Listeners) -> TillAtWork:
    """Open everything a till needs; called in the thread that will own it.

    Raises:
        BadConfiguration: NoCatalogue: StoreProblem: UnknownDriver: each says what to do.
    """
    from app.catalogue.codes import CodeReader
    from app.commands.sample import prepared_shelf
    from offline_store.catalogue.live import LiveCatalogue

    configuration = site.configuration()
    settings = site.settings(operator_number)
    codes = CodeReader(configuration.code_settings())
    catalogue = LiveCatalogue(prepared_shelf(site, parts.clock))
    store = open_store(site, configuration, parts)
    printer = PrinterBehind(configuration.printer, listeners, parts.printer_driver)

    def let_go() -> None:
        printer.close(2.0)
        catalogue.close()
        store.close()

    counter = Counter(settings, catalogue, store, printer, codes, parts.clock, parts.identities)
    try:
        till = Till(counter, let_go)
    except BaseException:
        let_go()
        raise
    for device in ("scale", "headquarters"):
        listeners.device_status(DeviceStatusView(device, DeviceCondition.ABSENT, wording("Not set up at this till.")))
    listening = wording("Ready for scanners that type as a keyboard does.")
    listeners.device_status(DeviceStatusView("scanner", DeviceCondition.READY, listening))
    return TillAtWork(till, catalogue, store)


def open_store(site: Site, configuration: Configuration, parts: Parts) -> "TillStoreFile":
    """Open the till's store.

    Raises:
        StoreProblem: it is in use, damaged, or its key or disk fails; each says what to do.
    """
    from offline_store.till_store import open_till_store

    settings = configuration.till_settings()
    return open_till_store(
        site.ledger_folder,
        till_id=settings.till_id,
        store_number=settings.store_number,
        till_number=settings.till_number,
        clock=parts.clock,
        identities=parts.identities,
        zone=settings.zone,
        day_starts=settings.day_starts,
        keys=keys_of(site, settings.till_id),
        currency=settings.currency.code,
    )


def keys_of(site: Site, till_id: str) -> "KeyVault":
    """Return where a till's keys are; those of the sample store stay out of the person's keyring."""
    from offline_store.keys import OwnerOnlyFiles
    from offline_store.settings import StoreFiles
    from offline_store.till_store import default_keys

    if site.sample:
        return OwnerOnlyFiles(site.ledger_folder / StoreFiles.KEYS)
    return default_keys(site.ledger_folder, till_id)
