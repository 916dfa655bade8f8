"""The explanation of a deal as rows: what was given, what almost applies, what was not given, each with its reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from app.checkout.member_views import DealView, HintView
from app.values.money import Currency
from app.values.speech import Speech
from app.values.wording import Wording, wording
from ui.presenters.formatting import MINUS, write_money


@dataclass(frozen=True, slots=True)
class DealRow:
    """One row of the list, ready to be drawn."""

    key: str
    """Stays the same while the thing it shows does: the list keeps its place by it."""

    name: str
    sentence: str = ""
    figure: str = ""
    icon: str = ""
    role: str = "ink"
    """Of icon and figure."""

    head: bool = False
    """Whether it is the title of those under it."""

    def spoken(self) -> str:
        """Return the row in one sentence for assistive technology."""
        return ", ".join(part for part in (self.name, self.sentence, self.figure) if part)


@dataclass(frozen=True, slots=True)
class _Section:
    key: str
    title: Wording
    nothing: Wording
    icon: str
    role: str


_GIVEN: Final = _Section(
    "given", wording("Offers given"), wording("No offer applies to this basket yet."), "check-circle", "good"
)
_ALMOST: Final = _Section("almost", wording("Almost"), wording("Nothing is near."), "lightbulb-on-outline", "accent")
_NOT_GIVEN: Final = _Section(
    "not", wording("Not given"), wording("Nothing was left out."), "minus-circle-outline", "ink_soft"
)


def deal_title(deal: DealView, currency: Currency) -> Wording:
    """Return the head's first line: what is saved in all."""
    saving = sum(hint.saving_minor for hint in deal.given)
    if saving <= 0:
        return wording("Offers explained")
    return wording("Offers save {amount}", amount=write_money(saving, currency))


def deal_subtitle(deal: DealView) -> Wording:
    """Say how sure it is that nothing saves more."""
    if deal.proven:
        return wording("Proven: nothing else saves more.")
    return wording("The best that was found. It is looked at again before payment.")


def deal_rows(deal: DealView, currency: Currency, speech: Speech) -> tuple[DealRow, ...]:
    """Return the rows, each part under its title."""
    parts = ((_GIVEN, deal.given), (_ALMOST, deal.almost), (_NOT_GIVEN, deal.not_given))
    return tuple(row for section, hints in parts for row in _rows(section, hints, currency, speech))


def _rows(section: _Section, hints: Sequence[HintView], currency: Currency, speech: Speech) -> list[DealRow]:
    title = wording("{title} ({count})", title=section.title, count=len(hints)) if hints else section.title
    rows = [DealRow(f"{section.key}:", speech.say(title), head=True)]
    if not hints:
        rows.append(DealRow(f"{section.key}:nothing", "", speech.say(section.nothing)))
    met: dict[str, int] = {}
    for hint in hints:
        # A coupon without an offer has no offer's id: its name tells it apart.
        known = f"{section.key}:{hint.offer_id}:{hint.name.default}"
        met[known] = met.get(known, 0) + 1
        figure = MINUS + write_money(hint.saving_minor, currency) if hint.saving_minor > 0 else ""
        rows.append(
            DealRow(
                f"{known}:{met[known]}",
                speech.say(hint.name),
                speech.say(hint.sentence),
                figure,
                section.icon,
                section.role,
            )
        )
    return rows
