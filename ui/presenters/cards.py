"""What a card says: a title with its figure, and sentences under it."""

from dataclasses import dataclass

from app.values.wording import LocalizedText, Wording

Text = Wording | LocalizedText | str


@dataclass(frozen=True, slots=True)
class CardLine:
    """A sentence of a card, as many lines as it needs."""

    text: Text
    role: str = "ink_soft"
    icon: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """What one of them says."""

    title: Text
    figure: str = ""
    """At the right edge of the title."""

    lines: tuple[CardLine, ...] = ()
    usable: bool = True
