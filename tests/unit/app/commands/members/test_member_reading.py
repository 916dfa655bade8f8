"""What a shop decides about its members: read whole, and refused with the key where it cannot be meant."""

from pathlib import Path

import pytest

from app.catalogue.codes import CardKind, CodeReader, CouponCode, MemberCode
from app.catalogue.codes.check_digits import has_right_check_digit
from app.commands.configuration import BadConfiguration, read_configuration
from app.commands.members.campaigns import BadCoupons
from app.commands.members.reading import BadMembers, read_members, read_sample_members
from app.commands.members.settings import MemberSettings
from app.commands.site import SAMPLE_MEMBERS_FILE, sample_store
from app.members.birthdays import LeapDay
from app.members.coupons import BenefitKind
from app.members.identity import FoundBy, key_of_code
from app.members.phone_numbers import read_phone_number
from app.members.privacy import Purpose
from app.members.stored_value import SpendingOrder
from app.values.problems import Problem

STORE = """
[store]
number = 1
name = "Corner shop"
[till]
number = 1
name = "Till 1"
[[operator]]
number = "1001"
name = "Wang Fang"
[[tender]]
id = "cash"
name = "现金"
[[tender]]
id = "points"
name = "积分"
needs_provider = true
[[tender]]
id = "stored_value"
name = "储值"
needs_provider = true
[[provider]]
id = "points"
driver = "member_points"
tender = "points"
[[provider]]
id = "stored_value"
driver = "member_value"
tender = "stored_value"
[[card]]
kind = "coupon"
prefix = "YHQ"
"""

MEMBERS = """
merchant_id = "linli"
keeper = "own"
[[tier]]
id = "plain"
name = "普通会员"
[[tier]]
id = "gold"
name = "金卡"
reached_at_minor = 500000
[[tier]]
id = "staff"
name = "员工"
by_hand = true
[birthday]
span = "day"
leap_day = "after"
[points]
tender = "points"
[value]
tender = "stored_value"
[loading]
spent_first = "in_proportion"
[[loading.step]]
from_minor = 20000
bonus_minor = 1000
[notice]
version = 2
effective_at = 2026-01-01T00:00:00+08:00
text = "我们需要您的手机号。"
[[issuer_key]]
id = "hq-1"
public_key = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
[[coupon]]
id = "store-10"
name = "10元券"
kind = "amount"
minor = 1000
valid_from = 2026-01-01T00:00:00+08:00
valid_until = 2027-01-01T00:00:00+08:00
[[coupon]]
id = "first-500"
name = "8元券"
kind = "amount"
minor = 800
must_be_claimed = false
code = "YHQ2026001"
quota = 500
valid_from = 2026-01-01T00:00:00+08:00
valid_until = 2027-01-01T00:00:00+08:00
[[campaign]]
id = "wake-up"
name = "唤醒"
[[campaign.arm]]
arm = "amount"
coupon = "store-10"
"""

ASKED = """
merchant_id = "linli"
keeper = "headquarters"
[headquarters]
url = "https://hq.example.com"
token = "keyring:headquarters"
[[tier]]
id = "plain"
name = "普通会员"
[points]
tender = "points"
[value]
tender = "stored_value"
[notice]
version = 1
effective_at = 2026-01-01T00:00:00+08:00
text = "我们需要您的手机号。"
"""


def read(folder: Path, members: str, store: str = STORE) -> MemberSettings:
    (folder / "store.toml").write_text(store, encoding="utf-8")
    (folder / "members.toml").write_text(members, encoding="utf-8")
    found = read_members(folder / "members.toml", read_configuration(folder / "store.toml"))
    assert found is not None
    return found


def test_a_whole_file_becomes_the_shops_terms(tmp_path):
    found = read(tmp_path, MEMBERS)
    terms = found.terms
    assert (terms.merchant_id, terms.points_tender_id, terms.value_tender_id) == ("linli", "points", "stored_value")
    assert [tier.tier_id for tier in terms.ladder.tiers] == ["plain", "gold", "staff"]
    assert terms.ladder.reached_by(10**12).tier_id == "gold"
    assert terms.earning.birthday.leap_day is LeapDay.AFTER
    assert terms.notice.purposes == tuple(Purpose)
    assert terms.issuer_keys.find("hq-1").merchant_id == "linli"
    keeping = found.keeping
    assert keeping is not None
    assert keeping.loading.bonus_of(20_000) == 1_000
    assert keeping.spending_order is SpendingOrder.IN_PROPORTION
    assert (keeping.limited[0].code, keeping.limited[0].pieces) == ("YHQ2026001", 500)
    store_10 = next(form for form in keeping.forms if form.form_id == "store-10")
    assert (store_10.campaign_id, store_10.arm, store_10.merchant_id) == ("wake-up", "amount", "linli")


def test_a_shop_with_headquarters_names_it_and_never_shows_where_its_token_is(tmp_path):
    found = read(tmp_path, ASKED)
    assert found.headquarters is not None
    assert found.headquarters.url == "https://hq.example.com"
    assert found.keeping is None
    assert "keyring" not in repr(found)


def test_a_shop_without_the_file_has_no_members(tmp_path):
    (tmp_path / "store.toml").write_text(STORE[: STORE.index('[[tender]]\nid = "points"')], encoding="utf-8")
    assert read_members(tmp_path / "members.toml", read_configuration(tmp_path / "store.toml")) is None


def test_members_points_cannot_pay_where_there_are_no_members(tmp_path):
    (tmp_path / "store.toml").write_text(STORE, encoding="utf-8")
    with pytest.raises(BadMembers, match=r"no members\.toml"):
        read_members(tmp_path / "members.toml", read_configuration(tmp_path / "store.toml"))


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (('keeper = "own"', 'keeper = "nobody"'), "keeper"),
        (('merchant_id = "linli"', 'merchant_id = "邻里"'), "merchant_id"),
        (("reached_at_minor = 500000", "reached_at = 500000"), "reached_at"),
        (('leap_day = "after"', 'leap_day = "never"'), "birthday.leap_day"),
        (("effective_at = 2026-01-01T00:00:00+08:00", "effective_at = 2026-01-01T00:00:00"), "notice.effective_at"),
        (('kind = "amount"', 'kind = "rebate"'), "coupon"),
        (("version = 2", "version = 0"), "notice.version"),
        (('[[campaign.arm]]\narm = "amount"\ncoupon = "store-10"\n', ""), "campaign"),
    ],
)
def test_a_wrong_key_is_named_by_its_path(tmp_path, change, named):
    with pytest.raises(BadConfiguration, match=named):
        read(tmp_path, MEMBERS.replace(*change, 1))


@pytest.mark.parametrize(
    ("change", "kind", "named"),
    [
        (('keeper = "own"', 'keeper = "own"\n[headquarters]\nurl = "https://x.example"\ntoken = "keyring:x"'), BadMembers, "keeper"),
        (('keeper = "own"', 'keeper = "headquarters"'), BadMembers, "headquarters"),
        (("reached_at_minor = 500000", "reached_at_minor = 0"), BadMembers, "tier"),
        (('id = "gold"', 'id = "plain"'), BadMembers, "tier"),
        (("by_hand = true", "by_hand = true\nreached_at_minor = 5"), BadMembers, "tier.reached_at_minor"),
        (('span = "day"', 'span = "month"\ndays_before = 2'), BadMembers, "birthday.span"),
        (('tender = "points"', 'tender = "points"\npoints = 1'), BadMembers, "points.points"),
        (('tender = "points"', 'tender = "points"\npoints = 300\nminor = 100\nstep = 100'), BadMembers, "points.step"),
        (('tender = "points"', 'tender = "cash"'), BadMembers, "points.tender"),
        (('tender = "stored_value"', 'tender = "points"'), BadMembers, "value.tender"),
        (('[value]\ntender = "stored_value"', ""), BadMembers, "stored_value"),
        (("bonus_minor = 1000", "bonus_minor = 1000\n[[loading.step]]\nfrom_minor = 20000\nbonus_minor = 1"), BadMembers, "loading.step"),
        (('text = "我们', 'purposes = ["messages"]\ntext = "我们'), BadMembers, "notice.purposes"),
        (("AAAAAAAAAA=", "AAAAAAAAA=="), BadMembers, "issuer_key"),
        (("[[issuer_key]]", '[[issuer_key]]\nid = "hq-1"\npublic_key = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="\n[[issuer_key]]'), BadMembers, "issuer_key.id"),
        (("minor = 1000\nvalid_from", "minor = 0\nvalid_from"), BadCoupons, "store-10"),
        (("minor = 1000\nvalid_from", "minor = 1000\nleast_minor = 900\nvalid_from"), BadCoupons, "store-10"),
        (("valid_until = 2027-01-01T00:00:00+08:00", "valid_until = 2025-01-01T00:00:00+08:00"), BadCoupons, "store-10"),
        (('id = "first-500"', 'id = "store-10"'), BadCoupons, "coupon.id"),
        (("quota = 500", ""), BadCoupons, "first-500"),
        (("must_be_claimed = false", ""), BadCoupons, "first-500"),
        (('"YHQ2026001"', '"ABC2026001"'), BadCoupons, "coupon.code"),
        (('coupon = "store-10"', 'coupon = "nothing"'), BadCoupons, "campaign.arm.coupon"),
        (('coupon = "store-10"', 'coupon = "first-500"'), BadCoupons, "campaign.arm.coupon"),
        (('kind = "amount"\nminor = 1000', 'kind = "gift"\nproduct = "P1"'), BadCoupons, "coupon.pieces"),
    ],
)  # fmt: skip
def test_what_contradicts_itself_or_the_store_is_refused_with_its_key(tmp_path, change, kind, named):
    assert change[0] in MEMBERS
    with pytest.raises(kind, match=named):
        read(tmp_path, MEMBERS.replace(*change, 1))


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (("https://hq.example.com", "http://hq.example.com"), "headquarters.url"),
        (("https://hq.example.com", "https://user:pw@hq.example.com"), "headquarters.url"),
        (("https://hq.example.com", "https://hq.example.com:0"), "headquarters.url"),
        (("https://hq.example.com", "https://[::1"), "headquarters.url"),
        (('"keyring:headquarters"', '"s3cr3t-t0k3n"'), "headquarters.token"),
        (('"keyring:headquarters"', '"keyring:"'), "headquarters.token"),
        (("[[tier]]", "[loading]\nleast_minor = 100\n[[tier]]"), "loading"),
    ],
)
def test_an_address_or_a_token_that_cannot_be_is_refused_and_the_token_is_not_repeated(tmp_path, change, named):
    with pytest.raises(BadMembers, match=named) as refused:
        read(tmp_path, ASKED.replace(*change, 1))
    assert "s3cr3t" not in str(refused.value)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8093", "http://localhost:8093", "https://hq.example.com/members"])
def test_this_computer_may_be_asked_without_tls(tmp_path, url):
    assert read(tmp_path, ASKED.replace("https://hq.example.com", url)).headquarters is not None


def test_signed_codes_are_known_to_every_till_and_collide_with_no_card_unnoticed(tmp_path):
    (tmp_path / "store.toml").write_text(STORE, encoding="utf-8")
    codes = CodeReader(read_configuration(tmp_path / "store.toml").code_settings())
    long = "GC1" + "A" * 390
    assert isinstance(codes.read(long), CouponCode)
    assert isinstance(codes.read(long.lower()), CouponCode)
    pass_code = codes.read("GM1ABCDEFGH")
    assert isinstance(pass_code, MemberCode)
    assert key_of_code(pass_code).found_by is FoundBy.QR
    (tmp_path / "store.toml").write_text(STORE + '[[card]]\nkind = "operator"\nprefix = "G"\n', encoding="utf-8")
    with pytest.raises(Problem, match="cards"):
        read_configuration(tmp_path / "store.toml").code_settings()


@pytest.fixture(scope="module")
def sample() -> MemberSettings:
    found = read_members(sample_store() / "members.toml", read_configuration(sample_store() / "store.toml"))
    assert found is not None
    return found


def test_the_sample_store_has_a_coupon_of_every_kind_and_a_comparison(sample):
    keeping = sample.keeping
    assert keeping is not None
    assert {form.benefit.kind for form in keeping.forms} == set(BenefitKind)
    assert any(form.benefit.most_minor for form in keeping.forms)
    assert len(keeping.limited) == 1
    assert [len(campaign.arms) for campaign in keeping.campaigns] == [2]


def test_the_sample_stores_coupons_set_off_its_own_promotions_and_goods(sample):
    from app.promotions.rules import read_rules

    rules = read_rules((sample_store() / "promotions.toml").read_bytes())
    keys = {offer.who.coupon for offer in rules.offers}
    products = (sample_store() / "products.tsv").read_text(encoding="utf-8")
    for form in sample.keeping.forms:
        assert form.promotion_id in keys | {""}, form.form_id
        assert f"{form.benefit.product_id}\t" in products, form.form_id
    assert {tier for offer in rules.offers for tier in offer.who.tiers} <= {
        tier.tier_id for tier in sample.terms.ladder.tiers
    }


def test_the_sample_stores_members_are_made_up_and_each_is_found_one_way_only(sample):
    members = read_sample_members(sample_store() / SAMPLE_MEMBERS_FILE)
    codes = CodeReader(read_configuration(sample_store() / "store.toml").code_settings())
    forms = {form.form_id for form in sample.keeping.forms}
    assert len(members) == 12
    assert {one.tier for one in members} == {tier.tier_id for tier in sample.terms.ladder.tiers}
    assert any(one.birthday == "02-29" for one in members)
    for one in members:
        assert one.name not in repr(one)
        assert read_phone_number(one.phone).e164.startswith("+861990000")
        assert one.gsrn.startswith("952")
        assert len(one.gsrn) == 18
        assert has_right_check_digit(one.gsrn)
        for card in one.cards:
            assert isinstance(codes.read(card), MemberCode)
        assert set(one.coupons) <= forms
    for ways in ([one.phone for one in members], [one.gsrn for one in members], [one.cards for one in members]):
        assert len(set(ways)) == len(members)


def test_the_sample_store_reads_its_limited_coupons_code(sample):
    codes = read_configuration(sample_store() / "store.toml").code_settings()
    assert any(card.kind is CardKind.COUPON and card.matches(sample.keeping.limited[0].code) for card in codes.cards)
