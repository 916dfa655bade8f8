"""`providers list`, `check` and `simulate`: what a person sees and does about payment providers without a till."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import typer

from app.commands.configuration import Configuration, localized
from app.commands.languages import speech_in
from app.commands.payments.providers import open_providers, settings_at_hand
from app.commands.payments.reach import Endpoint, can_connect
from app.commands.payments.sections import CARD_TERMINAL, OWN_DRIVERS, SIMULATED_DRIVERS, ProviderSection
from app.commands.payments.shopper_page import ShopperPage
from app.commands.payments.simulators import BadFault, PlayedProvider, PlayedProviders, break_calls
from app.commands.site import Site, default_folder, writable
from app.commands.world import SystemClock
from app.payments.registry import load_providers
from app.values.problems import Problem
from app.values.speech import Speech
from app.values.wording import Wording, wording

_GOOD: Final = "✓"
_LOOK: Final = "!"
_WRONG: Final = "✗"
ALWAYS: Final = "always"
"""The count of a fault that lasts."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line about a provider."""

    mark: Literal["✓", "!", "✗"]
    """Good, somebody should look, or it does not work."""

    subject: Wording | str
    sentence: Wording

    @property
    def wrong(self) -> bool:
        """Whether something does not work."""
        return self.mark == _WRONG


def list_drivers(speech: Speech) -> int:
    """Print every provider's driver and whether it can be used on this computer; 1 where one cannot."""
    findings = [
        Finding(_GOOD if status.usable else _WRONG, status.provider_id, status.sentence)
        for status in load_providers().statuses
    ]
    findings.append(Finding(_GOOD, CARD_TERMINAL, wording("The card terminal of the till itself can be used.")))
    findings += [
        Finding(_GOOD, driver, wording("What members of this shop have can be used."))
        for driver in sorted(OWN_DRIVERS - {CARD_TERMINAL})
    ]
    return _print(findings, speech)


def check_providers(data: Path | None, speech: Speech, *, sample: bool) -> int:
    """Print of each provider that is set up whether it can work; sends no payment. 1 where one cannot.

    Raises:
        BadConfiguration: there is no configuration, or it is wrong.
    """
    site = Site(data or default_folder(), sample=sample)
    return _print(list(look_at_providers(site, site.configuration(), connect=can_connect)), speech)


def look_at_providers(
    site: Site, configuration: Configuration, *, connect: Callable[[Endpoint], bool] | None
) -> Iterator[Finding]:
    """Look at each provider that is set up: its settings, its credentials, and its line where `connect` is given."""
    for section in configuration.provider:
        yield _look_at(section, site, configuration, connect)
    approved = {section.tender for section in configuration.provider}
    for tender in configuration.tender:
        if tender.needs_provider and tender.id not in approved:
            yield Finding(
                _LOOK,
                localized(tender.name, tender.name_en).default,
                wording("No [[provider]] approves this tender, so it cannot be taken. Add one, or take it away."),
            )


def _look_at(
    section: ProviderSection,
    site: Site,
    configuration: Configuration,
    connect: Callable[[Endpoint], bool] | None,
) -> Finding:
    if section.driver == CARD_TERMINAL:
        return Finding(_GOOD, section.id, wording("The till's card terminal; `devices list` says how it is."))
    if section.driver in OWN_DRIVERS:
        return Finding(_GOOD, section.id, wording("What members of this shop have; members.toml says who keeps it."))
    if section.simulated and connect is None:
        return Finding(_GOOD, section.id, wording("Simulated by the till itself: no money moves."))
    if section.simulated:
        try:
            settings_at_hand(section, site.folder)
        except Problem as problem:
            return Finding(_LOOK, section.id, problem.sentence)
    opened = open_providers(configuration, site.folder, SystemClock(), only=[section.id])
    try:
        if section.id in opened.troubles:
            return Finding(_WRONG, section.id, opened.troubles[section.id].sentence)
        endpoint = getattr(opened.providers[section.id], "endpoint", None)
    finally:
        opened.close()
    return _look_at_line(section, endpoint, connect)


def _look_at_line(
    section: ProviderSection, endpoint: Endpoint | None, connect: Callable[[Endpoint], bool] | None
) -> Finding:
    if endpoint is None or connect is None:
        return Finding(_GOOD, section.id, wording("Settings and credentials are complete."))
    where = f"{endpoint[0]}:{endpoint[1]}"
    if not connect(endpoint):
        sentence = wording("{address} cannot be reached. Check network, name server and firewall.", address=where)
        return Finding(_LOOK if section.simulated else _WRONG, section.id, sentence)
    return Finding(
        _GOOD,
        section.id,
        wording("Settings and credentials are complete, and {address} can be reached.", address=where),
    )


def _print(findings: list[Finding], speech: Speech) -> int:
    for finding in findings:
        line = wording(
            "{mark} {subject}: {sentence}", mark=finding.mark, subject=finding.subject, sentence=finding.sentence
        )
        typer.echo(speech.say(line))
    if not findings:
        typer.echo(speech.say(wording("No payment provider is set up.")))
    return 1 if any(finding.wrong for finding in findings) else 0


@dataclass(frozen=True, slots=True)
class SimulateRequest:
    """What `providers simulate` is asked for."""

    keys: Path
    """Folder for the keys; made where it is not there."""

    ports: Mapping[str, int]
    """By driver; 0: any free one."""

    faults: tuple[str, ...] = ()
    """Each `driver:call:fault:count`; the count may be left out (once) or be `always`."""

    page_port: int = 0
    """For the page on which a person plays the shopper."""


def until_interrupted() -> None:
    """Wait for Ctrl+C."""
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        return


def simulate(request: SimulateRequest, speech: Speech, wait: Callable[[], None] = until_interrupted) -> int:
    """Play every provider that can be played, and say how a till is told to use them, until `wait` returns.

    Raises:
        FolderNotWritable: SimulatorNotStarted: BadFault: see there.
    """
    played = PlayedProviders(writable(request.keys), SystemClock())
    page = ShopperPage(lambda: played.played, speech_in(speech.language), request.page_port)
    try:
        for driver in sorted(SIMULATED_DRIVERS):
            section = ProviderSection(id=driver, driver=driver, tender=driver, simulated=True)
            played.play(section, request.ports.get(driver, 0))
        for fault in request.faults:
            _break(played.played, fault)
        page.start()
        _tell(played, page, speech)
        wait()
    finally:
        page.stop()
        played.stop()
    return 0


def _break(played: Mapping[str, PlayedProvider], fault: str) -> None:
    driver, call, name, count = (*fault.split(":"), "", "", "", "")[:4]
    if driver not in played or (count not in {"", ALWAYS} and not (count.isascii() and count.isdecimal())):
        raise BadFault(
            wording(
                "{fault} is no fault. Write provider:call:fault:count, such as {example}; the count may be {always}.",
                fault=fault[:60],
                example="wechat:pay:loses-answer:1",
                always=ALWAYS,
            )
        )
    break_calls(played[driver], call, name, None if count == ALWAYS else int(count or "1"))


def _tell(played: PlayedProviders, page: ShopperPage, speech: Speech) -> None:
    typer.echo(speech.say(wording("These sections in store.toml let a till use the simulated providers:")))
    for one in played.played.values():
        typer.echo("")
        typer.echo(section_text(one.provider_id, one.driver, one.settings))
    for sentence in (
        wording(
            "Payment codes to scan or key in: WeChat Pay {wechat} and {rest} more digits, Alipay {alipay} and {rest}"
            " more digits; each once.",
            wechat="13",
            alipay="28",
            rest=16,
        ),
        wording("Play the shopper at {page}. Ctrl+C ends it.", page=page.address),
    ):
        typer.echo("")
        typer.echo(speech.say(sentence))


def section_text(provider_id: str, driver: str, settings: Mapping[str, Any]) -> str:
    """Return a `[[provider]]` section as it stands in a `store.toml`.

    >>> print(section_text("wechat", "wechat", {"base_url": "http://127.0.0.1:8091"}))
    [[provider]]
    id = "wechat"
    driver = "wechat"
    tender = "wechat"
    <BLANKLINE>
    [provider.settings]
    base_url = "http://127.0.0.1:8091"
    """
    lines = ["[[provider]]", *(f"{key} = {_quoted(value)}" for key, value in (("id", provider_id), ("driver", driver)))]
    lines += [f"tender = {_quoted(driver)}", "", "[provider.settings]"]
    lines += [f"{key} = {_quoted(str(value))}" for key, value in settings.items()]
    return "\n".join(lines)


def _quoted(text: str) -> str:
    """Return a text as a TOML basic string, whose escapes are JSON's."""
    return json.dumps(text, ensure_ascii=False)
