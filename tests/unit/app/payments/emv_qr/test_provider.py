"""The shop's own QR at the till: what it asks for, to whom, under which number, and that only a person confirms it."""

from dataclasses import replace
from datetime import UTC, date, datetime
from importlib.metadata import EntryPoint

import pytest
import qrcode
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st

from app.payments.emv_qr import pix_in, promptpay_in, read, read_upi, sgqr_in
from app.payments.emv_qr.provider import EMV_QR, make_emv_qr
from app.payments.provider import ProviderAway, PurchaseOrder, RefundOrder, Verdict
from app.payments.registry import GROUP, BadProviderSettings, load_providers
from app.values.clock import FixedClock

NUMBER = "0192f0c17b1e7c2d9a3b4c5d6e7f8091"
# Counted by hand: 32 characters less the first 7, and less the first 12.
LAST_25 = "17b1e7c2d9a3b4c5d6e7f8091"
LAST_20 = "7C2D9A3B4C5D6E7F8091"
ORDER = PurchaseOrder(NUMBER, 12_860, "CNY", "Corner shop")
CLOCK = FixedClock(datetime(2026, 12, 31, 16, 0, tzinfo=UTC))

EMVCO = {
    "form": "emvco",
    "merchant_name": "Corner Shop",
    "merchant_city": "Beijing",
    "merchant_category": "5411",
    "emvco": {
        "accounts": [{"id": "31", "fields": {"00": "D15600000001", "03": "12345678"}}],
        "currency": "CNY",
        "country": "CN",
        "language": "ZH",
        "local_name": "街角便利店",
        "local_city": "北京",
    },
}
PIX = {
    "form": "pix",
    "merchant_name": "Padaria São João",
    "merchant_city": "BRASILIA",
    "pix": {"key": "123e4567-e12b-12d1-a456-426655440000"},
}
PROMPTPAY = {"form": "promptpay", "merchant_name": "Shop", "promptpay": {"kind": "mobile", "number": "080-123-4567"}}
BILLER = {**PROMPTPAY, "promptpay": {"kind": "biller", "number": "010753600031508"}}
SGQR = {
    "form": "sgqr",
    "merchant_name": "Shop",
    "merchant_city": "Singapore",
    "sgqr": {"kind": "uen", "number": "201403121W"},
}
UPI = {"form": "upi", "merchant_name": "चाय & Co", "merchant_category": "5411", "upi": {"address": "shop@bank"}}
FORMS = [(EMVCO, "CNY"), (PIX, "BRL"), (PROMPTPAY, "THB"), (BILLER, "THB"), (SGQR, "SGD"), (UPI, "INR")]


def offered(settings: dict, currency: str, **changes) -> str:
    offer = make_emv_qr(settings, CLOCK).offer_code(replace(ORDER, currency=currency, **changes))
    assert offer.answer.verdict is Verdict.PENDING, offer.answer
    return offer.payload


def test_the_plain_form_says_amount_reference_and_both_names() -> None:
    payload = read(offered(EMVCO, "CNY")).payload
    assert (payload.dynamic, payload.amount_minor, payload.currency.code) == (True, 12_860, "CNY")
    assert payload.additional.reference_label == LAST_25
    assert (payload.merchant_name, payload.merchant_category) == ("Corner Shop", "5411")
    assert (payload.language.merchant_name, payload.language.merchant_city) == ("街角便利店", "北京")
    assert payload.account_of("D15600000001").field("03") == "12345678"


def test_lengths_are_counted_in_bytes_where_a_wallet_wants_it() -> None:
    text = offered({**EMVCO, "emvco": {**EMVCO["emvco"], "lengths_count": "bytes"}}, "CNY")
    # Five characters of three bytes each.
    assert "0115街角便利店" in text
    assert read(text).payload.language.merchant_name == "街角便利店"


def test_pix_has_its_key_and_the_transaction_id() -> None:
    charge = pix_in(read(offered(PIX, "BRL")).payload)
    assert (charge.amount_minor, charge.transaction_id) == (12_860, LAST_25)
    assert (charge.key, charge.merchant_name) == ("123e4567-e12b-12d1-a456-426655440000", "Padaria Sao Joao")


def test_promptpay_goes_to_a_telephone_or_pays_a_bill() -> None:
    transfer = promptpay_in(read(offered(PROMPTPAY, "THB")).payload)
    assert (transfer.recipient, transfer.amount_minor, transfer.terminal_label) == ("0066801234567", 12_860, LAST_25)
    bill = promptpay_in(read(offered(BILLER, "THB")).payload)
    assert (bill.recipient, bill.amount_minor, bill.reference_1) == ("010753600031508", 12_860, LAST_20)


def test_paynow_ends_when_the_code_is_no_longer_shown_and_its_amount_stands() -> None:
    code = sgqr_in(read(offered(SGQR, "SGD")).payload)
    assert (code.amount_minor, code.reference) == (12_860, LAST_25)
    assert (code.paynow.proxy, code.paynow.editable) == ("201403121W", False)
    # 16:00 UTC and 300 s are 00:05 of the next day in Singapore.
    assert code.paynow.expires == "20270101000500"


def test_upi_has_the_whole_number_and_a_name_in_any_script() -> None:
    request = read_upi(offered(UPI, "INR"))
    assert (request.amount_minor, request.reference, request.name) == (12_860, NUMBER, "चाय & Co")
    assert (request.address, request.merchant_category) == ("shop@bank", "5411")


@pytest.mark.parametrize(("settings", "currency"), FORMS)
def test_the_picture_on_the_screen_holds_the_code(settings: dict, currency: str) -> None:
    text = offered(settings, currency)
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, box_size=4)
    code.add_data(text)
    code.make(fit=True)
    (found,) = zxingcpp.read_barcodes(code.make_image().get_image().convert("L"))
    assert found.text == text


@pytest.mark.parametrize(("settings", "currency"), FORMS)
def test_only_a_person_can_say_that_the_money_came(settings: dict, currency: str) -> None:
    provider = make_emv_qr(settings, CLOCK)
    order = replace(ORDER, currency=currency)
    offer = provider.offer_code(order)
    for answer in (offer.answer, provider.query(order)):
        assert answer.verdict is Verdict.PENDING
        assert "128.60" in str(answer.sentence)
        assert answer.provider_reference
        assert answer.provider_reference in str(answer.sentence)
        assert answer.provider_reference in offer.payload
    can = provider.capabilities
    assert (can.merchant_code, can.confirmed_by_hand, can.shopper_code) == (True, True, False)
    assert (can.reverse, can.refund, can.bills, can.times.ask_until_s) == (False, False, False, 300)
    refund = RefundOrder(NUMBER, "r00001", 100, 12_860, currency)
    assert provider.reverse(order).verdict is Verdict.UNKNOWN
    assert provider.refund(refund).verdict is Verdict.DECLINED
    assert provider.query_refund(refund).verdict is Verdict.DECLINED
    assert provider.pay(order).verdict is Verdict.DECLINED
    with pytest.raises(ProviderAway):
        provider.bill(date(2026, 12, 31))
    provider.close()


@pytest.mark.parametrize(("settings", "currency"), FORMS)
def test_another_currency_or_an_amount_that_does_not_fit_makes_no_code(settings: dict, currency: str) -> None:
    provider = make_emv_qr(settings, CLOCK)
    other = provider.offer_code(replace(ORDER, currency="EUR"))
    assert (other.answer.verdict, other.answer.code, other.payload) == (Verdict.DECLINED, "OTHER-CURRENCY", "")
    # 14 characters with the point; EMV has room for 13, UPI for 10 before the point.
    large = provider.offer_code(replace(ORDER, currency=currency, amount_minor=9_999_999_999_999))
    assert (large.answer.verdict, large.payload) == (Verdict.DECLINED, "")


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({**PIX, "form": "cash"}, "form"),
        ({**PIX, "pix": None}, "[pix]"),
        ({**PIX, "upi": {"address": "shop@bank"}}, "[upi]"),
        ({**PIX, "pix": {"key": "12345678901"}}, "pix.key"),
        ({**PIX, "merchant_name": "街角便利店"}, "merchant_name"),
        ({**PIX, "merchant_city": ""}, "merchant_city"),
        ({**PIX, "merchant_category": "12"}, "merchant_category"),
        ({**PIX, "colour": "red"}, "colour"),
        ({**PROMPTPAY, "promptpay": {"kind": "mobile", "number": "12"}}, "promptpay.number"),
        ({**SGQR, "sgqr": {"kind": "uen", "number": "lower case"}}, "sgqr.number"),
        ({**UPI, "upi": {"address": "nobody"}}, "upi.address"),
        ({**EMVCO, "emvco": {**EMVCO["emvco"], "currency": "XXX"}}, "emvco.currency"),
        ({**EMVCO, "emvco": {**EMVCO["emvco"], "language": ""}}, "emvco.local_name"),
        ({**EMVCO, "emvco": {**EMVCO["emvco"], "accounts": [{"id": "31", "value": "x"}]}}, "emvco.accounts"),
        ({**EMVCO, "emvco": {**EMVCO["emvco"], "accounts": EMVCO["emvco"]["accounts"] * 2}}, "emvco.accounts"),
        ({**EMVCO, "emvco": {**EMVCO["emvco"], "accounts": [{"id": "60", "value": "x"}]}}, "accounts"),
        (
            {
                **EMVCO,
                "emvco": {
                    **EMVCO["emvco"],
                    "accounts": [{"id": str(id_), "fields": {"00": "x" * 90}} for id_ in range(26, 32)],
                },
            },
            "emvco",
        ),
    ],
)
def test_wrong_settings_are_named(settings: dict, named: str) -> None:
    with pytest.raises(BadProviderSettings) as refused:
        make_emv_qr(settings, CLOCK)
    assert named in str(refused.value.sentence)


@given(st.integers(1, 99_999_999), st.from_regex(r"[0-9a-f]{6,32}", fullmatch=True))
def test_every_amount_and_number_comes_back(amount_minor: int, number: str) -> None:
    for settings, currency in FORMS:
        text = offered(settings, currency, amount_minor=amount_minor, provider_number=number)
        if settings is UPI:
            assert (read_upi(text).amount_minor, read_upi(text).reference) == (amount_minor, number)
        else:
            assert read(text).payload.amount_minor == amount_minor


def test_it_is_found_by_its_entry_point() -> None:
    registry = load_providers([EntryPoint("emv_qr", "app.payments.emv_qr.provider:EMV_QR", GROUP)])
    assert registry.driver("emv_qr") is EMV_QR
