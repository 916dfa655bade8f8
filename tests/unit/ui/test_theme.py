"""Every text can be read on what it stands on."""

import pytest

from ui.theme.tokens import THEME_NAMES, Theme, contrast, load_tokens, readable_on

TEXTS = ("ink", "ink_soft", "accent", "good", "warn", "bad")
GROUNDS = ("surface", "surface_raised", "selection")


@pytest.mark.parametrize("name", THEME_NAMES)
@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("ground", GROUNDS)
def test_text_reaches_the_contrast_its_theme_promises(name: str, text: str, ground: str) -> None:
    theme = load_tokens().theme(name)
    assert contrast(getattr(theme, text), getattr(theme, ground)) >= theme.minimum_contrast


@pytest.mark.parametrize("name", THEME_NAMES)
def test_words_on_the_accent_can_be_read(name: str) -> None:
    theme = load_tokens().theme(name)
    assert contrast(theme.on_accent, theme.accent) >= theme.minimum_contrast


@pytest.mark.parametrize("name", THEME_NAMES)
def test_the_focus_ring_stands_out_from_every_ground(name: str) -> None:
    theme = load_tokens().theme(name)
    # WCAG 2.2, 1.4.11: 3 to 1 for what is no text
    assert all(contrast(theme.focus, getattr(theme, ground)) >= 3 for ground in GROUNDS)


def test_promised_contrasts_are_those_of_the_accessibility_guidelines() -> None:
    themes: dict[str, Theme] = {theme.name: theme for theme in load_tokens().themes}
    assert themes["light"].minimum_contrast >= 4.5
    assert themes["dark"].minimum_contrast >= 4.5
    assert themes["high_contrast"].minimum_contrast >= 7


def test_contrast_is_computed_as_the_guidelines_say() -> None:
    # WCAG's own examples: black on white is 21, #777777 on white 4.48
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


@pytest.mark.parametrize("colour", ["#2f6f4f", "#ffe100", "#8a5a1e", "#cccccc"])
def test_letters_on_a_shops_own_colour_can_be_read(colour: str) -> None:
    assert contrast(readable_on(colour), colour) >= 4.5
