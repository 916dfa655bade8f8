"""Rules files: what is refused, with the key that is wrong, and what names a version."""

import json
from pathlib import Path

import pytest

from app.promotions.checking import BadRules
from app.promotions.rules import read_rules

BASE = '[[offer]]\nid = "x"\nname = "活动"\n'


def refusal(toml: str) -> str:
    with pytest.raises(BadRules) as caught:
        read_rules(toml.encode())
    return str(caught.value.sentence)


@pytest.mark.parametrize(
    ("toml", "key"),
    [
        (BASE, "form"),
        (BASE + 'form = { kind = "percent" }', "off_basis_points"),
        (BASE + 'form = { kind = "percent", off_basis_points = 10001 }', "$.offer[0].form.off_basis_points"),
        (BASE + 'form = { kind = "percent", off_basis_points = 0 }', "$.offer[0].form.off_basis_points"),
        (BASE + 'form = { kind = "percent", off_basis_points = 12.5 }', "$.offer[0].form.off_basis_points"),
        (BASE + 'form = { kind = "amount", off_minor = -1 }', "$.offer[0].form.off_minor"),
        (BASE + 'form = { kind = "price", price_minor = 1, colour = "red" }', "colour"),
        (BASE + 'form = { kind = "magic" }', "magic"),
        (
            BASE + 'form = { kind = "price", price_minor = 1 }\nwhen = { weekdays = ["someday"] }',
            "$.offer[0].when.weekdays",
        ),
        (
            BASE + 'form = { kind = "price", price_minor = 1 }\nwhen = { hours = ["25:00-26:00"] }',
            "$.offer[0].when.hours",
        ),
        ("not toml at all", "line 1"),
    ],
)
def test_a_key_that_is_wrong_or_unknown_is_named(toml, key):
    assert key in refusal(toml)


@pytest.mark.parametrize(
    ("rest", "path", "reason"),
    [
        ('form = { kind = "n_for_m", take = 2, pay = 2 }', "form.pay", "gives nothing"),
        ('form = { kind = "cheapest_free", take = 1 }', "form.take", "cheapest"),
        (
            'form = { kind = "threshold", steps = [ { from_minor = 100, off_minor = 101 } ] }',
            "form.steps[0].off_minor",
            "pay",
        ),
        ('form = { kind = "every", off_minor = 101, every_minor = 100 }', "form.off_minor", "pay the shopper"),
        ('form = { kind = "every", off_minor = 101 }', "form", "either every_minor or every_pieces"),
        ('form = { kind = "extra" }', "form", "either off_minor or off_basis_points"),
        (
            'form = { kind = "threshold", steps = [ { from_minor = 200, off_minor = 20 }, { from_minor = 100, off_minor = 30 } ] }',
            "form.steps[1]",
            "above",
        ),
        (
            'form = { kind = "threshold", steps = [ { from_minor = 100, off_minor = 20 }, { from_minor = 200, off_minor = 20 } ] }',
            "form.steps[1]",
            "no more",
        ),
        (
            'form = { kind = "threshold", steps = [ { from_minor = 100, off_minor = 20 }, { from_pieces = 2, off_minor = 30 } ] }',
            "form.steps[1]",
            "money or pieces",
        ),
        (
            'form = { kind = "bundle", parts = [ { goods = { products = ["a"] } }, { goods = { products = ["b"] } } ] }',
            "form",
            "exactly one",
        ),
        ('form = { kind = "gift", buy_pieces = 1, gift = {} }', "form.gift", "anything"),
        (
            'form = { kind = "price", price_minor = 1 }\nwhen = { from_date = 2026-02-02, until_date = 2026-02-01 }',
            "when.until_date",
            "never",
        ),
        ('form = { kind = "price", price_minor = 1 }\nwhen = { hours = ["10:00-10:00"] }', "when.hours", "empty"),
        ('form = { kind = "price", price_minor = 1 }\nlimit = { per_member = 1 }', "limit.per_member", "members"),
        (
            'form = { kind = "price", price_minor = 1 }\nwho = { member = true }\nlimit = { per_member = 1, per_basket = 2 }',
            "limit.per_basket",
            "more than",
        ),
        ('form = { kind = "price", price_minor = 1 }\ngroup = "none"', "group", "[[group]]"),
        (
            'form = { kind = "price", price_minor = 1 }\ngoods = { products = ["a"], except_products = ["a"] }',
            "goods.except_products",
            "at once",
        ),
    ],
)
def test_rules_that_contradict_themselves_or_pay_the_shopper_are_refused_with_their_key(rest, path, reason):
    sentence = refusal(BASE + rest)
    assert f"offer[0] (x).{path}" in sentence
    assert reason in sentence


def test_two_offers_with_one_id_are_refused():
    one = BASE + 'form = { kind = "price", price_minor = 1 }\n'
    assert "offer[1] (x).id" in refusal(one + one)


def test_an_exclusive_group_over_both_layers_is_refused():
    group = '[[group]]\nid = "g"\nexclusive = true\n'
    one = '[[offer]]\nid = "a"\nname = "a"\ngroup = "g"\nform = { kind = "price", price_minor = 1 }\n'
    two = '[[offer]]\nid = "b"\nname = "b"\ngroup = "g"\nform = { kind = "extra", off_minor = 1 }\n'
    assert "offer[1] (b).group" in refusal(group + one + two)


def test_one_coupon_for_two_offers_is_refused_unless_only_one_of_them_is_ever_given():
    one = '[[offer]]\nid = "a"\nname = "a"\nwho = { coupon = "K" }\nform = { kind = "extra", off_minor = 1 }\n'
    assert "offer[1] (b).who.coupon" in refusal(one + one.replace('"a"', '"b"'))


def test_everything_excluded_is_refused():
    assert "excluded" in refusal("[excluded]\n")


def test_a_time_zone_that_nobody_knows_is_refused():
    assert "time_zone" in refusal('time_zone = "Asia/Nowhere"')


TWO = (
    '[[offer]]\nid = "a"\nname = "a"\nform = { kind = "price", price_minor = 1 }\n',
    '[[offer]]\nid = "b"\nname = "b"\nform = { kind = "percent", off_basis_points = 1 }\n',
)


def test_the_version_follows_the_content_and_not_the_order_or_the_format():
    version = read_rules((TWO[0] + TWO[1]).encode()).version
    assert version == read_rules((TWO[1] + "# a remark\n" + TWO[0]).encode()).version
    assert version == read_rules((TWO[0] + TWO[1] + "stackable = true\n").encode()).version
    document = {
        "offer": [
            {"id": "a", "name": "a", "form": {"kind": "price", "price_minor": 1}},
            {"id": "b", "name": "b", "form": {"kind": "percent", "off_basis_points": 1}},
        ]
    }
    assert version == read_rules(json.dumps(document).encode(), as_json=True).version
    assert version != read_rules((TWO[0] + TWO[1].replace("= 1 }", "= 2 }")).encode()).version


def test_a_version_is_the_same_on_every_machine():
    # Kept with each sale: a change of this figure means that old sales can no longer be worked out again.
    assert read_rules(b"").version == Path(__file__).with_name("empty_version.txt").read_text(encoding="ascii").strip()
