"""Reads `members.toml` and sees that what it says can be meant, also beside the tenders of `store.toml`."""

import base64
import binascii
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from app.checkout.member_ports import MemberTerms
from app.commands.configuration import Configuration, converted, decoded_toml, localized
from app.commands.members.campaigns import campaigns_of, forms_of, limited_of
from app.commands.members.sections import (
    HeadquartersSection,
    MembersFile,
    SampleMemberSection,
    SampleMembersFile,
    TierSection,
)
from app.commands.members.settings import Headquarters, MemberSettings, OwnKeeping
from app.commands.payments.sections import MEMBER_POINTS, MEMBER_VALUE
from app.members.birthdays import BirthdayRule, BirthdaySpan, LeapDay
from app.members.earning import EarningRule, PointsRounding
from app.members.points import PointsTender
from app.members.privacy import PrivacyNotice, Purpose
from app.members.signed_codes import IssuerKey, IssuerKeys
from app.members.stored_value import BonusStep, LoadingRule, SpendingOrder
from app.members.tiers import BadTiers, Tier, TierLadder
from app.payments.credentials import KEYRING_PREFIX
from app.values.money import currency_of
from app.values.problems import Problem
from app.values.wording import Wording, wording

NOT_BY_BUYING_MINOR: Final = 10**15
"""What a tier needs that is given by hand: more than anybody buys."""

_KEY_BYTES: Final = 32
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})


class BadMembers(Problem):
    """Raised when `members.toml` says what cannot be meant; names the key."""

    code = "BAD-MEMBERS"


def read_members(path: Path, configuration: Configuration) -> MemberSettings | None:
    """Read a shop's `members.toml`; None where there is none: the shop has no members.

    Raises:
        BadConfiguration: it is no TOML, or a key or value is wrong; names the key's path.
        BadMembers: it contradicts itself or `store.toml`; names the key.
    """
    if not path.exists():
        for section in configuration.provider:
            if section.driver in {MEMBER_VALUE, MEMBER_POINTS}:
                raise BadMembers(
                    wording(
                        "provider.driver: {id} pays with what members have, and there is no members.toml. Write one, or"
                        " take the provider away.",
                        id=section.id,
                    )
                )
        return None
    return settings_of(converted(path, decoded_toml(path), MembersFile), configuration)


def read_sample_members(path: Path) -> tuple[SampleMemberSection, ...]:
    """Read the sample store's made-up members; none where there is no such file.

    Raises:
        BadConfiguration: it is no TOML, or a key or value is wrong.
    """
    return converted(path, decoded_toml(path), SampleMembersFile).member if path.exists() else ()


def settings_of(found: MembersFile, configuration: Configuration) -> MemberSettings:
    """Return what a file says, checked.

    Raises:
        BadMembers: it contradicts itself or `store.toml`.
    """
    for wrong in (*_wrong_keeper(found), *_wrong_tenders(found, configuration)):
        raise BadMembers(wrong)
    keeping = None
    if found.keeper == "own":
        forms = forms_of(found)
        keeping = OwnKeeping(
            loading=_loading(found, configuration.store.currency),
            spending_order=SpendingOrder(found.loading.spent_first) if found.loading else SpendingOrder.PAID_FIRST,
            forms=forms,
            limited=limited_of(found, configuration.code_settings()),
            campaigns=campaigns_of(found),
            database=found.database,
        )
    asked = found.headquarters
    keeper = Headquarters(asked.url, asked.token) if asked else None
    return MemberSettings(_terms(found), keeper, keeping, issuer_keys_of(found))


def _wrong_keeper(found: MembersFile) -> Iterator[Wording]:
    asked = found.headquarters
    if found.database and (found.keeper != "own" or not _names_credential(found.database)):
        yield wording(
            "database: this names no credential, or there is no own book. Write {prefix} and its name, or the whole"
            " path of a file that holds the address.",
            prefix=KEYRING_PREFIX,
        )
    if found.keeper == "own":
        if asked is not None:
            yield wording(
                "keeper: the shop keeps its members itself, and [headquarters] says who else does. Set"
                ' keeper = "headquarters", or take the section away.'
            )
        return
    if asked is None:
        yield wording("headquarters: nothing says who keeps the members. Add [headquarters] with its url and token.")
        return
    for key, there in (("coupon", found.coupon), ("campaign", found.campaign), ("loading", found.loading)):
        if there:
            yield wording(
                "{key}: headquarters decides that where it keeps the members. Take it out here, and set it there.",
                key=key,
            )
    yield from _wrong_address(asked)


def _wrong_address(asked: HeadquartersSection) -> Iterator[Wording]:
    try:
        parts = urlsplit(asked.url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port, parts = None, None, urlsplit("")
    if not host or parts.username or parts.query or parts.fragment or port == 0:
        yield wording("headquarters.url: this is no address. Write one such as https://hq.example.com.")
    elif parts.scheme != "https" and host not in _LOOPBACK:
        yield wording("headquarters.url: members' data travels by https only, except on this computer. Write https.")
    if not _names_credential(asked.token):
        # It is not repeated: it may be the secret.
        yield wording(
            "headquarters.token: this does not say where the token is. Write {prefix} and its name, or the whole path"
            " of its file, never the token itself.",
            prefix=KEYRING_PREFIX,
        )


def _names_credential(reference: str) -> bool:
    named = reference.startswith(KEYRING_PREFIX) and len(reference) > len(KEYRING_PREFIX)
    return "\n" not in reference and (named or reference.startswith(("/", "~")) or Path(reference).is_absolute())


def _wrong_tenders(found: MembersFile, configuration: Configuration) -> Iterator[Wording]:
    drivers = {section.tender: section.driver for section in configuration.provider}
    wanted = {
        "points.tender": (found.points.tender if found.points else "", MEMBER_POINTS),
        "value.tender": (found.value.tender if found.value else "", MEMBER_VALUE),
    }
    for key, (tender, driver) in wanted.items():
        if tender and drivers.get(tender) != driver:
            yield wording(
                "{key}: {tender} is not paid so. Add a [[tender]] of this id and a [[provider]] with the driver"
                " {driver} to store.toml, or name another.",
                key=key,
                tender=tender,
                driver=driver,
            )
    named = {driver: tender for tender, driver in wanted.values()}
    for section in configuration.provider:
        if section.driver in named and section.tender != named[section.driver]:
            yield wording(
                "provider.tender: {tender} pays with what members have, and members.toml does not name it. Name it"
                " under [points] or [value].",
                tender=section.tender,
            )
    if found.points is not None and found.value is not None and found.points.tender == found.value.tender:
        yield wording(
            "points.tender: {tender} stands for stored value too. Give each its own.", tender=found.points.tender
        )


def _terms(found: MembersFile) -> MemberTerms:
    points = found.points
    return MemberTerms(
        merchant_id=found.merchant_id,
        ladder=_ladder(found),
        earning=_earning(found),
        issuer_keys=IssuerKeys(issuer_keys_of(found)),
        notice=_notice(found),
        points_tender_id=points.tender if points else "",
        points_tender=_points_tender(found),
        value_tender_id=found.value.tender if found.value else "",
    )


def _ladder(found: MembersFile) -> TierLadder:
    by_hand = [section for section in found.tier if section.by_hand]
    bought = [section for section in found.tier if not section.by_hand]
    for section in by_hand:
        if section.reached_at_minor:
            raise BadMembers(
                wording("tier.reached_at_minor: {tier} is given by hand. Take one of the two out.", tier=section.id)
            )
    tiers = [_tier(section, section.reached_at_minor) for section in bought]
    tiers += [_tier(section, NOT_BY_BUYING_MINOR + number) for number, section in enumerate(by_hand)]
    try:
        return TierLadder(tuple(tiers))
    except BadTiers as problem:
        raise BadMembers(wording("{key}: {reason}", key="tier", reason=problem.sentence)) from problem


def _tier(section: TierSection, reached_at_minor: int) -> Tier:
    name = localized(section.name, section.name_en)
    return Tier(section.id, name, reached_at_minor, section.points_percent, section.price_list or None, section.by_hand)


def _earning(found: MembersFile) -> EarningRule:
    section, birthday = found.earning, found.birthday
    if birthday.span == "month" and (birthday.days_before or birthday.days_after):
        raise BadMembers(wording("birthday.span: a whole month has no days before or after. Take them out."))
    return EarningRule(
        points=section.points,
        per_minor=section.per_minor,
        birthday_factor=section.birthday_factor,
        birthday=BirthdayRule(
            BirthdaySpan(birthday.span), birthday.days_before, birthday.days_after, LeapDay(birthday.leap_day)
        ),
        rounding=PointsRounding(section.rounding),
        excluded_departments=frozenset(section.excluded_departments),
        excluded_products=frozenset(section.excluded_products),
        most_per_sale=section.most_per_sale or None,
        valid_months=section.valid_months or None,
    )


def _points_tender(found: MembersFile) -> PointsTender:
    section = found.points
    if section is None:
        return PointsTender()
    if section.points % section.minor:
        raise BadMembers(
            wording(
                "points.points: {points} points for {minor} leave part of a point when part of a sale comes back. Let"
                " it be a multiple, such as 100 for 100.",
                points=section.points,
                minor=section.minor,
            )
        )
    try:
        return PointsTender(section.points, section.minor, section.step, section.least, section.most_percent)
    except ValueError:
        raise BadMembers(
            wording(
                "points.step: {step} points are no whole amount at {points} points for {minor}. Choose another step.",
                step=section.step,
                points=section.points,
                minor=section.minor,
            )
        ) from None


def _loading(found: MembersFile, currency: str) -> LoadingRule:
    section = found.loading
    if section is None:
        return LoadingRule(currency=currency_of(currency))
    try:
        return LoadingRule(
            tuple(BonusStep(step.from_minor, step.bonus_minor) for step in section.step),
            section.least_minor,
            section.most_balance_minor,
            section.bonus_valid_days or None,
            currency_of(currency),
        )
    except ValueError:
        raise BadMembers(
            wording("loading.step: each step must need more than the one before, and bring no less.")
        ) from None


def _notice(found: MembersFile) -> PrivacyNotice:
    section = found.notice
    purposes = tuple(dict.fromkeys(Purpose(name) for name in section.purposes))
    if Purpose.MEMBERSHIP not in purposes:
        raise BadMembers(wording("notice.purposes: without membership nobody can be a member. Add it."))
    return PrivacyNotice(section.version, section.effective_at, localized(section.text, section.text_en), purposes)


def issuer_keys_of(found: MembersFile) -> tuple[IssuerKey, ...]:
    """Return the keys that a file trusts.

    Raises:
        BadMembers: one is none, or stands there twice.
    """
    keys: Mapping[str, IssuerKey] = {}
    for section in found.issuer_key:
        try:
            public = base64.b64decode(section.public_key, validate=True)
        except (binascii.Error, ValueError):
            public = b""
        if len(public) != _KEY_BYTES:
            raise BadMembers(
                wording("issuer_key.public_key: {id} is no key of 32 bytes in base64. Copy it again.", id=section.id)
            )
        if section.id in keys:
            raise BadMembers(
                wording("{key}: {name} stands there twice. Change one.", key="issuer_key.id", name=section.id)
            )
        key = IssuerKey(section.id, found.merchant_id, public, section.retired_at, section.withdrawn)
        keys = {**keys, section.id: key}
    return tuple(keys.values())
