"""What the customer's pole display shows at each moment of a sale."""

from typing import Final

from app.checkout.views import CompletedView, LineView, PaymentView, Phase, TillView
from app.devices.line_display import DisplayContent, DisplayPurpose
from app.values.money import Currency, currency_of, format_minor
from app.values.quantity import ONE, SellingUnit
from app.values.wording import LocalizedText

ENGLISH: Final = "en"

_TOTAL: Final = LocalizedText("合计", ((ENGLISH, "Total"),))
_RECEIVED: Final = LocalizedText("收款", ((ENGLISH, "Received"),))
_LEFT: Final = LocalizedText("还差", ((ENGLISH, "To pay"),))
_CHANGE: Final = LocalizedText("找零", ((ENGLISH, "Change"),))


def display_language(language: str, *, chinese: bool) -> str:
    """Return the language to fill a display in: the till's own, or English where it shows no Hanzi."""
    return language if chinese else ENGLISH


def display_of(view: TillView, language: str) -> DisplayContent:
    """Return what the customer is to see.

    An item just rung up shows its price; the payment shows the total, then what was handed over, then the change. A tab
    in a line stands for the blanks that push what follows to the right end.

    Args:
        view: the till.
        language: of the words; see `display_language`.
    """
    currency = currency_of(view.basket.currency)
    if view.phase is Phase.PAID and view.completed is not None:
        return _paid(view.completed, currency, language)
    if view.phase is Phase.PAYING and view.payment is not None:
        return _paying(view.payment, currency, language)
    if not view.basket.lines:
        return DisplayContent(DisplayPurpose.IDLE, decimals=currency.exponent)
    touched = next((line for line in view.basket.lines if line.line_id == view.selected_line), None)
    if touched is None:
        return _total(view.basket.due_minor, currency, language)
    return _item(touched, currency, language)


def _item(line: LineView, currency: Currency, language: str) -> DisplayContent:
    name = line.name.in_language(language)
    lower = ""
    if line.unit is not SellingUnit.EACH or line.quantity_thousandths != ONE:
        unit = f" {line.unit.value}" if line.unit is not SellingUnit.EACH else ""
        each = format_minor(line.unit_price_minor, currency)
        total = format_minor(line.total_minor, currency)
        lower = f"{_quantity(line.quantity_thousandths)}{unit} x {each}\t{total}"
    return DisplayContent(DisplayPurpose.UNIT_PRICE, line.unit_price_minor, currency.exponent, name, lower)


def _quantity(thousandths: int) -> str:
    sign = "-" if thousandths < 0 else ""
    whole, rest = divmod(abs(thousandths), ONE)
    return f"{sign}{whole}.{rest:03}" if rest else f"{sign}{whole}"


def _total(due_minor: int, currency: Currency, language: str) -> DisplayContent:
    return DisplayContent(DisplayPurpose.TOTAL, due_minor, currency.exponent, _TOTAL.in_language(language))


def _paying(payment: PaymentView, currency: Currency, language: str) -> DisplayContent:
    if not payment.paid_minor:
        return _total(payment.due_minor, currency, language)
    return DisplayContent(
        DisplayPurpose.RECEIVED,
        payment.paid_minor,
        currency.exponent,
        f"{_RECEIVED.in_language(language)}\t{format_minor(payment.paid_minor, currency)}",
        f"{_LEFT.in_language(language)}\t{format_minor(payment.left_minor, currency)}",
    )


def _paid(completed: CompletedView, currency: Currency, language: str) -> DisplayContent:
    if not completed.change_minor:
        return DisplayContent(
            DisplayPurpose.RECEIVED, completed.given_minor, currency.exponent, _RECEIVED.in_language(language)
        )
    return DisplayContent(
        DisplayPurpose.CHANGE,
        completed.change_minor,
        currency.exponent,
        f"{_RECEIVED.in_language(language)}\t{format_minor(completed.given_minor, currency)}",
        f"{_CHANGE.in_language(language)}\t{format_minor(completed.change_minor, currency)}",
    )
