"""A computer without Chinese characters says so and says what to install."""

from pathlib import Path

import pytest

from hardware.printers.fonts import CellFont, NoChineseFont, find_chinese_font


def test_without_a_chinese_font_there_is_a_sentence_that_says_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(NoChineseFont, match="Install Noto Sans CJK"):
        find_chinese_font([tmp_path / "missing.ttc"])


@pytest.mark.parametrize(("character", "cells"), [("牛", 2), ("g", 1), ("Ế", 1)])
def test_a_character_stays_within_its_cells_at_every_size(font: CellFont, character: str, cells: int) -> None:
    for wide, high in ((1, 1), (1, 2), (2, 2)):
        glyph = font.glyph(character, cells, wide, high, bold=True)
        assert glyph.size == (12 * cells * wide, 24 * high)
        assert min(glyph.tobytes()) < 100
