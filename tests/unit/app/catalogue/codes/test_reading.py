"""Codes as they come at a till: right, misread, hostile, in every form a scanner may send."""

import logging
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.catalogue.codes import (
    CardKind,
    CardPrefix,
    CodeReader,
    CodeSettings,
    Gs1Code,
    MemberCode,
    OperatorCard,
    PaymentCode,
    PluCode,
    ProductCode,
    ReceiptCode,
    Scanned,
    UnknownCode,
    WeighedLabel,
    explain,
    parse_pattern,
)
from app.catalogue.codes.meaning import mask
from app.values.identifiers import ReceiptNumber
from app.values.money import currency_of

AIM_IDS = (
    None,
    "",
    "]E0",
    "]E1",
    "]E2",
    "]E3",
    "]E4",
    "]C0",
    "]C1",
    "]e0",
    "]e1",
    "]d1",
    "]d2",
    "]Q1",
    "]Q3",
    "]I1",
    "]X0",
)
DIGITS = "0123456789"


def gs1_check_digit(payload: str) -> str:
    """The oracle: digits from the right weigh 3 and 1 in turn."""
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(payload)))
    return str((10 - total % 10) % 10)


def numbers(length: int) -> st.SearchStrategy[str]:
    return st.text(DIGITS, min_size=length, max_size=length)


def closed(payload: str) -> str:
    return payload + gs1_check_digit(payload)


gtins = st.sampled_from((7, 11, 12, 13)).flatmap(numbers).map(closed)

hostile_gs1 = st.lists(
    st.one_of(
        st.sampled_from(
            [
                "01",
                "00",
                "02",
                "10",
                "17",
                "21",
                "30",
                "255",
                "3103",
                "3922",
                "3932",
                "3999",
                "7003",
                "8008",
                "8018",
                "8110",
            ]
        ),
        st.text(DIGITS, max_size=14),
        st.text("0123456789ABCabc()-%/?=&.\x1d ", max_size=22),
        st.sampled_from(["09506000134352", "\x1d", "(01)", "(", ")"]),
    ),
    max_size=12,
).map("".join)

links = st.builds(
    "{}{}{}".format,
    st.sampled_from(["https://id.gs1.org/01/09506000134352", "http://", "https://[", "HTTPS://x/01/", "https://x/00/"]),
    st.text("0123456789/?&=%+#[]:@ABCé\x1d", max_size=40),
    st.sampled_from(["", "?17=251231", "?17=", "?3922=1&3922=2", "/10/%FF", "/10/%"]),
)


@settings(max_examples=400, deadline=None)
@given(
    data=st.one_of(
        st.text(max_size=60), st.binary(max_size=60).map(lambda raw: raw.decode("latin-1")), hostile_gs1, links
    ),
    symbology=st.one_of(st.sampled_from(AIM_IDS), st.text(max_size=4)),
)
@example(data="\x1d", symbology="]C1")
@example(data="00", symbology=None)
@example(data="0001-02-1-000123", symbology=None)
@example(data="(01)", symbology=None)
@example(data="https://[::1/01/09506000134352", symbology=None)
@example(data="¹²³⁴", symbology=None)
@example(data="]", symbology=None)
@example(data="٤٠١١", symbology="]E0")
def test_whatever_is_scanned_the_till_goes_on_and_says_something(
    data: str, symbology: str | None, reader: CodeReader
) -> None:
    meaning = reader.read(data, symbology, date(2026, 1, 31))

    explained = explain(meaning)
    assert explained["kind"]
    if isinstance(meaning, UnknownCode):
        assert str(meaning.reason)
        assert "{" not in str(meaning.reason)
        assert len(meaning.raw) <= 200


@settings(max_examples=100, deadline=None)
@given(data=st.text(DIGITS, max_size=60), symbology=st.sampled_from(AIM_IDS))
def test_digits_of_any_number_are_understood_or_refused(data: str, symbology: str | None, reader: CodeReader) -> None:
    assert explain(reader.read(data, symbology))["kind"]


@pytest.mark.parametrize("size", [2_049, 100_000])
@pytest.mark.parametrize("piece", ["9", "]C1", "0109506000134352", "(01)", "\x00", "https://x/", "10A\x1d", "价"])
def test_an_overlong_code_is_refused_at_once(piece: str, size: int, reader: CodeReader) -> None:
    meaning = reader.read(piece * size)

    assert isinstance(meaning, UnknownCode)
    assert str(meaning.reason) == "This code is too long to be one of this shop's. Scan the product's own barcode."
    assert len(meaning.raw) <= 200


@given(gtin=gtins, place=st.integers(0, 13), change=st.integers(1, 9))
def test_a_gtin_with_one_wrong_digit_is_never_a_product(gtin: str, place: int, change: int, reader: CodeReader) -> None:
    place %= len(gtin)
    wrong = gtin[:place] + str((int(gtin[place]) + change) % 10) + gtin[place + 1 :]
    symbology = "]E4" if len(gtin) == 8 else None  # 8 digits could be a right UPC-E; the scanner says EAN-8

    assert not isinstance(reader.read(wrong, symbology), ProductCode)


@given(gtin=gtins)
def test_a_right_gtin_outside_the_shops_own_numbers_is_the_product(gtin: str, reader: CodeReader) -> None:
    meaning = CodeReader(CodeSettings()).read(gtin, "]E4" if len(gtin) == 8 else None)

    if isinstance(meaning, ProductCode):
        assert meaning.gtin14 == gtin.rjust(14, "0")
    else:  # GS1's coupon prefixes 98 and 99
        assert gtin.rjust(14, "0")[:3] in {"098", "099"}


def upc_e_by_table(upc_a: str) -> str | None:
    """The oracle: zero suppression of General Specifications 5.2.2.4.1, from UPC-A to UPC-E."""
    system, company, item, check = upc_a[0], upc_a[1:6], upc_a[6:11], upc_a[11]
    if system not in "01":
        return None
    if company[2:] in {"000", "100", "200"} and item[:2] == "00":
        return system + company[:2] + item[2:] + company[2] + check
    if company[3:] == "00" and item[:3] == "000":
        return system + company[:3] + item[3:] + "3" + check
    if company[4] == "0" and item[:4] == "0000":
        return system + company[:4] + item[4] + "4" + check
    if item[:4] == "0000" and item[4] in "56789":
        return system + company + item[4] + check
    return None


@given(
    system=st.sampled_from("01"),
    company=st.one_of(
        numbers(5),
        numbers(2).map(lambda two: two + "100"),
        numbers(3).map(lambda three: three + "00"),
        numbers(4).map(lambda four: four + "0"),
    ),
    item=st.one_of(numbers(3).map(lambda three: "00" + three), st.sampled_from(DIGITS).map(lambda one: "0000" + one)),
)
def test_every_upc_a_that_can_be_suppressed_comes_back_from_its_upc_e(system: str, company: str, item: str) -> None:
    upc_a = closed(system + company + item)
    upc_e = upc_e_by_table(upc_a)
    if upc_e is None:
        return

    meaning = CodeReader(CodeSettings()).read(upc_e, "]E0")

    assert isinstance(meaning, ProductCode)
    assert meaning.gtin14 == "00" + upc_a


def test_without_an_aim_identifier_ean_8_is_tried_before_upc_e() -> None:
    # 0·3+1+2·3+3+4·3+5+6·3 = 45 → 5: right as EAN-8. 0 12345 00006: 0+1+6+3+12+5+18 … → 5: right as UPC-E too.
    meaning = CodeReader(CodeSettings()).read("01234565")

    assert isinstance(meaning, ProductCode)
    assert (meaning.gtin14, meaning.also_gtin14) == ("00000001234565", "00012345000065")


def test_a_typed_plu_is_only_a_plu_where_the_shop_has_them() -> None:
    assert CodeReader(CodeSettings()).read("4011") == PluCode("4011")
    assert isinstance(CodeReader(CodeSettings(numbers_are_plus=False)).read("4011"), UnknownCode)


@pytest.mark.parametrize("typed", ["1", "12", "123", "123456", "1234567", "12345678901"])
def test_other_typed_numbers_are_no_code(typed: str, reader: CodeReader) -> None:
    assert isinstance(reader.read(typed), UnknownCode)


@given(store=st.integers(0, 9_999), till=st.integers(0, 99), epoch=st.integers(0, 99), number=st.integers(1, 10**9))
def test_a_receipts_barcode_and_its_printed_number_lead_back_to_it(
    store: int, till: int, epoch: int, number: int, reader: CodeReader
) -> None:
    receipt = ReceiptNumber(store, till, epoch, number)

    assert reader.read(receipt.barcode_data(), "]C0") == ReceiptCode(receipt)
    assert reader.read(str(receipt)) == ReceiptCode(receipt)


@pytest.mark.parametrize("data", ["R1", "R0001020100012", "R0001-02-1-000123", "0001-02-1-00012X", "1-2-3-4", "Rabc"])
def test_what_only_looks_like_a_receipt_is_none(data: str, reader: CodeReader) -> None:
    assert isinstance(reader.read(data), UnknownCode)


@pytest.mark.parametrize(
    ("prefix", "kind"),
    [(str(prefix), "wechat") for prefix in range(10, 16)] + [(str(prefix), "alipay") for prefix in range(25, 31)],
)
def test_every_wallet_prefix_of_18_digits_is_a_payment(prefix: str, kind: str, reader: CodeReader) -> None:
    meaning = reader.read(prefix + "0123456789012345")

    assert isinstance(meaning, PaymentCode)
    assert meaning.kind == kind


@pytest.mark.parametrize(
    "data", ["1634567890123456789", "16345678901234567", "311234567890123456", "25" * 13, "13" * 8]
)
def test_digits_outside_the_wallets_prefixes_and_lengths_are_no_payment(data: str, reader: CodeReader) -> None:
    assert not isinstance(reader.read(data), PaymentCode)


@pytest.mark.parametrize("aim", ["]E0", "]I1", "]C1", "]e0", "]d2", "]Q3"])
def test_a_payment_code_is_never_taken_from_a_products_symbology(aim: str, reader: CodeReader) -> None:
    assert not isinstance(reader.read("134567890123456789", aim), PaymentCode)


@pytest.mark.parametrize("code", ["134567890123456789", "285678901234567890", "fp0123456789abcdef0123456789abcdef0"])
def test_a_payment_code_shows_nowhere(code: str, reader: CodeReader, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        meaning = reader.read(code)
    scanned = Scanned("till scanner", code, "]Q1", datetime(2026, 1, 31, 9, 0, tzinfo=UTC))

    for text in (repr(meaning), str(meaning), str(explain(meaning)), repr(scanned), caplog.text):
        assert code not in text
        assert code[6:] not in text


def test_cards_of_people_stay_out_of_the_repr(reader: CodeReader) -> None:
    for code, kind in (("8800012345", MemberCode), ("OP-0000123456", OperatorCard)):
        meaning = reader.read(code)
        assert isinstance(meaning, kind)
        assert code not in repr(meaning)


def test_a_short_secret_is_masked_whole() -> None:
    assert mask("123456789") == "*********"


def test_a_bank_card_number_is_masked_and_refused(reader: CodeReader) -> None:
    meaning = reader.read("%B4111111111111111^WANG/XIAOMING^3012")

    assert isinstance(meaning, UnknownCode)
    assert "bank card" in str(meaning.reason)
    assert meaning.raw == "41**********1111"


def test_the_tables_of_gs1_are_loaded_with_the_first_gs1_code_and_not_before() -> None:
    script = """
import sys
from app.catalogue.codes import CodeReader, CodeSettings
reader = CodeReader(CodeSettings())
reader.read("6901234567892"), reader.read("134567890123456789"), reader.read("R00010201000123")
before = "biip" in sys.modules
reader.warm_up()
print(before, "biip" in sys.modules)
"""
    root = Path(__file__).parents[5]
    done = subprocess.run([sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["False", "True"]


def test_an_in_store_label_in_a_databar_is_read_as_a_label(reader: CodeReader) -> None:
    meaning = reader.read("0102104011012453", "]e0")

    assert isinstance(meaning, WeighedLabel)
    assert (meaning.item, meaning.weight_grams) == ("4011", 1245)


def test_a_misread_in_store_member_card_is_nobodys(reader: CodeReader) -> None:
    assert isinstance(reader.read("2900001234565", "]E0"), UnknownCode)


def test_a_upc_e_beginning_with_02_is_not_taken_for_a_label_of_8_digits() -> None:
    # 0 27100 00583 is UPC-E 02758314, see gs1_codes.toml; as EAN-8 its check digit is wrong.
    reader = CodeReader(CodeSettings(patterns=(parse_pattern("small", "02IIPPPC"),)))

    for symbology in (None, "]E0"):
        meaning = reader.read("02758314", symbology)
        assert isinstance(meaning, ProductCode)
        assert meaning.gtin14 == "00027100005834"
    # 0·3+2+7·3+5+8·3+3+1·3 = 58 → 2
    assert isinstance(reader.read("02758312", "]E4"), WeighedLabel)
    assert isinstance(reader.read("02758312"), WeighedLabel)


def test_a_scanner_that_cannot_send_gs_sends_what_the_settings_name() -> None:
    reader = CodeReader(CodeSettings(separators=("\x1d", "|", "<GS>")))

    for data in ("]C1010950600013435210ABC|17251231", "010950600013435210ABC<GS>17251231"):
        meaning = reader.read(data)
        assert isinstance(meaning, Gs1Code)
        assert (meaning.batch, meaning.expiry) == ("ABC", date(2025, 12, 31))


def test_a_label_price_without_a_currency_is_in_the_shops() -> None:
    # ¥500 of a Japanese shop: yen have no minor unit.
    meaning = CodeReader(CodeSettings(currency=currency_of("JPY"))).read("(01)95012345678903(3920)500")

    assert isinstance(meaning, Gs1Code)
    assert (meaning.price_minor, meaning.currency) == (500, "JPY")


def test_without_a_business_date_years_are_of_this_century(reader: CodeReader) -> None:
    meaning = reader.read("(01)09506000134352(17)991231")

    assert isinstance(meaning, Gs1Code)
    assert meaning.expiry == date(2099, 12, 31)


@pytest.mark.parametrize(
    "data",
    [
        "(01)09506000134352(17)",  # nothing behind the last identifier
        "x(01)09506000134352",
        "(01)09506000134352(1x)A",
        "(010)9506000134352",
        "(1709)506000134352",
        "(01)09506000134352(17)2512311",
        "(9999)1",
        "(01)09506000134352(3102)000100(3103)000100",  # one weight with two numbers of decimals
        "https://id.gs1.org/01/09506000134352?17=251231&17=261231",
        "https://id.gs1.org/01/09506000134352/21/1/10/A",  # qualifiers out of order
        "https://id.gs1.org/01/0",
        "https://id.gs1.org/",
        "]C1",
        "]C1ABC",
    ],
)
def test_a_gs1_code_that_is_not_right_in_every_part_is_refused_whole(data: str, reader: CodeReader) -> None:
    assert isinstance(reader.read(data, today=date(2026, 1, 31)), UnknownCode)


def test_a_batch_may_hold_brackets(reader: CodeReader) -> None:
    meaning = reader.read("(01)09506000134352(10)A(B)C")

    assert isinstance(meaning, Gs1Code)
    assert meaning.batch == "A(B)C"


def test_a_member_may_be_known_by_a_telephone_number() -> None:
    reader = CodeReader(CodeSettings(cards=(CardPrefix(CardKind.MEMBER, "1", length=11),)))

    assert reader.read("13800138000") == MemberCode("13800138000")


@given(
    day=st.dates(date(1990, 1, 1), date(2140, 12, 31)),
    offset=st.integers(-49, 50),
)
def test_a_date_on_a_label_is_in_the_window_round_the_business_date(day: date, offset: int, reader: CodeReader) -> None:
    # GS1 General Specifications 7.12: 49 years back to 50 ahead, whatever the century.
    printed = date(day.year + offset, day.month, min(day.day, 28))

    meaning = reader.read(f"(01)09506000134352(17){printed:%y%m%d}", today=day)

    assert isinstance(meaning, Gs1Code)
    assert meaning.expiry == printed
