"""What `doctor` says of members beyond the settings: headquarters is asked once, its keys and the coupons looked at."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Final

from app.commands.configuration import Configuration
from app.commands.members.keepers import BOOK_FILE, open_own_book
from app.commands.members.keys_sent import kept_keys, trusted
from app.commands.members.lights import AWAY_HEADQUARTERS
from app.commands.members.settings import Headquarters, MemberSettings, OwnKeeping
from app.commands.payments.show import Finding
from app.commands.site import Site
from app.commands.world import SystemClock
from app.members.coupons import CouponForm
from app.members.signed_codes import IssuerKey
from app.promotions.rules import Rules, read_rules
from app.values.problems import Problem
from app.values.wording import wording

_WITHIN_S: Final = 2
_HEADQUARTERS: Final = wording("Headquarters")
_KEYS: Final = wording("Issuer keys")


def look_at_keeper(site: Site, configuration: Configuration, found: MemberSettings) -> Iterator[Finding]:
    """Ask headquarters who this till is, where it keeps the members, and say by which keys signed codes are known."""
    if found.headquarters is None:
        return
    asked, sent = _ask(found.headquarters, configuration.till_settings().till_id)
    yield asked
    yield _keys(found.issuer_keys, kept_keys(site.folder), sent)


def _ask(headquarters: Headquarters, till_id: str) -> tuple[Finding, tuple[IssuerKey, ...] | None]:
    from app.payments.credentials import read_credential
    from app.sync.members import MemberClient

    try:
        token = read_credential(headquarters.token, "headquarters.token")
        client = MemberClient(headquarters.url, lambda: token, till_id=till_id, within_s=_WITHIN_S)
    except Problem as problem:
        return Finding("✗", _HEADQUARTERS, problem.sentence), None
    sent = client.issuer_keys()
    if sent is not None:
        return Finding(
            "✓", _HEADQUARTERS, wording("It answers, and its token is that of till {till}.", till=till_id)
        ), sent
    why = client.last_trouble or AWAY_HEADQUARTERS
    return Finding("✗" if client.turned_away else "!", _HEADQUARTERS, why), None


def _keys(own: tuple[IssuerKey, ...], kept: tuple[IssuerKey, ...], sent: tuple[IssuerKey, ...] | None) -> Finding:
    here = [key.key_id for key in trusted(own, kept) if not key.withdrawn]
    missing = [key.key_id for key in sent or () if key.key_id not in here and not key.withdrawn]
    if missing:
        return Finding(
            "!",
            _KEYS,
            wording(
                "{keys} of headquarters is not at this till yet, so what it signed is refused. The till fetches it when"
                " it starts.",
                keys=", ".join(missing),
            ),
        )
    if here:
        return Finding("✓", _KEYS, wording("{keys}.", keys=", ".join(here)))
    if sent is None:
        return Finding(
            "!",
            _KEYS,
            wording(
                "None is at this till, so signed coupons and telephone codes are refused until headquarters answers."
            ),
        )
    return Finding(
        "!",
        _KEYS,
        wording("Headquarters has none, so signed coupons and telephone codes are refused. Look after its book."),
    )


def look_at_coupons(site: Site, configuration: Configuration, found: MemberSettings, rules: Rules) -> Iterator[Finding]:
    """Name the forms of coupons that no offer is for, neither of the rules here nor of those that are published."""
    if found.keeping is None:
        return
    orphans = _without_offer(found.keeping, {offer.who.coupon for offer in rules.offers})
    if orphans and (found.keeping.database or (site.members_folder / BOOK_FILE).exists()):
        published = _published_keys(site, configuration, found)
        orphans = tuple(form for form in orphans if form.promotion_id not in published)
    for form in orphans:
        yield Finding(
            "!",
            wording("Coupon {form}", form=form.form_id),
            wording(
                "No offer of the promotions has {key} as who.coupon, so it takes nothing off. Correct promotion in"
                " members.toml, or the offer.",
                key=form.promotion_id,
            ),
        )


def _without_offer(keeping: OwnKeeping, known: set[str]) -> tuple[CouponForm, ...]:
    now = SystemClock().now()
    return tuple(
        form
        for form in keeping.forms
        if form.promotion_id and form.promotion_id not in known and form.valid_until > now
    )


def _published_keys(site: Site, configuration: Configuration, found: MemberSettings) -> set[str]:
    """Return the coupons' keys of the rules in the book, which the tills get; none where they cannot be seen."""
    with suppress(Problem):
        book = open_own_book(site, configuration.till_settings(), found, SystemClock())
        try:
            kept = book.published_promotions()
        finally:
            book.close()
        if kept is not None and kept.content:
            return {offer.who.coupon for offer in read_rules(kept.content, as_json=True).offers}
    return set()
