"""Texts and amounts on screen that follow the language and the theme by themselves."""

from typing import Final

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.values.wording import LocalizedText, Wording
from ui.theme.fonts import font
from ui.theme.look import Look
from ui.widgets.text_painting import WrappedText, paint_wrapped, wrap

Text = Wording | LocalizedText | str

_SAMPLE_WIDTH: Final = 40


class TextLabel(QWidget):
    """A text that wraps to a number of lines, then fades."""

    def __init__(
        self,
        look: Look,
        text: Text = "",
        *,
        size_px: int | None = None,
        bold: bool = False,
        role: str = "ink",
        lines: int = 1,
        shrink_to: tuple[int, int] | None = None,
    ) -> None:
        """Take the text, its size on the type scale and its colour's token.

        Args:
            look: theme and language.
            text: what to say.
            size_px: size on the type scale; None: the body's.
            bold: whether in the heavier weight.
            role: the colour's token.
            lines: how many it may take before it fades.
            shrink_to: size and number of lines to use where the text would fade.
        """
        super().__init__()
        self._look = look
        self._text = text
        self._role = role
        self._lines = lines
        self._shrink_to = shrink_to
        self._align = Qt.AlignmentFlag.AlignLeft
        self._hangs = False
        self._font = font(size_px or look.tokens.body_px, bold=bold)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._render()
        look.speech_changed.connect(self._render)
        look.theme_changed.connect(self.update)

    def say(self, text: Text) -> None:
        """Show another text."""
        if text != self._text:
            self._text = text
            self._render()

    def colour(self, role: str) -> None:
        """Show it in the colour of another token."""
        if role != self._role:
            self._role = role
            self.update()

    def align(self, flag: Qt.AlignmentFlag) -> None:
        """Put it left, right or in the middle."""
        self._align = flag
        self.update()

    def hang(self) -> None:
        """Begin at the top, where it has more room than lines, in place of the middle."""
        self._hangs = True
        self.update()

    def text(self) -> str:
        """Return what is shown, in the present language."""
        return self._rendered

    def is_whole(self) -> bool:
        """Whether nothing of the text fades at the present width."""
        used, lines = self._font, self._lines
        if wrap(self._rendered, used, self.width(), lines).fades and self._shrink_to is not None:
            size_px, lines = self._shrink_to
            used = font(size_px, bold=self._font.bold())
        return not wrap(self._rendered, used, self.width(), lines).fades

    def _render(self) -> None:
        self._rendered = self._look.say(self._text)
        self.setAccessibleName(self._rendered)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Return the room for the text, in as many lines as it may take."""
        metrics = QFontMetrics(self._font)
        width = metrics.horizontalAdvance(self._rendered) if self._rendered else 0
        if self._lines > 1 and width > _SAMPLE_WIDTH:
            width = width // self._lines + _SAMPLE_WIDTH
        height = metrics.height() * self._lines
        if self._shrink_to is not None:
            size_px, lines = self._shrink_to
            height = max(height, QFontMetrics(font(size_px)).height() * lines)
        return QSize(width + 2, height)

    def minimumSizeHint(self) -> QSize:
        """Return the least room: a text may fade, a line may not lose its height."""
        return QSize(min(self.sizeHint().width(), 2 * _SAMPLE_WIDTH), self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the text."""
        del event
        if not self._rendered:
            return
        painter = QPainter(self)
        used = self._font
        wrapped = wrap(self._rendered, used, self.width(), self._lines)
        if wrapped.fades and self._shrink_to is not None:
            size_px, lines = self._shrink_to
            used = font(size_px, bold=self._font.bold())
            wrapped = wrap(self._rendered, used, self.width(), lines)
        painter.setFont(used)
        top = 0 if self._hangs else max(0, (self.height() - wrapped.height_px) // 2)
        area = QRect(0, top, self.width(), self.height() - top)
        paint_wrapped(painter, area, wrapped, self._look.colour(self._role), self._align)
        painter.end()


class AmountLabel(QWidget):
    """An amount in the largest size of the type scale that fits, never cut, always on the same baseline."""

    def __init__(
        self, look: Look, *, sizes_px: tuple[int, ...], role: str = "ink", bold: bool = True, left: bool = False
    ) -> None:
        """Take the sizes to choose from, the largest first; `left`: it begins where its caption does."""
        super().__init__()
        self._side = Qt.AlignmentFlag.AlignLeft if left else Qt.AlignmentFlag.AlignRight
        self._tight = False
        self._look = look
        self._sizes = sizes_px
        self._role = role
        self._bold = bold
        self._text = ""
        self._font = font(sizes_px[0], bold=bold)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        look.theme_changed.connect(self.update)

    def show_amount(self, text: str, role: str | None = None) -> None:
        """Show an amount, written out."""
        if role is not None:
            self._role = role
        self._text = text
        self.setAccessibleDescription(text)
        self._choose()
        self.update()

    def tighten(self, *, tight: bool) -> None:
        """Put the figures themselves into the middle of the height, where that is less than the font's."""
        self._tight = tight
        self.update()

    def text(self) -> str:
        """Return what is shown."""
        return self._text

    def width_at(self, size_px: int) -> int:
        """Return the width that the amount takes in a size."""
        return QFontMetrics(font(size_px, bold=self._bold)).horizontalAdvance(self._text) + 2

    def shown_size_px(self) -> int:
        """Return the size that was chosen."""
        return self._font.pixelSize()

    def _choose(self) -> None:
        for size in self._sizes:
            self._font = font(size, bold=self._bold)
            if QFontMetrics(self._font).horizontalAdvance(self._text) <= self.width():
                return

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Choose the size again."""
        super().resizeEvent(event)
        self._choose()

    def sizeHint(self) -> QSize:
        """Return the height of the largest size, so that nothing moves when a smaller one is chosen."""
        return QSize(_SAMPLE_WIDTH * 4, round(self._sizes[0] * 1.25))

    def minimumSizeHint(self) -> QSize:
        """Return the same height."""
        return QSize(_SAMPLE_WIDTH * 2, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the amount at its edge."""
        del event
        painter = QPainter(self)
        painter.setFont(self._font)
        painter.setPen(self._look.colour(self._role))
        area = self.rect()
        if self._tight:
            # Figures reach from the baseline to the capitals' height: no room is kept above and under for letters.
            metrics = QFontMetrics(self._font)
            area.translate(0, (metrics.capHeight() + metrics.descent() - metrics.ascent()) // 2)
        painter.drawText(area, self._side | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextDontClip, self._text)
        painter.end()


class NameBlock(QWidget):
    """A name over what tells it from its like, as one block in the middle of its room."""

    def __init__(self, look: Look, *, name_px: int, detail_px: int, detail_lines: int = 1) -> None:
        """Take the sizes of both."""
        super().__init__()
        self._look = look
        self._name: Text = ""
        self._detail: Text = ""
        self._role = "ink"
        self._name_font = font(name_px, bold=True)
        self._detail_font = font(detail_px)
        self._detail_lines = detail_lines
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        look.speech_changed.connect(self._render)
        look.theme_changed.connect(self.update)

    def say(self, name: Text, detail: Text = "", role: str = "ink") -> None:
        """Show a name and its detail."""
        if (name, detail, role) != (self._name, self._detail, self._role):
            self._name, self._detail, self._role = name, detail, role
            self._render()

    def text(self) -> str:
        """Return the name in the present language."""
        return self._look.say(self._name)

    def _render(self) -> None:
        self.setAccessibleName(self.text())
        self.setAccessibleDescription(self._look.say(self._detail))
        self.update()

    def _fitting(self, room_px: int) -> tuple[QFont, WrappedText]:
        """Return the name in the largest size down to the label's whose lines leave room for the detail."""
        tokens = self._look.tokens
        sizes = [size for size in (tokens.title_px, tokens.label_px) if size < self._name_font.pixelSize()]
        for of in (self._name_font, *(font(size, bold=True) for size in sizes)):
            name = wrap(self.text(), of, self.width(), 2)
            if name.height_px <= room_px:
                break
        return of, name

    def sizeHint(self) -> QSize:
        """Return room for two lines of the name."""
        name, detail = QFontMetrics(self._name_font), QFontMetrics(self._detail_font)
        return QSize(4 * _SAMPLE_WIDTH, 2 * name.height() + self._detail_lines * detail.height())

    def minimumSizeHint(self) -> QSize:
        """Return the same height, and a width that a layout may shrink to."""
        return QSize(2 * _SAMPLE_WIDTH, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw both."""
        del event
        painter = QPainter(self)
        words = self._look.say(self._detail)
        detail = wrap(words, self._detail_font, self.width(), self._detail_lines) if words else None
        name_font, name = self._fitting(self.height() - (detail.height_px if detail else 0))
        height = name.height_px + (detail.height_px if detail else 0)
        top = max(0, (self.height() - height) // 2)
        painter.setFont(name_font)
        paint_wrapped(painter, QRect(0, top, self.width(), name.height_px), name, self._look.colour(self._role))
        if detail is not None:
            painter.setFont(self._detail_font)
            area = QRect(0, top + name.height_px, self.width(), detail.height_px)
            paint_wrapped(painter, area, detail, self._look.colour("ink_soft"))
        painter.end()
