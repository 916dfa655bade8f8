"""The public keys that tills know signed codes by: the same from the book itself, encrypted, over a wire, in PostgreSQL."""

from dataclasses import replace

import pytest

from app.ledger.chain import Ed25519Signer
from app.members.coupon_problems import IssuerRetired
from app.members.entitlements import EntitlementTerms
from app.members.signed_codes import IssuerKey, IssuerKeys, read
from app.sync.members import MemberClient

OWN = IssuerKey("k1", "shop", Ed25519Signer(b"\x07" * 32).public_key())
"""Of the shop's own book, see `terms` of the fixtures."""


def test_a_till_is_told_the_keys_by_which_signed_coupons_are_known(shop):
    told = shop.keeper.issuer_keys()
    assert told == (OWN,)
    shop.join()
    signed = read(EntitlementTerms, shop.book.sign_coupon(shop.coupon()))
    signed.verify(IssuerKeys(told))


def test_a_till_is_told_of_keys_that_are_no_longer_good(shop, make):
    earlier = IssuerKey("k0", "shop", Ed25519Signer(b"\x08" * 32).public_key(), retired_at=make.now)
    lost = replace(earlier, key_id="k-lost", retired_at=None, withdrawn=True)
    terms = make.terms(issuer_keys=(earlier, lost, replace(OWN, retired_at=make.now)))
    # The same book as headquarters goes by it after its settings were changed.
    shop.book.terms = terms
    if not isinstance(shop.keeper, MemberClient):
        shop.keeper.terms = terms
    told = shop.keeper.issuer_keys()
    assert set(told) == {earlier, lost, replace(OWN, retired_at=make.now)}
    shop.join()
    signed = read(EntitlementTerms, shop.book.sign_coupon(shop.coupon()))
    with pytest.raises(IssuerRetired):
        signed.verify(IssuerKeys(told))


def test_whoever_was_not_let_in_is_told_no_keys_and_knows_why(shop, make):
    if not isinstance(shop.keeper, MemberClient):
        pytest.skip("nobody asks the book itself without having been let in")
    stranger = MemberClient(shop.keeper._base, lambda: "nobody", till_id=make.till)
    assert stranger.issuer_keys() is None
    assert stranger.turned_away
    token = shop.keeper._token()
    other = MemberClient(shop.keeper._base, lambda: token, till_id="0001-09")
    assert other.issuer_keys() is None
    assert other.turned_away
    assert f"knows this till as {make.till}" in str(other.last_trouble)
    own = MemberClient(shop.keeper._base, lambda: token, till_id=make.till)
    assert own.issuer_keys() == (OWN,)
    assert not own.turned_away


def test_a_key_that_is_none_is_no_answer(shop, make):
    if not isinstance(shop.keeper, MemberClient):
        pytest.skip("nothing is read from a line")
    shop.book.terms = make.terms(issuer_keys=(replace(OWN, key_id="short", public_key=b"\x01"),))
    assert shop.keeper.issuer_keys() is None
    assert shop.keeper.last_trouble is not None
    assert not shop.keeper.turned_away
