"""EMV merchant-presented codes: what is written is read again, and what is damaged is never taken for something else."""

import string

import pytest
import qrcode
import zxingcpp
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.payments.emv_qr import (
    AdditionalData,
    BadPaymentQr,
    DamagedPaymentQr,
    DataObject,
    LanguageTexts,
    LengthUnit,
    MerchantAccount,
    MerchantPayload,
    Tip,
    TipKind,
    build,
    read,
)
from app.payments.emv_qr.data_objects import checksum, write_objects, write_payload
from app.values.money import currency_of

# The worked example of EMV QRCPS-MPM (its chapter of examples), as public decoders for it have it in their tests.
SPECIFICATION = (
    "00020101021229300012D156000000000510A93FO3230Q31280012D15600000001030812345678520441115802CN5914BEST TRANSPORT"
    "6007BEIJING64200002ZH0104最佳运输0202北京540523.7253031565502016233030412340603***0708A60086670902ME"
    "91320016A0112233449988770708123456786304A13A"
)
CNY = currency_of("CNY")
SHOP = MerchantAccount("31", fields=(DataObject("00", "D15600000001"), DataObject("03", "12345678")))


def payload(**changes) -> MerchantPayload:
    facts = {
        "accounts": (SHOP,),
        "currency": CNY,
        "country": "CN",
        "merchant_name": "BEST TRANSPORT",
        "merchant_city": "BEIJING",
        "merchant_category": "4111",
    }
    return MerchantPayload(**{**facts, **changes})


def bitwise_crc(data: bytes) -> int:
    """CRC-16/CCITT-FALSE as textbooks have it, one bit at a time: the oracle for the checksum."""
    register = 0xFFFF
    for byte in data:
        register ^= byte << 8
        for _ in range(8):
            register = (register << 1) ^ 0x1021 if register & 0x8000 else register << 1
        register &= 0xFFFF
    return register


def test_the_example_of_the_specification_says_what_the_specification_says() -> None:
    found = read(SPECIFICATION)
    assert found.payload == MerchantPayload(
        accounts=(
            MerchantAccount("29", fields=(DataObject("00", "D15600000000"), DataObject("05", "A93FO3230Q"))),
            SHOP,
        ),
        currency=CNY,
        country="CN",
        merchant_name="BEST TRANSPORT",
        merchant_city="BEIJING",
        merchant_category="4111",
        dynamic=True,
        amount_minor=2372,
        tip=Tip(TipKind.ASK),
        additional=AdditionalData(
            store_label="1234", customer_label="***", terminal_label="A6008667", data_request="ME"
        ),
        language=LanguageTexts("ZH", "最佳运输", "北京"),
        other=(DataObject("91", "0016A011223344998877070812345678"),),
    )
    assert found.unit is LengthUnit.CHARACTERS
    assert found.missing == ()
    assert write_payload(found.objects) == SPECIFICATION, "every part in its place, nothing lost"


def test_a_code_is_written_in_the_order_of_its_ids_with_the_checksum_last() -> None:
    text = build(
        payload(dynamic=True, amount_minor=2372, language=LanguageTexts("ZH", "最佳运输", "北京"), postal_code="100000")
    )
    body = (
        "00020101021231280012D15600000001030812345678520441115303156540523.725802CN"
        "5914BEST TRANSPORT6007BEIJING610610000064200002ZH0104最佳运输0202北京6304"
    )
    assert text == f"{body}{bitwise_crc(body.encode()):04X}"


def test_the_known_value_of_the_checksum() -> None:
    assert checksum("123456789") == "29B1"


@given(st.text(max_size=60).filter(lambda text: text.isprintable()))
def test_the_checksum_is_that_of_the_textbook(text: str) -> None:
    assert int(checksum(text), 16) == bitwise_crc(text.encode())


def test_an_app_that_counts_bytes_gets_its_own_form_and_both_are_read() -> None:
    chinese = payload(language=LanguageTexts("ZH", "最佳运输", "北京"))
    by_bytes = build(chinese, unit=LengthUnit.BYTES)
    # Four characters are twelve bytes of UTF-8, two are six: 4+2, 4+12, 4+6 = 32.
    assert "64320002ZH0112最佳运输0206北京" in by_bytes
    found = read(by_bytes)
    assert found.payload == chinese
    assert found.unit is LengthUnit.BYTES
    assert read(build(chinese)).unit is LengthUnit.CHARACTERS


def test_a_code_that_reads_differently_by_bytes_and_by_characters_is_refused_unless_the_unit_is_said() -> None:
    # é is one character of two bytes. By characters: 59 = "éA6", then 91 = nine letters. By bytes: 59 = "éA", then
    # 69 with length 10: "9" and the nine letters. Both come out even, with another merchant's name.
    body = "00020131280012D156000000010308123456785303156" + "5802CN" + "5903éA6" + "9109abcdefghi" + "6304"
    text = body + checksum(body)
    with pytest.raises(BadPaymentQr, match="two ways"):
        read(text)
    assert read(text, LengthUnit.CHARACTERS).payload.merchant_name == "éA6"
    assert read(text, LengthUnit.BYTES).payload.merchant_name == "éA"


def test_a_fee_is_written_and_read() -> None:
    for tip in (Tip(TipKind.ASK), Tip(TipKind.FIXED, amount_minor=150), Tip(TipKind.PERCENT, percent_hundredths=325)):
        assert read(build(payload(tip=tip))).payload.tip == tip
    assert "550203" in build(payload(tip=Tip(TipKind.PERCENT, percent_hundredths=325)))
    assert "57043.25" in build(payload(tip=Tip(TipKind.PERCENT, percent_hundredths=325)))


@pytest.mark.parametrize(
    ("currency", "amount_minor", "written"),
    [
        ("CNY", 1, "54040.01"),
        ("CNY", 2370, "540523.70"),
        ("JPY", 500, "5403500"),
        ("THB", 999_999_999_999, "54139999999999.99"),
    ],
)
def test_an_amount_has_exactly_the_decimals_of_its_currency(currency: str, amount_minor: int, written: str) -> None:
    text = build(payload(currency=currency_of(currency), amount_minor=amount_minor))
    assert written in text
    assert read(text).payload.amount_minor == amount_minor


@pytest.mark.parametrize(
    ("said", "minor"),
    [("98.73", 9873), ("98", 9800), ("98.", 9800), (".73", 73), ("0.50", 50), ("0", None), ("0.00", None)],
)
def test_the_ways_to_write_an_amount_are_read_exactly(said: str, minor: int | None) -> None:
    objects = [*read(build(payload())).objects, DataObject("54", said)]
    assert read(write_payload(objects)).payload.amount_minor == minor


@pytest.mark.parametrize("said", ["-1", "1,50", "1e3", "1.234", "１２", "1 0", "+5", ".", "99999999999999", "nan"])
def test_what_is_no_amount_is_refused(said: str) -> None:
    objects = [*read(build(payload())).objects, DataObject("54", said)]
    with pytest.raises(BadPaymentQr):
        read(write_payload(objects))


def test_what_is_for_later_use_is_kept() -> None:
    other = (DataObject("65", "later"), DataObject("80", "0005A.B.C0103xyz"), DataObject("99", "free"))
    additional = AdditionalData(bill_number="B1", rest=(DataObject("12", "later"), DataObject("50", "0003abc")))
    language = LanguageTexts("ZH", "店", rest=(DataObject("03", "later"),))
    said = payload(other=other, additional=additional, language=language)
    assert read(build(said)).payload == said


@pytest.mark.parametrize(
    "wrong",
    [
        {"accounts": ()},
        {"country": "cn"},
        {"merchant_name": "X" * 26},
        {"merchant_city": "X" * 16},
        {"merchant_name": "   "},
        {"merchant_category": "41"},
        {"amount_minor": 0},
        {"amount_minor": -5},
        {"amount_minor": 10**13},
        {"postal_code": "12345678901"},
        {"merchant_name": ""},
        {"merchant_name": "北京店"},
        {"merchant_name": "line\nbreak"},
        {"accounts": (SHOP, SHOP)},
        {"other": (DataObject("99", "x" * 100),)},
        {"other": (DataObject("54", "1.00"),)},
        {"other": tuple(DataObject(f"{number}", "x" * 99) for number in range(80, 86))},
    ],
)
def test_a_code_against_the_rules_is_not_built(wrong: dict[str, object]) -> None:
    with pytest.raises(BadPaymentQr):
        build(payload(**wrong))


def test_additional_data_keeps_to_its_limits() -> None:
    for wrong in (
        {"bill_number": "X" * 26},
        {"data_request": "XY"},
        {"merchant_channel": "1"},
        {"merchant_tax_id": "1" * 21},
    ):
        with pytest.raises(BadPaymentQr):
            AdditionalData(**wrong)
    with pytest.raises(BadPaymentQr, match="99"):
        build(
            payload(
                additional=AdditionalData(
                    bill_number="X" * 25, store_label="X" * 25, loyalty_number="X" * 25, purpose="X" * 25
                )
            )
        )


def rebuilt(change) -> str:
    return write_payload(change(list(read(build(payload(amount_minor=100))).objects)))


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda objects: objects[1:], DamagedPaymentQr),
        (lambda objects: [objects[1], objects[0], *objects[2:]], DamagedPaymentQr),
        (lambda objects: [DataObject("00", "02"), *objects[1:]], BadPaymentQr),
        (lambda objects: [*objects, DataObject("01", "10")], BadPaymentQr),
        (lambda objects: [item for item in objects if item.id != "53"], BadPaymentQr),
        (lambda objects: [item for item in objects if item.id != "58"], BadPaymentQr),
        (lambda objects: [DataObject("53", "999") if item.id == "53" else item for item in objects], BadPaymentQr),
        (lambda objects: [*objects, DataObject("26", "not a template")], DamagedPaymentQr),
        (lambda objects: [*objects, DataObject("26", "0103abc")], BadPaymentQr),
        (lambda objects: [*objects, DataObject("55", "02")], BadPaymentQr),
        (lambda objects: [*objects, DataObject("56", "1.00")], BadPaymentQr),
        (lambda objects: [*objects, DataObject("55", "03"), DataObject("57", "100")], BadPaymentQr),
        (lambda objects: [*objects, DataObject("55", "03"), DataObject("57", "0")], BadPaymentQr),
        (lambda objects: [*objects, DataObject("64", "0002ZH")], BadPaymentQr),
    ],
)
def test_a_whole_code_against_the_rules_is_refused_when_read(change, problem: type[BadPaymentQr]) -> None:
    text = rebuilt(change)
    with pytest.raises(problem):
        read(text)


def test_an_id_that_comes_twice_is_refused() -> None:
    body = build(payload())[:-8] + "5802CN" + "6304"
    with pytest.raises(BadPaymentQr, match="58 twice"):
        read(body + checksum(body))
    nested = write_objects(read(build(payload())).objects) + "26180004ABCD01011010102" + "6304"
    with pytest.raises(BadPaymentQr):
        read(nested + checksum(nested))


NAMES = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), min_size=1)
ASCII = st.text(st.sampled_from(string.ascii_letters + string.digits + " .,-*&/"), min_size=1).filter(str.strip)
REFERENCES = st.one_of(st.just(""), ASCII.map(lambda text: text[:12]).filter(str.strip))
PAYLOADS = st.builds(
    MerchantPayload,
    accounts=st.just((MerchantAccount("02", value="4761360000000*17"), SHOP)),
    currency=st.sampled_from([CNY, currency_of("JPY"), currency_of("SGD")]),
    country=st.sampled_from(["CN", "SG"]),
    merchant_name=ASCII.map(lambda text: text[:25]).filter(str.strip),
    merchant_city=ASCII.map(lambda text: text[:15]).filter(str.strip),
    merchant_category=st.from_regex(r"[0-9]{4}", fullmatch=True),
    dynamic=st.sampled_from([None, True, False]),
    amount_minor=st.one_of(st.none(), st.integers(1, 10**10)),
    tip=st.sampled_from([None, Tip(TipKind.ASK), Tip(TipKind.FIXED, amount_minor=5), Tip(TipKind.PERCENT, percent_hundredths=1)]),
    postal_code=st.sampled_from(["", "100000"]),
    additional=st.one_of(
        st.none(),
        st.builds(AdditionalData, bill_number=ASCII.map(lambda text: text[:25]).filter(str.strip), reference_label=REFERENCES, terminal_label=REFERENCES),
    ),
    language=st.one_of(
        st.none(), st.builds(LanguageTexts, st.just("ZH"), NAMES.map(lambda text: text[:25]), NAMES.map(lambda text: text[:15]))
    ),
    other=st.lists(st.builds(DataObject, st.integers(65, 99).map(str), NAMES.map(lambda text: text[:20])), max_size=3, unique_by=lambda item: item.id).map(
        lambda items: tuple(sorted(items, key=lambda item: item.id))
    ),
)  # fmt: skip


@given(PAYLOADS)
@settings(max_examples=150, deadline=None)
def test_what_was_built_is_read_again_with_its_chinese_names(said: MerchantPayload) -> None:
    assert read(build(said)).payload == said


@given(
    PAYLOADS.filter(
        lambda said: len(said.language.merchant_name + said.language.merchant_city) < 25 if said.language else True
    )
)
@settings(max_examples=80, deadline=None)
def test_the_same_holds_for_lengths_in_bytes(said: MerchantPayload) -> None:
    assert read(build(said, unit=LengthUnit.BYTES), LengthUnit.BYTES).payload == said


def test_every_single_wrong_character_of_an_example_is_refused() -> None:
    # A changed ASCII character is a burst of at most 8 bits, and a 16-bit CRC finds every burst up to 16: all
    # 95 characters are tried in every place. Only the letters of the checksum itself may change their case.
    text = build(payload(dynamic=True, amount_minor=2372, additional=AdditionalData(reference_label="R-1")))
    tried = 0
    for place, right in enumerate(text):
        for code in range(0x20, 0x7F):
            wrong = chr(code)
            if wrong == right or (place >= len(text) - 4 and wrong.upper() == right):
                continue
            tried += 1
            with pytest.raises(DamagedPaymentQr):
                read(f"{text[:place]}{wrong}{text[place + 1 :]}")
    assert tried > 9000


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_a_wrong_character_anywhere_never_gives_another_payload(data) -> None:
    place = data.draw(st.integers(0, len(SPECIFICATION) - 1))
    wrong = data.draw(st.characters(exclude_characters=SPECIFICATION[place]))
    text = SPECIFICATION[:place] + wrong + SPECIFICATION[place + 1 :]
    try:
        found = read(text)
    except BadPaymentQr:
        return
    assert found == read(SPECIFICATION), "only the case of a checksum's letter may change"


@given(st.integers(0, len(SPECIFICATION) - 1))
@settings(max_examples=60, deadline=None)
def test_a_code_cut_off_or_with_a_character_lost_is_refused(place: int) -> None:
    for text in (SPECIFICATION[:place], SPECIFICATION[:place] + SPECIFICATION[place + 1 :]):
        with pytest.raises(BadPaymentQr):
            read(text)


@given(
    st.one_of(st.text(), st.text(st.sampled_from("0123456789")), st.binary().map(lambda data: data.decode("latin-1")))
)
@example("\ud800")
@example("6304FFFF")
@example("٠٠٠٢٠١" + "6304ABCD")
@settings(max_examples=200, deadline=None)
def test_hostile_text_is_refused_and_nothing_else(text: str) -> None:
    with pytest.raises(BadPaymentQr):
        read(text)


@given(st.text(max_size=200))
@example("00020126990099")
@example("000201" + "9" * 90)
@example("0002015303156\ud800")
@settings(max_examples=300, deadline=None)
def test_hostile_content_under_a_right_checksum_is_refused_with_the_problem_only(body: str) -> None:
    start = f"000201{body}6304"
    try:
        text = start + checksum(start)
    except UnicodeEncodeError:
        text = start + "0000"
    try:
        read(text)
    except BadPaymentQr:
        return


@given(
    st.lists(
        st.builds(DataObject, st.integers(0, 99).map("{:02d}".format), st.text(min_size=1, max_size=30)), max_size=12
    )
)
@settings(max_examples=300, deadline=None)
def test_well_formed_nonsense_is_refused_with_the_problem_only(objects: list[DataObject]) -> None:
    try:
        read(write_payload([DataObject("00", "01"), *objects]))
    except BadPaymentQr:
        return


def test_the_picture_of_a_code_with_a_chinese_name_is_read_back_from_its_pixels() -> None:
    for text in (SPECIFICATION, build(payload(amount_minor=12860, language=LanguageTexts("ZH", "街角便利店", "北京")))):
        code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, box_size=4)
        code.add_data(text)
        code.make(fit=True)
        picture = code.make_image().get_image().convert("L")
        (found,) = zxingcpp.read_barcodes(picture)
        assert found.text == text
        assert read(found.text).payload == read(text).payload
