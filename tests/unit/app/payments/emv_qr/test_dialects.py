"""PIX, PromptPay, SGQR with PayNow and the UPI link: the examples of their specifications, and their rules."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.payments.emv_qr import (
    AdditionalData,
    BadPaymentQr,
    DamagedPaymentQr,
    MerchantAccount,
    NotThisDialect,
    PayNow,
    PixCharge,
    PromptPayRequest,
    ProxyKind,
    RecipientKind,
    SgqrCode,
    SgqrLabel,
    UpiRequest,
    build_pix,
    build_promptpay,
    build_sgqr,
    build_upi,
    pix_in,
    promptpay_in,
    read,
    read_upi,
    recipient_of,
    sgqr_in,
)
from app.payments.emv_qr.pix import KeyKind, key_kind
from app.payments.emv_qr.sgqr import expiry_at, expiry_on

# Banco Central do Brasil, Manual de Padrões para Iniciação do Pix: the static example.
PIX_BY_KEY = (
    "00020126580014br.gov.bcb.pix0136123e4567-e12b-12d1-a456-4266554400005204000053039865802BR5913Fulano de Tal"
    "6008BRASILIA62070503***63041D3D"
)
# The same manual's dynamic form, as a public note on it has it (with the scheme's name in capitals).
PIX_BY_ADDRESS = (
    "00020101021226770014BR.GOV.BCB.PIX2555pix.example.com/qr/93598be0-1bd0-4997-8318-81776a1d8a99"
    "5204000053039865802BR5907EMPRESA6009SAO PAULO62070503***6304EEAB"
)


def test_the_pix_example_of_the_central_bank_is_built_and_read() -> None:
    charge = PixCharge("Fulano de Tal", "BRASILIA", key="123e4567-e12b-12d1-a456-426655440000")
    assert build_pix(charge) == PIX_BY_KEY
    assert pix_in(read(PIX_BY_KEY).payload) == charge


def test_a_pix_charge_at_an_address_is_for_one_payment() -> None:
    address = "pix.example.com/qr/93598be0-1bd0-4997-8318-81776a1d8a99"
    charge = PixCharge("EMPRESA", "SAO PAULO", address=address)
    assert pix_in(read(PIX_BY_ADDRESS).payload) == charge
    assert read(build_pix(charge)).payload.dynamic is True
    assert pix_in(read(build_pix(charge)).payload) == charge


def test_a_pix_code_takes_accents_off_names_and_keeps_amount_and_transaction_id() -> None:
    text = build_pix(
        PixCharge("Padaria São João", "São Paulo", key="+5511912345678", transaction_id="CX1V42", amount_minor=6666)
    )
    assert "5916Padaria Sao Joao" in text
    assert "540566.66" in text
    assert "62100506CX1V42" in text


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        ("52998224725", KeyKind.CPF),
        ("11222333000181", KeyKind.CNPJ),
        ("12ABC34501DE35", KeyKind.CNPJ),
        ("loja@example.com.br", KeyKind.EMAIL),
        ("+5561912345678", KeyKind.PHONE),
        ("123e4567-e12b-12d1-a456-426655440000", KeyKind.RANDOM),
    ],
)
def test_the_kinds_of_pix_keys_are_told_apart_and_their_check_digits_proved(key: str, kind: KeyKind) -> None:
    # 529.982.247-25 and 11.222.333/0001-81 are the usual examples of right check digits; 12.ABC.345/01DE-35 is the
    # example of the Receita Federal for numbers with letters.
    assert key_kind(key) is kind


@pytest.mark.parametrize(
    "key",
    ["52998224724", "11222333000180", "00000000000", "11912345678", "Loja@Example.com", "x", "５２９９８２２４７２５"],
)
def test_what_is_no_pix_key_is_refused(key: str) -> None:
    with pytest.raises(BadPaymentQr):
        key_kind(key)


@pytest.mark.parametrize(
    "changes",
    [
        {"key": "", "address": ""},
        {"address": "pix.example.com/1"},
        {"key": "", "address": "https://pix.example.com/1"},
        {"key": "", "address": "pix.example.com/" + "1" * 70},
        {"key": "", "address": "pix.example.com/1", "transaction_id": "A1"},
        {"transaction_id": "has space"},
        {"transaction_id": "A" * 26},
        {"merchant_name": "面包店"},
        {"merchant_name": "A" * 26},
        {"key": "a" * 60 + "@example.com", "information": "x" * 30},
    ],
)
def test_a_pix_code_against_the_rules_is_not_built(changes: dict[str, str]) -> None:
    facts = {"merchant_name": "Loja", "merchant_city": "Recife", "key": "loja@example.com"}
    with pytest.raises(BadPaymentQr):
        build_pix(PixCharge(**{**facts, **changes}))


# A public generator of PromptPay codes has these in its tests; the checksums are theirs.
@pytest.mark.parametrize(
    ("text", "kind", "recipient", "amount_minor"),
    [
        ("00020101021129370016A000000677010111011300668012345675802TH530376463046197", RecipientKind.MOBILE, "0066801234567", None),
        ("00020101021129370016A000000677010111021311111111111115802TH530376463047B5A", RecipientKind.NATIONAL_ID, "1111111111111", None),
        ("00020101021229370016A000000677010111011300660000000005802TH530376454044.226304E469", RecipientKind.MOBILE, "0066000000000", 422),
    ],
)  # fmt: skip
def test_promptpay_codes_of_others_are_read(
    text: str, kind: RecipientKind, recipient: str, amount_minor: int | None
) -> None:
    found = read(text)
    assert promptpay_in(found.payload) == PromptPayRequest(kind, recipient, amount_minor)
    assert found.payload.dynamic is (amount_minor is not None)
    assert found.missing == ("52", "59", "60")


def test_promptpay_codes_are_built_as_others_build_them() -> None:
    # thai-qr-payment's guide: bank 014, account 1234567890, 100 baht.
    account = PromptPayRequest(RecipientKind.BANK_ACCOUNT, "0141234567890", 10_000)
    assert (
        build_promptpay(account)
        == "00020101021229370016A0000006770101110413014123456789053037645406100.005802TH6304901D"
    )
    # A shop's bill code, to a biller with two references.
    bill = PromptPayRequest(
        RecipientKind.BILLER,
        "010753700088205",
        reference_1="1615106018110503002",
        reference_2="PIRASIT",
        terminal_label="0000",
    )
    by_another = (
        "00020101021130730016A0000006770101120115010753700088205021916151060181105030020307PIRASIT"
        "53037645802TH620807040000630443A3"
    )
    assert build_promptpay(bill) == by_another
    assert promptpay_in(read(by_another).payload) == bill


def test_a_number_typed_by_a_person_becomes_promptpay_s() -> None:
    assert recipient_of(RecipientKind.MOBILE, "081 234 5678") == "0066812345678"
    assert recipient_of(RecipientKind.NATIONAL_ID, "1-1111-11111-11-1") == "1111111111111"
    assert recipient_of(RecipientKind.E_WALLET, "004999021296693") == "004999021296693"
    for kind, typed in (
        (RecipientKind.MOBILE, "12345"),
        (RecipientKind.NATIONAL_ID, "1" * 12),
        (RecipientKind.E_WALLET, "x" * 15),
    ):
        with pytest.raises(BadPaymentQr):
            recipient_of(kind, typed)


def test_only_a_promptpay_bill_has_references() -> None:
    for wrong in (
        PromptPayRequest(RecipientKind.MOBILE, "0066812345678", reference_1="R1"),
        PromptPayRequest(RecipientKind.BILLER, "010753700088205"),
        PromptPayRequest(RecipientKind.BILLER, "010753700088205", reference_1="small"),
    ):
        with pytest.raises(BadPaymentQr):
            build_promptpay(wrong)


# PayNow's own example (FOOD XYZ PTE LTD), and labels photographed in shops, as public decoders have them in their tests.
PAYNOW = (
    "00020101021126550009SG.PAYNOW010100216+62123456789012303010040820201231052512345678901234567890123455204581453037025802SG"
    "5916FOOD XYZ PTE LTD6009SINGAPORE61060810066304A96F"
)
LABEL = (
    "00020101021126490009SG.PAYNOW010120210202012345X0301104082021123151820007SG.SGQR0113202012345X123020701.00010306828671040201"
    "0503123060400000708201912315204000053037025802SG5911RATINAN LEE6009SINGAPORE610682876162140110987654321X630429FD"
)
FULL_LABEL = (
    "00020101021102164761360000000*1704155123456789123451110123456789012153123456789012341531250003440001034450003445311000"
    "126330015SG.COM.DASH.WWW0110000005550127670014A00000076200010120COM.LQDPALLIANCE.WWW021512345678901234503020028660011S"
    "G.COM.OCBC0147OCBCP2P629A358D-ECE7-4554-AD56-EBD12D84CA7E4F7329500006SG.EZI013603600006-76bb-4a5a-aa1a-fbcb64d6ecf5308"
    "50013SG.COM.EZLINK01201234567890123456-1230204SGQR0324A123456,B123456,C12345670404A23X31260008COM.GRAB0110A93FO3230Q32"
    "390007COM.DBS011012345678900210123456789033900011SG.COM.NETS0123020140183283112882359000215000111870324000030888587201"
    "0901199084E5DC3D834430017COM.QQ.WEIXIN.PAY011012345678900204123435660010SG.COM.UOB014845D233507F5E8C306E3871A4E9FACA60"
    "1A80C114B5645E5D36940009SG.PAYNOW010100216+621234567890123030100435123456789012345678901234567890123450508202012313727"
    "0009SG.AIRPAY0110A11BC0000X51860007SG.SGQR0112180307510317020701.0003030608100604020205031380609Counter01070820180407520"
    "4581453037025802SG5916FOOD XYZ PTE LTD6009SINGAPORE6106081006622301081234567R060787654306304317F"
)


def test_a_paynow_code_is_read() -> None:
    code = sgqr_in(read(LABEL).payload)
    assert code.paynow == PayNow(ProxyKind.UEN, "202012345X", editable=True, expires="20211231")
    assert code.label is not None
    assert (code.label.label_id, code.label.version, code.label.changed) == (
        "202012345X123",
        "01.0001",
        date(2019, 12, 31),
    )
    assert code.reference == "987654321X"
    assert sgqr_in(read(PAYNOW).payload).paynow == PayNow(
        ProxyKind.MOBILE, "+621234567890123", editable=False, expires="20201231"
    )


def test_the_full_label_of_a_dozen_schemes_is_read_though_its_paynow_part_is_a_placeholder() -> None:
    found = read(FULL_LABEL)
    assert found.payload.merchant_name == "FOOD XYZ PTE LTD"
    assert {account.id for account in found.payload.accounts} >= {"02", "04", "11", "15", "26", "36", "51"}
    assert found.payload.accounts[0] == MerchantAccount("02", value="4761360000000*17")
    assert found.payload.additional == AdditionalData(bill_number="1234567R", customer_label="8765430")
    with pytest.raises(BadPaymentQr, match="last day"):
        sgqr_in(found.payload)  # its PayNow part has 35 figures where a day belongs


def test_an_sgqr_code_is_built_and_read() -> None:
    code = SgqrCode(
        "STREET CORNER SHOP",
        PayNow(ProxyKind.UEN, "201403121W", editable=False, expires=expiry_on(date(2026, 12, 31))),
        SgqrLabel("180307510317", "01.0003", "081006", "02", "138", date(2018, 4, 7), "Counter01"),
        amount_minor=1990,
        reference="T1-000042",
    )
    text = build_sgqr(code)
    assert "26490009SG.PAYNOW010120210201403121W0301004082026123151" in text
    assert "51860007SG.SGQR0112180307510317020701.0003030608100604020205031380609Counter01070820180407" in text
    assert sgqr_in(read(text).payload) == code


def test_a_paynow_code_runs_out_at_the_end_of_its_day_in_singapore() -> None:
    paynow = PayNow(ProxyKind.UEN, "201403121W", editable=False, expires="20261231")
    # Midnight in Singapore is 16:00 UTC.
    assert not paynow.has_expired(datetime(2026, 12, 31, 15, 59, 59, tzinfo=UTC))
    assert paynow.has_expired(datetime(2026, 12, 31, 16, 0, tzinfo=UTC))
    at_a_moment = PayNow(
        ProxyKind.UEN, "201403121W", editable=False, expires=expiry_at(datetime(2026, 1, 1, tzinfo=UTC))
    )
    assert at_a_moment.expires == "20260101080000"
    assert at_a_moment.has_expired(datetime(2026, 1, 1, tzinfo=UTC))


def test_paynow_keeps_to_its_rules() -> None:
    for kind, proxy, expires in (
        (ProxyKind.MOBILE, "91234567", ""),
        (ProxyKind.UEN, "short", ""),
        (ProxyKind.UEN, "201403121W", "20261301"),
        (ProxyKind.UEN, "201403121W", "99991231"),
    ):
        with pytest.raises(BadPaymentQr):
            PayNow(kind, proxy, editable=True, expires=expires)
    with pytest.raises(BadPaymentQr):
        build_sgqr(SgqrCode("SHOP", PayNow(ProxyKind.UEN, "201403121W", editable=False)))


def test_a_code_of_another_scheme_is_told_apart() -> None:
    for find, text in ((pix_in, LABEL), (promptpay_in, PIX_BY_KEY), (sgqr_in, PIX_BY_KEY)):
        with pytest.raises(NotThisDialect):
            find(read(text).payload)
    with pytest.raises(NotThisDialect):
        read_upi(PIX_BY_KEY)


@given(st.sampled_from([PIX_BY_KEY, PIX_BY_ADDRESS, LABEL]), st.data())
@settings(max_examples=80, deadline=None)
def test_a_wrong_digit_in_a_dialect_never_pays_somebody_else(text: str, data) -> None:
    place = data.draw(st.integers(0, len(text) - 5))
    wrong = data.draw(st.characters(min_codepoint=0x20, max_codepoint=0x7E, exclude_characters=text[place]))
    with pytest.raises(DamagedPaymentQr):
        read(text[:place] + wrong + text[place + 1 :])


def test_the_upi_example_of_npci_is_read() -> None:
    # UPI Linking Specifications 1.6, 1.2: the sample link, its line breaks taken out.
    found = read_upi(
        "upi://pay?pa=nadeem@npci&pn=nadeem%20chinna&mc=0000&tid=cxnkjcnkjdfdvjndkjfvn&tr=4894398cndhcd23"
        "&tn=Pay%20to%20mystar%20store&am=10&mam=null&cu=INR&url=https://mystar.com/orderid=9298yw89e8973e87389e78923ue892"
    )
    assert found == UpiRequest(
        address="nadeem@npci",
        name="nadeem chinna",
        amount_minor=1000,
        reference="4894398cndhcd23",
        note="Pay to mystar store",
        merchant_category="0000",
        other=(
            ("tid", "cxnkjcnkjdfdvjndkjfvn"),
            ("url", "https://mystar.com/orderid=9298yw89e8973e87389e78923ue892"),
        ),
    )
    assert read_upi(build_upi(found)) == found


@given(
    st.text(min_size=1, max_size=40).filter(lambda text: text.strip() and text.isprintable() and text != "null"),
    st.one_of(st.none(), st.integers(1, 10**11)),
)
@settings(max_examples=100, deadline=None)
def test_a_upi_link_keeps_any_name(name: str, amount_minor: int | None) -> None:
    request = UpiRequest("shop@bank", name, amount_minor, "T1-42")
    assert read_upi(build_upi(request)) == request


@pytest.mark.parametrize(
    "link",
    [
        "upi://pay?",
        "upi://pay?pa=shop@bank",
        "upi://pay?pn=Shop",
        "upi://pay?pa=shop&pn=Shop",
        "upi://pay?pa=shop@bank&pn=Shop&pa=thief@bank",
        "upi://pay?pa=shop@bank&pn=Shop&am=1.234",
        "upi://pay?pa=shop@bank&pn=Shop&am=-1",
        "upi://pay?pa=shop@bank&pn=Shop&cu=USD",
        "upi://pay?pa=shop@bank&pn=%zz",
        "upi://pay?pa=shop@bank&pn=%ff%fe",
        "upi://pay?pa=shop@bank&pn=a%0Ab",
        "upi://pay?pa=shop@bank&pn=Shop&mc=12",
        "upi://pay?pa=shop@bank&pn=" + "x" * 2100,
        "https://pay?pa=shop@bank&pn=Shop",
    ],
)
def test_a_wrong_upi_link_is_refused(link: str) -> None:
    with pytest.raises(BadPaymentQr):
        read_upi(link)


@given(st.text(), st.booleans())
@settings(max_examples=150, deadline=None)
def test_a_hostile_upi_link_gives_the_problem_only(text: str, whole: bool) -> None:
    try:
        read_upi(f"upi://pay?pa=shop@bank&pn={text}" if whole else f"upi://pay?{text}")
    except BadPaymentQr:
        return
