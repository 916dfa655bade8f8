"""Signed coupons and member codes, checked with nobody to ask."""

import base64
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
import qrcode
from hypothesis import given, settings
from hypothesis import strategies as st

from app.catalogue.codes import CardKind, CardPrefix, CodeReader, CodeSettings, CouponCode, MemberCode
from app.ledger.chain import Ed25519Signer
from app.members.coupon_problems import (
    BadCoupon,
    CouponRefused,
    Expired,
    Forged,
    IssuerRetired,
    IssuerUnknown,
    MemberLimitReached,
    NotYetValid,
    OtherMember,
    OtherShop,
    TillLimitReached,
    Unreadable,
    UsedAlready,
)
from app.members.coupons import Benefit, BenefitKind, CouponForm, Proof, ReturnRule
from app.members.entitlements import (
    EntitlementTerms,
    Place,
    Presented,
    benefit_of,
    check_offline,
    entitlement_of,
)
from app.members.identity import BadMemberCode, key_of_code, key_of_typed
from app.members.member_pass import MemberPassTerms, PassOver, read_member_pass
from app.members.signed_codes import IssuerKey, IssuerKeys, Signed, TooLong, read, seconds, sign, signed_bytes
from app.values.wording import LocalizedText

MAY = datetime(2026, 5, 10, tzinfo=UTC)
HERE = Place("GT", 1, "0001-01")


@dataclass
class Seen:
    coupon: int = 0
    here: int = 0
    form: int = 0

    def of_coupon(self, coupon_id):
        return self.coupon

    def of_coupon_here(self, coupon_id):
        return self.here

    def of_form_by(self, form_id, member_id):
        return self.form


@pytest.fixture
def terms(form) -> EntitlementTerms:
    return entitlement_of(form, "26050100042", MAY - timedelta(days=9), "m-000042")


@pytest.fixture
def text(terms, signer) -> str:
    return sign(terms, "hq1", signer).text()


def shown(text: str, at: datetime = MAY, member: str = "m-000042") -> Presented:
    return Presented(text, at, member)


def test_a_signed_coupon_is_taken_with_nobody_to_ask(text, keys, form) -> None:
    accepted = check_offline(shown(text), keys, HERE, Seen())
    assert accepted.benefit == form.benefit
    use = accepted.use("u-1", 1000)
    assert (use.coupon_id, use.campaign_id, use.arm, use.proof) == ("26050100042", "wake26", "B", Proof.SIGNED)
    assert use.on_return is ReturnRule.GIVE_BACK


def test_it_is_short_enough_for_a_scanner_and_a_small_qr_code(text) -> None:
    assert len(text) <= 256
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M)
    code.add_data(text)
    code.make(fit=True)
    assert code.version <= 10  # 57 modules a side


def test_the_scanners_reader_knows_the_shops_signed_codes(text, signer) -> None:
    cards = (CardPrefix(CardKind.COUPON, "GC1"), CardPrefix(CardKind.MEMBER, "GM1"))
    reader = CodeReader(CodeSettings(cards=cards))
    assert reader.read(text, today=MAY.date()) == CouponCode(text)
    of_member = sign(MemberPassTerms("GT", seconds(MAY), "m-000042"), "hq1", signer).text()
    assert reader.read(of_member, today=MAY.date()) == MemberCode(of_member)


def test_capital_letters_may_be_small_and_blanks_round_it_do_not_matter(text, keys) -> None:
    assert check_offline(shown(f" {text.lower()}\n"), keys, HERE, Seen())


def test_what_is_signed_is_canonical_json_under_its_names(terms) -> None:
    data = signed_bytes("hq1", terms)
    assert data.startswith(
        b'guitai/entitlement/1\x00{"key_id":"hq1","purpose":"entitlement","terms":{"arm":"B","benefit":0,'
    )
    assert b'"stores":[1,2]' in data


def altered(text: str, place: int, to: str) -> str:
    return text[:place] + to + text[place + 1 :]


def test_no_character_of_the_text_can_be_another(text, keys) -> None:
    refused = {}
    for place, sign_there in enumerate(text):
        other = "A" if sign_there != "A" else "B"
        with pytest.raises((Unreadable, Forged, IssuerUnknown)) as problem:
            check_offline(shown(altered(text, place, other)), keys, HERE, Seen())
        refused[type(problem.value)] = refused.get(type(problem.value), 0) + 1
    assert sum(refused.values()) == len(text)
    assert refused[Forged] > 130


def test_no_bit_of_any_byte_can_be_flipped(text, keys) -> None:
    data = base64.b32decode(text[3:] + "=" * (-len(text[3:]) % 8))
    for place in range(len(data)):
        for bit in range(8):
            wrong = bytearray(data)
            wrong[place] ^= 1 << bit
            code = "GC1" + base64.b32encode(bytes(wrong)).decode().rstrip("=")
            with pytest.raises((Unreadable, Forged, IssuerUnknown)):
                check_offline(shown(code), keys, HERE, Seen())


def test_a_code_cut_off_or_with_something_behind_it_is_unreadable(text, keys) -> None:
    for cut in range(len(text)):
        with pytest.raises(CouponRefused):
            check_offline(shown(text[:cut]), keys, HERE, Seen())
    for longer in (text + "A", text + "AAAAAAAA", "GM1" + text[3:], text[3:], "", "GC1", "券" + text):
        with pytest.raises(Unreadable):
            check_offline(shown(longer), keys, HERE, Seen())


@settings(max_examples=200)
@given(
    st.text(max_size=300)
    | st.binary(max_size=180).map(lambda data: "GC1" + base64.b32encode(data).decode().rstrip("="))
)
def test_whatever_is_scanned_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(CouponRefused):
        check_offline(shown(text), IssuerKeys([]), HERE, Seen())


def test_another_way_to_write_the_same_document_is_refused(terms, signer, keys) -> None:
    signature = signer.sign(signed_bytes("hq1", terms))
    values = list(msgspec.structs.astuple(terms))
    while values[-1] in {"", 0, ()}:  # the defaults at the end are left out; uses and per_till are 1
        values.pop()
    values = values[: 1 + values.index((1, 2))]
    good = msgspec.msgpack.encode(("hq1", values))
    assert check_offline(shown(code_of(signature + good)), keys, HERE, Seen())
    # The same with a default that might be left out; and with a number written longer than it need be.
    longer = msgspec.msgpack.encode(("hq1", [*values, 1]))
    long_form = good.replace(b"\xcd\x03\xe8", b"\xce\x00\x00\x03\xe8")
    assert long_form != good
    all_of_it = msgspec.msgpack.encode(("hq1", msgspec.structs.astuple(terms)))
    for other in (longer, long_form, good + b"\xc0", all_of_it):
        with pytest.raises(Unreadable):
            check_offline(shown(code_of(signature + other)), keys, HERE, Seen())


def code_of(data: bytes) -> str:
    return "GC1" + base64.b32encode(data).decode().rstrip("=")


@pytest.mark.parametrize(
    ("problem", "change", "presented", "seen"),
    [
        (Expired, {}, {"at": datetime(2026, 6, 1, tzinfo=UTC)}, Seen()),
        (NotYetValid, {}, {"at": datetime(2026, 4, 30, 23, 59, 59, tzinfo=UTC)}, Seen()),
        (OtherShop, {"stores": (2, 3)}, {}, Seen()),
        (OtherShop, {"tills": ("0001-02",)}, {}, Seen()),
        (OtherShop, {"merchant_id": "OTHER"}, {}, Seen()),
        (OtherMember, {}, {"member": "m-000043"}, Seen()),
        (OtherMember, {}, {"member": ""}, Seen()),
        (UsedAlready, {}, {}, Seen(coupon=1, here=1)),
        (TillLimitReached, {"uses": 5, "per_till": 2}, {}, Seen(coupon=2, here=2)),
        (MemberLimitReached, {"per_member": 2}, {}, Seen(form=2)),
        (BadCoupon, {"value": 0}, {}, Seen()),
        (Unreadable, {"benefit": 99}, {}, Seen()),
        (Unreadable, {"valid_until": 2**52}, {}, Seen()),
    ],
)
def test_each_thing_that_can_be_wrong_is_said(problem, change, presented, seen, terms, signer, keys) -> None:
    code = sign(msgspec.structs.replace(terms, **change), "hq1", signer).text()
    with pytest.raises(CouponRefused) as refused:
        check_offline(shown(code, **presented), keys, HERE, seen)
    assert type(refused.value) is problem
    assert str(refused.value.sentence)


def test_the_limits_of_a_coupon_of_several_uses_are_counted(terms, signer, keys) -> None:
    code = sign(msgspec.structs.replace(terms, uses=5, per_till=2, per_member=4), "hq1", signer).text()
    assert check_offline(shown(code), keys, HERE, Seen(coupon=4, here=1, form=3))


def test_keys_that_are_unknown_retired_withdrawn_or_anothers(terms, signer, text) -> None:
    public = signer.public_key()

    def refusal(*keys: IssuerKey, code: str = text) -> type:
        with pytest.raises(CouponRefused) as refused:
            check_offline(shown(code), IssuerKeys(keys), HERE, Seen())
        return type(refused.value)

    issued = MAY - timedelta(days=9)
    assert refusal(IssuerKey("hq2", "GT", public)) is IssuerUnknown
    assert refusal(IssuerKey("hq1", "GT", Ed25519Signer(bytes(32)).public_key())) is Forged
    assert refusal(IssuerKey("hq1", "GT", public, withdrawn=True)) is IssuerRetired
    assert refusal(IssuerKey("hq1", "GT", public, retired_at=issued)) is IssuerRetired
    assert refusal(IssuerKey("hq1", "OTHER", public)) is OtherShop
    later = IssuerKeys([IssuerKey("hq1", "GT", public, retired_at=issued + timedelta(days=1))])
    assert check_offline(shown(text), later, HERE, Seen())
    # Signed by a good key under the name of another one.
    assert (
        refusal(IssuerKey("hq1", "GT", public), IssuerKey("hq2", "GT", public), code=swapped(terms, signer)) is Forged
    )


def swapped(terms, signer) -> str:
    return Signed("hq2", terms, sign(terms, "hq1", signer).signature).text()


def test_a_code_of_one_purpose_is_none_of_another(signer) -> None:
    of_member = sign(MemberPassTerms("GT", seconds(MAY), "m-1"), "hq1", signer)
    with pytest.raises(Unreadable):
        read(EntitlementTerms, of_member.text())
    with pytest.raises(Unreadable):
        read(EntitlementTerms, "GC1" + of_member.text()[3:])


def test_what_does_not_fit_a_code_is_not_printed(terms, signer) -> None:
    with pytest.raises(TooLong, match="at most"):
        sign(msgspec.structs.replace(terms, stores=tuple(range(1000, 1260))), "hq1", signer).text()
    with pytest.raises(ValueError, match="16"):
        sign(terms, "h" * 17, signer)


@pytest.mark.parametrize(
    "benefit",
    [
        Benefit(BenefitKind.AMOUNT, minor=1000, least_minor=5000),
        Benefit(BenefitKind.PERCENT, basis_points=2000, most_minor=3000),
        Benefit(BenefitKind.GIFT, product_id="mug", quantity_thousandths=1000, least_minor=9900),
        Benefit(BenefitKind.FREE_DELIVERY),
        Benefit(BenefitKind.PRODUCT, minor=990, product_id="rice", quantity_thousandths=2000),
    ],
)
def test_every_kind_of_coupon_can_be_signed(benefit, signer) -> None:
    form = CouponForm("F", LocalizedText("f"), benefit, MAY, MAY + timedelta(days=1), "GT")
    signed = read(EntitlementTerms, sign(entitlement_of(form, "c-1", MAY), "hq1", signer).text())
    assert benefit_of(signed.terms) == benefit


# The code on a member's telephone


def test_a_members_code_is_good_for_a_minute_and_the_clocks_difference(signer, keys) -> None:
    key = key_of_code(MemberCode(sign(MemberPassTerms("GT", seconds(MAY), "m-000042"), "hq1", signer).text()))
    for after_s in (-120, 0, 59, 179):
        assert read_member_pass(key, keys, "GT", MAY + timedelta(seconds=after_s)) == "m-000042"
    for after_s in (-121, 180, 86400):
        with pytest.raises(PassOver):
            read_member_pass(key, keys, "GT", MAY + timedelta(seconds=after_s))
    with pytest.raises(OtherShop):
        read_member_pass(key, keys, "OTHER", MAY)
    with pytest.raises(BadMemberCode):
        read_member_pass(key_of_typed("13812345678"), keys, "GT", MAY)
    changed = altered(key.value, 40, "A" if key.value[40] != "A" else "B")
    with pytest.raises(Forged):
        read_member_pass(key_of_code(MemberCode(changed)), keys, "GT", MAY)
