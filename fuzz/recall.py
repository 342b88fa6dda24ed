#!/usr/bin/env python3
"""Plants mistakes into the parsers, one after the other, and says what catches each.

    fuzz/recall.py BUILD_DIRECTORY [NAME...]     the build must have been configured: release, say

Each mistake is a line of the source changed as a tired person would. It is built, the tests of hostile
input are run, and the line is put back, also on Ctrl-C. A mistake that the corpus made by hand does not
catch makes this fail: counts of executions are no assurance. Needs a clean checkout. Minutes.
"""
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGETS = ["formats_test", "safetensors_replay", "spec_replay", "run_file_replay"]

# name: file, what stands there, what is planted
DEFECTS = {
    "shape product overflows unnoticed": (
        "grok/store/safetensors_header.cpp",
        "if (overflows || n > (1ULL << 59)) {", "if (overflows && n == 1) {"),
    "rank without bound": (
        "grok/store/safetensors_header.cpp",
        "if (raw.shape->size() > Shape::max_rank) {", "if (raw.shape->size() > 1u << 30) {"),
    "overlapping offsets accepted": (
        "grok/store/safetensors_header.cpp",
        "if (entry.begin != cursor) {", "if (entry.begin > cursor) {"),
    "data need not end with the last tensor": (
        "grok/store/safetensors_header.cpp",
        "if (cursor == n_data_bytes) return;", "if (cursor <= n_data_bytes) return;"),
    "header's length believed": (
        "grok/store/safetensors.cpp",
        "if (n_header > rest.size()) {", "if (n_header > rest.size() + 1) {"),
    "data believed to be as long as the offsets say": (
        "grok/store/safetensors_header.cpp",
        "if (cursor == n_data_bytes) return;", "if (cursor >= n_data_bytes) return;"),
    "two tensors of one name": (
        "grok/store/safetensors_header.cpp",
        "return names_.insert(key_).second ||", "return !names_.insert(key_).second || true ||"),
    "a zero byte ends the header": (
        "grok/store/safetensors_header.cpp",
        "|| json.find('\\0') != std::string_view::npos) {", ") {"),
    "array's shape believed": (
        "grok/store/stored_array.cpp",
        "data.size() != static_cast<std::size_t>(sizes->n_elements()) * size) {",
        "data.size() > static_cast<std::size_t>(sizes->n_elements()) * size) {"),
    "array's shape product overflows": (
        "grok/store/stored_array.cpp",
        "if (n > (std::int64_t{1} << 59)) return std::nullopt;", ""),
    "keyframe's digest not looked at": (
        "grok/store/run_reader.cpp", "if (found != out.digest) {", "if (found.empty()) {"),
    "checksums not looked at": (
        "grok/store/run_reader.cpp", "if (!is_guarded()) return;", "return;"),
    "views let in": (
        "grok/store/run_schema.cpp", "check_holds_plain_tables(database);", ""),
    "any type taken for an integer": (
        "grok/store/sqlite.cpp", 'expect_type(column, SQLITE_INTEGER, "an integer");', ""),
    "steps without bounds": (
        "grok/store/run_reader.cpp", "if (step >= 0 && step <= largest_step) return step;",
        "return step;"),
    "spec need not be canonical": (
        "grok/spec/run_spec.cpp", "if (canonical_json(out) != text)", "if (out.task.size() == 999)"),
    "JSON of any depth printed": (
        "grok/spec/run_spec.cpp", "json.type_name()", "json.dump()"),
}


def quietly(command, seconds):
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=seconds, text=True,
                              errors="replace")
        return done.returncode, done.stdout + done.stderr
    except subprocess.TimeoutExpired:
        return 1, "took too long"


def catchers(build):
    """The programs that go red, the corpora made by hand first."""
    by_hand = "--gtest_filter=bad_*.*:command.show*"
    checks = {"made by hand": [build / "formats_test", by_hand],
              "every 37th byte": [build / "formats_test", "--gtest_filter=Damage.*"],
              "fuzz safetensors": [build / "safetensors_replay", "--runs", "30000"],
              "fuzz run_file": [build / "run_file_replay", "--runs", "2000"],
              "fuzz spec": [build / "spec_replay", "--runs", "2000"]}
    return [name for name, command in checks.items() if quietly(command, 300)[0] != 0]


def plant(build, name):
    path, old, new = DEFECTS[name]
    source = ROOT / path
    text = source.read_text()
    if text.count(old) != 1:
        sys.exit(f"recall: {path} no longer has the line for \"{name}\" just once: {old}")
    try:
        source.write_text(text.replace(old, new))
        status, output = quietly(["cmake", "--build", build, "--target", *TARGETS], 3600)
        if status != 0:
            return ["the compiler"] if "error:" in output else sys.exit(output[-3000:])
        return catchers(build)
    finally:
        source.write_text(text)


def main():
    build = Path(sys.argv[1]).resolve()
    if quietly(["git", "diff", "--quiet"], 60)[0] != 0:
        sys.exit("recall: the checkout has changes; commit or stash them first")
    missed = 0
    for name in sys.argv[2:] or DEFECTS:
        by = plant(build, name)
        missed += "made by hand" not in by and "the compiler" not in by
        print(f"{name}: {', '.join(by) or 'NOTHING'}", flush=True)
    quietly(["cmake", "--build", build, "--target", *TARGETS], 3600)
    print(f"{missed} of {len(sys.argv[2:] or DEFECTS)} missed by the corpora made by hand")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
