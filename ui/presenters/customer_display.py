"""What the shopper's window shows for a view of the till."""

from dataclasses import dataclass
from enum import Enum

from app.checkout.views import LineView, Phase, TillView
from app.values.money import currency_of
from app.values.speech import Speech
from app.values.wording import Wording, wording
from ui.presenters.formatting import write_line_price, write_money
from ui.presenters.rows import BasketRow, RowWriter


class CustomerMode(Enum):
    """What the shopper sees."""

    IDLE = "idle"
    SHOPPING = "shopping"
    PAYING = "paying"
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


WELCOME: Wording = wording("Welcome")
THANKS: Wording = wording("Thank you, see you soon")


class CustomerPresenter:
    """Keeps nothing but the rows it has written."""

    def __init__(self) -> None:
        """Begin with nothing written."""
        self._writer = RowWriter()

    def present(self, view: TillView, speech: Speech) -> CustomerScreen:
        """Return what to show for a view."""
        currency = currency_of(view.basket.currency)
        if view.phase is Phase.PAID and view.completed is not None:
            done = view.completed
            return CustomerScreen(
                mode=CustomerMode.THANKS,
                due_caption=speech.say(wording("Paid")),
                due=write_money(done.due_minor, currency),
                saved=_saved(done.discount_minor, view, speech),
                change=write_money(done.change_minor, currency),
                thanks=speech.say(THANKS),
            )
        if not view.basket.lines:
            return CustomerScreen(mode=CustomerMode.IDLE, thanks=speech.say(WELCOME))
        rows = self._writer.rows(view.basket, speech)
        last = _last_line(view)
        paying = view.phase is Phase.PAYING and view.payment is not None
        left = view.payment.left_minor if paying and view.payment else view.basket.due_minor
        return CustomerScreen(
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


def _last_line(view: TillView) -> LineView:
    for line in view.basket.lines:
        if line.line_id == view.selected_line:
            return line
    return view.basket.lines[-1]


def _saved(discount_minor: int, view: TillView, speech: Speech) -> str:
    if discount_minor <= 0:
        return ""
    amount = write_money(discount_minor, currency_of(view.basket.currency))
    return speech.say(wording("You save {amount}", amount=amount))
