"""Promotion rules that are published: the same answer from the book itself, encrypted, over a wire and in PostgreSQL."""

import json
from datetime import timedelta

import pytest

from app.members.published_rules import WITHDRAWN, PublishedRules, version_of
from app.sync.members import MemberClient


def rules(points: int) -> bytes:
    offer = {"id": "a", "name": "牛奶", "form": {"kind": "percent", "off_basis_points": points}}
    return json.dumps({"offer": [offer]}, ensure_ascii=False).encode()


def test_before_anything_is_published_nobodys_rules_change(shop):
    assert shop.keeper.promotions("") == PublishedRules("")
    assert shop.keeper.promotions("of-another-shop") == PublishedRules("")
    assert shop.book.published_promotions() is None
    assert not shop.book.withdraw_promotions()


def test_published_rules_come_once_and_then_only_their_name(shop):
    version = shop.book.publish_promotions(rules(1000))
    assert version == version_of(rules(1000))
    assert shop.keeper.promotions("") == PublishedRules(version, rules(1000))
    assert shop.keeper.promotions(version) == PublishedRules(version)
    later = shop.book.publish_promotions(rules(2000))
    assert shop.keeper.promotions(version) == PublishedRules(later, rules(2000))


def test_the_same_rules_again_are_no_new_version(shop, make):
    shop.book.publish_promotions(rules(1000))
    shop.clock.advance(timedelta(hours=1))
    shop.book.publish_promotions(rules(1000))
    assert shop.book.published_promotions().published_at == make.now


def test_earlier_rules_may_hold_again(shop):
    first = shop.book.publish_promotions(rules(1000))
    shop.book.publish_promotions(rules(2000))
    assert shop.book.publish_promotions(rules(1000)) == first
    assert shop.keeper.promotions("") == PublishedRules(first, rules(1000))


def test_withdrawn_rules_are_told_to_whoever_has_them(shop):
    version = shop.book.publish_promotions(rules(1000))
    assert shop.book.withdraw_promotions()
    assert not shop.book.withdraw_promotions()
    assert shop.keeper.promotions(version) == PublishedRules(WITHDRAWN)
    shop.book.publish_promotions(rules(1000))
    assert shop.keeper.promotions("") == PublishedRules(version, rules(1000))


def test_long_rules_fit_an_answer(shop):
    offers = [
        {"id": f"offer-{number}", "name": f"满减{number}", "form": {"kind": "percent", "off_basis_points": 1 + number}}
        for number in range(9_000)
    ]
    content = json.dumps({"offer": offers}, ensure_ascii=False).encode()
    assert len(content) > 600_000
    version = shop.book.publish_promotions(content)
    assert shop.keeper.promotions("") == PublishedRules(version, content)


def test_whoever_was_not_let_in_learns_no_rules(shop):
    if not isinstance(shop.keeper, MemberClient):
        pytest.skip("nobody asks the book itself without having been let in")
    shop.book.publish_promotions(rules(1000))
    stranger = MemberClient(shop.keeper._base, lambda: "nobody")
    assert stranger.promotions("") is None
    assert stranger.last_trouble is not None
