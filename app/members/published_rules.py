"""The promotion rules that headquarters gives to its tills: named by their bytes, whatever these mean."""

import hashlib
from dataclasses import dataclass, field
from typing import Final

WITHDRAWN: Final = "withdrawn"
"""The version of rules that headquarters took back: the tills go by their own again."""

LARGEST_RULES_BYTES: Final = 32_000_000


@dataclass(frozen=True, slots=True)
class PublishedRules:
    """The rules that headquarters wants its tills to go by."""

    version: str
    """See `version_of`; `WITHDRAWN`; empty: nothing was published yet, and nobody's rules change."""

    content: bytes = field(default=b"", repr=False)
    """JSON; empty where whoever asks has this version already, or where there is none."""


def version_of(content: bytes) -> str:
    """Return the name of rules: the SHA-256 of their bytes, in hexadecimal, so that a file tells its version itself.

    >>> version_of(b"{}")[:12]
    '44136fa355b3'
    """
    return hashlib.sha256(content).hexdigest()
