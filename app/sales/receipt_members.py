"""The member on a receipt: who bought, as far as paper may say it, and what became of the points."""

from collections.abc import Iterator

from app.members.points import BadPoints, PointsTender
from app.sales.receipt import Receipt
from app.sales.receipt_elements import Element, Row, TextLine
from app.sales.sale import Sale
from app.values.speech import Speech
from app.values.wording import wording


def points_spent(sale: Sale, points_tender_id: str, worth: PointsTender) -> int | None:
    """Return how many points paid part of a sale; None where what they were worth then is not known any more.

    Args:
        sale: as it was stored.
        points_tender_id: the tender by which points pay; empty where they do not.
        worth: what points are worth now.
    """
    paid = [tender.applied_minor for tender in sale.tenders if tender.tender_type_id == points_tender_id]
    try:
        return sum(worth.points_for(amount) for amount in paid)
    except BadPoints:
        return None


def member_lines(receipt: Receipt, speech: Speech) -> Iterator[Element]:
    """Yield the member's masked name and points; of an erased member no name, of a passer-by nothing."""
    member = receipt.completed.sale.member
    if member is None:
        return
    if member.label:
        yield Row(speech.say(wording("Member")), member.label)
    if member.points_earned:
        birthday = wording("Points earned, birthday")
        yield Row(speech.say(birthday if member.birthday else wording("Points earned")), f"+{member.points_earned}")
    if receipt.points_spent:
        yield Row(speech.say(wording("Points spent")), f"-{receipt.points_spent}")
    if receipt.points_spent is not None and (member.points_before or member.points_earned):
        now = member.points_before + member.points_earned - receipt.points_spent
        yield Row(speech.say(wording("Points after this purchase")), str(max(0, now)))
    if member.points_earned and member.points_end_on is not None:
        day = member.points_end_on.isoformat()
        yield TextLine(speech.say(wording("The points of this purchase can be spent until {date}.", date=day)))
