"""The member on a receipt: who bought, as far as paper may say it, and what became of the points."""

from collections.abc import Iterator

from app.sales.receipt import Receipt
from app.sales.receipt_elements import Element, Row, TextLine
from app.values.speech import Speech
from app.values.wording import wording


def member_lines(receipt: Receipt, speech: Speech) -> Iterator[Element]:
    """Yield the member's masked name and points as the sale keeps them; of an erased member no name."""
    member = receipt.completed.sale.member
    if member is None:
        return
    if member.label:
        yield Row(speech.say(wording("Member")), member.label)
    if member.points_earned:
        birthday = wording("Points earned, birthday")
        yield Row(speech.say(birthday if member.birthday else wording("Points earned")), f"+{member.points_earned}")
    if member.points_spent:
        yield Row(speech.say(wording("Points spent")), f"-{member.points_spent}")
    if member.points_after is not None:
        yield Row(speech.say(wording("Points after this purchase")), str(member.points_after))
    if member.points_earned and member.points_end_on is not None:
        day = member.points_end_on.isoformat()
        yield TextLine(speech.say(wording("The points of this purchase can be spent until {date}.", date=day)))
