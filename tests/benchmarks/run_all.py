"""`make bench`: every figure of the performance goals, printed against its goal and kept in build/bench.json.

Each part runs in a process of its own. Ratios are of medians within one run with the variants interleaved; the
milliseconds beside them drift with the machine.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
OUT = ROOT / "build" / "bench.json"
PRODUCTS = int(os.environ.get("GUITAI_BENCH_PRODUCTS", "1000000"))

GOALS: dict[str, tuple[str, float]] = {
    "sale_commit_vs_raw": ("<=", 1.3),
    "sale_commit_unsigned_vs_raw": ("<=", 1.15),
    "scan_to_paint_p99_ms": ("<=", 10),
    "scan_to_paint_1m_vs_10k": ("<=", 1.3),
    "search_p99_ms": ("<=", 1),
    "search_recall": (">=", 1.0),
    "catalogue_swap_vs_copy": ("<=", 3),
    "catalogue_swap_selling_stall_ms": ("<=", 5),
    "first_paint_vs_bare_qt": ("<=", 1.2),
    "sellable_vs_bare_qt": ("<=", 2.5),
    "till_rss_mb": ("<=", 200),
    "promotions_ms": ("<=", 5),
    "promotions_improved_of_optimum_mean": (">=", 0.99),
    "promotions_improved_of_optimum_worst": (">=", 0.97),
    "promotions_exact_ms": ("<=", 100),
    "promotions_proven_share": (">=", 1.0),
    "camera_vs_zbar_all": (">=", 10),
    "camera_recall_vs_zbar": (">=", 1.0),
}


def part(code: str) -> dict[str, Any]:
    """Run a measurement in a process of its own; its last line of output is JSON."""
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=3600,
        check=False,
    )
    if done.returncode:
        print(done.stderr[-3000:], file=sys.stderr)
        return {}
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def store() -> dict[str, Any]:
    return part("import json; from tests.benchmarks.store_bench import measure; print(json.dumps(measure()))")


def camera() -> dict[str, Any]:
    return part("import json; from tests.benchmarks.camera_bench import measure; print(json.dumps(measure()))")


def catalogue() -> dict[str, Any]:
    return part(
        f"import json; from tests.benchmarks.catalogue_bench import measure; print(json.dumps(measure({PRODUCTS})))"
    )


def promotions() -> dict[str, Any]:
    return part("import json; from tests.benchmarks.promotions_bench import measure; print(json.dumps(measure(30)))")


def windows() -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "main.py", "till", "--sample", "--data", folder, "--stamp"]
        return part(
            "import json; from tests.benchmarks.ui_bench import measure_first_paint;"
            f"print(json.dumps(measure_first_paint({command!r})))"
        )


def till() -> dict[str, Any]:
    """The large and the small catalogue in turns, so that the machine's mood falls on both alike."""
    large: list[dict[str, Any]] = []
    small: list[dict[str, Any]] = []
    for scans in (600, 4000):
        small.append(_till(10_000, 600))
        large.append(_till(PRODUCTS, scans))
    if not all(small + large):
        return {}
    return {
        "scan_to_paint_p50_ms": large[-1]["scan_to_paint_p50_ms"],
        "scan_to_paint_p99_ms": large[-1]["scan_to_paint_p99_ms"],
        "scan_to_paint_1m_vs_10k": min(one["scan_to_paint_p50_ms"] for one in large)
        / min(one["scan_to_paint_p50_ms"] for one in small),
        "scan_to_paint_scans": large[-1]["scans"],
        "till_rss_mb": large[-1]["till_rss_mb"],
        "till_products": PRODUCTS,
    }


def _till(products: int, scans: int) -> dict[str, Any]:
    return part(
        f"import json; from tests.benchmarks.till_bench import measure; print(json.dumps(measure({products}, {scans})))"
    )


def main() -> int:
    """Measure everything, or the parts named; exit 0 whatever the figures are, since timing decides nothing."""
    parts = {
        "store": store,
        "catalogue": catalogue,
        "windows": windows,
        "till": till,
        "camera": camera,
        "promotions": promotions,
    }
    wanted = sys.argv[1:] or list(parts)
    figures: dict[str, Any] = json.loads(OUT.read_text(encoding="utf-8")) if OUT.exists() and sys.argv[1:] else {}
    for name in wanted:
        began = time.monotonic()
        print(f"{name} …", flush=True)
        found = parts[name]()
        figures |= found
        print(f"  {time.monotonic() - began:.0f} s" + ("" if found else "  FAILED"), flush=True)
    for key, (sense, goal) in GOALS.items():
        value = figures.get(key)
        if value is None:
            print(f"{key:34} not measured      goal {sense} {goal}")
            continue
        met = value <= goal if sense == "<=" else value >= goal
        print(f"{key:34} {value:>10.3f}   {'meets' if met else 'MISSES'} {sense} {goal}")
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(figures, indent=2, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")
    print(f"All figures: {OUT.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
