#!/usr/bin/env python3
"""Runs clang-tidy over the sources of a build folder's compile commands, as many at once as there are cores.

    tools/lint_tidy.py BUILD_FOLDER [--jobs N] [file…]

A file that was clean before is not looked at again: clean runs are remembered by the hash of the preprocessed
text, the compiler's arguments, .clang-tidy and clang-tidy's version, in the user's cache folder. Tests are
left out.
"""

import argparse
import concurrent.futures
import hashlib
import json
import os
import re
import shlex
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
TIDY = os.environ.get("CLANG_TIDY", "clang-tidy-19")


class Outcome(NamedTuple):
    file: str
    text: str  # what clang-tidy found; empty when clean
    seconds: float
    remembered: bool


def cache_folder() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "latchkey" / "tidy"


def preprocessed(arguments: list[str], folder: str) -> bytes:
    """What the compiler sees, with comments (NOLINT is one) and without paths."""
    kept, skip = [], False
    for argument in arguments:
        if skip:
            skip = False
        elif argument in ("-o", "-MF", "-MT", "-MQ"):
            skip = True
        elif argument not in ("-c", "-MD", "-MMD"):
            kept.append(argument)
    if Path(kept[0]).name == "ccache":
        kept = kept[1:]
    return subprocess.run([*kept, "-E", "-P", "-C", "-w"], cwd=folder, capture_output=True, check=True).stdout


def check(entry: dict, build: Path, salt: bytes) -> Outcome:
    start = time.monotonic()
    file = Path(entry["directory"], entry["file"]).resolve()
    name = file.relative_to(ROOT).as_posix()
    arguments = entry.get("arguments") or shlex.split(entry["command"])
    flags = " ".join(a for a in arguments if a.startswith(("-D", "-W", "-f", "-std"))).replace(str(ROOT), "")
    try:
        text = preprocessed(arguments, entry["directory"])
    except subprocess.CalledProcessError as error:
        return Outcome(name, error.stderr.decode(errors="replace"), time.monotonic() - start, False)
    mark = cache_folder() / hashlib.sha256(salt + flags.encode() + b"\0" + text).hexdigest()
    if mark.exists():
        mark.touch()
        return Outcome(name, "", time.monotonic() - start, True)
    run = subprocess.run([TIDY, "-quiet", "-p", str(build), str(file)], capture_output=True, text=True, cwd=ROOT)
    found = run.stdout.replace(f"{ROOT}/", "")
    if run.returncode == 0:
        mark.touch()
        found = ""
    elif not found.strip():
        found = run.stderr
    return Outcome(name, found, time.monotonic() - start, False)


def forget_old_runs(folder: Path, days: int = 30) -> None:
    for mark in folder.iterdir():
        if time.time() - mark.stat().st_mtime > days * 86400:
            mark.unlink(missing_ok=True)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("build", type=Path)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("files", nargs="*", help="only these, as src/…; all when none is named")
    options = parser.parse_args()

    entries = json.loads((options.build / "compile_commands.json").read_text())
    chosen = []
    for entry in entries:
        name = os.path.relpath(Path(entry["directory"], entry["file"]).resolve(), ROOT)
        if re.match(r"src/.*\.cc$", name) and not re.search(r"_test\.cc$|/testing/|/contract/", name) \
                and (not options.files or name in options.files):
            chosen.append(entry)
    cache_folder().mkdir(parents=True, exist_ok=True)
    forget_old_runs(cache_folder())
    version = subprocess.run([TIDY, "--version"], capture_output=True, check=True).stdout
    salt = version + (ROOT / ".clang-tidy").read_bytes()

    failed, remembered, slowest, shown = 0, 0, [], set()
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for outcome in pool.map(lambda entry: check(entry, options.build.resolve(), salt), chosen):
            failed += bool(outcome.text)
            remembered += outcome.remembered
            slowest.append((outcome.seconds, outcome.file))
            # A header's finding comes with every file that includes it.
            for finding in re.split(r"^(?=\S+:\d+:\d+: (?:error|warning): )", outcome.text, flags=re.M):
                if finding.strip() and finding not in shown:
                    shown.add(finding)
                    print(finding.rstrip(), flush=True)
    slowest.sort(reverse=True)
    print(f"clang-tidy: {len(chosen)} files, {failed} with findings, {remembered} unchanged since a clean run; slowest: "
          + ", ".join(f"{file} {seconds:.0f} s" for seconds, file in slowest[:3]), file=sys.stderr)
    return 1 if failed or not chosen else 0


if __name__ == "__main__":
    sys.exit(main())
