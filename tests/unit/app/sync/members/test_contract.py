"""How the contract looks on the wire; a change here is a change of the contract."""

from datetime import UTC, date, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.members.birthdays import Birthday
from app.members.coupons import Benefit, BenefitKind, CouponForm, CouponUse, LetGo, Proof, ReturnRule
from app.members.entitlements import EntitlementTerms
from app.members.identity import FoundBy, Member, MemberKey
from app.members.phone_numbers import PhoneNumber
from app.members.ports import (
    AccountKind,
    CouponLease,
    CouponOffer,
    MemberAnswer,
    MemberFacts,
    Reach,
    ReturnFacts,
    SaleFacts,
)
from app.members.privacy import Answer, Consent, Erasure, Purpose
from app.members.quotas import Lease
from app.members.signed_codes import IssuerKey, Signed
from app.members.tiers import TierSpan
from app.sync.members import contract
from app.sync.members.contract import sentence_of, wording_of
from app.sync.members.strict import BadMessage, read
from app.values.wording import LocalizedText, Wording, wording

MAY = datetime(2026, 5, 1, 4, tzinfo=UTC)
JUNE = datetime(2026, 6, 1, 4, tzinfo=UTC)
FORM = CouponForm(
    "f", LocalizedText("减5", (("en", "5 off"),)), Benefit(BenefitKind.AMOUNT, 500), MAY, JUNE, stores=(1,)
)
FORM_JSON = (
    b'{"form_id":"f","name":{"default":"\xe5\x87\x8f5","translations":[["en","5 off"]]},"benefit":{"kind":"amount",'
    b'"minor":500,"basis_points":0,"product_id":"","quantity_thousandths":0,"least_minor":0,"most_minor":0},'
    b'"valid_from":"2026-05-01T04:00:00Z","valid_until":"2026-06-01T04:00:00Z","merchant_id":"","stores":[1],'
    b'"campaign_id":"","arm":"","uses":1,"per_member":0,"stackable":false,"must_be_claimed":true,'
    b'"on_return":"give_back","grace_days":7,"promotion_id":""}'
)
PERSON = Member(
    "m-1", "王", PhoneNumber("+8613812345678"), ("C1",), None, Birthday(2, 29), (TierSpan("base", MAY),), MAY
)
TERMS = EntitlementTerms("shop", 1, "c-1", "f", 0, 500, 1, 2)
USE = CouponUse("u", "c", "f", "k", "a", Proof.LEASED, 5, ReturnRule.VOID, "l")

GOLDEN = [
    (contract.FindAsk(MemberKey(FoundBy.GSRN, "1")), b'{"key":{"found_by":"gsrn","value":"1"}}'),
    (
        contract.SaleAsk(
            SaleFacts(
                "s", "t", MAY, MAY.date(), "m", 1, 2, date(2027, 5, 31), (("o", 1),), (USE,), (LetGo("u2", "c2"),)
            )
        ),
        (
            b'{"facts":{"sale_id":"s","till_id":"t","completed_at":"2026-05-01T04:00:00Z","business_date":"2026-05-01",'
            b'"member_id":"m","bought_minor":1,"points":2,"points_end_on":"2027-05-31","offers":[["o",1]],"coupons":'
            b'[{"redemption_id":"u","coupon_id":"c","form_id":"f","campaign_id":"k","arm":"a","proof":"leased",'
            b'"cost_minor":5,"on_return":"void","lease_id":"l"}],"released":[{"redemption_id":"u2","coupon_id":"c2"}]}}'
        ),
    ),
    (
        contract.ReturnAsk(ReturnFacts("r", "s", "t", MAY, MAY.date(), "m", 1, 2, (("u", "c", ReturnRule.GIVE_BACK),))),
        (
            b'{"facts":{"return_id":"r","sale_id":"s","till_id":"t","returned_at":"2026-05-01T04:00:00Z",'
            b'"business_date":"2026-05-01","member_id":"m","returned_minor":1,"points":2,"coupons":[["u","c","give_back"]]}}'
        ),
    ),
    (
        contract.EraseAsk("x", Erasure("e", "m", MAY, "t", 3)),
        (
            b'{"message_id":"x","erasure":{"erasure_id":"e","member_id":"m","erased_at":"2026-05-01T04:00:00Z","where":"t",'
            b'"forfeited_points":3}}'
        ),
    ),
    (
        contract.ConsentAsk("x", Consent("c", "m", Purpose.MESSAGES, Answer.WITHDRAWN, 2, MAY, "t")),
        (
            b'{"message_id":"x","consent":{"consent_id":"c","member_id":"m","purpose":"messages","answer":"withdrawn",'
            b'"notice_version":2,"said_at":"2026-05-01T04:00:00Z","where":"t"}}'
        ),
    ),
    (
        contract.HoldAsk(AccountKind.VALUE, "h", "m", 7),
        b'{"kind":"value","hold_id":"h","member_id":"m","amount":7}',
    ),
    (contract.KeysAsk(), b"{}"),
    (
        contract.KeysSays((IssuerKey("k", "shop", b"\x00\x01"), IssuerKey("l", "shop", b"\x02", MAY, withdrawn=True))),
        (
            b'{"keys":[{"key_id":"k","merchant_id":"shop","public_key":"AAE=","retired_at":null,"withdrawn":false},'
            b'{"key_id":"l","merchant_id":"shop","public_key":"Ag==","retired_at":"2026-05-01T04:00:00Z",'
            b'"withdrawn":true}]}'
        ),
    ),
    (
        contract.LeaseSays(CouponLease(Lease("l", "t", 3, JUNE), "MAY", FORM)),
        b'{"lease":{"lease":{"lease_id":"l","till_id":"t","granted":3,"usable_until":"2026-06-01T04:00:00Z",'
        b'"state":"open","said_used":0},"code":"MAY","form":' + FORM_JSON + b"}}",
    ),
    (
        contract.MemberSays(
            MemberAnswer(
                Reach.ANSWERED,
                MemberFacts(PERSON, 1, 2, ((date(2026, 5, 31), 1),), 3, 4, used_offers=(("o", 1),)),
                (CouponOffer("c-1", FORM, Proof.ONLINE, "", Signed("k", TERMS, b"\x00\x01")),),
            )
        ),
        b'{"answer":{"reach":"answered","facts":{"member":{"member_id":"m-1","name":"\xe7\x8e\x8b","phone":{"e164":'
        b'"+8613812345678"},"cards":["C1"],"gsrn":null,"birthday":{"month":2,"day":29},"tiers":[{"tier_id":"base",'
        b'"since":"2026-05-01T04:00:00Z"}],"joined_at":"2026-05-01T04:00:00Z","standing":"active"},"points":1,'
        b'"points_owed":2,"points_expiring":[["2026-05-31",1]],"value_minor":3,"bought_minor":4,"bought_before":true,'
        b'"used_offers":[["o",1]],"as_of":null},"coupons":[{"coupon_id":"c-1","form":'
        + FORM_JSON
        + b',"proof":"online",'
        b'"lease_id":"","signed":{"key_id":"k","terms":["shop",1,"c-1","f",0,500,1,2,"",0,"","",[],"",0,1,1,0,0,false,'
        b'false,[],""],"signature":"AAE="}}]}}',
    ),
]


@pytest.mark.parametrize(("said", "written"), GOLDEN, ids=lambda one: type(one).__name__)
def test_the_wire_form_is_pinned_and_reads_back_the_same(said, written):
    assert msgspec.json.encode(said) == written
    assert read(type(said), written) == said


@pytest.mark.parametrize(
    "raw",
    [
        b'{"key":{"found_by":"phone","value":"1"},"more":1}',
        b'{"key":{"found_by":"phone","value":"1","more":1}}',
        b'{"key":{"found_by":"phone","value":""}}',
        b'{"key":{"found_by":"phone","value":"a\\u0000b"}}',
        b'{"key":{"found_by":"face","value":"1"}}',
        b'{"key":null}',
        b"{}",
        b"",
        b"\xff",
        b'{"key":{"found_by":"phone","value":"\\ud800"}}',
    ],
)
def test_what_is_not_exactly_a_message_is_refused_and_not_repeated(raw):
    with pytest.raises(BadMessage) as refused:
        read(contract.FindAsk, raw)
    assert "1" not in str(refused.value)


@pytest.mark.parametrize(
    "part",
    [
        b'"birthday":{"month":2,"day":30}',
        b'"phone":{"e164":"13812345678"}',
        b'"joined_at":"2026-05-01T04:00:00"',
        b'"joined_at":"0001-01-01T00:00:00Z"',
    ],
)
def test_a_member_who_cannot_be_is_refused(part):
    with pytest.raises(BadMessage):
        read(contract.EnrolAsk, b'{"message_id":"e","consents":[],"member":{"member_id":"m",' + part + b"}}")


def test_a_number_that_no_store_holds_is_refused():
    with pytest.raises(BadMessage):
        read(contract.HoldAsk, b'{"kind":"value","hold_id":"h","member_id":"m","amount":9007199254740993}')


@given(st.text(max_size=20), st.integers(), st.text(max_size=20))
def test_a_sentence_says_the_same_at_the_other_end(text, number, name):
    inner = wording("at {place}", place=text)
    told = wording("{a} of {b}: {c}, {d}", a=text, b=number, c=LocalizedText(name, (("en", "x"),)), d=inner)
    heard = wording_of(sentence_of(told))
    assert str(heard) == str(told)
    other = lambda message: message.replace(" of ", " / ")  # noqa: E731
    assert heard.render(other, "en") == told.render(other, "en")


@pytest.mark.parametrize("message", ["{missing}", "{a.__class__}", "{a[0]}", "{a!r}", "{a:>99999}", "{", "{0}"])
def test_a_sentence_that_would_look_into_a_value_is_none(message):
    with pytest.raises(ValueError, match=r".+"):
        wording_of(contract.Sentence(message, (("a", "b"),)))


def test_a_sentence_without_values_is_shown_as_it_is():
    assert wording_of(contract.Sentence("100 {percent}")) == Wording("100 {percent}")
