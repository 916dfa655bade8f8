"""Plays the payment providers that the configuration calls simulated: real servers on this computer, with keys kept."""

import logging
import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from app.commands.payments.providers import RUNNING_FILE, simulator_folder
from app.commands.payments.sections import SIMULATED_DRIVERS, ProviderSection
from app.values.clock import Clock
from app.values.problems import Problem
from app.values.wording import wording

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

_log: Final = logging.getLogger(__name__)

_KEY_BITS: Final = 2048

MEMORY_FILE: Final = "memory.json"
"""What a simulator remembers of earlier runs: payments and money, no shopper's code."""

_KEEP_EVERY_NS: Final = 5_000_000_000


class SimulatorNotStarted(Problem):
    """Raised when a provider cannot be played: its port is taken, or its keys cannot be kept."""

    code = "SIMULATOR-NOT-STARTED"


class BadFault(Problem):
    """Raised when a simulator is asked for a fault that it does not know."""

    code = "BAD-FAULT"


class WaitingPayment(Protocol):
    """A payment that waits for its shopper."""

    number: str
    amount_minor: int


class Simulator(Protocol):
    """What the simulators of all providers have in common."""

    @property
    def base_url(self) -> str:
        """Where it listens."""

    def start(self) -> None:
        """Begin to listen."""

    def stop(self) -> None:
        """Stop; whatever is held is let go."""

    def go_away(self) -> None:
        """Refuse every connection until `come_back`."""

    def come_back(self) -> None:
        """Listen again."""

    def fail(self, call: Any, fault: Any, times: int | None = 1) -> None:  # noqa: ANN401 - each has its own faults
        """Have the next calls of a kind fail; all of them until `mend` where no number is given."""

    def mend(self) -> None:
        """Forget every fault."""

    def settings(self, folder: Path) -> dict[str, Any]:
        """Write the shop's credentials into a folder; return the settings of a till that uses this server."""

    def memory(self) -> bytes:
        """Return what `remember` brings back in a later run."""

    def remember(self, memory: bytes) -> None:
        """Go on from an earlier run; before `start`."""

    def waiting(self) -> Sequence[WaitingPayment]:
        """Return the payments that wait for their shopper."""

    def shopper_pays(self, number: str) -> bool:
        """Have the shopper of a payment pay; whether it still could be paid."""

    def net_minor(self, number: str) -> int:
        """Return what a payment took from its shopper less what was given back."""

    def issue_code(self, shopper: Any = ...) -> str:  # noqa: ANN401 - each has its own shoppers
        """Return a new payment code of a shopper's."""


@dataclass(frozen=True, slots=True)
class PlayedProvider:
    """A provider that is played by this program."""

    provider_id: str
    driver: str
    simulator: Simulator
    settings: Mapping[str, Any]
    """What its driver is told; names key files."""


class PlayedProviders:
    """The simulators of one till, or of nobody's; each remembers its payments over runs."""

    def __init__(self, site_folder: Path, clock: Clock) -> None:
        """Prepare; keys are kept under the folder."""
        self._site_folder = site_folder
        self._clock = clock
        self._played: dict[str, PlayedProvider] = {}
        self._kept_ns: int | None = None

    @property
    def played(self) -> Mapping[str, PlayedProvider]:
        """Those that run, by the provider's id."""
        return dict(self._played)

    def play(self, section: ProviderSection, port: int = 0) -> PlayedProvider:
        """Start the simulator of a provider and write down where it is, for commands beside the till.

        Raises:
            SimulatorNotStarted: naming what hindered it.
        """
        folder = simulator_folder(self._site_folder, section.id)
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            simulator = make_simulator(section.driver, folder, self._clock, port)
            _remember(simulator, folder)
            simulator.start()
        except OSError as error:
            raise SimulatorNotStarted(
                wording(
                    "{provider} cannot be simulated: {reason}. Choose another port, or look at the folder {folder}.",
                    provider=section.id,
                    reason=error.strerror or type(error).__name__,
                    folder=str(folder),
                )
            ) from error
        settings = section.settings | simulator.settings(folder)
        played = PlayedProvider(section.id, section.driver, simulator, settings)
        self._played[section.id] = played
        self._write_down(folder, simulator.settings(folder))
        return played

    def _write_down(self, folder: Path, settings: Mapping[str, Any]) -> None:
        import msgspec

        try:
            write_owner_only(folder / RUNNING_FILE, msgspec.json.encode(settings))
        except OSError as error:
            # The till needs it not; `providers check` beside it then says that the simulator does not run.
            _log.warning("simulator_not_written_down", extra={"reason": type(error).__name__})

    def keep(self) -> None:
        """Write down what they remember, so that a till that is killed finds most of it; not more than now and then."""
        now_ns = self._clock.monotonic_ns()
        if self._kept_ns is not None and now_ns - self._kept_ns < _KEEP_EVERY_NS:
            return
        self._kept_ns = now_ns
        for played in self.played.values():
            self._keep(played)

    def _keep(self, played: PlayedProvider) -> None:
        folder = simulator_folder(self._site_folder, played.provider_id)
        try:
            write_owner_only(folder / MEMORY_FILE, played.simulator.memory())
        except OSError as error:
            _log.warning("simulator_memory_not_kept", extra={"reason": type(error).__name__})

    def stop(self) -> None:
        """Stop them all; may take as long as a connection of somebody else's is open."""
        for played in self._played.values():
            with suppress(OSError):
                (simulator_folder(self._site_folder, played.provider_id) / RUNNING_FILE).unlink(missing_ok=True)
            played.simulator.stop()
            self._keep(played)
        self._played.clear()


def _remember(simulator: Simulator, folder: Path) -> None:
    """Have a simulator go on from its last run: a payment of yesterday can be given back, and stands in the bill."""
    import msgspec

    path = folder / MEMORY_FILE
    try:
        simulator.remember(path.read_bytes())
    except FileNotFoundError:
        return
    except (OSError, msgspec.MsgspecError) as error:
        _log.warning("simulator_begins_anew", extra={"reason": type(error).__name__})


def make_simulator(driver: str, folder: Path, clock: Clock, port: int = 0) -> Simulator:
    """Return a driver's simulator, not yet listening; its keys are made once and kept in the folder.

    Raises:
        OSError: the keys cannot be written.
        ValueError: there is no simulator of this driver.
    """
    if driver == "wechat":
        from app.payments.wechat.simulator import WechatSimulator
        from app.payments.wechat.simulator_keys import SimulatorKeys as WechatKeys

        return WechatSimulator(clock, WechatKeys(_kept_key(folder, "shop"), _kept_key(folder, "provider")), port)
    if driver == "alipay":
        from app.payments.alipay.simulator import AlipaySimulator
        from app.payments.alipay.simulator import SimulatorKeys as AlipayKeys

        shop, provider = _kept_key(folder, "shop"), _kept_key(folder, "provider")
        keys = AlipayKeys(_pem(shop), _public_pem(shop), _pem(provider), _public_pem(provider))
        return AlipaySimulator(clock, keys, port=port)
    raise ValueError(driver)


def _kept_key(folder: Path, whose: str) -> "RSAPrivateKey":
    """Return a key that was made before, or a new one that is kept in a file of its owner's alone."""
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    path = folder / f"simulator-{whose}.pem"
    with suppress(OSError, ValueError, TypeError):
        kept = load_pem_private_key(path.read_bytes(), password=None)
        if isinstance(kept, rsa.RSAPrivateKey) and kept.key_size == _KEY_BITS:
            return kept
    made = rsa.generate_private_key(public_exponent=65537, key_size=_KEY_BITS)
    write_owner_only(path, _pem(made))
    return made


def _pem(key: "RSAPrivateKey") -> bytes:
    from cryptography.hazmat.primitives import serialization

    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _public_pem(key: "RSAPrivateKey") -> bytes:
    from cryptography.hazmat.primitives import serialization

    return key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def write_owner_only(path: Path, content: bytes) -> None:
    """Write a file that only its owner may read, whole or not at all.

    Raises:
        OSError: it cannot be written.
    """
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    unfinished.replace(path)


def faults_of(driver: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the names of a simulator's calls and of its faults."""
    calls, faults = _kinds_of(driver)
    return tuple(_name(call) for call in calls), tuple(_name(fault) for fault in faults)


def break_calls(played: PlayedProvider, call_name: str, fault_name: str, times: int | None) -> None:
    """Have the next calls of a kind fail, by their names; for ever where no number is given.

    Raises:
        BadFault: naming those there are.
    """
    calls, faults = _kinds_of(played.driver)
    call = next((one for one in calls if _name(one) == call_name), None)
    fault = next((one for one in faults if _name(one) == fault_name), None)
    if call is None or fault is None:
        known = calls if call is None else faults
        raise BadFault(
            wording(
                "{provider} knows no {name}. Choose one of: {known}.",
                provider=played.driver,
                name=(call_name if call is None else fault_name)[:40],
                known=", ".join(_name(one) for one in known),
            )
        )
    played.simulator.fail(call, fault, times)


def _kinds_of(driver: str) -> tuple[Iterable[Any], Iterable[Any]]:
    if driver not in SIMULATED_DRIVERS:
        raise ValueError(driver)
    if driver == "wechat":
        from app.payments.wechat import simulator_faults as wechat

        return tuple(wechat.Call), tuple(wechat.Fault)
    from app.payments.alipay import simulator_faults as alipay

    return tuple(alipay.Call), tuple(alipay.Fault)


def _name(member: Any) -> str:  # noqa: ANN401 - a member of one of four enums
    return str(member.name).lower().replace("_", "-")
