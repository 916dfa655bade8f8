"""The till's state between two requests: frozen, so that a request either happens whole or not at all."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from types import MappingProxyType

from app.catalogue.products import PricedProduct
from app.checkout.member_ports import AskCoupon, MemberQuestion
from app.checkout.member_requests import ReportMember
from app.checkout.payment_requests import ReportPayment
from app.checkout.payment_views import PaymentStage
from app.checkout.ports import PrintJob
from app.checkout.views import CompletedView, Notice, Phase, Severity, Sound
from app.members.identity import MemberKey
from app.members.ports import CouponOffer, MemberFacts
from app.payments.attempt_record import Method
from app.sales.basket import Basket
from app.sales.coupon_fits import NO_FITS, CouponFits
from app.sales.dealing import WorkedOut
from app.sales.sale import WeightSource
from app.sales.shopper import BasketMember
from app.values.problems import Problem
from app.values.quantity import ONE
from app.values.wording import Wording, wording


class CheckoutRefused(Problem):
    """Raised when a request makes no sense now; nothing has changed."""

    code = "NOT-NOW"


class CannotBeSold(Problem):
    """Raised when a product may not be sold: blocked, expired, without a price."""

    code = "CANNOT-BE-SOLD"


class WeightRefused(Problem):
    """Raised when a weight or a tare may not be used; the question for the weight stays."""

    code = "WEIGHT-REFUSED"


class NotAllowed(Problem):
    """Raised when the operator's role does not permit what was asked."""

    code = "NOT-ALLOWED"


class CodeNotKnown(Problem):
    """Raised when a code was read well but stands for nothing in this shop, or was not read well."""

    code = "CODE-NOT-KNOWN"


@dataclass(frozen=True, slots=True)
class ScannedFacts:
    """What a code said beyond the product."""

    weight_thousandths: int | None = None
    count: int | None = None
    """Pieces the code says are in the item (GS1 AI 30)."""

    label_amount_minor: int | None = None
    batch: str | None = None
    expiry: date | None = None
    serial: str | None = None


@dataclass(frozen=True, slots=True)
class PendingItem:
    """A product that was scanned or chosen and still needs an answer before it is a line."""

    found: PricedProduct
    quantity_thousandths: int = ONE
    """How many of what one scan sells."""

    facts: ScannedFacts = field(default_factory=ScannedFacts)
    age_confirmed: bool = False
    weight_thousandths: int | None = None
    """What the cashier keyed or the scale said, net."""

    price_minor: int | None = None
    container_id: str = ""
    """What the cashier says it lies in on the scale."""

    typed_tare_grams: int | None = None
    tare_grams: int = 0
    """Taken off by the time `weight_thousandths` is there."""

    weighed_by: WeightSource | None = None
    """Where `weight_thousandths` comes from."""


@dataclass(frozen=True, slots=True)
class OpenPayment:
    """The payment that a basket waits for, or that ended while the basket was aside; the store has the attempt."""

    attempt_id: str
    tender_type_id: str
    method: Method
    amount_minor: int
    sentence: Wording
    stage: PaymentStage = PaymentStage.SENDING
    ends_at: datetime | None = None
    payload: str = field(default="", repr=False)
    code: str = ""
    cancelling: bool = False
    hands_back: int | None = None
    """The tender whose money this gives back, until that is stored; None for a payment."""

    over: bool = False
    """Whether it ended while its basket was aside: the basket can be recalled."""


@dataclass(frozen=True, slots=True)
class Displaced:
    """Coupons that left the basket for others that headquarters has not answered for yet."""

    by: frozenset[str]
    """Those others, by their redemption's id."""

    offers: tuple[CouponOffer, ...]


@dataclass(frozen=True, slots=True)
class TillState:
    """What the till remembers while it runs; the basket in it is always the one in the store."""

    phase: Phase = Phase.SELLING
    basket: Basket | None = None
    suspended: tuple[Basket, ...] = ()
    pending: PendingItem | None = None
    armed: str = ""
    """The quantity typed before a scan, as text; empty where none is."""

    selected_line: int | None = None
    notice: Notice | None = None
    sound: Sound | None = None
    completed: CompletedView | None = None
    search_text: str | None = None
    unsent_jobs: tuple[PrintJob, ...] = ()
    """Print jobs that found the printer's queue full; sent as soon as one of the others is done."""

    tags_in_field: Mapping[str, frozenset[str]] = field(default_factory=lambda: MappingProxyType({}))
    """For each RFID reader the EPCs of its last report: every one of them was looked at."""

    tags_met: frozenset[tuple[str, str]] = frozenset()
    """GTIN and serial number of tagged goods that came into a field since the till was started."""

    tags_waiting: tuple[str, ...] = ()
    """EPCs of goods that came while a question was open, to be added after its answer."""

    payments: Mapping[str, OpenPayment] = field(default_factory=lambda: MappingProxyType({}))
    """The open payment of each basket that has one, by the basket's id."""

    unheard: tuple[ReportPayment | ReportMember, ...] = ()
    """What the desks said and the store could not take; heard again before the next request."""

    refund_slips: frozenset[str] = frozenset()
    """Refunds whose shopper waits for a copy of the receipt that says how it stands, by the attempt's id."""

    giving_back: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Refunds that the till itself asked for and that did not end yet: the refund's id and the payment's."""

    shown_sale: str = ""
    """The sale that was looked up; empty where none is shown."""

    worklist_shown: bool = False
    case_count: int = 0
    """Cases of payments that a person must look at."""

    worked_out: WorkedOut | None = None
    """The deal of the basket with its explanation; None while its payment goes on after a restart."""

    coupons_at_hand: tuple[CouponOffer, ...] = ()
    """The coupons of the basket's member."""

    hindered: Mapping[str, Wording] = field(default_factory=lambda: MappingProxyType({}))
    """Why coupons at hand cannot be put in now, by the coupon's id."""

    fits: CouponFits = NO_FITS
    """What those coupons would save in this basket."""

    asked_member: MemberKey | None = None
    """Who headquarters is being asked about for this basket."""

    enrol_key: MemberKey | None = None
    """A telephone number that is nobody's."""

    member_shown: bool = False
    deal_shown: bool = False
    facts: MemberFacts | None = field(default=None, repr=False)
    """What is known of the member beyond what the basket keeps; None where only the basket knows."""

    next_member: BasketMember | None = None
    """The member who was named before the first item: no basket is opened for them, and a till that is started again
    has forgotten them."""

    named_at: datetime | None = None
    """When that was."""

    brought: tuple[CouponOffer, ...] = ()
    """The coupons whose codes were scanned for this basket, with their signatures."""

    asked_code: AskCoupon | None = None
    """The coupon code that headquarters is being asked about."""

    asked_code_at: datetime | None = None
    refusals: Mapping[tuple[str, str], Wording] = field(default_factory=lambda: MappingProxyType({}))
    """Why coupons were refused that were put into a basket, by the basket's id and the coupon's."""

    displaced: Displaced | None = None
    """What comes back into the basket where headquarters refuses what came instead."""

    erased: frozenset[str] = frozenset()
    """Members that headquarters erased while the till ran: an answer about them that comes late names nobody."""

    questions: tuple[MemberQuestion, ...] = field(default=(), repr=False)
    """For the desk of members: asked once the basket that says so is stored."""

    @property
    def member(self) -> BasketMember | None:
        """The member who is named, in the basket or before it."""
        return self.basket.member if self.basket is not None else self.next_member

    @property
    def member_id(self) -> str:
        """Who coupons are asked for; empty where nobody is named, or a member who is blocked."""
        member = self.member
        return "" if member is None or member.blocked else member.member_id

    def refusal_of(self, coupon_id: str) -> Wording | None:
        """Return why a coupon was refused for the basket being rung up; None where it was not."""
        return self.refusals.get((self.basket.basket_id, coupon_id)) if self.basket is not None else None

    def refusing(self, basket_id: str, coupon_id: str, why: Wording | None) -> "TillState":
        """Return the state with a coupon that is refused for a basket; None: not any more."""
        others = {known: reason for known, reason in self.refusals.items() if known != (basket_id, coupon_id)}
        refused = others if why is None else {**others, (basket_id, coupon_id): why}
        return replace(self, refusals=MappingProxyType(refused))

    def asking(self, question: MemberQuestion) -> "TillState":
        """Return the state with a question more for the desk of members."""
        return replace(self, questions=(*self.questions, question))

    def saying(self, severity: Severity, sentence: Wording, sound: Sound | None = None, code: str = "") -> "TillState":
        """Return the state with a notice."""
        return replace(self, notice=Notice(severity, sentence, code), sound=sound)

    @property
    def open_payment(self) -> OpenPayment | None:
        """The payment that the basket being rung up waits for."""
        return self.payments.get(self.basket.basket_id) if self.basket is not None else None

    def with_payment(self, basket_id: str, payment: OpenPayment | None) -> "TillState":
        """Return the state with a basket's payment, or without."""
        others = {known: open_ for known, open_ in self.payments.items() if known != basket_id}
        return replace(self, payments=MappingProxyType(others if payment is None else {**others, basket_id: payment}))

    def with_refund(self, refund_id: str, payment_id: str) -> "TillState":
        """Return the state with a refund that the till itself asked for."""
        return replace(self, giving_back=MappingProxyType({**self.giving_back, refund_id: payment_id}))

    def without_refund(self, refund_id: str) -> "TillState":
        """Return the state without a refund that is over, or was never begun."""
        others = {known: payment for known, payment in self.giving_back.items() if known != refund_id}
        return replace(self, giving_back=MappingProxyType(others))

    def quiet(self) -> "TillState":
        """Return the state as a new request finds it: messages, sounds and searches of the last one are gone."""
        return replace(self, notice=None, sound=None, search_text=None)


def require_basket(state: TillState) -> Basket:
    """Return the open basket.

    Raises:
        CheckoutRefused: if there is none.
    """
    if state.basket is None:
        raise CheckoutRefused(wording("There is no basket yet. Scan the first item."))
    return state.basket


def require_editable(state: TillState) -> Basket:
    """Return the open basket if its lines may change now.

    Raises:
        CheckoutRefused: if there is none, or a tender was already taken for it.
    """
    basket = require_basket(state)
    require_no_payment(state)
    if basket.tenders:
        raise CheckoutRefused(
            wording("A tender was already taken. Press F12, select it and hand it back with F8 first.")
        )
    return basket


def require_no_payment(state: TillState) -> None:
    """Refuse what cannot be while the basket waits for a payment.

    Raises:
        CheckoutRefused: it does.
    """
    if state.open_payment is not None:
        raise CheckoutRefused(
            wording("A payment is under way. Wait for it or cancel it with Esc; F5 puts the basket aside.")
        )
