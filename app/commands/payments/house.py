"""The payments of one till: made behind it, asked by it without waiting, and brought to an end with it.

Nothing heavy is loaded before the till has had the processor to itself for a moment; until the desk has said that it is
ready no payment is begun.
"""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from app.checkout.payment_ports import TenderPath
from app.checkout.views import DeviceStatusView
from app.commands.configuration import Configuration
from app.commands.payments.lights import PaymentLight
from app.commands.payments.numbers import AttemptNumbers
from app.commands.payments.paths import path_before, path_of
from app.commands.payments.sections import CARD_TERMINAL, ProviderSection
from app.payments.card_terminal import CardTerminal, TerminalAnswered, TerminalPrompt
from app.payments.desk import PaymentDesk
from app.payments.desk_errands import ErrandLane
from app.payments.desk_requests import (
    AttemptEnded,
    DeskEvent,
    PaymentOrder,
    RefundRequest,
    SupervisorDecision,
)
from app.payments.offline_rules import OfflineCardRule
from app.payments.ports import AttemptStore
from app.payments.provider import PaymentProvider
from app.payments.routing import RoutingSettings
from app.values.clock import Clock
from app.values.identifiers import Identities
from app.values.wording import Wording, wording

if TYPE_CHECKING:
    from app.commands.payments.providers import OpenedProviders
    from app.commands.payments.reach import Reach
    from app.commands.payments.shopper_page import ShopperPage
    from app.commands.payments.simulators import PlayedProviders, Simulator
    from app.payments.terminal_provider import TerminalProvider

_log: Final = logging.getLogger(__name__)

SETTLING_S: Final = 0.8
"""How long the till has the processor to itself before the libraries of payments load."""

PAYMENTS_STOPPED: Final = wording(
    "Payments stopped working inside the till. Take cash, close the till and open it again, and tell help: the log says"
    " why."
)


@dataclass(frozen=True, slots=True)
class HouseTies:
    """Who is told and asked by a till's payments; each call returns at once."""

    tell: Callable[[DeskEvent], None]
    """Takes how payments go, in order, on the desk's thread."""

    wake: Callable[[], object]
    """Makes the till's thread call `PaymentHouse.run_errands` soon; called on the desk's thread."""

    status: Callable[[DeviceStatusView], None]
    """Takes the light `payments`; called on several threads."""

    terminal: Callable[[], CardTerminal | None] = lambda: None
    """Returns the till's card terminal; None where there is none, or not yet."""

    own: Mapping[str, Callable[[ProviderSection], PaymentProvider]] = field(default_factory=dict)
    """Makes providers of the till's own, by their driver's word, instead of the driver of that name."""

    away: Callable[[ProviderSection], Wording | None] = lambda _section: None
    """Says why one of `own` cannot be asked now; None where it can. Called on several threads."""

    settling_s: float = SETTLING_S
    shopper_page: bool = True
    """Whether a page is served on which a person plays the shopper, where a provider is simulated."""


class PaymentHouse:
    """`app.checkout.payment_ports.Payments` of a till; any thread may call it unless a method says otherwise."""

    def __init__(
        self, configuration: Configuration, site_folder: Path, clock: Clock, identities: Identities, ties: HouseTies
    ) -> None:
        """Begin in the background; `DeskReady` is told when payments can be taken."""
        self._configuration = configuration
        self._site_folder = site_folder
        self._clock = clock
        self._identities = identities
        self._ties = ties
        self.routing: RoutingSettings = configuration.routing_settings()
        self.offline_cards: OfflineCardRule = configuration.offline_card_rule()
        self._sections = {section.tender: section for section in configuration.provider}
        self._lane = ErrandLane(ties.wake)
        self._lock = threading.RLock()
        self._desk: PaymentDesk | None = None
        self._opened: OpenedProviders | None = None
        self._reach: Reach | None = None
        self._terminal: TerminalProvider | None = None
        self._terminal_away: Wording | None = None
        self._played: PlayedProviders | None = None
        self._page: ShopperPage | None = None
        self._numbers = AttemptNumbers()
        self._early_captures: list[str] = []
        self._ending = threading.Event()
        self._ended = False
        self._stopped = False
        self._started = threading.Event()
        self._light = PaymentLight(_names_of(configuration), ties.status)
        self._light.show()
        self._starter = threading.Thread(target=self._begin_all, name="payment-starter", daemon=True)
        self._starter.start()

    # Starting, on a thread of its own.

    def _begin_all(self) -> None:
        self._ending.wait(self._ties.settling_s)
        try:
            if not self._ending.is_set():
                self._make_all()
        except Exception:  # noqa: BLE001 - logged with its trace; the till goes on with cash
            _log.exception("payments_not_started")
            self._light.failed(wording("Payments could not be started. The log says why. Take cash."))
        finally:
            self._started.set()

    def _make_all(self) -> None:
        from app.commands.payments.making import listened_to, settings_with
        from app.commands.payments.providers import open_providers

        self._play_simulated()
        opened = open_providers(
            self._configuration,
            self._site_folder,
            self._clock,
            settings_of=settings_with(self._played),
            own={CARD_TERMINAL: self._make_terminal, **self._ties.own},
        )
        providers, reach = listened_to(opened, self._show_light)
        desk = PaymentDesk(
            providers,
            self._lane,
            identities=self._identities,
            clock=self._clock,
            on_event=self._hear_desk,
            on_end=self._desk_ended,
        )
        with self._lock:
            if self._ending.is_set():
                opened.close()
                return
            self._opened, self._reach, self._desk = opened, reach, desk
            desk.start()
            reach.start()
            self._capture_early(desk)
        self._light.made(opened.troubles)
        self._show_light()

    def _play_simulated(self) -> None:
        simulated = [section for section in self._configuration.provider if section.simulated]
        if not simulated or self._ending.is_set():
            return
        from app.commands.languages import speech_in
        from app.commands.payments.making import play_all, serve_shopper_page
        from app.commands.payments.simulators import PlayedProviders

        self._played = PlayedProviders(self._site_folder, self._clock)
        play_all(self._played, simulated)
        if self._ties.shopper_page:
            self._page = serve_shopper_page(self._played, speech_in(self._configuration.printer.language))
            self._light.simulated(self.shopper_page)

    def _make_terminal(self, _section: ProviderSection) -> PaymentProvider:
        from app.payments.terminal_provider import TerminalProvider

        terminal = TerminalProvider(self._ties.terminal, on_news=self._ask_about)
        with self._lock:
            self._terminal = terminal
        return terminal

    def wait_until_started(self, timeout_s: float) -> bool:
        """Wait until every provider was tried; whether that is over. For tests, demonstrations and commands."""
        return self._started.wait(timeout_s)

    @property
    def ready(self) -> bool:
        """Whether payments are taken: what was not over at the start is known, and is being asked about."""
        desk = self._desk
        return desk is not None and desk.ready

    # What the checkout asks; returns at once.

    def path(self, tender_type_id: str) -> TenderPath | None:
        """Return how a tender is asked for; None where it is not set up at this till, or its provider has a fault."""
        section = self._sections.get(tender_type_id)
        if section is None:
            return None
        with self._lock:
            opened = self._opened
        if opened is None:
            return None if self._started.is_set() else path_before(section)
        provider = opened.providers.get(section.id)
        if provider is None:
            return None
        return path_of(section, provider.capabilities, self._away(section))

    def _away(self, section: ProviderSection) -> Wording | None:
        if self._stopped:
            return PAYMENTS_STOPPED
        if section.driver == CARD_TERMINAL:
            with self._lock:
                return self._terminal_away
        if section.driver in self._ties.own:
            return self._ties.away(section)
        reach = self._reach
        return self._light.away_sentence(section.id) if reach is not None and reach.is_away(section.id) else None

    def begin(self, order: PaymentOrder) -> bool:
        """See `Payments`."""
        self._numbers.begun(order.attempt_id)
        desk = self._desk
        return desk is not None and desk.begin(order)

    def is_busy_with(self, basket_id: str) -> bool:
        """See `Payments`."""
        desk = self._desk
        return desk is not None and desk.is_busy_with(basket_id)

    def cancel(self, attempt_id: str, asked_by: str) -> bool:
        """See `Payments`."""
        desk = self._desk
        return desk is not None and desk.cancel(attempt_id, asked_by)

    def refund(self, request: RefundRequest) -> bool:
        """See `Payments`."""
        self._numbers.begun(request.attempt_id)
        desk = self._desk
        return desk is not None and desk.refund(request)

    def decide(self, decision: SupervisorDecision) -> bool:
        """See `Payments`."""
        desk = self._desk
        return desk is not None and desk.decide(decision)

    def confirm(self, attempt_id: str, confirmed_by: str, reference: str) -> bool:
        """See `Payments`."""
        desk = self._desk
        return desk is not None and desk.confirm(attempt_id, confirmed_by, reference)

    def capture(self, attempt_ids: Sequence[str]) -> None:
        """See `Payments`; what comes before the desk is there waits for it."""
        with self._lock:
            if self._desk is None:
                self._early_captures.extend(attempt_ids)
                return
            desk = self._desk
        desk.capture(attempt_ids)

    def _capture_early(self, desk: PaymentDesk) -> None:
        if self._early_captures:
            desk.capture(tuple(self._early_captures))
            self._early_captures.clear()

    def hear_late(self, attempt_id: str) -> bool:
        """Have a payment looked at once more that is over, because the provider's bill says otherwise."""
        desk = self._desk
        return desk is not None and desk.hear_late(attempt_id)

    def look_now(self) -> None:
        """Look again at once whether the providers can be reached."""
        if self._reach is not None:
            self._reach.look_now()

    # What the till's other parts bring.

    def run_errands(self, store: AttemptStore) -> int:
        """Store what the desk wants stored; on the till's thread. Return how much it was."""
        return self._lane.run_waiting(store)

    def hear_terminal(self, event: object) -> None:
        """Take what the till's card terminal says: prompts, answers, and how it is. Called on its thread."""
        from hardware.worker import DeviceState, ErrorEvent, StatusUpdate

        if isinstance(event, TerminalPrompt | TerminalAnswered):
            with self._lock:
                terminal = self._terminal
            if terminal is not None:
                terminal.hear(event)
            return
        if isinstance(event, StatusUpdate):
            unusable = event.state in {DeviceState.AWAY, DeviceState.STOPPED}
            away = event.sentence if unusable else None
        elif isinstance(event, ErrorEvent):
            away = event.sentence
        else:
            return
        with self._lock:
            self._terminal_away = away
        self._show_light()

    def simulator(self, provider_id: str) -> "Simulator | None":
        """Return the simulator that plays a provider; None where it is not simulated, or not yet."""
        played = self._played.played.get(provider_id) if self._played is not None else None
        return played.simulator if played is not None else None

    @property
    def shopper_page(self) -> str:
        """The address of the page on which a person plays the shopper; empty where there is none."""
        return self._page.address if self._page is not None else ""

    # On the desk's thread, or the terminal's.

    def _hear_desk(self, event: DeskEvent) -> None:
        self._numbers.hear(event)
        self._ties.tell(event)
        if self._played is not None and isinstance(event, AttemptEnded):
            self._played.keep()

    def _desk_ended(self) -> None:
        """Say so where the desk ended though nobody ended it: a fault of the program, which the log has."""
        self._lane.nudge()
        if not self._ending.is_set():
            self._stopped = True
            self._light.failed(PAYMENTS_STOPPED)

    def _ask_about(self, provider_number: str) -> None:
        """Have the desk ask at once about a payment of which the terminal has news."""
        attempt_id, desk = self._numbers.attempt_of(provider_number), self._desk
        if desk is not None and attempt_id is not None:
            desk.ask_now(attempt_id)

    def _show_light(self) -> None:
        reach = self._reach
        with self._lock:
            terminal_away = self._terminal_away
        away = {section.id for section in self._sections.values() if reach is not None and reach.is_away(section.id)}
        if terminal_away is not None:
            away |= {section.id for section in self._sections.values() if section.driver == CARD_TERMINAL}
        self._light.reached(away)

    # Ending.

    def stop(self, store: AttemptStore, within_s: float) -> bool:
        """End; on the till's thread, which goes on storing for the desk meanwhile.

        A call that a provider does not answer is left behind: its attempt is stored as not final, and is taken up at
        the next start.

        Returns:
            Whether everything has ended, in time.
        """
        if self._ending.is_set():
            return self._ended
        self._ending.set()
        late, over = threading.Event(), threading.Event()

        def be_late() -> None:
            late.set()
            over.set()
            self._lane.nudge()

        timer = threading.Timer(within_s, be_late)
        timer.daemon = True
        timer.start()
        with self._lock:
            desk = self._desk
        if desk is not None:
            desk.stop()
            self._lane.serve_until(store, lambda: desk.ended or late.is_set())
        self._lane.run_waiting(store)
        self._lane.close()
        let_go = threading.Event()

        def end_rest() -> None:
            self._end_rest()
            let_go.set()
            over.set()

        threading.Thread(target=end_rest, name="payment-ender", daemon=True).start()
        over.wait()
        timer.cancel()
        self._ended = let_go.is_set() and (desk is None or desk.ended)
        return self._ended

    def _end_rest(self) -> None:
        """End what stands around the desk, on a thread that is left behind where that takes too long."""
        self._starter.join()
        if self._reach is not None:
            self._reach.stop(1.0)
        if self._page is not None:
            self._page.stop()
        if self._played is not None:
            self._played.stop()


def _names_of(configuration: Configuration) -> dict[str, Any]:
    from app.commands.configuration import localized

    tenders = {tender.id: localized(tender.name, tender.name_en) for tender in configuration.tender}
    return {section.id: tenders[section.tender] for section in configuration.provider}
