#!/usr/bin/env python3
"""What viewers cost the training that they watch.

    bench/viewers.py PROGRAM [--viewers 100] [--rounds 5] [--steps 2000] [--every 100]
                                  [--spec nanda-mainline]

Trains the same run by `grokscope train --serve` in turn without a viewer and with so many of them,
each a connection that hears every row, and compares the processor time of the whole process: steps,
recording, reading the file for the viewers and sending. How fast a shared machine trains moves by more
than the viewers cost, so what other threads than the one that trains have used is told too. Fails if a viewer missed a row. Python's
standard library only; the viewers are one process, on another core than the training's one thread.
"""
import argparse
import asyncio
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit


def start(args, path):
    command = [args.program, "train", args.spec, "--set", f"train.steps={args.steps}", "--set", 'train.stop_when=""',
               "--set", f"record.every={args.every}", "--threads", "1", "--out", path, "--serve"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    for line in process.stdout:
        if found := re.search(r"http://127\.0\.0\.1:\d+/\S+", line):
            return process, urlsplit(found[0].split("#")[0])
    sys.exit(f"no address: {command} ended with {process.wait()}")


async def ask(address, target):
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    writer.write(f"GET {address.path}{target} HTTP/1.1\r\nHost: {address.netloc}\r\nConnection: close\r\n\r\n".encode())
    return reader, writer


async def run_id(address):
    while True:
        reader, writer = await ask(address, "api/runs")
        body = (await reader.read()).partition(b"\r\n\r\n")[2]
        writer.close()
        if runs := json.loads(body[body.index(b"{"):body.rindex(b"}") + 1])["runs"]:
            return runs[0]["id"]
        await asyncio.sleep(0.02)


async def view(address, run):
    """The steps of which one viewer hears."""
    reader, writer = await ask(address, f"api/runs/{run}/live?after=-1")
    steps = []
    while line := await reader.readline():
        if line.startswith(b"id: "):
            steps.append(int(line[4:]))
        if line.startswith(b"event: over"):
            break
    writer.close()
    return steps


async def watch(address, n_viewers):
    run = await run_id(address)
    return await asyncio.gather(*(view(address, run) for _ in range(n_viewers)))


def wait_for_end(program, path):
    """Asks another process than the one that trains."""
    while True:
        shown = subprocess.run([program, "show", path, "--json"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        if shown.returncode == 0 and json.loads(shown.stdout)["is_closed"]:
            return
        time.sleep(0.5)


def cpu_seconds(stat):
    fields = stat.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def cpu_of(pid):
    """Of the process, and of all its threads but the busiest, which trains."""
    whole = cpu_seconds(Path(f"/proc/{pid}/stat"))
    return {"cpu": whole, "beside": whole - max(cpu_seconds(task / "stat") for task in Path(f"/proc/{pid}/task").iterdir())}


def one_round(args, n_viewers, folder, name):
    path = f"{folder}/{name}.grok"
    process, address = start(args, path)
    begin = time.monotonic()
    heard = asyncio.run(watch(address, n_viewers)) if n_viewers else []
    wait_for_end(args.program, path)
    out = {**cpu_of(process.pid), "wall": time.monotonic() - begin}
    process.terminate()
    process.stdout.read()
    process.wait()
    expected = list(range(0, args.steps + 1, args.every))
    for steps in heard:
        if [s for s in steps if s % args.every == 0] != expected:
            sys.exit(f"a viewer heard of {len(steps)} steps, expected {len(expected)}")
    return out


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--viewers", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--every", type=int, default=100, help="steps from record to record")
    parser.add_argument("--spec", default="nanda-mainline")
    args = parser.parse_args()
    rounds = {0: [], args.viewers: []}
    with tempfile.TemporaryDirectory() as folder:
        for i in range(args.rounds):
            for n in rounds if i % 2 == 0 else reversed(rounds):
                rounds[n].append(one_round(args, n, folder, f"{i}-{n}"))
    for n, found in rounds.items():
        middle = {key: statistics.median(r[key] for r in found) for key in found[0]}
        print(f"{n:4} viewers: processor time {middle['cpu']:.2f} s, {middle['beside']:.2f} s of it beside the thread that trains; wall {middle['wall']:.2f} s")
    ratios = [b["cpu"] / a["cpu"] for a, b in zip(rounds[0], rounds[args.viewers])]
    print(f"ratio of processor time, round by round: median {statistics.median(ratios):.3f}, from {min(ratios):.3f} to {max(ratios):.3f}")
    print(f"every one of {args.viewers} viewers heard of all {args.steps // args.every + 1} records")


main()
