#!/usr/bin/env python3
"""Enforces the file FLOORS: includes go down, every file stands on a floor, every source is listed.

    check_floors.py ROOT

Prints one line per offence and exits 1 if there is any. Python's standard library only.
"""
import re
import sys
from pathlib import Path

INCLUDE = re.compile(r'^\s*#\s*include\s+"grok/([a-z_]+)/', re.M)
LIST_LINE = re.compile(r"^GROK_[A-Z]+\(([a-z0-9_]+)\)", re.M)
# Compiler and kernels serve every task and model alike: they do not know one by name.
NAMELESS = ("plan", "kernels", "graph", "ops")
MAX_LINES = 600  # style: aim at 120, split past 400; past 600 nothing excuses


def floors_of(text):
    floors = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            number, *folders = line.split()
            for folder in folders:
                floors[folder] = int(number)
    return floors


def include_offences(folder, name, text, floors):
    """What `text`, a file of grok/`folder`, includes and should not."""
    out = []
    for other in INCLUDE.findall(text):
        if other not in floors:
            out.append(f"grok/{folder}/{name}: includes grok/{other}, which is on no floor")
        elif other != folder and floors[other] >= floors[folder]:
            out.append(f"grok/{folder}/{name}: floor {floors[folder]} includes grok/{other}, "
                       f"which is on floor {floors[other]}")
    return out


def name_offences(folder, name, text, catalogued):
    """Names of tasks and models that `text`, a file of grok/`folder`, should not know. One that is
    an everyday word counts only where it stands as a name: in quotes, or behind its catalogue's."""
    named = set(re.findall(r'(?:"|tasks::|models::)([a-z0-9_]+)', text))
    compound = {word for word in re.findall(r"[a-z0-9_]+", text) if "_" in word}
    found = sorted((named | compound) & catalogued)
    return [f"grok/{folder}/{name}: knows {word}" for word in found] if folder in NAMELESS else []


def catalogued_names(root):
    """The names of all tasks and models."""
    return {name for folder in ("tasks", "models")
            for name in LIST_LINE.findall((root / "grok" / folder / "catalog.def").read_text())}


def listed_sources(folder):
    text = (folder / "CMakeLists.txt").read_text()
    listed = set(re.findall(r"[a-z0-9_]+\.cpp", text))
    for catalog in folder.glob("*.def"):
        if catalog.name in text:
            listed |= {name + ".cpp" for name in LIST_LINE.findall(catalog.read_text())}
    return listed


def offences(root):
    floors = floors_of((root / "FLOORS").read_text())
    catalogued = catalogued_names(root)
    out = []
    for path in sorted((root / "grok").iterdir()):
        if path.is_file():
            out.append(f"grok/{path.name}: a loose file: it stands on no floor")
        elif path.name not in floors:
            out.append(f"grok/{path.name}: a folder that FLOORS does not name")
    for folder_name in floors:
        folder = root / "grok" / folder_name
        if not folder.is_dir():
            out.append(f"FLOORS: grok/{folder_name} does not exist")
            continue
        listed = listed_sources(folder)
        for path in sorted(folder.rglob("*")):
            if path.suffix not in (".h", ".cpp", ".def"):
                continue
            text = path.read_text()
            out += include_offences(folder_name, path.name, text, floors)
            out += name_offences(folder_name, path.name, text, catalogued)
            if path.suffix == ".cpp" and path.name not in listed:
                out.append(f"grok/{folder_name}/{path.name}: no CMakeLists.txt and no catalogue lists it")
            if text.count("\n") > MAX_LINES:
                out.append(f"grok/{folder_name}/{path.name}: {text.count(chr(10))} lines")
    return out


def self_test():
    """The check is shown to catch what it is for."""
    floors = floors_of("# comment\n0 base\n1 spec kernels\n")
    assert not include_offences("spec", "a.h", '#include "grok/base/x.h"\n', floors)
    assert include_offences("base", "a.h", '#include "grok/spec/x.h"\n', floors)
    assert include_offences("spec", "a.h", '#include "grok/kernels/x.h"\n', floors)
    assert include_offences("spec", "a.h", '#include "grok/attic/x.h"\n', floors)
    assert name_offences("plan", "a.cpp", 'if (task == "spiral")', {"spiral"})
    assert name_offences("plan", "a.cpp", "tasks::spiral()", {"spiral"})
    assert name_offences("plan", "a.cpp", "if (is_two_spirals)  // two_spirals", {"two_spirals"})
    assert not name_offences("plan", "a.cpp", "// a spiral of rows", {"spiral"})
    assert not name_offences("tasks", "a.cpp", "spiral", {"spiral"})


if __name__ == "__main__":
    self_test()
    found = offences(Path(sys.argv[1]))
    print("\n".join(found) if found else "all files stand on their floors")
    sys.exit(1 if found else 0)
