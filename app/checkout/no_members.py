"""A till whose shop has no members: nobody is asked, and the screens say so."""

from app.checkout.member_ports import MemberQuestion, MemberTerms
from app.values.wording import Wording, wording


class NoMembers:
    """`Membership` of a shop without members."""

    @property
    def terms(self) -> MemberTerms | None:
        """See `Membership`."""
        return None

    def away(self) -> Wording | None:
        """See `Membership`."""
        return wording("This shop has no members.")

    def ask(self, question: MemberQuestion) -> bool:  # noqa: ARG002 - the port's
        """See `Membership`."""
        return False

    def facts_wait(self) -> None:
        """See `Membership`; nobody wants to hear of sales."""
