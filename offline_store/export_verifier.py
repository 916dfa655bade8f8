"""Checks an exported journal with nothing but Python's standard library (3.9 or later).

    python verify_export.py [FOLDER] [--public-key HEX] [--all-signatures]

It checks that every file is the one the signed manifest names, that every entry hangs on the one before it, that
postings sum to zero and those of a refund are what was given back, that receipt numbers have no gaps, and that the
totals are the sum of all sales. The signature of an epoch's last entry covers all before it through their hashes;
`--all-signatures` checks each one (slow: some milliseconds each). Give `--public-key` with the key as you know it from
elsewhere: whoever forged an export could have put a key of their own into it.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FORMAT = "guitai-journal-export/1"
ENTRY_TAG = b"guitai/journal/1\x00"
GENESIS_TAG = b"guitai/genesis/1\x00"
MANIFEST_TAG = b"guitai/manifest/1\x00"
HASHED = ("body", "business_date", "epoch", "kind", "postings", "recorded_at", "sequence", "till_id")

# Ed25519, RFC 8032 section 5.1. A point is kept as (X, Y, Z, T) with x = X/Z, y = Y/Z, x*y = T/Z.
PRIME = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
CURVE_D = -121665 * pow(121666, PRIME - 2, PRIME) % PRIME
ROOT_OF_MINUS_ONE = pow(2, (PRIME - 1) // 4, PRIME)
Point = tuple[int, int, int, int]
NEUTRAL: Point = (0, 1, 1, 0)


class Wrong(Exception):
    """What is wrong with an export, in words."""


def add_points(one: Point, other: Point) -> Point:
    """Add two points of the curve (RFC 8032 section 5.1.4)."""
    a = (one[1] - one[0]) * (other[1] - other[0]) % PRIME
    b = (one[1] + one[0]) * (other[1] + other[0]) % PRIME
    c = 2 * one[3] * other[3] * CURVE_D % PRIME
    d = 2 * one[2] * other[2] % PRIME
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % PRIME, g * h % PRIME, f * g % PRIME, e * h % PRIME)


def decode_point(data: bytes) -> Point | None:
    """Return the point of 32 bytes, or None where they name none (RFC 8032 section 5.1.3)."""
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    if y >= PRIME:
        return None
    square = (y * y - 1) * pow(CURVE_D * y * y + 1, PRIME - 2, PRIME) % PRIME
    x = pow(square, (PRIME + 3) // 8, PRIME)
    if x * x % PRIME != square:
        x = x * ROOT_OF_MINUS_ONE % PRIME
    if x * x % PRIME != square or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = PRIME - x
    return (x, y, 1, x * y % PRIME)


def encode_point(point: Point) -> bytes:
    """Return a point as 32 bytes (RFC 8032 section 5.1.2)."""
    inverse = pow(point[2], PRIME - 2, PRIME)
    x, y = point[0] * inverse % PRIME, point[1] * inverse % PRIME
    return (y | (x & 1) << 255).to_bytes(32, "little")


def _base_point() -> Point:
    base = decode_point((4 * pow(5, PRIME - 2, PRIME) % PRIME).to_bytes(32, "little"))
    if base is None:
        raise ArithmeticError("the base point is on the curve")
    return base


BASE = _base_point()


def signature_holds(public_key: bytes, data: bytes, signature: bytes) -> bool:
    """Return whether an Ed25519 signature is right: S*B - h*A must be R (RFC 8032 section 5.1.7)."""
    if len(public_key) != 32 or len(signature) != 64:
        return False
    key = decode_point(public_key)
    scalar = int.from_bytes(signature[32:], "little")
    if key is None or scalar >= ORDER:
        return False
    challenge = int.from_bytes(hashlib.sha512(signature[:32] + public_key + data).digest(), "little") % ORDER
    minus_key: Point = (PRIME - key[0], key[1], 1, PRIME - key[3])
    # Both multiples share their doublings.
    table = (NEUTRAL, BASE, minus_key, add_points(BASE, minus_key))
    result = NEUTRAL
    for bit in range(max(scalar.bit_length(), challenge.bit_length()) - 1, -1, -1):
        result = add_points(result, result)
        chosen = scalar >> bit & 1 | (challenge >> bit & 1) << 1
        if chosen:
            result = add_points(result, table[chosen])
    return encode_point(result) == signature[:32]


def canonical_json(value: object) -> bytes:
    """Write JSON as RFC 8785 does, for texts, integers, truth values, null, lists and objects."""
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: key.encode("utf-16-be"))
        return b"{" + b",".join(canonical_json(key) + b":" + canonical_json(value[key]) for key in keys) + b"}"
    if isinstance(value, list):
        return b"[" + b",".join(canonical_json(item) for item in value) + b"]"
    if isinstance(value, float):
        raise Wrong("the export holds a number with a fraction, which no till writes")
    return json.dumps(value, ensure_ascii=False).encode()


def hash_of_file(path: Path) -> str:
    """Return the SHA-256 of a file in hex."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()


def read_manifest(folder: Path, known_key: str | None) -> dict[str, Any]:
    """Return the manifest once its signature and the files it names are found right."""
    manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    if manifest.get("format") != FORMAT:
        raise Wrong("this is not an export that this program knows")
    if known_key is not None and known_key.lower() != manifest["public_key"]:
        raise Wrong("the export names another public key than the one you gave")
    signed = MANIFEST_TAG + canonical_json({key: value for key, value in manifest.items() if key != "signature"})
    if not signature_holds(bytes.fromhex(manifest["public_key"]), signed, bytes.fromhex(manifest["signature"])):
        raise Wrong("the manifest was changed: the till did not sign it")
    for name, described in manifest["files"].items():
        if not (folder / name).is_file():
            raise Wrong(f"the file {name} is missing")
        if hash_of_file(folder / name) != described["sha256"]:
            # Which entry was changed is more use than which file, so the journal is walked first.
            manifest.setdefault("changed_files", []).append(name)
    return manifest


class Journal:
    """How far the walk through the journal has come."""

    def __init__(self, manifest: dict[str, Any], all_signatures: bool) -> None:
        self.manifest = manifest
        self.key = bytes.fromhex(manifest["public_key"])
        self.all_signatures = all_signatures
        self.last: dict[str, Any] | None = None
        self.count = 0
        self.sales = 0
        self.gross = 0
        self.receipts = 0

    def name(self, entry: dict[str, Any]) -> str:
        """Return what an entry is called."""
        return f"entry {entry['till_id']}/{entry['epoch']}/{entry['sequence']}"

    def take(self, entry: dict[str, Any]) -> None:
        """Check the next entry."""
        name = self.name(entry)
        previous = self.check_place(entry, name)
        document = canonical_json({key: entry[key] for key in HASHED})
        if hashlib.sha256(ENTRY_TAG + previous + document).hexdigest() != entry["hash"]:
            raise Wrong(f"{name}: a value was changed, or it does not follow the entry before it")
        if entry["previous_hash"] != previous.hex():
            raise Wrong(f"{name}: its previous hash was changed")
        sums: dict[str, int] = {}
        for posting in entry["postings"]:
            sums[posting["currency"]] = sums.get(posting["currency"], 0) + posting["amount_minor"]
        if any(sums.values()):
            raise Wrong(f"{name}: its postings do not sum to zero")
        if self.all_signatures:
            self.check_signature(entry)
        if entry["kind"] == "sale":
            self.check_sale(entry["body"], name)
        if entry["kind"] == "payment_ended":
            self.check_payment(entry, name)
        self.last = entry
        self.count += 1

    def check_place(self, entry: dict[str, Any], name: str) -> bytes:
        """Check that this entry comes next, and return the hash it must follow."""
        last, body = self.last, entry["body"]
        if entry["sequence"] != 1:
            if last is None or (entry["epoch"], entry["sequence"]) != (last["epoch"], last["sequence"] + 1):
                wanted = (
                    f"{self.manifest['till_id']}/1/1" if last is None else f"{last['epoch']}/{last['sequence'] + 1}"
                )
                raise Wrong(f"entry {wanted} is missing or out of place: {name} stands there")
            return bytes.fromhex(last["hash"])
        if entry["kind"] != "epoch_begun" or (last is not None and entry["epoch"] <= last["epoch"]):
            raise Wrong(f"{name}: an epoch cannot begin here")
        held = None if last is None else {key: last[key] for key in ("epoch", "hash", "sequence")}
        if body["continues_from"] != held:
            raise Wrong(f"entries are missing before {name}")
        if last is not None:
            self.check_signature(last)
        self.sales, self.gross, self.receipts = body["total_sale_count"], body["total_gross_minor"], 0
        genesis = {"epoch": entry["epoch"], "known_head": body["known_head"], "till_id": entry["till_id"]}
        return hashlib.sha256(GENESIS_TAG + canonical_json(genesis)).digest()

    def check_signature(self, entry: dict[str, Any]) -> None:
        """Check that the till signed an entry, and with it all before."""
        if not signature_holds(self.key, bytes.fromhex(entry["hash"]), bytes.fromhex(entry["signature"])):
            raise Wrong(f"{self.name(entry)}: the signature is not this till's")

    def check_sale(self, body: dict[str, Any], name: str) -> None:
        """Check a sale's receipt number and totals."""
        self.receipts, self.sales, self.gross = self.receipts + 1, self.sales + 1, self.gross + body["gross_minor"]
        if body["receipt_number"] != self.receipts:
            raise Wrong(f"{name}: receipt number {body['receipt_number']} where {self.receipts} comes next")
        if (body["total_sale_count"], body["total_gross_minor"]) != (self.sales, self.gross):
            raise Wrong(f"{name}: the totals are not the sum of all sales")

    def check_payment(self, entry: dict[str, Any], name: str) -> None:
        """Check that a payment's end moves nothing, unless it gave money back on a sale, and then what it gave."""
        body, given = entry["body"], 0
        if (body["operation"], body["state"]) == ("refund", "approved"):
            given = body["approved_minor"]
        moved = [posting["amount_minor"] for posting in entry["postings"]]
        if moved and (sorted(moved) != [-given, given] or not given):
            raise Wrong(f"{name}: its postings are not what was given back")

    def finish(self) -> None:
        """Check the end against the manifest."""
        head, totals, last = self.manifest["head"], self.manifest["totals"], self.last
        if last is None or self.count != self.manifest["entry_count"]:
            raise Wrong(f"{self.manifest['entry_count']} entries were exported and {self.count} are here")
        if (last["epoch"], last["sequence"], last["hash"]) != (head["epoch"], head["sequence"], head["hash"]):
            raise Wrong(f"the journal ends at {self.name(last)}, not where the manifest says")
        self.check_signature(last)
        if (totals["sale_count"], totals["gross_minor"]) != (self.sales, self.gross):
            raise Wrong("the manifest's totals are not the sum of all sales")


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the entries of the journal."""
    with path.open(encoding="utf-8", newline="\n") as file:
        for number, line in enumerate(file, 1):
            try:
                entry = json.loads(line)
            except ValueError as error:
                raise Wrong(f"line {number} of {path.name} is not JSON") from error
            missing = set(HASHED) | {"hash", "previous_hash", "signature"}
            if not isinstance(entry, dict) or missing - set(entry):
                raise Wrong(f"line {number} of {path.name} is not an entry")
            yield entry


def check_table(folder: Path) -> None:
    """Check that the table holds the same entries as the lines."""
    # The limit is the whole program's: who reads other tables after this, as the till's own import, wants theirs back.
    usual = csv.field_size_limit(1 << 30)
    try:
        with (folder / "journal.csv").open(encoding="utf-8", newline="") as file:
            rows = csv.DictReader(file)
            for entry in read_lines(folder / "journal.jsonl"):
                row = next(rows, None)
                if row is None or row["hash"] != entry["hash"] or row["body"].encode() != canonical_json(entry["body"]):
                    raise Wrong(f"journal.csv differs from journal.jsonl at sequence {entry['sequence']}")
            if next(rows, None) is not None:
                raise Wrong("journal.csv holds more entries than journal.jsonl")
    finally:
        csv.field_size_limit(usual)


def verify(folder: Path, public_key: str | None = None, all_signatures: bool = False) -> Journal:
    """Check an export.

    Raises:
        Wrong: says what is wrong, by the first entry it shows at.
        OSError: a file cannot be read.
    """
    try:
        manifest = read_manifest(folder, public_key)
        journal = Journal(manifest, all_signatures)
        for entry in read_lines(folder / "journal.jsonl"):
            journal.take(entry)
        journal.finish()
        check_table(folder)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Wrong(f"the export is not in its form: {error!r}") from error
    if "changed_files" in manifest:
        raise Wrong(f"changed since the export: {', '.join(manifest['changed_files'])}")
    return journal


def main(arguments: list[str] | None = None) -> int:
    """Run from the command line; 0 where everything is right, else 1."""
    parser = argparse.ArgumentParser(description="Check an exported journal.")
    parser.add_argument("folder", nargs="?", default=str(Path(__file__).parent), help="the folder of the export")
    parser.add_argument("--public-key", help="the till's public key in hex, as you know it from elsewhere")
    parser.add_argument("--all-signatures", action="store_true", help="check the signature of every entry")
    options = parser.parse_args(arguments)
    try:
        journal = verify(Path(options.folder), options.public_key, options.all_signatures)
    except (Wrong, OSError) as error:
        sys.stdout.write(f"WRONG: {error}\n")
        return 1
    sys.stdout.write(
        f"OK: {journal.count} entries, {journal.sales} sales, total {journal.gross} minor units; "
        f"public key {journal.manifest['public_key']}\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
