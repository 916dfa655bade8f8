"""Puts a till together: catalogue, store, printer and codes handed to the checkout. No rule of the shop lives here."""

import logging
import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from msgspec import structs

from app.checkout.counter import Counter
from app.checkout.no_members import NoMembers
from app.checkout.payment_requests import LookAgain
from app.checkout.requests import TillRequest
from app.checkout.settings import TillSettings
from app.checkout.till import Till
from app.checkout.views import (
    DeviceStatusView,
    Notice,
    Phase,
    QuickKeyPage,
    SearchView,
    Severity,
    StatusView,
    TillView,
)
from app.commands.configuration import Configuration
from app.commands.devices.house import DeviceHouse, HouseParts
from app.commands.members.house import MemberHouse, MemberTies, TillPlace
from app.commands.members.keepers import keeper_of
from app.commands.members.keeping import OpenKeeper
from app.commands.members.lights import NO_MEMBERS
from app.commands.members.promotions_sent import SentPromotions
from app.commands.members.settings import MemberSettings
from app.commands.payments.house import HouseTies, PaymentHouse
from app.commands.payments.listeners import TillListeners
from app.commands.payments.sections import MEMBER_POINTS, MEMBER_VALUE, ProviderSection
from app.commands.promotions_on_file import PromotionsOnFile, recorded_as
from app.commands.site import Site
from app.commands.world import SystemClock, SystemIdentities
from app.devices.frames import FrameSource
from app.ledger.entry import EntryKind
from app.members.birthdays import LeapDay
from app.payments.provider import PaymentProvider
from app.promotions.checking import BadRules
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

MEMBERS_END_S = 2.0
"""How long a closing till tells what its last sales did to members; the rest is told at the next start."""

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

    around_keeper: Callable[[OpenKeeper], OpenKeeper] = field(default=lambda opens: opens)
    """Puts something between the till and whoever keeps its members, such as a line that can be cut."""

    asks_providers: bool = True
    """Whether payments that a provider must approve are taken; without, the configuration's providers are left out."""

    keeps_members: bool | None = None
    """Whether members are found and told of; None: where providers are asked."""


def real_parts(frames: Callable[[str], FrameSource] | None = None) -> Parts:
    """Return the machine's clock and random identities, and its camera where a window can open one."""
    return Parts(SystemClock(), SystemIdentities(), frames=frames)


@dataclass(frozen=True, slots=True)
class TillSides:
    """What stands round a till."""

    catalogue: "LiveCatalogue"
    """It sells from it."""

    store: "TillStoreFile"
    devices: DeviceHouse
    payments: PaymentHouse
    promotions: PromotionsOnFile
    members: MemberHouse | None = None
    """None where the shop has no members."""


class TillAtWork:
    """A till with its parts: what the screens' worker thread owns."""

    def __init__(self, till: Till, sides: TillSides, listeners: TillListeners) -> None:
        """Take a till, what stands round it, and who brings a request back to `handle` and shows a notice."""
        self._till = till
        self._catalogue = sides.catalogue
        self._store = sides.store
        self.devices = sides.devices
        self.payments = sides.payments
        self.members = sides.members
        self._promotions = sides.promotions
        self._listeners = listeners
        self._next_look: threading.Timer | None = None
        self._ending = False
        self._change_unrecorded = False
        self._refresh_trouble = ""
        self._between_baskets = True
        self._say_promotions_trouble()

    def handle(self, request: TillRequest) -> TillView:
        """Do what was asked; a price book that was published in the meantime counts from here on."""
        self._take_new_prices()
        if self._between_baskets:
            self._take_new_promotions()
        try:
            view = self._till.handle(request)
        finally:
            if self._till.has_unheard:
                self._look_again_soon()
        self._between_baskets = view.phase is Phase.PAID or not view.basket.lines
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
        self._listeners.asked(LookAgain())

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

    def _take_new_promotions(self) -> None:
        """Work by changed promotions from the next basket on; a file that cannot be meant changes nothing."""
        if self._promotions.take_changes(lambda version: self._store.record(*recorded_as(version))):
            self._say_promotions_trouble()

    def _say_promotions_trouble(self) -> None:
        trouble = self._promotions.trouble
        if trouble is not None:
            self._listeners.noticed(Notice(Severity.WARNING, trouble, BadRules.code), None)

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
        """Store what the desks of payments and members want stored, and look up what they ask."""
        self.payments.run_errands(self._store)
        if self.members is not None:
            self.members.run_errands(self._store)

    def stop_devices(self) -> None:
        """End payments, members and devices; what they report meanwhile still wants to be handled before `close`."""
        self._ending, next_look = True, self._next_look
        if next_look is not None:
            next_look.cancel()
        with ExitStack() as ending:
            ending.callback(self.devices.close, DEVICES_END_S)
            if self.members is not None:
                ending.callback(self.members.stop, self._store, MEMBERS_END_S)
            self.payments.stop(self._store, PAYMENTS_END_S)

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
    members_wanted = site.member_settings(configuration)
    codes = CodeReader(configuration.code_settings())
    with ExitStack() as opening:
        catalogue = LiveCatalogue(prepared_shelf(site, parts.clock))
        opening.callback(catalogue.close)
        store = open_store(site, configuration, parts)
        opening.callback(store.close)
        promotions = PromotionsOnFile(
            site.configuration_folder,
            site.folder,
            currency=settings.currency.code,
            time_zone=configuration.store.time_zone,
        )
        devices = DeviceHouse(
            configuration,
            listeners,
            parts.clock,
            parts.identities,
            HouseParts(parts.printer_driver, parts.frames, parts.watchers),
        )
        opening.callback(devices.close, DEVICES_END_S)
        if members_wanted is not None:
            leap_day = members_wanted.terms.earning.birthday.leap_day
            promotions.book.leap_day_after = leap_day is LeapDay.AFTER
        members = _members(site, settings, members_wanted, parts, listeners)
        if members is not None:
            opening.callback(members.stop, store, MEMBERS_END_S)
        asked = configuration if parts.asks_providers else structs.replace(configuration, provider=())
        ties = _ties(listeners, devices, members)
        payments = PaymentHouse(asked, site.folder, parts.clock, parts.identities, ties)
        opening.callback(payments.stop, store, PAYMENTS_END_S)
        devices.pay_at_terminal(payments.hear_terminal)
        counter = Counter(
            settings,
            catalogue,
            store,
            devices,
            codes,
            parts.clock,
            parts.identities,
            payments,
            promotions.book,
            members or NoMembers(),
        )
        opened = opening.pop_all()
        try:
            till = Till(counter, opened.close)
        except BaseException:
            opened.close()
            raise
    return TillAtWork(till, TillSides(catalogue, store, devices, payments, promotions, members), listeners)


def _members(
    site: Site,
    settings: TillSettings,
    wanted: MemberSettings | None,
    parts: Parts,
    listeners: TillListeners,
) -> MemberHouse | None:
    if wanted is None or not (parts.asks_providers if parts.keeps_members is None else parts.keeps_members):
        listeners.device_status(NO_MEMBERS)
        return None
    place = TillPlace(settings.till_id, settings.zone, settings.currency.code, site.folder)
    return MemberHouse(
        wanted,
        place,
        parts.around_keeper(keeper_of(site, settings, wanted, parts.clock)),
        parts.clock,
        MemberTies(
            tell=listeners.member_news,
            wake=listeners.errands_wait,
            status=_showing(listeners),
            further=(SentPromotions(site.folder, parts.clock.monotonic_ns),),
        ),
    )


def _ties(listeners: TillListeners, devices: DeviceHouse, members: MemberHouse | None) -> HouseTies:
    own: dict[str, Callable[[ProviderSection], PaymentProvider]] = {}
    if members is not None:
        house = members
        own = {
            MEMBER_VALUE: lambda _section: house.value_provider(),
            MEMBER_POINTS: lambda _section: house.points_provider(),
        }
    return HouseTies(
        tell=listeners.payment_news,
        wake=listeners.errands_wait,
        status=_showing(listeners),
        terminal=lambda: devices.card_terminal,
        own=own,
        away=lambda _section: members.away() if members is not None else None,
    )


def _showing(listeners: TillListeners) -> Callable[[DeviceStatusView], None]:
    def show(status: DeviceStatusView) -> None:
        listeners.device_status(status)
        # What can be paid by has changed with it.
        listeners.asked(LookAgain())

    return show


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
