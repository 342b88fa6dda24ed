#!/usr/bin/env bash
# Runs each fuzzer for a number of executions, from its seeds and from what earlier runs found.
#
#   fuzz/run.sh BUILD_DIRECTORY [EXECUTIONS [NAME...]]    names: spec safetensors run_file request
#
# Prints a line per fuzzer: executions, per second, edges and features reached, peak memory. What a
# fuzzer finds wrong lies in BUILD_DIRECTORY/fuzz/NAME/ as crash-*, timeout-* or oom-*; give it to
# NAME_fuzz or NAME_replay to see it again.
set -euo pipefail

# Where a finding was allocated matters less than speed, which these double.
export ASAN_OPTIONS=${ASAN_OPTIONS:-malloc_context_size=2:quarantine_size_mb=4:max_malloc_fill_size=0}

build=$1
runs=${2:-10000000}
shift $(($# < 2 ? $# : 2))
names=("$@")
[ ${#names[@]} -gt 0 ] || names=(spec safetensors run_file request)

for name in "${names[@]}"; do
  place=$build/fuzz/$name
  mkdir -p "$place/corpus"
  "$build/${name}_replay" --write "$place"
  status=0
  # A run file with room for changes; the others are texts, and shorter ones are tried first. SQLite
  # may make room for a list of 2^32 bytes in pages of 512 (docs/run_file.md).
  length=4096 memory=64
  [ "$name" = run_file ] && length=65536 memory=80
  # To weigh inputs by how rare their features are (entropic) costs a fifth of the speed.
  "$build/${name}_fuzz" -runs="$runs" -max_len=$length -timeout=25 -rss_limit_mb=2048 \
    -malloc_limit_mb=$memory -dict="$place/words.dict" -artifact_prefix="$place/" -print_final_stats=1 \
    -entropic=0 \
    "$place/corpus" "$place/seeds" >"$place/log" 2>&1 || status=$?
  awk -v name="$name" '
    / cov: / { for (i = 1; i < NF; ++i) { if ($i == "cov:") edges = $(i + 1); if ($i == "ft:") features = $(i + 1) } }
    /stat::number_of_executed_units/ { n = $2 }
    /stat::average_exec_per_sec/ { speed = $2 }
    /stat::peak_rss_mb/ { memory = $2 }
    END { printf "%-12s %s executions, %s a second, %s edges, %s features, at most %s MB\n",
                 name, n, speed, edges, features, memory }' "$place/log"
  # 72 is libFuzzer's own; above 128 a signal that it does not catch.
  if [ $status -eq 72 ] || [ $status -gt 128 ]; then
    echo "$name: stopped before its end; nothing was found until then" >&2
    exit $status
  elif [ $status -ne 0 ]; then
    echo "$name: the fuzzer found something; the end of $place/log:" >&2
    tail -n 30 "$place/log" >&2
    exit 1
  fi
done
