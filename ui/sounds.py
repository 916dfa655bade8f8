"""Four short sounds, told apart without looking: good read, bad read, attention, paid."""

import logging
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QObject, QUrl

from app.checkout.views import Sound

_logger: Final = logging.getLogger(__name__)
FOLDER: Final = Path(__file__).resolve().parents[1] / "resources" / "sounds"


class SoundPlayer(QObject):
    """Plays nothing before `load`, and nothing on a machine without a loudspeaker, which `status` tells."""

    def __init__(self, volume_percent: int) -> None:
        """Take the workstation's volume, 0 to 100; at 0 no audio library is ever loaded."""
        super().__init__()
        self._volume = max(0, min(100, volume_percent))
        self._effects: dict[Sound, Any] = {}
        self.status = "off" if self._volume == 0 else "not loaded"
        self.played: list[Sound] = []
        """The last sounds asked for, newest last; a few, for tests and help."""

    def load(self) -> None:
        """Load the audio library and the four sounds; called after the first paint."""
        if self._volume == 0 or self._effects:
            return
        try:
            from PySide6.QtMultimedia import QMediaDevices, QSoundEffect
        except ImportError as error:
            self.status = f"no audio library: {error}"
            _logger.warning("sounds_absent: %s", error)
            return
        if QMediaDevices.defaultAudioOutput().isNull():
            self.status = "no loudspeaker"
            return
        for sound in Sound:
            effect = QSoundEffect(self)
            effect.setSource(QUrl.fromLocalFile(str(FOLDER / f"{sound.value}.wav")))
            effect.setVolume(self._volume / 100)
            self._effects[sound] = effect
        self.status = "ready"

    def play(self, sound: Sound) -> None:
        """Play a sound from its beginning; never waits."""
        self.played = [*self.played[-15:], sound]
        effect = self._effects.get(sound)
        if effect is not None:
            effect.play()
