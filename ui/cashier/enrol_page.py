"""A shopper becomes a member: the notice to read, what is asked at most, and what they agree to besides."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QEvent, QObject, QRect, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QScroller, QVBoxLayout, QWidget

from app.checkout.member_views import ShopperView
from app.values.wording import LocalizedText, wording
from ui.cashier.choice_keys import ChoiceKeys, numbered
from ui.presenters.member import AGREEMENTS, MemberForm
from ui.presenters.shortcuts import ENROL_KEY
from ui.theme.fonts import font
from ui.theme.look import Look
from ui.widgets.fields import Field
from ui.widgets.keys import KeyRole, WordKey
from ui.widgets.labels import TextLabel
from ui.widgets.number_pad import NumberPad
from ui.widgets.text_painting import paint_wrapped, wrap

_ENDLESS: Final = 10_000
_AGREEMENT_PX: Final = 72
_SIDE_PX: Final = 12
_LEAST_NOTICE_PX: Final = 48
"""Two lines of the notice, over the number pad on the lowest screen."""

_ON: Final = "checkbox-marked-outline"
_OFF: Final = "checkbox-blank-outline"


class NoticeText(QWidget):
    """The whole text of a notice; nothing of it fades."""

    def __init__(self, look: Look) -> None:
        """Begin empty."""
        super().__init__()
        self._look = look
        self._text = LocalizedText("")
        look.theme_changed.connect(self.update)

    def say(self, text: LocalizedText) -> None:
        """Show a text."""
        self._text = text
        self.setAccessibleName(self.text())
        self.update()

    def text(self) -> str:
        """Return what is shown, in the present language."""
        return self._look.say(self._text)

    def height_at(self, width_px: int) -> int:
        """Return the height that the words take at a width."""
        return self._paint(None, width_px)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the words."""
        del event
        painter = QPainter(self)
        self._paint(painter, self.width())
        painter.end()

    def _paint(self, painter: QPainter | None, width_px: int) -> int:
        """Draw the words, or without a painter only measure; return the height they take."""
        of = font(self._look.tokens.body_px)
        room, top = max(1, width_px - 2 * _SIDE_PX), _SIDE_PX
        for paragraph in (line.strip() for line in self.text().splitlines() if line.strip()):
            words = wrap(paragraph, of, room, _ENDLESS)
            if painter is not None:
                painter.setFont(of)
                area = QRect(_SIDE_PX, top, room, words.height_px)
                paint_wrapped(painter, area, words, self._look.colour("ink"))
            top += words.height_px + _SIDE_PX
        return top


class NoticeArea(QScrollArea):
    """The notice, to be scrolled by touch, wheel and keyboard."""

    def __init__(self, look: Look) -> None:
        """Begin empty."""
        super().__init__()
        self._look = look
        self.setObjectName("enrolNotice")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.notice = NoticeText(look)
        self.setWidget(self.notice)
        self.notice.setAutoFillBackground(False)
        self.viewport().setAutoFillBackground(False)
        QScroller.grabGesture(self.viewport(), QScroller.ScrollerGestureType.TouchGesture)
        look.speech_changed.connect(self._place)

    def say(self, text: LocalizedText) -> None:
        """Show a notice."""
        self.notice.say(text)
        self._place()

    def turn(self, pages: int) -> None:
        """Scroll by so many pages; two lines stay in sight."""
        bar = self.verticalScrollBar()
        bar.setValue(
            bar.value() + pages * max(1, bar.pageStep() - 2 * QFontMetrics(font(self._look.tokens.body_px)).height())
        )

    def _place(self) -> None:
        width = self.viewport().width()
        self.notice.resize(width, self.notice.height_at(width))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Break the words for the new width."""
        super().resizeEvent(event)
        self._place()


class EnrolPage(QWidget):
    """Left what is asked, right the notice; while a birthday is typed the number pad stands under it."""

    def __init__(self, look: Look, form: MemberForm, enrol: Callable[[], None]) -> None:
        """Take what was agreed to so far, and what the key does."""
        super().__init__()
        self._form = form
        self.name = Field(look, "enrolName", wording("Name"))
        self.birthday = Field(look, "enrolBirthday", wording("Birthday MM-DD"))
        self.birthday.setInputMethodHints(Qt.InputMethodHint.ImhDate)
        self._agreements = ChoiceKeys(look, "enrolAgree", self._turn)
        self._free = TextLabel(
            look, wording("Both may stay empty."), size_px=look.tokens.small_px, role="ink_soft", lines=2
        )
        self._agreements.offer([name for _, name, _ in AGREEMENTS], numbered(len(AGREEMENTS)))
        for key in self._agreements.all_keys():
            key.setMinimumHeight(_AGREEMENT_PX)
        self.enrol_key = WordKey(
            look, "enrolAccept", wording("Become a member"), role=KeyRole.PRIMARY, shortcut=ENROL_KEY
        )
        self.enrol_key.clicked.connect(enrol)
        self._area = NoticeArea(look)
        self._area.setMinimumHeight(_LEAST_NOTICE_PX)
        self._plate = QFrame()
        self._plate.setProperty("plane", "raised")
        plate = QVBoxLayout(self._plate)
        plate.setContentsMargins(1, 1, 1, 1)
        plate.addWidget(self._area)
        self.pad = NumberPad(look, self.birthday, wording("Done"), sign="-")
        self.pad.accepted.connect(self._birthday_done)
        self._lay_out()
        self.name.returnPressed.connect(self.birthday.setFocus)
        self.birthday.returnPressed.connect(self._birthday_done)
        self.birthday.installEventFilter(self)

    def _lay_out(self) -> None:
        left = QVBoxLayout()
        left.setSpacing(8)
        for widget in (self.name, self.birthday, self._free, self._agreements):
            left.addWidget(widget)
        left.addStretch(1)
        left.addWidget(self.enrol_key)
        right = QVBoxLayout()
        right.setSpacing(8)
        right.addWidget(self._plate, 1)
        right.addWidget(self.pad)
        self.pad.hide()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(16)
        row.addLayout(left, 1)
        row.addLayout(right, 1)

    def begin(self) -> None:
        """Begin with empty fields, at the top of the notice."""
        self.name.clear()
        self.birthday.clear()
        self._area.verticalScrollBar().setValue(0)
        self._show_pad(shown=False)

    def show_shopper(self, shopper: ShopperView) -> None:
        """Show the notice, and what was agreed to."""
        self._area.say(shopper.notice)
        icons = [_ON if agreement in self._form.agreed else _OFF for agreement, _, _ in AGREEMENTS]
        self._agreements.explain([(detail, icon) for (_, _, detail), icon in zip(AGREEMENTS, icons, strict=True)])
        for key, (agreement, name, _) in zip(self._agreements.all_keys(), AGREEMENTS, strict=True):
            agreed = agreement in self._form.agreed
            key.choose(agreed)
            key.say(wording("{name}: yes", name=name) if agreed else wording("{name}: no", name=name))
        self._shopper = shopper

    def take_key(self, key: str) -> bool:
        """Turn an agreement by its number, scroll the notice."""
        if key in {"PgUp", "PgDown"}:
            self._area.turn(1 if key == "PgDown" else -1)
            return True
        return self._agreements.take_number(key)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Put the number pad beside the birthday while that is typed."""
        if watched is self.birthday and event.type() in {QEvent.Type.FocusIn, QEvent.Type.FocusOut}:
            self._show_pad(shown=event.type() is QEvent.Type.FocusIn)
        return super().eventFilter(watched, event)

    def _show_pad(self, *, shown: bool) -> None:
        # The notice stays in sight over the pad: who can be made a member can read what that means.
        self.pad.setVisible(shown)

    def _birthday_done(self) -> None:
        self._agreements.all_keys()[0].setFocus()

    def _turn(self, position: int) -> None:
        self._form.turn(AGREEMENTS[position][0])
        self.show_shopper(self._shopper)
