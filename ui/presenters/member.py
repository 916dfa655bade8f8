"""The member's pane without the pane: which page it shows, what stands on it, what a touch of it asks."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from app.checkout.member_requests import Enrol, KeepCoupon, NameMember, UseCoupon
from app.checkout.member_views import CouponStanding, CouponView, MemberView, ShopperView
from app.checkout.state import CodeNotKnown
from app.checkout.views import Notice, Severity, TillView
from app.members.phone_numbers import BadPhoneNumber, read_phone_number
from app.values.money import Currency
from app.values.wording import LocalizedText, Wording, wording
from ui.presenters.cards import Card, CardLine, Text
from ui.presenters.formatting import MINUS, write_count, write_money
from ui.presenters.receipts import Moments

_MOST_EXPIRING: Final = 2
"""So many days on which points end are named, the nearest first."""

_BIRTHDAY_DIGITS: Final = 4
_MOBILE_DIGITS: Final = 11
IS_IT_A_PHONE: Final = Notice(
    Severity.WARNING,
    wording("No product has this code. Is it a phone number? Press F4 to find the member."),
    CodeNotKnown.code,
)
_MASK: Final = "****"


class MemberPage(Enum):
    """What the pane shows."""

    FIND = "find"
    """Nobody is named yet: the phone number is typed."""

    ENROL = "enrol"
    """The number is nobody's: its owner can become a member."""

    MEMBER = "member"


class Agreement(Enum):
    """What a new member can agree to besides the membership itself; each is off until somebody says yes."""

    MESSAGES = "messages"
    PROFILE = "profile"


AGREEMENTS: Final = (
    (Agreement.MESSAGES, wording("Messages"), wording("Offers sent to their phone")),
    (Agreement.PROFILE, wording("Own offers"), wording("Offers chosen by what they buy")),
)
"""In the order of their keys, each with its name and what it means."""


class TypedPhone:
    """A telephone number that was typed where codes are typed: said what to do with it, and taken along there."""

    def __init__(self) -> None:
        """Begin with nothing typed."""
        self._entered = ""
        self._handed_over = ""
        self._answer: Notice | None = None
        self._instead: Notice | None = None

    def entered(self, text: str) -> None:
        """Remember what was sent to the till as a code, where it may be a number."""
        self._entered = text if looks_like_phone(text) else ""

    def notice(self, view: TillView) -> Notice | None:
        """Return what is to be shown for the till's notice: that no such code is known tells nobody about F4."""
        said = view.notice
        if said is None or said is not self._answer:
            unknown = said is not None and said.code == CodeNotKnown.code
            points_there = unknown and self._entered and view.shopper.can_enrol and view.shopper.member is None
            self._answer, self._instead = said, IS_IT_A_PHONE if points_there else said
        return self._instead

    def take_over(self, text: str, view: TillView) -> bool:
        """Take a number along into the member's pane: from the entry line, else the one just not known as a code.

        Returns:
            Whether it stood in the entry line, which is empty from now on.
        """
        if view.shopper.member is not None or view.member_shown:
            return False
        here = looks_like_phone(text)
        self._handed_over, self._entered = text.strip() if here else "" if text.strip() else self._entered, ""
        return here

    def handed_over(self) -> str:
        """Return the number taken along, once; empty where there is none."""
        number, self._handed_over = self._handed_over, ""
        return number


def looks_like_phone(text: str) -> bool:
    """Tell whether what was typed is no barcode but may be a mobile number: eleven figures that begin with 1.

    >>> looks_like_phone(" 13812345678 "), looks_like_phone("6901234567892"), looks_like_phone("23812345678")
    (True, False, False)
    """
    typed = text.strip()
    return len(typed) == _MOBILE_DIGITS and typed.isascii() and typed.isdigit() and typed.startswith("1")


class MemberForm:
    """What of the pane is the screen's own: the number that shall not be enrolled, and what was agreed to."""

    def __init__(self) -> None:
        """Begin with nothing agreed to."""
        self.agreed: frozenset[Agreement] = frozenset()
        self._for_phone = ""
        self._left_phone = ""

    def page(self, shopper: ShopperView) -> MemberPage:
        """Return the page for what is known of the shopper; what another number agreed to counts for nobody else."""
        if shopper.enrol_phone != self._for_phone:
            self._for_phone, self._left_phone = shopper.enrol_phone, ""
            self.agreed = frozenset()
        if shopper.member is not None:
            return MemberPage.MEMBER
        wants = shopper.can_enrol and shopper.enrol_phone and shopper.enrol_phone != self._left_phone
        return MemberPage.ENROL if wants else MemberPage.FIND

    def leave_enrolment(self) -> None:
        """Go back to typing a number; what was agreed to is forgotten."""
        self._left_phone = self._for_phone
        self.agreed = frozenset()

    def turn(self, agreement: Agreement) -> None:
        """Agree to something, or not any more."""
        self.agreed = self.agreed ^ {agreement}

    def find(self, text: str) -> NameMember | None:
        """Return what is asked with a typed number; None where none stands there."""
        self._left_phone = ""
        return NameMember(text.strip()) if text.strip() else None

    def enrol(self, shopper: ShopperView, name: str, birthday: str) -> Enrol:
        """Return what is asked to take the shopper in."""
        return Enrol(
            shopper.enrol_phone,
            name.strip(),
            birthday_as_asked(birthday),
            agrees_to_messages=Agreement.MESSAGES in self.agreed,
            agrees_to_profile=Agreement.PROFILE in self.agreed,
        )


def birthday_as_asked(text: str) -> str:
    """Return a typed birthday as the till reads it: four figures are month and day.

    >>> birthday_as_asked(" 0229 "), birthday_as_asked("2-29")
    ('02-29', '2-29')
    """
    typed = text.strip()
    if len(typed) == _BIRTHDAY_DIGITS and typed.isdecimal():
        return f"{typed[:2]}-{typed[2:]}"
    return typed


def masked_number(phone: str) -> str:
    """Return a typed telephone number as it may stand on a screen."""
    try:
        return read_phone_number(phone).masked
    except BadPhoneNumber:
        return _MASK + phone[-2:]


@dataclass(frozen=True, slots=True)
class Fact:
    """One figure of the member's."""

    caption: Wording
    figure: str
    detail: Text = ""


def greeting(member: MemberView) -> Wording | LocalizedText | str:
    """Return the head's first line: name and tier."""
    name = member.masked_name or member.masked_phone
    return name if not member.tier_name.default else wording("{name} \u00b7 {tier}", name=name, tier=member.tier_name)


def under_greeting(member: MemberView, moments: Moments) -> Wording | str:
    """Return the head's second line: the number, and how old the figures are where they are not of this moment."""
    phone = member.masked_phone if member.masked_name else ""
    if member.as_of is None:
        return phone
    old = wording("as of {time}", time=moments.write(member.as_of))
    return wording("{one} \u00b7 {other}", one=phone, other=old) if phone else old


def facts(member: MemberView, currency: Currency) -> tuple[Fact, ...]:
    """Return points, stored value and what this basket earns."""
    worth: Text = ""
    if member.points_worth_minor > 0:
        worth = wording("worth {amount}", amount=write_money(member.points_worth_minor, currency))
    earns = f"+{write_count(member.earns)}" if member.earns > 0 else write_count(member.earns)
    birthday = wording("birthday bonus") if member.birthday else ""
    return (
        Fact(wording("Points"), write_count(member.points), worth),
        Fact(wording("Balance"), write_money(member.value_minor, currency)),
        Fact(wording("Earns here"), earns, birthday),
    )


def notes(member: MemberView, currency: Currency) -> tuple[CardLine, ...]:
    """Return what else is to be said of a member, the most urgent first."""
    made: list[CardLine] = []
    if member.blocked:
        sentence = wording("This membership is blocked: it earns and spends nothing. Headquarters knows why.")
        made.append(CardLine(sentence, "bad", "account-cancel-outline"))
    if member.points_owed > 0:
        owed = wording("{points} points are still owed for goods brought back", points=write_count(member.points_owed))
        made.append(CardLine(owed, "warn", "alert-outline"))
    for day, points in sorted(member.points_expiring)[:_MOST_EXPIRING]:
        ends = wording("{points} points end on {day}", points=write_count(points), day=day.isoformat())
        made.append(CardLine(ends, "warn", "calendar-clock"))
    if member.to_next_tier is not None:
        tier, missing = member.to_next_tier
        more = wording("{amount} more to {tier}", amount=write_money(missing, currency), tier=tier)
        made.append(CardLine(more, "ink_soft", "trending-up"))
    return tuple(made)


_STANDINGS: Final = {
    CouponStanding.OFFERED: (wording("Touch to use"), "accent", "ticket-percent-outline"),
    CouponStanding.ASKED: (wording("Headquarters is being asked"), "warn", "timer-sand"),
    CouponStanding.USED: (wording("Used \u00b7 touch to keep"), "good", "check-circle"),
    CouponStanding.IDLE: (wording("In the basket, saves nothing \u00b7 touch to keep"), "ink_soft", "circle-outline"),
    CouponStanding.UNFIT: (wording("Not with this basket"), "ink_soft", "minus-circle-outline"),
}

_SAID_BY_REASON: Final = frozenset({CouponStanding.ASKED, CouponStanding.UNFIT})
"""What is waited for, or why it does not fit, says how these stand."""

IN_BASKET: Final = frozenset({CouponStanding.ASKED, CouponStanding.USED, CouponStanding.IDLE})
"""A touch of one of these keeps it for another time."""


def coupon_cards(coupons: Sequence[CouponView], currency: Currency) -> tuple[Card, ...]:
    """Return a tile for each coupon."""
    return tuple(_coupon_card(coupon, currency) for coupon in coupons)


def _coupon_card(coupon: CouponView, currency: Currency) -> Card:
    words, role, icon = _STANDINGS[coupon.standing]
    if coupon.best and coupon.standing is CouponStanding.OFFERED:
        words, icon = wording("Touch to use \u00b7 saves most"), "star-circle-outline"
    extra = coupon.reason
    if extra is not None and coupon.standing in _SAID_BY_REASON:
        words, extra = extra, None
    if coupon.ends_on is not None:
        words = wording("{standing} \u00b7 until {day}", standing=words, day=coupon.ends_on.isoformat())
    lines = [CardLine(words, role, icon)]
    if extra is not None:
        lines.append(CardLine(extra))
    figure = MINUS + write_money(coupon.saving_minor, currency) if coupon.saving_minor > 0 else ""
    return Card(coupon.name, figure, tuple(lines), usable=coupon.standing is not CouponStanding.UNFIT)


def coupon_request(coupon: CouponView) -> UseCoupon | KeepCoupon | None:
    """Return what a touch of a coupon asks; None where nothing can be asked of it."""
    if coupon.standing is CouponStanding.OFFERED:
        return UseCoupon(coupon.coupon_id)
    return KeepCoupon(coupon.coupon_id) if coupon.standing in IN_BASKET else None


def coupons_head(shopper: ShopperView) -> Wording:
    """Say how many coupons there are."""
    count = len(shopper.coupons)
    if count == 0:
        return wording("No coupons")
    return wording("1 coupon") if count == 1 else wording("{count} coupons", count=count)
