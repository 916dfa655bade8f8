"""Promotion rules on the wire: how they look there, and that what is not what its name says is none."""

import zlib

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.members.published_rules import WITHDRAWN, PublishedRules, version_of
from app.sync.members import contract
from app.sync.members.published import rules_of, said_of
from app.sync.members.strict import BadMessage, read

GOOD = b'{"offer": []}'


def test_the_wire_form_is_pinned():
    assert contract.CALLS["promotions"] == (contract.PromotionsAsk, contract.PromotionsSays)
    asked = b'{"known":"abc"}'
    assert msgspec.json.encode(contract.PromotionsAsk("abc")) == asked
    assert read(contract.PromotionsAsk, asked) == contract.PromotionsAsk("abc")
    said = b'{"version":"abc","packed":"AAE="}'
    assert msgspec.json.encode(contract.PromotionsSays("abc", b"\x00\x01")) == said
    assert read(contract.PromotionsSays, said) == contract.PromotionsSays("abc", b"\x00\x01")


def test_a_version_that_is_none_is_refused():
    with pytest.raises(BadMessage):
        read(contract.PromotionsAsk, b'{"known":"' + b"a" * 65 + b'"}')


@given(st.binary(min_size=1, max_size=300), st.text(max_size=10))
def test_rules_arrive_as_they_left(content, known):
    rules = PublishedRules(version_of(content), content)
    assert rules_of(said_of(rules), known) == rules


@pytest.mark.parametrize("version", ["", WITHDRAWN, "known"])
def test_rules_that_are_known_withdrawn_or_not_there_come_without_content(version):
    assert rules_of(said_of(PublishedRules(version)), "known") == PublishedRules(version)


@pytest.mark.parametrize(
    "said",
    [
        contract.PromotionsSays(version_of(b"other"), zlib.compress(GOOD)),
        contract.PromotionsSays(version_of(GOOD), zlib.compress(GOOD)[:-3]),
        contract.PromotionsSays(version_of(GOOD), b"no zlib"),
        contract.PromotionsSays(version_of(GOOD)),
        contract.PromotionsSays(WITHDRAWN, zlib.compress(GOOD)),
        contract.PromotionsSays(version_of(b""), zlib.compress(b"\0" * 40_000_000)),
    ],
)
def test_rules_that_are_not_what_their_name_says_are_none(said):
    with pytest.raises(ValueError, match="rules"):
        rules_of(said, "known")


def test_rules_that_no_till_could_take_are_not_sent():
    # Numbers that do not repeat, which no compression makes small.
    content = b"".join(version_of(str(number).encode()).encode() for number in range(30_000))
    with pytest.raises(ValueError, match="too large"):
        said_of(PublishedRules(version_of(content), content))
