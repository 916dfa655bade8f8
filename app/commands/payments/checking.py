"""Sees that what a configuration says of payments can be meant, before a till opens with it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from app.commands.payments.sections import installed_drivers, wrong_providers
from app.payments.offline_rules import BadOfflineRule
from app.payments.routing import BadRouting
from app.values.wording import Wording, wording

if TYPE_CHECKING:
    from app.commands.configuration import Configuration


def wrong_payments(configuration: "Configuration") -> Iterator[Wording]:
    """Say what of a configuration's payments cannot be meant, each with its key."""
    for section in configuration.tender:
        if section.reference_once and not section.reference_required:
            yield wording("tender.reference_once: {id} asks for no reference. Set both, or neither.", id=section.id)
    yield from wrong_providers(
        configuration.provider,
        {section.id: section.needs_provider for section in configuration.tender},
        has_terminal=configuration.card_terminal is not None,
        installed=installed_drivers,
    )
    try:
        configuration.routing_settings()
    except BadRouting as problem:
        yield wording("{key}: {reason}", key="provider.wallets, wallet_form", reason=problem.sentence)
    try:
        configuration.offline_card_rule()
    except BadOfflineRule as problem:
        yield wording("{key}: {reason}", key="offline_card", reason=problem.sentence)
