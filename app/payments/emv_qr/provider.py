"""The shop's own payment QR as a provider: shows what to pay and to whom; a person looks whether the money came.

The code is made here, without a word to anybody: so nothing can be asked, reversed or refunded through the till, and
`query` says PENDING until a person has confirmed or given up the payment.

How the shop finds the payment again is the attempt's own number, as far as the form has room for it. A number is 32
characters; where there is less room its last characters are taken, which in a UUID version 7 are the ones drawn at
random:

| form                | where                          | characters                     |
|---------------------|--------------------------------|--------------------------------|
| `emvco`             | reference label (62-05)        | the last 25                    |
| `pix`               | transaction id (62-05)         | the last 25                    |
| `promptpay`, biller | reference 1 (30-02)            | the last 20, in capitals       |
| `promptpay`, others | terminal label (62-07)         | the last 25                    |
| `sgqr`              | bill number (62-01)            | the last 25                    |
| `upi`               | `tr`                           | all                            |

Every code names its amount and is for one payment, except that a PIX code with a key says nothing of the latter: only
a charge that a bank made would.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Final, NoReturn

from app.payments.attempt_record import LONGEST_NUMBER
from app.payments.emv_qr.building import build
from app.payments.emv_qr.payload import AdditionalData, MerchantPayload, in_plain_letters
from app.payments.emv_qr.pix import PixCharge, build_pix
from app.payments.emv_qr.promptpay import PromptPayRequest, RecipientKind, build_promptpay
from app.payments.emv_qr.refusals import BadPaymentQr
from app.payments.emv_qr.settings import PROVIDER_ID, EmvcoSettings, EmvQrSettings, SgqrSettings, prove, read_settings
from app.payments.emv_qr.sgqr import SgqrCode, build_sgqr, expiry_at
from app.payments.emv_qr.upi import UpiRequest, build_upi
from app.payments.provider import (
    BillRow,
    CodeOffer,
    PaymentProvider,
    ProviderAnswer,
    ProviderAway,
    ProviderCapabilities,
    ProviderTimes,
    PurchaseOrder,
    RefundOrder,
    Verdict,
)
from app.payments.registry import ProviderDriver
from app.values.clock import Clock
from app.values.money import currency_of, format_minor
from app.values.wording import wording

ASK_EVERY_S: Final = 60
"""Nothing new is ever heard here; the attempt's steps are not to fill the store."""

_LONGEST: Final = 25
_LONGEST_BILLER: Final = 20
_LONGEST_UPI: Final = 35
_LARGEST_MINOR: Final = 99_999_999

_NO_SHOPPER_CODE: Final = wording("This QR is shown to the customer. It cannot be paid by a code of the customer's.")
_NOT_BACK: Final = wording("The till cannot take this payment back. Give the money back another way.")


class EmvQrProvider:
    """One payment QR of a shop's; used by one thread."""

    def __init__(self, settings: EmvQrSettings, clock: Clock) -> None:
        """Take checked settings (`read_settings`) and what tells when a code ends."""
        self._settings = settings
        self._clock = clock
        self._capabilities = ProviderCapabilities(
            shopper_code=False,
            merchant_code=True,
            offers_again=True,
            confirmed_by_hand=True,
            reverse=False,
            refund=False,
            works_offline=True,
            times=ProviderTimes(ask_every_s=ASK_EVERY_S, ask_until_s=settings.valid_s, reverse_not_before_s=0),
        )

    @property
    def capabilities(self) -> ProviderCapabilities:
        """What it can do."""
        return self._capabilities

    def pay(self, order: PurchaseOrder) -> ProviderAnswer:
        """Decline: there is nobody to send a shopper's code to."""
        del order
        return ProviderAnswer(Verdict.DECLINED, _NO_SHOPPER_CODE, code="NO-SHOPPER-CODE")

    def offer_code(self, order: PurchaseOrder) -> CodeOffer:
        """Make the code; nothing is sent. DECLINED where no such code can be made of the order."""
        if order.currency != self._settings.currency:
            sentence = wording(
                "This QR is paid in {currency} only. Take another way to pay.", currency=self._settings.currency
            )
            return CodeOffer(ProviderAnswer(Verdict.DECLINED, sentence, code="OTHER-CURRENCY"))
        try:
            payload = self.payload_of(order)
        except BadPaymentQr as problem:
            return CodeOffer(ProviderAnswer(Verdict.DECLINED, problem.sentence, code=problem.code))
        return CodeOffer(self.query(order), payload)

    def query(self, order: PurchaseOrder) -> ProviderAnswer:
        """Say that a person must look; the answer names the reference under which the money comes."""
        currency = currency_of(order.currency)
        reference = self.reference_of(order.provider_number)
        sentence = wording(
            "Look in the shop's own bank or wallet for {amount} with the reference {reference}, then confirm it here.",
            amount=f"{currency.symbol}{format_minor(order.amount_minor, currency)}",
            reference=reference,
        )
        return ProviderAnswer(Verdict.PENDING, sentence, provider_reference=reference)

    def reverse(self, order: PurchaseOrder) -> ProviderAnswer:
        """Say that nobody knows: the shopper may have paid (`ProviderCapabilities.reverse` is false)."""
        del order
        return ProviderAnswer(Verdict.UNKNOWN, _NOT_BACK, code="CANNOT-REVERSE")

    def refund(self, order: RefundOrder) -> ProviderAnswer:
        """Decline: money goes back another way."""
        del order
        return ProviderAnswer(Verdict.DECLINED, _NOT_BACK, code="CANNOT-REFUND")

    def query_refund(self, order: RefundOrder) -> ProviderAnswer:
        """Decline, as `refund` does."""
        return self.refund(order)

    def bill(self, day: date) -> Iterator[BillRow]:
        """Have none: what came in stands in the shop's own bank or wallet.

        Raises:
            ProviderAway: always.
        """
        _no_bill(day)

    def close(self) -> None:
        """Let go of nothing: there is no connection."""

    def reference_of(self, provider_number: str) -> str:
        """Return under which reference the money of a payment comes; see the module for the shortening."""
        if self._settings.form == "upi":
            return provider_number[-_LONGEST_UPI:]
        promptpay = self._settings.promptpay
        if promptpay is not None and promptpay.kind == RecipientKind.BILLER.value:
            return provider_number[-_LONGEST_BILLER:].upper()
        return provider_number[-_LONGEST:]

    def payload_of(self, order: PurchaseOrder) -> str:
        """Return the text that the QR holds.

        Raises:
            BadPaymentQr: the amount is none that the form can carry.
        """
        settings, reference = self._settings, self.reference_of(order.provider_number)
        if settings.emvco is not None:
            return self._emvco(settings.emvco, order, reference)
        if settings.pix is not None:
            charge = PixCharge(
                settings.merchant_name,
                settings.merchant_city,
                key=settings.pix.key,
                transaction_id=reference,
                amount_minor=order.amount_minor,
                merchant_category=settings.merchant_category,
                postal_code=settings.postal_code,
            )
            return build_pix(charge)
        if settings.promptpay is not None:
            kind, recipient = settings.promptpay.recipient()
            request = PromptPayRequest(
                kind,
                recipient,
                order.amount_minor,
                merchant_name=in_plain_letters(settings.merchant_name),
                merchant_city=in_plain_letters(settings.merchant_city),
            )
            if kind is RecipientKind.BILLER:
                return build_promptpay(replace(request, reference_1=reference))
            return build_promptpay(replace(request, terminal_label=reference))
        if settings.sgqr is not None:
            return self._sgqr(settings.sgqr, order, reference)
        return self._upi(order, reference)

    def _emvco(self, emvco: EmvcoSettings, order: PurchaseOrder, reference: str) -> str:
        settings = self._settings
        payload = MerchantPayload(
            accounts=tuple(account.account() for account in emvco.accounts),
            currency=currency_of(emvco.currency),
            country=emvco.country,
            merchant_name=in_plain_letters(settings.merchant_name),
            merchant_city=in_plain_letters(settings.merchant_city),
            merchant_category=settings.merchant_category,
            dynamic=True,
            amount_minor=order.amount_minor,
            postal_code=settings.postal_code,
            additional=AdditionalData(reference_label=reference),
            language=emvco.language_texts(),
        )
        return build(payload, unit=emvco.unit)

    def _sgqr(self, sgqr: SgqrSettings, order: PurchaseOrder, reference: str) -> str:
        settings = self._settings
        code = SgqrCode(
            in_plain_letters(settings.merchant_name),
            paynow=sgqr.paynow(expiry_at(self._clock.now() + timedelta(seconds=settings.valid_s))),
            amount_minor=order.amount_minor,
            reference=reference,
            merchant_city=in_plain_letters(settings.merchant_city),
            merchant_category=settings.merchant_category,
            postal_code=settings.postal_code,
        )
        return build_sgqr(code)

    def _upi(self, order: PurchaseOrder, reference: str) -> str:
        settings = self._settings
        address = settings.upi.address if settings.upi is not None else ""
        category = settings.merchant_category
        return build_upi(
            UpiRequest(address, settings.merchant_name, order.amount_minor, reference, merchant_category=category)
        )


def make_emv_qr(settings: Mapping[str, Any], clock: Clock) -> PaymentProvider:
    """Return the provider of a shop's payment QR.

    Raises:
        BadProviderSettings: naming the key that is wrong.
    """
    read = read_settings(settings)
    provider = EmvQrProvider(read, clock)
    # What fits one by one may be too long together.
    largest = PurchaseOrder("0" * LONGEST_NUMBER, _LARGEST_MINOR, read.currency, "")
    prove(read.form, lambda: provider.payload_of(largest))
    return provider


def _check() -> None:
    """Needs nothing of a computer."""


def _no_bill(day: date) -> NoReturn:
    raise ProviderAway(
        wording(
            "There is no bill of this QR for {day} here. Look in the shop's own bank or wallet.", day=day.isoformat()
        )
    )


EMV_QR: Final = ProviderDriver(PROVIDER_ID, wording("Payment QR of the shop"), make_emv_qr, _check)
"""The entry point `emv_qr`."""
