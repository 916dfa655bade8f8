"""The payments of the demonstration: by scanning alone, by a code to scan, by card, in parts, offline."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from app.checkout.payment_views import PaymentStage
from app.checkout.views import Phase
from app.payments.provider import BillKind
from app.payments.wechat.simulator_faults import Shopper

if TYPE_CHECKING:
    from app.commands.payments.house import PaymentHouse
    from ui.scripted import ScriptedCheckout

WECHAT: Final = "wechat"
ALIPAY: Final = "alipay"
CARD: Final = "card"
SALES: Final = 6
"""How many sales these scenes complete."""

_TYPES_PASSWORD: Final = Shopper(never_confirms=True)


@dataclass(frozen=True, slots=True)
class PaymentScenes:
    """What the scenes work with."""

    till: "ScriptedCheckout"
    payments: "PaymentHouse"
    terminal: Any
    """The simulated card terminal."""

    grab: Callable[[str], None]
    grab_customer: Callable[[str], None]
    goods: tuple[str, ...]
    """Barcodes of goods that ask nothing."""

    def play(self) -> None:
        """Play all of them."""
        self.wait_until_ready()
        self._scan_to_pay()
        number = self._code_to_scan()
        self._card_in_parts()
        self._line_gone()
        self._taken_back()
        self._looked_up(number)

    def wait_until_ready(self) -> None:
        """Wait until payments are taken."""
        self.till.wait_until(lambda: self.payments.ready, "the payments did not come")

    def _simulator(self, provider_id: str) -> Any:  # noqa: ANN401 - each has its own calls
        return self.payments.simulator(provider_id)

    def _is_at(self, stage: PaymentStage) -> Callable[[], bool]:
        def is_at() -> bool:
            payment = self.till.view.payment
            return payment is not None and payment.open is not None and payment.open.stage is stage

        return is_at

    def _is_paid(self) -> bool:
        return self.till.view.phase is Phase.PAID

    def _ring_up(self, *goods: str) -> None:
        for code in goods:
            self.till.scan(code)

    def _press_tender(self, tender_type_id: str) -> None:
        payment = self.till.view.payment
        if payment is None:
            raise LookupError("nothing is to be paid")
        position = [choice.tender_type_id for choice in payment.choices].index(tender_type_id)
        self.till.press(f"Ctrl+{position + 1}")

    def _scan_to_pay(self) -> None:
        """A basket and a WeChat code, and nothing is touched; the second shopper keys in a password."""
        wechat = self._simulator(WECHAT)
        self._ring_up(*self.goods)
        self.grab("scan-to-pay-1-basket-zh")
        self.till.scan(wechat.issue_code())
        self.till.wait_until(self._is_paid, "the payment by code did not come")
        self.grab("scan-to-pay-2-paid-zh")
        self.grab_customer("customer-paid-by-code-zh")
        self._ring_up(self.goods[0])
        self.till.scan(wechat.issue_code(_TYPES_PASSWORD))
        self.till.wait_until(self._is_at(PaymentStage.SHOPPER), "nobody was asked for a password")
        self.grab("waiting-for-password-zh")
        self.grab_customer("customer-password-zh")
        wechat.shopper_pays(wechat.waiting()[0].number)
        self.till.wait_until(self._is_paid, "the password did not help")

    def _code_to_scan(self) -> str:
        """The customer's window shows Alipay's code; the shopper scans it and pays. Returns the receipt's number."""
        alipay = self._simulator(ALIPAY)
        self._ring_up(self.goods[1])
        self.till.press("F12")
        self._press_tender(ALIPAY)
        self.till.wait_until(self._is_at(PaymentStage.SHOPPER), "there is no code to show")
        self.grab("code-to-scan-zh")
        self.grab_customer("customer-code-to-scan-zh")
        number = alipay.waiting()[0].number
        alipay.shopper_scans(number)
        alipay.shopper_pays(number)
        self.till.wait_until(self._is_paid, "the code was not paid")
        completed = self.till.view.completed
        return "" if completed is None else completed.receipt_number

    def _card_in_parts(self) -> None:
        """Five yuan in cash, the rest at the card terminal; in English, on a dark screen."""
        self.till.use(language="en", theme="dark", size=(1024, 768))
        self._ring_up(*self.goods, self.goods[0])
        self.till.press("F12")
        self.till.type("5")
        self.till.press("Return")
        self._press_tender(CARD)
        self.till.wait_until(lambda: self.terminal.waits_for_card, "the terminal does not wait for a card")
        self.till.wait_until(self._is_at(PaymentStage.SHOPPER), "nobody was asked for a card")
        self.grab("card-after-cash-en-dark-1024")
        self.grab_customer("customer-card-en-dark")
        self.terminal.present_card()
        self.till.wait_until(self._is_paid, "the card was not taken")
        self.till.use(language="zh_CN", theme="light", size=(1366, 768))

    def _line_gone(self) -> None:
        """No line to WeChat Pay: its code is refused at once, and the queue goes on with cash."""
        wechat = self._simulator(WECHAT)
        wechat.go_away()
        self._ring_up(self.goods[0])
        self.till.press("F12")
        self.payments.look_now()
        self.till.wait_until(lambda: self._is_unavailable(WECHAT), "nobody saw that the line is gone")
        self.till.scan(wechat.issue_code())
        self.grab("wallet-offline-zh")
        self.till.press("Esc", "F4")
        self.till.wait_until(self._is_paid, "cash was not taken")
        wechat.come_back()
        self.payments.look_now()

    def _is_unavailable(self, tender_type_id: str) -> bool:
        payment = self.till.view.payment
        return payment is not None and any(
            choice.tender_type_id == tender_type_id and choice.unavailable is not None for choice in payment.choices
        )

    def _taken_back(self) -> None:
        """A part paid by Alipay is handed back while the wallet is away; the money follows when it is there again."""
        alipay = self._simulator(ALIPAY)
        self._ring_up(*self.goods)
        self.till.press("F12")
        self.till.type("2")
        self.till.scan(alipay.issue_code())
        self.till.wait_until(lambda: bool(self.till.view.basket.tenders), "the part was not paid")
        self.grab("split-zh")
        alipay.go_away()
        self.till.press("Down", "F8")
        self.till.wait_until(lambda: not self.till.view.basket.tenders, "the part was not handed back")
        self.grab("handed-back-zh")
        alipay.come_back()
        self.till.press("F4")
        self.till.wait_until(self._is_paid, "cash was not taken")

    def _looked_up(self, number: str) -> None:
        """A receipt is looked up by its number: what was paid how, and what could be given back by a supervisor."""
        self.till.press("Shift+F6")
        self.till.type(number)
        self.till.press("Return")
        self.till.wait_until(lambda: self.till.view.receipt is not None, "no receipt was found")
        self.grab("receipt-looked-up-zh")
        self.till.press("Esc")
        alipay = self._simulator(ALIPAY)
        self.till.wait_until(
            lambda: any(entry.kind is BillKind.REFUND for entry in alipay.ledger), "the money was not given back"
        )
