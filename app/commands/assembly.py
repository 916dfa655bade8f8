"""Puts a till together: catalogue, store, printer and codes handed to the checkout. No rule of the shop lives here."""

import logging
import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from msgspec import structs

from app.checkout.counter import Counter
from app.checkout.payment_requests import LookAgain
from app.checkout.requests import TillRequest
from app.checkout.till import Till
from app.checkout.views import DeviceStatusView, QuickKeyPage, SearchView, StatusView, TillView
from app.commands.configuration import Configuration
from app.commands.devices.house import DeviceHouse, HouseParts
from app.commands.payments.house import HouseTies, PaymentHouse
from app.commands.payments.listeners import TillListeners
from app.commands.site import Site
from app.commands.world import SystemClock, SystemIdentities
from app.devices.frames import FrameSource
from app.ledger.entry import EntryKind
from app.values.clock import Clock, write_instant
from app.values.identifiers import Identities
from app.values.problems import Problem

if TYPE_CHECKING:
    from hardware.conversation import Watcher
    from hardware.printers.driver import PrinterDriver
    from offline_store.catalogue.live import LiveCatalogue
    from offline_store.keys import KeyVault
    from offline_store.till_store import TillStoreFile

_logger = logging.getLogger(__name__)

DEVICES_END_S = 2.0
"""How long a closing till waits for its devices; what is not printed by then waits in the store."""

PAYMENTS_END_S = 4.0
"""How long a closing till waits for a provider's answer; what has none by then is asked about at the next start."""

LOOK_AGAIN_S = 5.0
"""How soon a till whose store could not take what the payment desk said tries again, though nobody asks anything."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What a till is made with where it is not the real thing: tests and demonstrations choose their own."""

    clock: Clock
    identities: Identities
    printer_driver: "PrinterDriver | None" = None
    """A driver at hand, used instead of the configured one."""

    frames: Callable[[str], FrameSource] | None = None
    """Opens the camera of a name; None where there is no window that could."""

    watchers: "Mapping[str, Watcher]" = field(default_factory=dict)
    """Who is told the bytes of a device, by its name."""

    asks_providers: bool = True
    """Whether payments that a provider must approve are taken; without, the configuration's providers are left out."""


def real_parts(frames: Callable[[str], FrameSource] | None = None) -> Parts:
    """Return the machine's clock and random identities, and its camera where a window can open one."""
    return Parts(SystemClock(), SystemIdentities(), frames=frames)


class TillAtWork:
    """A till with its parts: what the screens' worker thread owns."""

    def __init__(
        self,
        till: Till,
        catalogue: "LiveCatalogue",
        store: "TillStoreFile",
        devices: DeviceHouse,
        payments: PaymentHouse,
        ask: Callable[[TillRequest], None],
    ) -> None:
        """Take a till, the catalogue it sells from, the store it writes to, its devices and its payments.

        `ask` brings a request back to `handle`, in its turn; it may be called on any thread.
        """
        self._till = till
        self._catalogue = catalogue
        self._store = store
        self.devices = devices
        self.payments = payments
        self._ask = ask
        self._next_look: threading.Timer | None = None
        self._ending = False
        self._change_unrecorded = False
        self._refresh_trouble = ""

    def handle(self, request: TillRequest) -> TillView:
        """Do what was asked; a price book that was published in the meantime counts from here on."""
        self._take_new_prices()
        try:
            view = self._till.handle(request)
        finally:
            if self._till.has_unheard:
                self._look_again_soon()
        self.devices.follow(view)
        return view

    def _look_again_soon(self) -> None:
        """Have the till asked again though nobody touches it: a payment that came must not wait for the next scan."""
        if self._next_look is None and not self._ending:
            self._next_look = threading.Timer(LOOK_AGAIN_S, self._look_again)
            self._next_look.daemon = True
            self._next_look.start()

    def _look_again(self) -> None:
        # First, so that the look it asks for can plan the next.
        self._next_look = None
        self._ask(LookAgain())

    def _take_new_prices(self) -> None:
        """Sell from a newly published price book; one that cannot be read, or recorded, keeps nobody from selling."""
        try:
            self._change_unrecorded = self._catalogue.refresh() or self._change_unrecorded
            if self._change_unrecorded:
                published = write_instant(self._catalogue.published_at())
                self._store.record(EntryKind.CATALOGUE_CHANGED, {"published_at": published})
                self._change_unrecorded = False
            self._refresh_trouble = ""
        except Problem as problem:
            if problem.code != self._refresh_trouble:
                self._refresh_trouble = problem.code
                _logger.warning("price_book_not_taken", extra={"code": problem.code})

    def view(self) -> TillView:
        """Return what the screens show now."""
        view = self._till.view()
        self.devices.follow(view)
        return view

    def search(self, text: str) -> SearchView:
        """Find products by what was typed so far."""
        return self._till.search(text)

    def quick_keys(self) -> tuple[QuickKeyPage, ...]:
        """Return the pages of quick keys with today's prices."""
        return self._till.quick_keys()

    def status(self) -> StatusView:
        """Return what the status bar shows."""
        return self._till.status()

    def run_errands(self) -> None:
        """Store what the payment desk wants stored."""
        self.payments.run_errands(self._store)

    def stop_devices(self) -> None:
        """End payments and devices; what they report meanwhile still wants to be handled before `close`."""
        self._ending, next_look = True, self._next_look
        if next_look is not None:
            next_look.cancel()
        try:
            self.payments.stop(self._store, PAYMENTS_END_S)
        finally:
            self.devices.close(DEVICES_END_S)

    def close(self) -> None:
        """Let go of store and catalogue, and of the devices where they were not stopped."""
        self._till.close()


def open_till_at_work(site: Site, operator_number: str, parts: Parts, listeners: TillListeners) -> TillAtWork:
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
    with ExitStack() as opening:
        catalogue = LiveCatalogue(prepared_shelf(site, parts.clock))
        opening.callback(catalogue.close)
        store = open_store(site, configuration, parts)
        opening.callback(store.close)
        devices = DeviceHouse(
            configuration,
            listeners,
            parts.clock,
            parts.identities,
            HouseParts(parts.printer_driver, parts.frames, parts.watchers),
        )
        opening.callback(devices.close, DEVICES_END_S)
        asked = configuration if parts.asks_providers else structs.replace(configuration, provider=())
        payments = PaymentHouse(asked, site.folder, parts.clock, parts.identities, _ties(listeners, devices))
        opening.callback(payments.stop, store, PAYMENTS_END_S)
        devices.pay_at_terminal(payments.hear_terminal)
        counter = Counter(settings, catalogue, store, devices, codes, parts.clock, parts.identities, payments)
        opened = opening.pop_all()
        try:
            till = Till(counter, opened.close)
        except BaseException:
            opened.close()
            raise
    return TillAtWork(till, catalogue, store, devices, payments, listeners.asked)


def _ties(listeners: TillListeners, devices: DeviceHouse) -> HouseTies:
    def show(status: DeviceStatusView) -> None:
        listeners.device_status(status)
        # What can be paid by has changed with it.
        listeners.asked(LookAgain())

    return HouseTies(
        tell=listeners.payment_news,
        wake=listeners.errands_wait,
        status=show,
        terminal=lambda: devices.card_terminal,
    )


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
