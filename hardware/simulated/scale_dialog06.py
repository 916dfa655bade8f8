"""The voice of a scale that speaks Dialog 06: it takes the price, weighs, and answers what is to pay."""

from hardware.simulated.scale_voices import Condition, Keys, Voice

_STATUS = {
    Condition.FAULT: b"01",
    Condition.NOT_ZEROED: b"01",
    Condition.MOVING: b"20",
    Condition.EMPTY: b"30",
    Condition.MINIMUM: b"30",
    Condition.UNDER: b"31",
    Condition.OVER: b"32",
    Condition.STABLE: b"00",
}


class Dialog06Voice(Voice):
    """Dialog 06, in kilograms."""

    def __init__(self) -> None:
        """Begin without a price."""
        super().__init__()
        self.gives_once = False
        """Whether it answers "not in motion since the last operation" when the same weight is asked for again."""

        self.asks_for_checksums = False
        """Whether it wants proof of an approved program before the next weighing."""

        self.checksums: tuple[tuple[int, int], ...] = ()
        """What it takes for proof: CS and KW."""

        self.price_minor = 0
        """What its display shows as unit price."""

        self.text = ""
        """What its display shows as name."""

        self._given: int | None = None
        self._status = b"00"
        self._verdict = b""

    def forget(self) -> None:
        """Lose price and text."""
        super().forget()
        self.price_minor, self.text, self._given, self._verdict = 0, "", None, b""

    def _command(self, heard: bytes, scale: Keys) -> tuple[int, bytes]:
        if heard[:2] == b"\x04\x05":
            return 2, self._result(scale)
        if heard == b"\x04":
            return 0, b""
        if heard[:2] != b"\x04\x02":
            return 1, b""
        end = heard.find(b"\x03")
        if end < 0:
            return int(len(heard) > 80), b""
        return end + 1, self._record(heard[2:end].split(b"\x1b"), scale)

    longest_command = 120

    def _record(self, fields: list[bytes], scale: Keys) -> bytes:
        match fields:
            case [b"08"]:
                status = self._status if self._status != b"00" else _STATUS[scale.view.condition]
                self._status = b"00"
                return b"\x02" + b"09" + b"\x1b" + status + b"\x03"
            case [b"10", proof]:
                self._verdict = b"1" if proof == self._expected_proof() else b"0"
                return b"\x06"
            case [b"01", price, b""]:
                weighing = (price, b"0", b"")
            case [b"03", price, tare]:
                weighing = (price, tare, b"")
            case [b"04", price, text]:
                weighing = (price, b"0", text)
            case [b"05", price, tare, text]:
                weighing = (price, tare, text)
            case _:
                self._status = b"10"
                return b"\x15"
        return self._priced(*weighing, scale)

    def _priced(self, price: bytes, tare: bytes, text: bytes, scale: Keys) -> bytes:
        if not price.isdigit() or not tare.isdigit():
            self._status = b"11" if not price.isdigit() else b"12"
            return b"\x15"
        if self.asks_for_checksums:
            return b"\x02" + b"11" + b"\x1b" + b"247" + b"\x03"
        self.price_minor, self.text = int(price), text.decode("ascii", errors="replace")
        scale.set_tare(int(tare))
        return b"\x06"

    def _result(self, scale: Keys) -> bytes:
        if self._verdict:
            verdict, self._verdict = self._verdict, b""
            self.asks_for_checksums = verdict != b"1"
            return b"\x02" + b"11" + b"\x1b" + verdict + b"\x03"
        view = scale.view
        if view.condition is not Condition.STABLE:
            self._given = None
            self._status = _STATUS[view.condition]
            return b"\x15"
        if self.gives_once and self._given == view.net_grams:
            self._status = b"21"
            return b"\x15"
        self._given = view.net_grams
        amount = (view.net_grams * self.price_minor + 500) // 1000
        if amount > 999_999:
            self._status = b"11"
            return b"\x15"
        return (
            b"\x02"
            + b"\x1b".join((b"02", b"3", b"%05d" % view.net_grams, b"%06d" % self.price_minor, b"%06d" % amount))
            + b"\x03"
        )

    def _expected_proof(self) -> bytes:
        """Return record 10's content for the challenge 47h: CS turned left by 4 places, KW right by 7."""
        proof = ""
        for cs, kw in self.checksums:
            left, right = f"{cs:016b}", f"{kw:016b}"
            proof += f"{int(left[4:] + left[:4], 2):04X}{int(right[9:] + right[:9], 2):04X}"
        return proof.encode("ascii")
