"""What may be paid while a provider cannot be asked: cash goes on, wallets stop, cards only as the store allowed.

A card taken offline is the store's own risk: the bank may decline it later. So it is off until the store sets a floor
limit, a number, a total and an age, and every one of them must hold.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from app.values.money import CNY, Currency, Money
from app.values.problems import Problem
from app.values.wording import LocalizedText, Wording, wording


class BadOfflineRule(Problem):
    """Raised when a store's rule for offline cards is switched on without its limits."""

    code = "BAD-OFFLINE-RULE"


class OfflineMeans(Enum):
    """What a tender needs to be good."""

    NOTHING = "nothing"
    """Cash, and vouchers on paper: good by themselves."""

    HELD_VALUE = "held_value"
    """Stored value: good as far as headquarters put a hold for this till."""

    CARD = "card"
    WALLET = "wallet"
    """A wallet's code: good only while its provider answers."""


class OfflineReason(Enum):
    """Why an offline payment is allowed or refused."""

    ALLOWED = "allowed"
    WALLET = "wallet"
    NOT_ALLOWED_HERE = "not_allowed_here"
    NOTHING_HELD = "nothing_held"
    ABOVE_FLOOR_LIMIT = "above_floor_limit"
    TOO_MANY = "too_many"
    TOTAL_REACHED = "total_reached"
    NEVER_ONLINE = "never_online"
    OFFLINE_TOO_LONG = "offline_too_long"
    CLOCK_WENT_BACK = "clock_went_back"


@dataclass(frozen=True, slots=True)
class OfflineCardRule:
    """When a store takes cards without asking the bank; off as it comes.

    Raises:
        BadOfflineRule: when one is made that is allowed without every limit.
    """

    allowed: bool = False
    floor_limit_minor: int = 0
    """The most that one payment may be."""

    most_payments: int = 0
    """How many payments a business day."""

    most_total_minor: int = 0
    """How much they may be together on a business day."""

    oldest_contact: timedelta = timedelta()
    """How long ago the bank may have answered last: what it approved counts, for a terminal alone declines too."""

    currency: Currency = CNY

    def __post_init__(self) -> None:
        limits = (self.floor_limit_minor, self.most_payments, self.most_total_minor)
        if self.allowed and (min(limits) <= 0 or self.oldest_contact <= timedelta()):
            raise BadOfflineRule(
                wording(
                    "Cards offline need a floor limit, a number, a total and an age. Set all four, or switch it off."
                )
            )


@dataclass(frozen=True, slots=True)
class OfflineSoFar:
    """What this till took offline on the business day, and when it was last heard."""

    payments: int = 0
    total_minor: int = 0
    last_answer: datetime | None = None
    """When the provider answered last; aware. None where it never did."""

    held_minor: int = 0
    """For stored value: what is left of the hold for this account at this till."""


@dataclass(frozen=True, slots=True)
class OfflineAnswer:
    """Whether it may be taken, and the sentence for the cashier."""

    reason: OfflineReason
    sentence: Wording

    @property
    def allowed(self) -> bool:
        """Whether the tender may be taken now."""
        return self.reason is OfflineReason.ALLOWED


@dataclass(frozen=True, slots=True)
class OfflineTender:
    """What is to be paid, and with what."""

    means: OfflineMeans
    name: LocalizedText
    """The tender's name."""

    amount_minor: int


def may_take_offline(
    tender: OfflineTender, rule: OfflineCardRule, so_far: OfflineSoFar, now: datetime
) -> OfflineAnswer:
    """Return whether a tender may be taken while its provider cannot be asked.

    The limits are included: a payment of exactly the floor limit is taken. The result depends on its arguments only, so
    the journal can prove it later.

    Raises:
        ValueError: the amount is nothing or negative.
    """
    if tender.amount_minor <= 0:
        raise ValueError("nothing is to be paid")
    if tender.means is OfflineMeans.WALLET:
        return OfflineAnswer(
            OfflineReason.WALLET,
            wording(
                "{tender} works online only, and there is no connection. The code was not used. Take cash, or press"
                " Esc and then F5 to put the basket aside until the connection is back.",
                tender=tender.name,
            ),
        )
    if tender.means is OfflineMeans.HELD_VALUE and tender.amount_minor > so_far.held_minor:
        return OfflineAnswer(
            OfflineReason.NOTHING_HELD,
            wording(
                "Without a connection {tender} can pay at most {held} here. Take the rest in cash.",
                tender=tender.name,
                held=_show(so_far.held_minor, rule),
            ),
        )
    if tender.means is OfflineMeans.CARD:
        return _card(tender, rule, so_far, now)
    return OfflineAnswer(OfflineReason.ALLOWED, wording("{tender} works without a connection.", tender=tender.name))


def _card(tender: OfflineTender, rule: OfflineCardRule, so_far: OfflineSoFar, now: datetime) -> OfflineAnswer:
    refusal = _no_contact(rule, so_far, now) if rule.allowed else _not_here()
    refusal = refusal or _over_limits(tender, rule, so_far)
    return refusal or OfflineAnswer(
        OfflineReason.ALLOWED,
        wording("The card is taken without asking the bank. The bank may still decline it later."),
    )


def _not_here() -> OfflineAnswer:
    return OfflineAnswer(
        OfflineReason.NOT_ALLOWED_HERE,
        wording(
            "The bank cannot be asked, and this store takes no cards offline. Take cash, or press"
            " Esc and then F5 to put the basket aside."
        ),
    )


def _no_contact(rule: OfflineCardRule, so_far: OfflineSoFar, now: datetime) -> OfflineAnswer | None:
    """Return the refusal where the bank was not heard of lately, or None."""
    if so_far.last_answer is None:
        return OfflineAnswer(
            OfflineReason.NEVER_ONLINE,
            wording(
                "The bank has never answered this till. Take cash, and have the card terminal's connection set up."
            ),
        )
    age = now - so_far.last_answer
    if age < timedelta():
        return OfflineAnswer(
            OfflineReason.CLOCK_WENT_BACK,
            wording("The till's clock is earlier than the bank's last answer. Take cash, and set the clock right."),
        )
    if age > rule.oldest_contact:
        return OfflineAnswer(
            OfflineReason.OFFLINE_TOO_LONG,
            wording(
                "The bank has not answered for {minutes} minutes; cards are taken for {most} at most. Take cash, or"
                " press Esc and then F5 to put the basket aside.",
                minutes=age // timedelta(minutes=1),
                most=rule.oldest_contact // timedelta(minutes=1),
            ),
        )
    return None


def _over_limits(tender: OfflineTender, rule: OfflineCardRule, so_far: OfflineSoFar) -> OfflineAnswer | None:
    """Return the refusal where a limit would be passed, or None."""
    if tender.amount_minor > rule.floor_limit_minor:
        return OfflineAnswer(
            OfflineReason.ABOVE_FLOOR_LIMIT,
            wording(
                "Without the bank a card can pay at most {most} here. Take the rest in cash, or press"
                " Esc and then F5 to put the basket aside.",
                most=_show(rule.floor_limit_minor, rule),
            ),
        )
    if so_far.payments >= rule.most_payments:
        return OfflineAnswer(
            OfflineReason.TOO_MANY,
            wording(
                "This till took {count} cards offline today, which is the limit. Take cash, or press"
                " Esc and then F5 to put the basket aside.",
                count=so_far.payments,
            ),
        )
    left_minor = rule.most_total_minor - so_far.total_minor
    if tender.amount_minor > left_minor:
        return OfflineAnswer(
            OfflineReason.TOTAL_REACHED,
            wording(
                "Of the total that cards may pay offline today only {left} is left. Take the rest in cash, or press"
                " Esc and then F5 to put the basket aside.",
                left=_show(max(0, left_minor), rule),
            ),
        )
    return None


def _show(amount_minor: int, rule: OfflineCardRule) -> str:
    return str(Money(amount_minor, rule.currency))
