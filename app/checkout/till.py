"""The till: takes one request at a time, changes the basket whole or not at all, and shows what came of it.

Owned by one worker thread. Every change of the basket is in the store before its view is returned.
"""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

from app.checkout import (
    cashless,
    claiming,
    couponing,
    dealing,
    editing,
    enrolling,
    forgetting,
    member_news,
    member_requests,
    membership,
    paying,
    payment_news,
    payment_requests,
    printing,
    refunding,
    requests,
    scanning,
    settling,
    tags,
    weighing,
    worklist,
)
from app.checkout.counter import Counter
from app.checkout.items import last_item_line
from app.checkout.presenting import found_product, till_view
from app.checkout.state import CheckoutRefused, TillState, require_no_payment
from app.checkout.views import (
    Notice,
    Phase,
    QuickKeyPage,
    SearchView,
    Severity,
    Sound,
    StatusView,
    TillView,
)
from app.sales.basket import Basket
from app.values.problems import Problem
from app.values.wording import wording

_log = logging.getLogger(__name__)

_News = payment_requests.ReportPayment | member_requests.ReportMember

_Handler = Callable[[Counter, TillState, Any], TillState]

_HANDLERS: dict[type, _Handler] = {
    requests.ScanCode: scanning.scan,
    requests.ReadTags: tags.read_tags,
    requests.EnterText: scanning.enter_text,
    requests.AddProduct: scanning.add_product,
    requests.ArmQuantity: scanning.arm_quantity,
    requests.AnswerQuestion: editing.answer_question,
    requests.AcceptWeight: weighing.accept_weight,
    requests.ChooseTare: weighing.choose_tare,
    requests.DeclineQuestion: editing.decline_question,
    requests.ChangeQuantity: editing.change_quantity,
    requests.VoidLine: editing.void_line,
    requests.OverridePrice: editing.override_price,
    requests.GiveDiscount: editing.give_discount,
    requests.RemoveDiscount: editing.remove_discount,
    requests.WriteNote: editing.write_note,
    requests.SuspendBasket: editing.suspend,
    requests.RecallBasket: editing.recall,
    requests.AbandonBasket: editing.abandon,
    requests.BeginPayment: settling.begin_payment,
    requests.LeavePayment: paying.leave_payment,
    requests.TakeTender: paying.pay,
    requests.RemoveTender: paying.remove_tender,
    requests.ReprintReceipt: printing.reprint,
    requests.OpenDrawer: printing.open_drawer,
    requests.ReportPrint: printing.report_print,
    payment_requests.ReportPayment: payment_news.hear,
    payment_requests.LookAgain: lambda _counter, state, _request: state,
    payment_requests.CancelPayment: cashless.cancel_payment,
    payment_requests.DecidePayment: cashless.decide_payment,
    payment_requests.ConfirmPayment: cashless.confirm_payment,
    payment_requests.ShowReceipt: refunding.show_receipt,
    payment_requests.HideReceipt: refunding.hide_receipt,
    payment_requests.RefundTender: refunding.refund_tender,
    payment_requests.ShowWorklist: worklist.show_worklist,
    payment_requests.HideWorklist: worklist.hide_worklist,
    payment_requests.CloseCase: worklist.close_case,
    member_requests.ReportMember: member_news.hear,
    member_requests.NameMember: membership.name_member,
    member_requests.DropMember: membership.drop_member,
    member_requests.Enrol: enrolling.enrol,
    member_requests.UseCoupon: couponing.use_coupon,
    member_requests.KeepCoupon: couponing.keep_coupon,
    member_requests.UseBestCoupons: couponing.use_best,
    member_requests.ShowMember: membership.show_member,
    member_requests.HideMember: membership.hide_member,
    member_requests.ShowDeal: membership.show_deal,
    member_requests.HideDeal: membership.hide_deal,
}

_ALLOWED_WHILE_ASKING = (
    requests.AnswerQuestion,
    requests.AcceptWeight,
    requests.ChooseTare,
    requests.DeclineQuestion,
    requests.ReadTags,
    requests.ReportPrint,
    requests.DismissNotice,
    payment_requests.ReportPayment,
    payment_requests.LookAgain,
    payment_requests.HideReceipt,
    payment_requests.HideWorklist,
    member_requests.ReportMember,
    member_requests.HideMember,
    member_requests.HideDeal,
)

_ALLOWED_WHILE_PAYING = (
    requests.ScanCode,
    requests.EnterText,
    requests.ReadTags,
    requests.ReportPrint,
    requests.ReprintReceipt,
    requests.SuspendBasket,
    requests.DismissNotice,
    payment_requests.ReportPayment,
    payment_requests.LookAgain,
    payment_requests.CancelPayment,
    payment_requests.DecidePayment,
    payment_requests.ConfirmPayment,
    payment_requests.HideReceipt,
    payment_requests.ShowWorklist,
    payment_requests.HideWorklist,
    payment_requests.CloseCase,
    member_requests.ReportMember,
    member_requests.ShowMember,
    member_requests.HideMember,
    member_requests.ShowDeal,
    member_requests.HideDeal,
)
"""What may be asked while the basket waits for a payment; a scan is refused with words of its own."""

_NEWS = (payment_requests.ReportPayment, member_requests.ReportMember)
"""What the desks say: heard again where the store could not take it."""

_SILENT = (requests.ReportPrint, requests.ReadTags, payment_requests.LookAgain, *_NEWS)
"""Requests of devices and of the desks: they leave the cashier's message and the change on screen alone."""


class Till:
    """One till at work."""

    def __init__(self, counter: Counter, let_go: Callable[[], None] = lambda: None) -> None:
        """Open the till: take up the basket and the print jobs that were left when it stopped.

        Raises:
            StoreProblem: the store cannot be read or written.
        """
        self._counter = counter
        self._let_go = let_go
        basket = counter.store.open_basket()
        suspended = counter.store.suspended_baskets()
        counter.session()
        self._state = TillState(
            phase=Phase.PAYING if basket is not None and basket.tenders else Phase.SELLING,
            basket=basket,
            suspended=suspended,
            selected_line=last_item_line(basket),
        )
        if basket is not None and basket.live_lines:
            self._state = self._state.saying(
                Severity.INFO,
                wording("The basket that was open when the till stopped is back. Go on."),
                Sound.ATTENTION,
            )
        # Before a payment that came meanwhile makes a sale of it: who was forgotten does not come back with a basket.
        self._state = forgetting.only_who_is_known(counter, self._state)
        self._state = printing.resume_printing(counter, self._state)
        self._state = claiming.take_up(counter, self._state)
        taken_up = membership.take_up(counter, self._state)
        # What is asked of headquarters is asked with the first request: the desk may begin after the till.
        self._state = dealing.refreshed(counter, TillState(), taken_up)
        self._keep(basket, self._state.basket)
        self._revision = 0

    def view(self) -> TillView:
        """Return what the screens show now."""
        view = till_view(self._counter, self._state, self._revision)
        try:
            if self._state.shown_sale:
                view = replace(view, receipt=refunding.receipt_view(self._counter, self._state.shown_sale))
            if self._state.worklist_shown:
                view = replace(view, worklist=worklist.worklist_view(self._counter))
        except Problem as problem:
            # What lies beside the sale cannot be read now: the sale is shown all the same.
            _log.warning("beside_the_sale_not_shown", extra={"code": problem.code})
            if view.notice is None:
                view = replace(view, notice=Notice(Severity.BAD, problem.sentence, problem.code))
        return view

    def handle(self, request: requests.TillRequest) -> TillView:
        """Do what was asked and return the new view; what cannot be done is said in its notice.

        A basket that changed is in the store when this returns. Where the store fails, the till stays as it
        was, and the notice says what to do.
        """
        self._revision += 1
        self._hear_again()
        if isinstance(request, _NEWS) and self._comes_too_early(request):
            self._state = replace(self._state, unheard=(*self._state.unheard, request))
            return self.view()
        before = self._state
        try:
            self._state = self._next_state(before, request)
        except Problem as problem:
            _log.info("request_refused", extra={"request": type(request).__name__, "code": problem.code})
            silent = isinstance(request, _SILENT)
            kept = replace(before, sound=None) if silent else replace(before.quiet(), armed="")
            if isinstance(request, _NEWS):
                kept = replace(kept, unheard=(*kept.unheard, request))
            self._state = kept.saying(Severity.BAD, problem.sentence, scanning.sound_of(problem), problem.code)
        else:
            self._add_waiting_tags()
        self._ask()
        return self.view()

    def _comes_too_early(self, request: _News) -> bool:
        """Return whether something that a desk said of the same thing before is still to be taken."""
        about = _about(request)
        return any(_about(earlier) == about for earlier in self._state.unheard)

    def _hear_again(self) -> None:
        """Take what the desks said while the store failed, as far as it can be taken now.

        What cannot be taken holds back only what was said of the same thing after it.
        """
        waiting, self._state = self._state.unheard, replace(self._state, unheard=())
        for position, news in enumerate(waiting, 1):
            try:
                self._hear(news)
            except Exception:
                # A fault of the program at one of them takes none of the others away.
                self._state = replace(self._state, unheard=(*self._state.unheard, *waiting[position:]))
                raise

    def _hear(self, news: _News) -> None:
        """Take what a desk said; where the store fails, it is kept."""
        try:
            if not self._comes_too_early(news):
                self._state = self._next_state(self._state, news)
                return
        except Problem as problem:
            _log.warning("desk_news_not_taken", extra={"code": problem.code})
        self._state = replace(self._state, unheard=(*self._state.unheard, news))

    def _ask(self) -> None:
        """Have the desk of members ask what the baskets that are now stored wait for.

        What it does not take, because its queue is full or it has not begun, is as if headquarters were away.
        """
        while self._state.questions:
            questions, self._state = self._state.questions, replace(self._state, questions=())
            for question in questions:
                if not member_news.is_wanted(self._state, question) or self._counter.members.ask(question):
                    continue
                news = member_requests.away_news(question)
                if news is not None:
                    sound = self._state.sound
                    self._hear(member_requests.ReportMember(news))
                    self._state = replace(self._state, sound=self._state.sound or sound)

    @property
    def has_unheard(self) -> bool:
        """Whether something that a desk said could not be taken yet: ask again soon, with any request."""
        return bool(self._state.unheard)

    def _add_waiting_tags(self) -> None:
        """Go on with tagged goods that waited for an answer.

        A step of its own: where it fails, what was asked before it, such as a sale, is done and stays so.
        """
        before = self._state
        try:
            after = self._settled(before, tags.go_on(self._counter, before))
        except Problem as problem:
            _log.warning("tags_not_added", extra={"code": problem.code})
            self._state = replace(before, notice=Notice(Severity.BAD, problem.sentence, problem.code))
        else:
            self._state = after

    def _next_state(self, before: TillState, request: requests.TillRequest) -> TillState:
        if isinstance(request, requests.DismissNotice):
            return before.quiet()
        if before.pending is not None and not isinstance(request, _ALLOWED_WHILE_ASKING):
            raise CheckoutRefused(
                wording("Answer the question about {product} first.", product=before.pending.found.product.name)
            )
        if before.open_payment is not None and not isinstance(request, _ALLOWED_WHILE_PAYING):
            require_no_payment(before)
        start = replace(before, sound=None) if isinstance(request, _SILENT) else before.quiet()
        return self._settled(before, _HANDLERS[type(request)](self._counter, start, request))

    def _settled(self, before: TillState, after: TillState) -> TillState:
        """Return the state with its member and its deal, once its basket is stored."""
        after = membership.handed_over(self._counter, before, after)
        after = dealing.refreshed(self._counter, before, after)
        self._keep(before.basket, after.basket)
        return after

    def _keep(self, before: Basket | None, after: Basket | None) -> None:
        """Store the basket where it changed; a basket that is gone was dealt with by what ended it."""
        if after is not None and after is not before:
            self._counter.store.save_basket(after)

    def close(self) -> None:
        """Let go of the store and the catalogue; what is open in them is found again at the next start."""
        self._let_go()

    def search(self, text: str, limit: int = 20) -> SearchView:
        """Find products by what was typed so far."""
        found = self._counter.catalogue.search(text, self._counter.now(), limit)
        return SearchView(text, tuple(found_product(product) for product in found))

    def quick_keys(self) -> tuple[QuickKeyPage, ...]:
        """Return the pages of quick keys with today's prices; products that left the catalogue are left out."""
        catalogue, now = self._counter.catalogue, self._counter.now()
        return tuple(
            QuickKeyPage(
                page.page_id,
                page.name,
                page.colour,
                tuple(
                    found_product(found)
                    for found in (catalogue.by_product_id(product_id, now) for product_id in page.product_ids)
                    if found is not None
                ),
            )
            for page in self._counter.settings.quick_keys
        )

    def _business_date(self) -> date:
        """Return the trading day that the present session's sales are booked on."""
        session = self._counter.store.present_session()
        return session.business_date if session is not None else self._counter.business_date()

    def status(self) -> StatusView:
        """Return what the status bar shows."""
        settings, status = self._counter.settings, self._counter.store.status()
        return StatusView(
            till_name=settings.till_name,
            operator_name=settings.operator.name,
            operator_number=settings.operator.number,
            business_date=self._business_date(),
            price_book_published_at=self._counter.catalogue.published_at(),
            unsynced_count=status.unsynced_count,
            low_on_space=status.low_on_space,
            sale_count=self._counter.store.totals().sale_count,
        )


def _about(news: _News) -> str:
    """Return what news is about: of one thing it is heard in its order."""
    if isinstance(news, member_requests.ReportMember):
        return member_news.about(news.news)
    return payment_news.attempt_of(news)
