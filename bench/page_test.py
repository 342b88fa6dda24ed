#!/usr/bin/env python3
"""What programs read of the benchmarks: rows have their columns, and the page their figures.

    page_test.py PROGRAMS PERFORMANCE    the folder of the benchmarks, and scripts/performance.py
"""
import json
import math
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

PROGRAMS, PERFORMANCE = map(Path, sys.argv[1:3])

STEP_COLUMNS = {"kind", "name", "task", "threads", "ms", "draw_ms", "flops", "peak_gflops", "floor_ratio",
                "torch_ms", "torch_ratio", "torch_with_test_ratio", "noisy", "machine"}
REPLAY_COLUMNS = {"name", "threads", "train_ms", "verify_ratio", "weights_at_ratio", "noisy", "machine"}
PRODUCT_COLUMNS = {"name", "threads", "us", "gflops", "peak_fraction", "onednn_gflops", "noisy", "machine"}
OP_COLUMNS = {"name", "threads", "us", "gb_per_s", "copy_gb_per_s", "noisy", "machine"}

UPDATE_COLUMNS = {"name", "threads", "us", "gb_per_s", "copy_gb_per_s", "peak_gflops", "bar_ratio", "noisy", "machine"}


def rows(bench, only):
    command = [PROGRAMS / bench, "--json", "--quick", "--threads", "1", "--only", only]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


class Page(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.sizes, cls.tasks = rows("step_bench", "p23_d32"), rows("step_bench", "skip-trigram")
        cls.steps = cls.sizes + cls.tasks
        cls.replays = rows("replay_bench", "p23_d32")
        cls.kernels = [r for only in ["p23", "exponentials", "adamw"] for r in rows("kernel_bench", only)]

    def test_rows_have_their_columns(self):
        products = [r for r in self.kernels if r["kind"] == "product"]
        ops = [r for r in self.kernels if r["kind"] == "op"]
        updates = [r for r in self.kernels if r["kind"] == "optimizer"]
        for found, columns in [(self.sizes, STEP_COLUMNS), (self.tasks, STEP_COLUMNS), (products, PRODUCT_COLUMNS),
                               (ops, OP_COLUMNS), (updates, UPDATE_COLUMNS), (self.replays, REPLAY_COLUMNS)]:
            self.assertTrue(found)
            for row in found:
                self.assertLessEqual(columns, row.keys(), row["name"])
                for key, value in row.items():
                    if isinstance(value, float):
                        self.assertTrue(math.isfinite(value) and value >= 0, f"{row['name']} {key}")

    def test_ratios_follow_from_their_parts(self):
        for r in self.sizes:
            self.assertAlmostEqual(r["floor_ratio"], r["ms"] * r["peak_gflops"] * 1e6 / r["floor_flops"])
        for r in self.tasks:
            self.assertEqual((r["floor_flops"], r["floor_ms"], r["floor_ratio"]), (None, None, None))
            self.assertGreater(r["draw_ms"], 0)
        for r in self.kernels:
            if r["kind"] == "optimizer":
                copy_us = r["bytes"] / r["copy_gb_per_s"] * 1e-3
                self.assertAlmostEqual(r["bar_ratio"], r["us"] / (copy_us + r["flops"] / r["peak_gflops"] * 1e-3))
        for r in self.steps:
            self.assertIsNone(r["torch_ratio"])  # --quick asks no peer

    def test_the_page_is_written_from_the_rows(self):
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "step_bench.json").write_text(json.dumps(self.steps))
            (Path(folder) / "kernel_bench.json").write_text(json.dumps(self.kernels))
            (Path(folder) / "replay_bench.json").write_text(json.dumps(self.replays))
            out = Path(folder) / "page.md"
            subprocess.run([sys.executable, PERFORMANCE, "--read", folder, "--out", out], check=True)
            page = out.read_text()
        for text in [f"{self.sizes[0]['ms']:,.3f}", f"{self.sizes[0]['floor_ratio']:,.2f}", "p23_logits",
                     f"{self.tasks[0]['ms']:,.3f}", "skip-trigram-infinite", "skip_trigram",
                     f"{self.replays[0]['train_ms']:,.0f}", "adamw", self.sizes[0]["machine"]["compiler"]]:
            self.assertIn(text, page)
        self.assertNotIn("None", page)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
