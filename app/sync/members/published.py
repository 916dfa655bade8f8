"""Promotion rules on the wire: compressed, for they are long and lines are slow, and checked against their name."""

import zlib
from typing import Final

from app.members.published_rules import LARGEST_RULES_BYTES, WITHDRAWN, PublishedRules, version_of
from app.sync.members.contract import PromotionsSays

LARGEST_PACKED_BYTES: Final = 700_000
"""So that an answer stays below what a till reads of one."""


def said_of(rules: PublishedRules) -> PromotionsSays:
    """Return rules as they go over the wire.

    Raises:
        ValueError: if they are too large for it.
    """
    if not rules.content:
        return PromotionsSays(rules.version)
    packed = zlib.compress(rules.content, 9)
    if len(packed) > LARGEST_PACKED_BYTES or len(rules.content) > LARGEST_RULES_BYTES:
        raise ValueError("the rules are too large for an answer")
    return PromotionsSays(rules.version, packed)


def rules_of(said: PromotionsSays, known: str) -> PublishedRules:
    """Return what was said, where it is whole.

    Raises:
        ValueError: if it is not what its name says, or says that something is known which is not.
    """
    if not said.packed:
        if said.version not in {"", WITHDRAWN, known}:
            raise ValueError("rules of this version are not known here")
        return PublishedRules(said.version)
    unpacking = zlib.decompressobj()
    try:
        content = unpacking.decompress(said.packed, LARGEST_RULES_BYTES + 1)
    except zlib.error as error:
        raise ValueError("the rules cannot be unpacked") from error
    if not unpacking.eof or len(content) > LARGEST_RULES_BYTES or version_of(content) != said.version:
        raise ValueError("the rules are not what their name says")
    return PublishedRules(said.version, content)
