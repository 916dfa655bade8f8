"""Says what an offer gave, in a few words for a line of the screen or the receipt."""

from app.promotions.offers import (
    Amount,
    AnyForPrice,
    BasketForm,
    Bundle,
    CheapestFree,
    EachForm,
    Every,
    Gift,
    GiftFrom,
    NForM,
    Offer,
    Percent,
    SecondOff,
    Threshold,
)
from app.values.money import Money, currency_of
from app.values.wording import Wording, wording


def write_percent(basis_points: int) -> str:
    """Write basis points as a percentage.

    >>> write_percent(2000), write_percent(1250)
    ('20%', '12.5%')
    """
    whole, rest = divmod(basis_points, 100)
    return f"{whole}.{rest:02d}".rstrip("0") + "%" if rest else f"{whole}%"


def write_money(minor: int, currency: str) -> str:
    """Write an amount with its currency's sign."""
    return str(Money(minor, currency_of(currency)))


def say_given(offer: Offer, times: int, saving_minor: int, currency: str) -> Wording:
    """Say what an offer gave, and how often: pieces for percent, amount and price, times for every other form."""
    form = offer.form
    if isinstance(form, EachForm):
        return _say_each(form, times, currency)
    if isinstance(form, BasketForm):
        return _say_basket_offer(form, times, saving_minor, currency)
    if isinstance(form, Gift):
        if not form.price_minor:
            return wording("Gift with what was bought ×{count}", count=times)
        amount = write_money(form.price_minor, currency)
        return wording("Added to what was bought at {amount} ×{count}", amount=amount, count=times)
    return _say_together(form, times, currency)


def _say_each(form: EachForm, count: int, currency: str) -> Wording:
    if isinstance(form, Percent):
        return wording("{percent} off, on {count}", percent=write_percent(form.off_basis_points), count=count)
    if isinstance(form, Amount):
        return wording("{amount} off each, on {count}", amount=write_money(form.off_minor, currency), count=count)
    return wording("{amount} each, on {count}", amount=write_money(form.price_minor, currency), count=count)


def _say_together(form: NForM | CheapestFree | SecondOff | AnyForPrice | Bundle, times: int, currency: str) -> Wording:
    if isinstance(form, NForM):
        return wording("Take {take}, pay {pay} ×{count}", take=form.take, pay=form.pay, count=times)
    if isinstance(form, CheapestFree):
        return wording("Of {take} the cheapest is free ×{count}", take=form.take, count=times)
    if isinstance(form, SecondOff):
        percent = write_percent(form.off_basis_points)
        return wording("{percent} off the second ×{count}", percent=percent, count=times)
    if isinstance(form, AnyForPrice):
        amount = write_money(form.price_minor, currency)
        return wording("Any {take} for {amount} ×{count}", take=form.take, amount=amount, count=times)
    return wording("Set of {take} together ×{count}", take=sum(part.pieces for part in form.parts), count=times)


def _say_basket_offer(form: BasketForm, times: int, saving_minor: int, currency: str) -> Wording:
    if isinstance(form, GiftFrom):
        least, amount = write_money(form.from_minor, currency), write_money(form.price_minor, currency)
        if form.price_minor:
            return wording("From {least}: added at {amount}", least=least, amount=amount)
        return wording("From {least}: a gift", least=least)
    if isinstance(form, Threshold):
        return wording("{amount} off, for enough in the basket", amount=write_money(saving_minor, currency))
    if isinstance(form, Every):
        return wording("{amount} off ×{count}", amount=write_money(form.off_minor, currency), count=times)
    if form.off_minor is not None:
        return wording("{amount} off", amount=write_money(form.off_minor, currency))
    return wording("{percent} off on top", percent=write_percent(form.off_basis_points or 0))
