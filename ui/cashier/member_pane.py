"""The member's pane: find by phone number, take in, greet, and use coupons by one touch each."""

from collections.abc import Callable
from datetime import tzinfo

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.checkout.member_requests import DropMember
from app.values.wording import wording
from ui.cashier.enrol_page import EnrolPage
from ui.cashier.member_page import FoundPage
from ui.cashier.side_pane import Send, SidePane
from ui.presenters.cashier import CashierPresenter
from ui.presenters.member import MemberForm, MemberPage, greeting, masked_number, under_greeting
from ui.presenters.receipts import Moments
from ui.presenters.shortcuts import ENROL_KEY
from ui.settings import WallClock
from ui.theme.look import Look
from ui.widgets.fields import Field
from ui.widgets.keys import KeyRole, WordKey
from ui.widgets.labels import TextLabel
from ui.widgets.number_pad import NumberPad

DROP_KEY = "Ctrl+0"


class FindPage(QWidget):
    """A phone number to type, where no code is there to be scanned."""

    def __init__(self, look: Look, find: Callable[[], None]) -> None:
        """Take what is done with a number."""
        super().__init__()
        tokens = look.tokens
        self.field = Field(look, "memberPhone", wording("Phone number"), size_px=tokens.title_px, figures=True)
        self.field.setInputMethodHints(Qt.InputMethodHint.ImhDialableCharactersOnly)
        self.pad = NumberPad(look, self.field, wording("Find"), sign="+")
        words = wording("Type the phone number. A card, or the code on the phone, is scanned at any time.")
        self._words = TextLabel(look, words, role="ink_soft", lines=4)
        self.looking = TextLabel(look, "", bold=True, role="accent", lines=2)
        self.looking.setObjectName("memberLooking")
        beside = QVBoxLayout()
        beside.setSpacing(8)
        for widget in (self.field, self._words, self.looking):
            beside.addWidget(widget)
        beside.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(16)
        row.addLayout(beside, 3)
        row.addWidget(self.pad, 2)
        self.pad.accepted.connect(find)
        self.field.returnPressed.connect(find)

    def show_looking(self, *, looking: bool) -> None:
        """Say whether headquarters is being asked."""
        self.looking.say(wording("Headquarters is being asked …") if looking else "")


class MemberPane(SidePane):
    """One of three pages: nobody named, a number that is nobody's, a member."""

    def __init__(self, look: Look, presenter: CashierPresenter, send: Send, time: tuple[WallClock, tzinfo]) -> None:
        """Take the clock and zone that times are written by."""
        super().__init__(look, presenter, send, "memberPane", wording("Member"))
        self._clock, self._zone = time
        self.form = MemberForm()
        self._page: MemberPage | None = None
        self.find_page = FindPage(look, self._find)
        self.enrol_page = EnrolPage(look, self.form, self._enrol)
        self.found_page = FoundPage(look, self.send)
        self._drop = WordKey(look, "memberDrop", wording("Not this member"), role=KeyRole.QUIET, shortcut=DROP_KEY)
        self._drop.clicked.connect(lambda: self.send(DropMember()))
        self.head.insertWidget(1, self._drop)
        self.back_key.clicked.disconnect()
        self.back_key.clicked.connect(self._back)
        for page in (self.find_page, self.enrol_page, self.found_page):
            self.column.addWidget(page, 1)

    def opened(self) -> None:
        """Begin with the number that was typed where codes are typed, else with nothing."""
        self._page = None
        self.find_page.field.setText(self.presenter.typed_phone.handed_over())
        self.refresh()

    def refresh(self) -> None:
        """Show the page of what is known now; the keyboard goes with it."""
        shopper = self.presenter.view.shopper
        page = self.form.page(shopper)
        changed, self._page = page is not self._page, page
        if changed and page is MemberPage.ENROL:
            self.enrol_page.begin()
        self.find_page.setVisible(page is MemberPage.FIND)
        self.enrol_page.setVisible(page is MemberPage.ENROL)
        self.found_page.setVisible(page is MemberPage.MEMBER)
        self._drop.setVisible(page is MemberPage.MEMBER)
        if shopper.member is not None:
            self.find_page.field.clear()
            self.title.say(greeting(shopper.member))
            self.say_under_title(under_greeting(shopper.member, Moments(self._zone, self._clock.now())))
            self.found_page.show_shopper(shopper, self.presenter.view.basket.currency)
        elif page is MemberPage.ENROL:
            self.title.say(wording("New member"))
            self.say_under_title(masked_number(shopper.enrol_phone))
            self.enrol_page.show_shopper(shopper)
        else:
            self.title.say(wording("Member"))
            self.say_under_title("")
            self.find_page.show_looking(looking=shopper.looking)
        if changed and self.isVisible():
            self.first_focus().setFocus()

    def input_field(self) -> QLineEdit | None:
        """Return the number's field, or the new member's name."""
        if self._page is MemberPage.FIND:
            return self.find_page.field
        return self.enrol_page.name if self._page is MemberPage.ENROL else None

    def first_focus(self) -> QWidget:
        """Give the keyboard to the field, else to the way back: a second Enter must use no coupon."""
        return self.input_field() or self.back_key

    def take_key(self, key: str) -> bool:
        """Choose a coupon or an agreement by its number; leave the enrolment before the pane."""
        if self._page is MemberPage.MEMBER:
            if key == DROP_KEY:
                self.send(DropMember())
                return True
            return self.found_page.take_key(key)
        if self._page is not MemberPage.ENROL:
            return False
        if key in {"Esc", ENROL_KEY}:
            if key == "Esc":
                self._back()
            else:
                self._enrol()
            return True
        return self.enrol_page.take_key(key)

    def _back(self) -> None:
        if self._page is MemberPage.ENROL:
            self.form.leave_enrolment()
            self.find_page.field.selectAll()
            self.send(None)
        else:
            self.send(self.presenter.back())

    def _find(self) -> None:
        request = self.form.find(self.find_page.field.text())
        if request is not None:
            self.find_page.field.selectAll()
            self.send(request)

    def _enrol(self) -> None:
        shopper = self.presenter.view.shopper
        self.send(self.form.enrol(shopper, self.enrol_page.name.text(), self.enrol_page.birthday.text()))
