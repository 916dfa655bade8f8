"""The best deal beside a well-known JavaScript engine: the same baskets under the same 1,000 promotions.

`python -m tests.benchmarks.promotions_peer [FOLDER]` prints milliseconds a basket for both. FOLDER holds the installed
npm package; left out, it is `build/promotions_peer`, where the pinned version is installed with npm if it is not there
yet. Without Node, or where the package cannot be fetched, the reason is printed and nothing is measured.

Only promotions that both can express take part: a percentage or an amount off each piece, n for m, the cheapest of n
free, the second at less, a gift, one threshold and one percentage over all goods. The peer's pure functions apply every
promotion that fits, one after another, to whatever the ones before it left; they look for no best combination, keep no
piece out of two item offers, and know no fixed price for a piece, no least number of pieces, no any-n-for-a-price, no
bundle of different goods, no "of the same product", no steps and no every-so-much, no exclusive groups. So their times
are compared here, not their totals. What the peer's own loop reads from its database is not counted.
"""

import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from app.promotions.baskets import OfferBasket
from app.promotions.case import make_case
from app.promotions.offers import (
    Amount,
    CheapestFree,
    Extra,
    Gift,
    Goods,
    NForM,
    Offer,
    Percent,
    SecondOff,
    Step,
    Threshold,
)
from app.promotions.solving import Effort, solve
from tests.benchmarks.promotions_bench import PRODUCTS, SEED, BenchShop

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "build" / "promotions_peer"
SCRIPT = Path(__file__).with_name("promotions_peer.cjs")
VERSION = "2.21.2"
PACKAGES = (f"@medusajs/promotion@{VERSION}", f"@medusajs/framework@{VERSION}")


class NotMeasured(Exception):
    """Why the peer cannot be measured here."""


class PeerShop(BenchShop):
    """The supermarket of the benchmark with those forms only that both sides can express."""

    def offer(self, number: int) -> Offer:
        draw = self.draw
        points = draw.choice((500, 1000, 1200, 2000, 3000))
        kinds: list[Any] = [
            lambda: Percent(points),
            lambda: Amount(draw.choice((50, 100, 200))),
            lambda: NForM(2, 1),
            lambda: NForM(3, 2),
            lambda: CheapestFree(4),
            lambda: SecondOff(5000),
            lambda: Gift(2, Goods(products=(f"p{draw.randrange(PRODUCTS)}",))),
        ]
        form: Any = draw.choice(kinds)()
        if number == 0:
            form = Threshold((Step(from_minor=19900, off_minor=1500),))
        elif number == 1:
            form = Extra(off_basis_points=200)
        goods = Goods() if number < 2 else self.goods()
        return Offer(id=f"o{number}", name=f"o{number}", form=form, goods=goods)


def promotion_of(offer: Offer) -> dict[str, Any]:
    """Write an offer as the peer's tables hold it."""
    form, mine = offer.form, _rules(offer.goods)
    rules: list[dict[str, Any]] = []
    method: dict[str, Any] = {"target_rules": mine, "buy_rules": [], "target_type": "items", "allocation": "each"}
    if isinstance(form, Percent):
        method |= {"type": "percentage", "value": form.off_basis_points / 100, "max_quantity": 999}
    elif isinstance(form, Amount):
        method |= {"type": "fixed", "value": form.off_minor, "max_quantity": 999}
    elif isinstance(form, Threshold):
        step = form.steps[0]
        method |= {"type": "fixed", "value": step.off_minor, "target_type": "order", "allocation": "across"}
        rules = [{"attribute": "subtotal", "operator": "gte", "values": [{"value": str(step.from_minor)}]}]
    elif isinstance(form, Extra):
        points = form.off_basis_points or 0
        method |= {"type": "percentage", "value": points / 100, "target_type": "order", "allocation": "across"}
    else:
        method |= {"type": "percentage", "max_quantity": 999, "buy_rules": mine} | _buy_and_get(form)
    buys = bool(method["buy_rules"])
    return {
        "code": offer.id,
        "type": "buyget" if buys else "standard",
        "rules": rules,
        "is_tax_inclusive": False,
        "application_method": method,
    }


def _buy_and_get(form: Any) -> dict[str, Any]:
    if isinstance(form, NForM):
        return {"value": 100, "buy_rules_min_quantity": form.pay, "apply_to_quantity": form.take - form.pay}
    if isinstance(form, CheapestFree):
        return {"value": 100, "buy_rules_min_quantity": form.take - 1, "apply_to_quantity": 1}
    if isinstance(form, SecondOff):
        return {"value": form.off_basis_points / 100, "buy_rules_min_quantity": 1, "apply_to_quantity": 1}
    return {
        "value": 100,
        "buy_rules_min_quantity": form.buy_pieces,
        "apply_to_quantity": form.gift_pieces,
        "target_rules": _rules(form.gift),
    }


def _rules(goods: Goods) -> list[dict[str, Any]]:
    rules = []
    for attribute, names in (("items.product_id", goods.products), ("items.department_id", goods.departments)):
        if names:
            rules.append({"attribute": attribute, "operator": "in", "values": [{"value": name} for name in names]})
    return rules


def basket_of(basket: OfferBasket) -> dict[str, Any]:
    """Write a basket as the peer takes it; a weighed line is one whole."""
    items = [
        {
            "id": f"line-{line.line_id}",
            "product_id": line.product_id,
            "department_id": line.department_id,
            "quantity": line.pieces or 1,
            "subtotal": line.extended_minor,
            "original_total": line.extended_minor,
            "is_discountable": line.discountable,
        }
        for line in basket.lines
    ]
    return {"items": items, "subtotal": sum(line.extended_minor for line in basket.lines)}


def installed(folder: Path) -> str:
    """Return Node's path once the package is in the folder.

    Raises:
        NotMeasured: there is no Node, or the package cannot be fetched.
    """
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None:
        raise NotMeasured("Node is not installed")
    if (folder / "node_modules" / "@medusajs" / "promotion" / "package.json").exists():
        return node
    if npm is None:
        raise NotMeasured(f"{folder} does not hold the package, and npm is not installed")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "package.json").write_text('{"name": "promotions-peer", "private": true}\n', encoding="utf-8")
    command = [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", "--no-package-lock", *PACKAGES]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=900, check=False)
    if done.returncode:
        raise NotMeasured(f"npm could not fetch {PACKAGES[0]}: {done.stderr.strip().splitlines()[-1:]}")
    return node


def measure(folder: Path = FOLDER, baskets: int = 8, repetitions: int = 5) -> dict[str, Any]:
    """Return milliseconds a basket on both sides, medians over baskets of medians over repetitions.

    Raises:
        NotMeasured: there is no Node, or the package cannot be fetched.
    """
    node = installed(folder)
    shop = PeerShop(SEED)
    drawn = [shop.basket() for _ in range(baskets)]
    asked = {
        "promotions": [promotion_of(offer) for offer in shop.rules.offers],
        "baskets": [basket_of(basket) for basket in drawn],
        "repetitions": repetitions,
    }
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "asked.json"
        path.write_text(json.dumps(asked), encoding="utf-8")
        done = subprocess.run(
            [node, str(SCRIPT), str(folder), str(path)], capture_output=True, text=True, timeout=900, check=False
        )
    if done.returncode:
        raise NotMeasured(f"the peer failed: {done.stderr.strip().splitlines()[-1:]}")
    theirs = json.loads(done.stdout.strip().splitlines()[-1])
    ours = {effort: [_our_ms(basket, shop, effort, repetitions) for basket in drawn] for effort in Effort}
    peer = statistics.median(one["ms"] for one in theirs)
    found: dict[str, Any] = {"promotions_peer_ms": round(peer, 2), "promotions_peer_version": VERSION}
    for effort, times in ours.items():
        found[f"promotions_beside_peer_{effort.value}_ms"] = round(statistics.median(times), 2)
    found["promotions_vs_peer"] = round(found["promotions_beside_peer_improved_ms"] / peer, 4)
    found["promotions_peer_adjustments"] = round(statistics.mean(one["actions"] for one in theirs), 1)
    return found


def _our_ms(basket: OfferBasket, shop: BenchShop, effort: Effort, repetitions: int) -> float:
    times = []
    for _ in range(1 if effort is Effort.EXACT else repetitions):
        begin = time.perf_counter_ns()
        solve(make_case(basket, shop.rules), effort)
        times.append((time.perf_counter_ns() - begin) / 1e6)
    return statistics.median(times)


def main() -> int:
    """Print the figures, or why there are none."""
    folder = Path(sys.argv[1]) if sys.argv[1:] else FOLDER
    try:
        print(json.dumps(measure(folder), indent=2))
    except NotMeasured as reason:
        print(f"Not measured: {reason}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
