"""What the shopper's window shows for a view of the till."""

from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Final

from app.checkout.member_views import CouponStanding
from app.checkout.payment_views import OpenPaymentView, PaymentStage
from app.checkout.views import LineView, PaymentView, Phase, Question, TillView
from app.values.money import CNY, Currency, currency_of
from app.values.speech import Speech
from app.values.wording import LocalizedText, Wording, wording
from ui.presenters.formatting import TIMES, write_count, write_line_price, write_money
from ui.presenters.member import greeting
from ui.presenters.payments import picture_of, shopper_sentence, shown_payload
from ui.presenters.rows import BasketRow, RowWriter
from ui.presenters.savings import almost_words, customer_saved_words, earned_words, saved_in_all_words
from ui.presenters.weighing import WeighingPicture


class CustomerMode(Enum):
    """What the shopper sees."""

    IDLE = "idle"
    SHOPPING = "shopping"
    PAYING = "paying"
    WAITING = "waiting"
    """A payment is open: there is a code to scan, or something to do at the phone or the terminal."""

    THANKS = "thanks"


@dataclass(frozen=True, slots=True)
class CustomerScreen:
    """Everything on the shopper's window, as texts."""

    mode: CustomerMode
    rows: tuple[BasketRow, ...] = ()
    last_name: str = ""
    last_calculation: str = ""
    last_amount: str = ""
    last_picture: str = ""
    last_product_id: str = ""
    due_caption: str = ""
    due: str = ""
    saved: str = ""
    """Empty where nothing was saved."""

    change: str = ""
    thanks: str = ""
    selected: int = -1
    """Row of the last line."""

    payload: str = ""
    """What the code holds that the shopper is to scan; empty where there is none."""

    tender: str = ""
    """What is being paid with."""

    sentence: str = ""
    """What the shopper is to do now."""

    icon: str = ""
    part_of: str = ""
    """Where it pays a part only: what the whole costs."""

    greeting: str = field(default="", repr=False)
    """Names the member, masked, with the tier; empty where nobody is named."""

    points: str = ""
    """What the member has; after the sale what it brought."""

    earns: str = ""
    """What this basket would bring."""

    hint: str = ""
    """What would be given with a little more, the nearest."""

    coupons: str = ""
    """The coupons that count in this basket."""

    saved_minor: int = 0
    """In all, the saving that is counted up."""

    currency: Currency = CNY


WELCOME: Wording = wording("Welcome")
THANKS: Wording = wording("Thank you, see you soon")
_MOST_COUPONS: Final = 3
"""So many coupons are named, the others are counted."""


class CustomerPresenter:
    """Keeps nothing but the rows it has written."""

    def __init__(self) -> None:
        """Begin with nothing written."""
        self._writer = RowWriter()

    def present(self, view: TillView, speech: Speech, weighing: WeighingPicture | None = None) -> CustomerScreen:
        """Return what to show for a view.

        Args:
            view: the till's.
            speech: the shopper's language.
            weighing: what lies on the scale, while the till asks for its weight: who pays by weight sees weight, unit
                price and price come about (OIML R 76, direct sales to the public).
        """
        if weighing is not None and view.question is not None:
            return self._weighing(view, view.question, weighing, speech)
        if view.payment is not None and view.payment.open is not None:
            return _waiting(view.payment, view.payment.open, currency_of(view.basket.currency), speech)
        currency = currency_of(view.basket.currency)
        if view.phase is Phase.PAID and view.completed is not None:
            done = view.completed
            return CustomerScreen(
                mode=CustomerMode.THANKS,
                due_caption=speech.say(wording("Paid")),
                due=write_money(done.due_minor, currency),
                saved=speech.say(saved_in_all_words(done.discount_minor, currency)),
                saved_minor=done.discount_minor,
                points="" if (earned := earned_words(done)) is None else speech.say(earned),
                change=write_money(done.change_minor, currency),
                thanks=speech.say(THANKS),
            )
        if not view.basket.lines:
            return _with_shopper(CustomerScreen(mode=CustomerMode.IDLE, thanks=speech.say(WELCOME)), view, speech)
        rows = self._writer.rows(view.basket, speech)
        last = _last_line(view)
        paying = view.phase is Phase.PAYING and view.payment is not None
        left = view.payment.left_minor if paying and view.payment else view.basket.due_minor
        screen = CustomerScreen(
            mode=CustomerMode.PAYING if paying else CustomerMode.SHOPPING,
            rows=rows,
            last_name=speech.say(last.name),
            last_calculation=write_line_price(last.quantity_thousandths, last.unit, last.unit_price_minor, currency),
            last_amount=write_money(last.total_minor, currency),
            last_picture=last.picture,
            last_product_id=last.product_id,
            due_caption=speech.say(wording("Still to pay") if paying else wording("To pay")),
            due=write_money(left, currency),
            saved=_saved(view.basket.discount_minor, view, speech),
            selected=next((index for index, row in enumerate(rows) if row.line_id == last.line_id), -1),
        )
        return _with_shopper(screen, view, speech)

    def _weighing(
        self, view: TillView, question: Question, weighing: WeighingPicture, speech: Speech
    ) -> CustomerScreen:
        currency = currency_of(view.basket.currency)
        screen = CustomerScreen(
            mode=CustomerMode.SHOPPING,
            rows=self._writer.rows(view.basket, speech),
            last_name=speech.say(question.product_name),
            last_calculation=f"{weighing.net} kg {TIMES} {weighing.unit_price}",
            last_amount=weighing.price,
            last_picture=question.picture,
            due_caption=speech.say(wording("To pay")),
            due=write_money(view.basket.due_minor, currency),
            saved=_saved(view.basket.discount_minor, view, speech),
        )
        return _with_shopper(screen, view, speech)


def _with_shopper(screen: CustomerScreen, view: TillView, speech: Speech) -> CustomerScreen:
    """Return a screen with what is known of the shopper; one who is blocked is greeted as any other shopper."""
    member = view.shopper.member
    almost = almost_words(view)
    screen = replace(
        screen,
        saved_minor=view.basket.discount_minor,
        currency=currency_of(view.basket.currency),
        hint="" if almost is None else speech.say(almost),
        coupons=_coupons(view, speech),
    )
    if member is None or member.blocked:
        return screen
    earns = wording("This basket earns {points} points", points=write_count(member.earns))
    return replace(
        screen,
        greeting=speech.say(wording("Hello, {name}", name=greeting(member))),
        points=speech.say(wording("{points} points", points=write_count(member.points))),
        earns=speech.say(earns) if member.earns > 0 else "",
    )


def _coupons(view: TillView, speech: Speech) -> str:
    used = [coupon.name for coupon in view.shopper.coupons if coupon.standing is CouponStanding.USED]
    if not used:
        return ""
    names: list[Wording | LocalizedText] = list(used[:_MOST_COUPONS])
    if len(used) > _MOST_COUPONS:
        names.append(wording("{count} more", count=len(used) - _MOST_COUPONS))
    joined = " \u00b7 ".join(speech.say(name) for name in names)
    return speech.say(wording("Coupons: {names}", names=joined))


def _waiting(payment: PaymentView, waited_for: OpenPaymentView, currency: Currency, speech: Speech) -> CustomerScreen:
    payload = shown_payload(waited_for)
    amount = write_money(waited_for.amount_minor, currency)
    going_back = waited_for.stage in {PaymentStage.GIVING_BACK, PaymentStage.TAKING_BACK}
    part = waited_for.amount_minor < payment.due_minor and not going_back
    whole = wording("Part of {amount}", amount=write_money(payment.due_minor, currency))
    return CustomerScreen(
        mode=CustomerMode.WAITING,
        due_caption=speech.say(wording("To pay now")) if not going_back else "",
        due=amount,
        payload=payload,
        tender=speech.say(waited_for.tender_name),
        sentence=speech.say(shopper_sentence(waited_for)),
        icon=picture_of(waited_for).icon,
        part_of=speech.say(whole) if part else "",
    )


def _last_line(view: TillView) -> LineView:
    for line in view.basket.lines:
        if line.line_id == view.selected_line:
            return line
    return view.basket.lines[-1]


def _saved(discount_minor: int, view: TillView, speech: Speech) -> str:
    return speech.say(customer_saved_words(discount_minor, currency_of(view.basket.currency)))
