"""How the codes begin that headquarters signs: known to every till, whatever cards its shop has of its own."""

from typing import Final

from app.catalogue.codes.settings import CardKind, CardPrefix
from app.members.entitlements import EntitlementTerms
from app.members.identity import TELEPHONE_CODE_PREFIX

SIGNED_CARDS: Final = tuple(
    CardPrefix(kind, spelling)
    for kind, prefix in ((CardKind.MEMBER, TELEPHONE_CODE_PREFIX), (CardKind.COUPON, EntitlementTerms.PREFIX))
    for spelling in (prefix, prefix.lower())
)
"""Members' telephone codes (`GM1`) and signed coupons (`GC1`); a scanner that is a keyboard may type small letters."""
