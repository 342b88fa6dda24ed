#!/usr/bin/env python3
"""Writes docs/performance.md from the benchmarks' JSON. Every figure on the page comes from there.

    scripts/performance.py --programs build/release [--keep FOLDER] [--out FILE]   runs them first
    scripts/performance.py --read FOLDER [--out FILE]                              reads what was kept

Run it on a quiet machine; rows during which other processes were at work are marked on the page.
Python's standard library only.
"""
import argparse
import json
import subprocess
import sys
from pathlib import Path

BENCHES = ("kernel_bench", "step_bench", "sweep_bench", "replay_bench", "probe_bench")
ROOT = Path(__file__).resolve().parent.parent


def rows_of(bench, args):
    """The rows of one benchmark; none where there is no such program or file."""
    if args.read:
        file = Path(args.read) / f"{bench}.json"
        return json.loads(file.read_text()) if file.exists() else []
    program = Path(args.programs) / bench
    if not program.exists():
        return []
    print(f"performance: {bench}", file=sys.stderr)
    text = subprocess.run([program, "--json"], check=True, stdout=subprocess.PIPE, text=True).stdout
    if args.keep:
        Path(args.keep).mkdir(parents=True, exist_ok=True)
        (Path(args.keep) / f"{bench}.json").write_text(text)
    return json.loads(text)


def number(x, digits=0):
    return "" if x is None else f"{x:,.{digits}f}"


def share(x):
    return "" if x is None else f"{100 * x:.0f} %"


def name_of(row):
    return row["name"] + (" *" if row.get("noisy") else "")


def table(heads, rows):
    """Markdown; the first column is text, the others are numbers."""
    lines = ["| " + " | ".join(heads) + " |", "|---" + "|---:" * (len(heads) - 1) + "|"]
    return "\n".join(lines + ["| " + " | ".join(map(str, row)) + " |" for row in rows]) + "\n"


def machine_part(rows):
    m = rows[0]["machine"]
    return f"""# Performance

Written by `make performance` from the benchmarks' JSON: no figure here is typed by hand. Medians of at least
{min(r["rounds"] for r in rows if "rounds" in r)} rounds in which the contestants take turns; a star marks a row that scattered, or during which other processes
took a twentieth of a processor or more. Steps, kernels and probes on one thread are timed by its own processor time, ours
and theirs; all else by the clock. Ratios to other programs above 1 are in our favour.

| | |
|---|---|
| processor | {m["cpu"]}, {m["n_cores"]} cores |
| compiler | {m["compiler"]}, `{m["flags"]}` |
| kernels' target | {m["target"]} (Highway {m["highway"]}) |
| revision | {m["revision"]}, plan version {m["plan_version"]} |
"""


def step_part(rows):
    sizes = [r for r in rows if r.get("kind", "size") == "size"]
    others = [r for r in rows if r not in sizes]
    parts = [part(mine) for part, mine in [(size_part, sizes), (task_part, others)] if mine]
    return "\n## The step\n" + "".join(parts) + peer_part(rows)


def size_part(rows):
    body = table(
        ["model", "threads", "ms", "with test", "GFLOP", "GFLOP/s", "of peak", "floors", "PyTorch ms",
         "ratio", "ratio with test"],
        [[name_of(r), r["threads"], number(r["ms"], 3), number(r["with_test_ms"], 3),
          number(r["flops"] * 1e-9, 3), number(r["gflops"]), share(r["peak_fraction"]),
          number(r["floor_ratio"], 2), number(r["torch_ms"], 2), number(r["torch_ratio"], 1),
          number(r["torch_with_test_ratio"], 1)] for r in rows])
    peaks = {r["threads"]: r["peak_gflops"] for r in rows if r["name"] == "canonical"}
    floors = ", ".join(f"{r['floor_flops'] * 1e-9:.4g} GFLOP for {r['name']}" for r in rows
                       if r["threads"] == rows[0]["threads"])
    return f"""
`step_bench`: one full-batch update, float32 weights, float64 loss, AdamW. *With test*: the test loss after every step,
as the original does. *GFLOP*: what the compiled step executes. *Floors*: the time as a multiple of the floor, which is the
least work by exact algebra (`bench/floor.h`: {floors}) at the peak of fused multiply-adds measured in the same
rounds ({", ".join(f"{peak:.0f} GFLOP/s on {n} thread{'s' * (n > 1)}" for n, peak in sorted(peaks.items()))}).

{body}
"""


def task_part(rows):
    body = table(
        ["case", "task", "threads", "ms", "with test", "drawing", "GFLOP", "GFLOP/s", "of peak", "PyTorch ms",
         "ratio", "ratio with test"],
        [[name_of(r), r["task"], r["threads"], number(r["ms"], 3), number(r["with_test_ms"], 3),
          number(r["draw_ms"] or None, 3), number(r["flops"] * 1e-9, 3), number(r["gflops"]),
          share(r["peak_fraction"]), number(r["torch_ms"], 2), number(r["torch_ratio"], 1),
          number(r["torch_with_test_ratio"], 1)] for r in rows])
    return f"""
### One per task

At least one case of every other task, a preset where the task has one (`specs/`; else `bench/cases.cpp`), each with its own batch,
loss and optimizer. The batches are there beforehand for both sides: what ours takes to draw one stands under *drawing* and is part of no
other column. *With test*: the loss of the whole test split after every step, which is more than most runs ask for.

{body}
"""


def peer_part(rows):
    found = [r for r in rows if r["peer"]]
    if not found:
        return "PyTorch is not installed on this machine; its columns are empty.\n"
    body = table(["model", "threads", "BLAS", "environment"],
                 [[r["name"], r["threads"], r["peer"].split(", ", 1)[1], f"`{r['peer_settings']}`"]
                  for r in found])
    return f"""### The peer

It is {found[0]["peer"].split(",")[0]}, the step as researchers write it (`bench/peers/torch_step.py`),
denormals flushed, with as many threads as ours; from the same weights and examples it finds the same losses
(`bench/peer_test.cpp`). Its BLAS, core type, and how its threads wait and where they run are those that were fastest for the
row's model in the same run, a step and one with the test loss taken together, and so is whether freed memory stays with the
process, which in a virtual machine can be much faster (`bench/peers/torch_settings.py`):

{body}"""


def product_part(rows):
    threads = sorted({r["threads"] for r in rows})
    body = table(
        ["product", "m x k x n", "threads", "µs", "GFLOP/s", "of peak", "oneDNN", "ratio"],
        [[name_of(r), f"{r['m']} x {r['k']} x {r['n']}" + ", Aᵀ" * r["transpose_a"] +
          ", Bᵀ" * r["transpose_b"], r["threads"], number(r["us"], 1), number(r["gflops"]),
          share(r["peak_fraction"]), number(r["onednn_gflops"]), number(r["onednn_ratio"], 2)]
         for n in threads for r in rows if r["threads"] == n])
    version = next((r["onednn"] for r in rows if r["onednn"]), "absent")
    return f"""
## Matrix products

`kernel_bench`: the shapes of training steps. The *blocks* of 96 examples are what a thread works on while it stays in its
second cache: every thread has its own, with B packed once beforehand where the step does so. Beside ours {
        "oneDNN, which is absent on this machine" if version == "absent" else version + "'s `sgemm`"}.

{body}"""


def op_part(rows):
    parts = []
    for n in sorted({r["threads"] for r in rows}):
        mine = [r for r in rows if r["threads"] == n]
        total = sum(r["us"] * r["uses"] for r in mine)
        shown = sorted((r for r in mine if r["us"] * r["uses"] > 0.005 * total),
                       key=lambda r: -r["us"] * r["uses"])
        parts.append(f"On {n} thread{'s' * (n > 1)}, {number(total * 1e-3, 2)} ms in all:\n\n" + table(
            ["op", "uses", "µs each", "share", "GFLOP/s", "GB/s", "a copy's GB/s"],
            [[f"{name_of(r)} `{r['call'].split(' ', 1)[-1]}`", r["uses"], number(r["us"], 1),
              share(r["us"] * r["uses"] / total), number(r["gflops"], 1), number(r["gb_per_s"], 1),
              number(r["copy_gb_per_s"], 1)] for r in shown]))
    return """
## The ops of the canonical step

`kernel_bench`: each op of the compiled step by itself, its operands in whichever cache holds them, most expensive first; those
below half a per cent are left out. Bytes are those of inputs and output; beside them a `memcpy` that moves as many.

""" + "\n".join(parts)


def optimizer_part(rows):
    return """
## Optimizers

`kernel_bench`: the update of each optimizer on the weights of the canonical network, and of plain gradient descent behind each
filter. *Of the bar*: its time over that of a `memcpy` of as many bytes plus its operations at the measured peak. What asks for
gradients at other weights is shown without that evaluation.

""" + table(["update", "threads", "µs", "GB/s", "a copy's GB/s", "MFLOP", "of the bar"],
            [[name_of(r), r["threads"], number(r["us"], 1), number(r["gb_per_s"], 1),
              number(r["copy_gb_per_s"], 1), number(r["flops"] * 1e-6, 1), number(r["bar_ratio"], 2)]
             for n in sorted({r["threads"] for r in rows}) for r in rows if r["threads"] == n])


def sweep_part(rows):
    return """
## Sweeps

`sweep_bench`: replicas of one model that train at the same time, one thread each, without files and probes. *By processor time*:
what they cost each other in caches and memory, whoever else is about.

""" + table(["model", "jobs", "steps/s in all", "against one", "by processor time"],
            [[name_of(r), r["jobs"], number(r["steps_per_s"], 1), number(r["scaling"], 2),
              number(r["cpu_scaling"], 2)] for r in rows])


def replay_part(rows):
    return """
## Replaying

`replay_bench`: what going back into a run costs, beside training the same 300 steps: verifying them; with a probe of the weights
at every step, and one that needs a forward pass over all examples; the weights of step 200, beside training up to it. Opening the
file, compiling the step and writing what was found count. *Verify* and the rest are multiples of the training; below 1 is
faster.

""" + table(["model", "threads", "training ms", "verify", "spectrum at every step", "losses at every step",
             "weights of a step"],
            [[name_of(r), r["threads"], number(r["train_ms"]), number(r["verify_ratio"], 2),
              number(r["weights_probe_ratio"], 2), number(r["forward_probe_ratio"], 2),
              number(r["weights_at_ratio"], 2)] for r in rows])


def probe_part(rows):
    return """
## Probes

`probe_bench`: one record of the paper's network (all 12,769 pairs). A probe alone pays for what it would share with others.

""" + table(["probe", "threads", "ms"],
            [[name_of(r), r["threads"], number(r["ms"], 2)] for r in rows])


REPEAT = """
## To repeat

    make performance                                 builds, runs all of these, writes this page
    build/release/step_bench --json --only canonical one benchmark; --quick, --rounds N, --threads N[,N]
    build/release/step_bench --write FOLDER          the cases as PyTorch's peer reads them
    bench/peers/torch_settings.py -v 2 FILE          what PyTorch's settings were tried on one, and how they did

PyTorch is Debian's `python3-torch`, and is used where it is installed; any BLAS that Debian has installed is tried.
"""


def page(found):
    kernels = found["kernel_bench"]
    parts = [
        (machine_part, [row for rows in found.values() for row in rows]),
        (step_part, found["step_bench"]),
        (sweep_part, found["sweep_bench"]),
        (replay_part, found["replay_bench"]),
        (product_part, [r for r in kernels if r["kind"] == "product"]),
        (op_part, [r for r in kernels if r["kind"] == "op"]),
        (optimizer_part, [r for r in kernels if r["kind"] == "optimizer"]),
        (probe_part, found["probe_bench"]),
    ]
    return "".join(part(rows) for part, rows in parts if rows) + REPEAT


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--programs", help="folder of the benchmarks, to run them")
    source.add_argument("--read", help="folder of NAME.json, to read them")
    parser.add_argument("--keep", help="folder to keep the JSON in")
    parser.add_argument("--out", default=ROOT / "docs" / "performance.md")
    args = parser.parse_args()
    found = {bench: rows_of(bench, args) for bench in BENCHES}
    if not any(found.values()):
        sys.exit("performance: no benchmark found")
    Path(args.out).write_text(page(found))


if __name__ == "__main__":
    main()
