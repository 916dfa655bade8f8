"""Writes what was found as sections of `store.toml`; what is not sure, or one too many, stands there as remarks."""

import json
from collections.abc import Mapping
from typing import Any

from app.values.speech import Speech
from app.values.wording import Wording
from hardware.detection_findings import Findings, FoundDevice, PlaceFinding
from hardware.registry import DeviceClass

_SECTIONS = {
    DeviceClass.RECEIPT_PRINTER: "printer",
    DeviceClass.SCALE: "scale",
    DeviceClass.LINE_DISPLAY: "customer_display",
    DeviceClass.CASH_DRAWER: "drawer",
    DeviceClass.RFID_READER: "rfid",
}
"""Sections that there is one of."""


def proposed_toml(findings: Findings, speech: Speech | None = None) -> str:
    """Return sections of `store.toml` for what was found; always valid TOML.

    The first sure device of each class is proposed. What came of every other place follows as remarks, and so do
    devices that are not sure, ready to be uncommented.

    Args:
        findings: what was found.
        speech: the language of the remarks; English where none is given.
    """
    speech = speech or Speech("en")
    blocks: list[str] = []
    taken: set[str] = set()
    scanners = 0
    for place in sorted(findings.places, key=_sure_first):
        remark = _remark(place, speech)
        if place.found is None:
            blocks.append(remark)
            continue
        if place.found.device_class is DeviceClass.SCANNER:
            scanners += 1
            lines = _section(place.found, "scanner", name=f"scanner-{scanners}")
            proposed = place.found.sure
        else:
            section = _SECTIONS.get(place.found.device_class, "")
            lines = _section(place.found, section)
            proposed = place.found.sure and section not in taken
            if proposed:
                taken.add(section)
                if section == "printer":
                    # The drawer of a till hangs on its printer, unless somebody says otherwise.
                    lines += ["", "[drawer]", 'driver = "printer"']
        blocks.append("\n".join([remark, *(lines if proposed else _commented(lines))]))
    blocks += [_comment(_said(sentence, speech)) for sentence in findings.missing]
    return "\n\n".join(blocks) + "\n" if blocks else ""


def _sure_first(place: PlaceFinding) -> int:
    return 0 if place.found and place.found.sure else 1 if place.found else 2


def _section(found: FoundDevice, section: str, name: str = "") -> list[str]:
    lines = [f"[[{section}]]" if name else f"[{section}]"]
    if name:
        lines.append(f"name = {_value(name)}")
    lines.append(f"driver = {_value(found.driver)}")
    return lines + _table(f"{section}.settings", found.settings)


def _table(path: str, settings: Mapping[str, Any]) -> list[str]:
    """Return a table: its plain values first, then the tables inside."""
    plain = {key: value for key, value in settings.items() if not isinstance(value, Mapping)}
    lines = ["", f"[{path}]", *(f"{key} = {_value(value)}" for key, value in plain.items())] if plain else []
    for key, value in settings.items():
        if isinstance(value, Mapping):
            lines += _table(f"{path}.{key}", value)
    return lines


def _value(value: object) -> str:
    """Return a value as TOML writes it; a basic string is written as JSON writes it, DEL apart.

    Raises:
        TypeError: if a driver's settings hold what TOML cannot say.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        # A name of a device node may hold bytes that are no text; no file could be written with them.
        text = value.encode("utf-8", "replace").decode("utf-8")
        return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
    raise TypeError(f"no TOML for {value!r}")


def _remark(place: PlaceFinding, speech: Speech) -> str:
    said = _said(place.sentence, speech)
    return _comment(f"{said} ({place.description})" if place.description else said)


def _said(sentence: Wording, speech: Speech) -> str:
    return speech.say(sentence)


def _comment(text: str) -> str:
    """Return a remark of one line: what a device says of itself ends no line and begins none."""
    return "# " + "".join(character if character.isprintable() else " " for character in text)


def _commented(lines: list[str]) -> list[str]:
    return [f"# {line}".rstrip() for line in lines]
