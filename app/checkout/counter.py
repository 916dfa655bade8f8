"""What every use case at the counter works with: the parts of the world it was handed."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from app.catalogue.codes import CodeReader
from app.catalogue.ports import Catalogue
from app.checkout.member_ports import Membership
from app.checkout.no_members import NoMembers
from app.checkout.payment_ports import Payments
from app.checkout.ports import ReceiptPrinter, TillSession, TillStore
from app.checkout.settings import TillSettings
from app.promotions.offers import RulesDocument
from app.promotions.rules import make_rules
from app.sales.coupon_offers import OfferBook
from app.values.clock import Clock, business_date_of
from app.values.identifiers import Identities


@dataclass(frozen=True, slots=True)
class Counter:
    """The counter the till stands on; owned by the till's one worker thread."""

    settings: TillSettings
    catalogue: Catalogue
    store: TillStore
    printer: ReceiptPrinter
    codes: CodeReader
    clock: Clock
    identities: Identities
    payments: Payments
    offers: OfferBook = field(default_factory=lambda: OfferBook(make_rules(RulesDocument())))
    """The promotions that hold; a till without any has none in it."""

    members: Membership = field(default_factory=NoMembers)

    def now(self) -> datetime:
        """Return the instant."""
        return self.clock.now()

    def today(self) -> date:
        """Return the date in the shop: what expiry dates and ages are measured against."""
        return self.clock.now().astimezone(self.settings.zone).date()

    def business_date(self) -> date:
        """Return the trading day that the clock says it is."""
        return business_date_of(self.clock.now(), self.settings.zone, self.settings.day_starts)

    def session_date(self) -> date:
        """Return the trading day that a sale made now is booked on: the present session's, else the clock's.

        Raises:
            StoreProblem: the session cannot be read.
        """
        present = self._session_of(self.business_date())
        return present.business_date if present is not None else self.business_date()

    def _session_of(self, today: date) -> TillSession | None:
        present = self.store.present_session()
        # A clock set back over the day's beginning stays in the session; one that was years ahead does not.
        goes_on = present is not None and today <= present.business_date <= today + timedelta(days=1)
        return present if goes_on else None

    def session(self) -> TillSession:
        """Return the present till session, opening one where there is none for this trading day.

        Raises:
            StoreProblem: it could not be stored.
        """
        today = self.business_date()
        present = self._session_of(today)
        if present is not None:
            return present
        session = TillSession(
            session_id=self.identities.new(),
            business_date=today,
            operator_number=self.settings.operator.number,
            opened_at=self.now(),
            opening_float_minor=self.settings.opening_float_minor,
        )
        self.store.open_session(session)
        return session
