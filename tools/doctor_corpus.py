#!/usr/bin/env python3
"""Runs the doctor over public FlutterFlow projects and says what it finds, how long it takes, and how much of it is right.

    tools/doctor_corpus.py LIST FOLDER [--binary FILE] [--compare TRUTH] [--only REGEX] [--save FOLDER] [--places]

LIST is a JSON file whose "projects" (and "custom_auth_but_never_signs_in") name repositories: {"repo": "OWNER/NAME",
"head": "COMMIT"}. FOLDER holds their checkouts as OWNER__NAME, or bare git repositories as OWNER+NAME/repo, of which
the commit is unpacked into a temporary folder. Nothing is fetched, and no host that a project names is contacted.

TRUTH holds what careful readers found, a file OWNER__NAME.json a project:
{"project": "OWNER/NAME", "rules": {ID: {"holds": true | false | "skipped", "doubtful": true, "why": "…",
"places": [{"file": "lib/…", "line": 12}]}}}. What readers call doubtful counts as right either way.

Ends with 1 when the doctor crashed, could not run or went over its bounds somewhere, and with 2 when a project is
missing.
"""

import argparse
import collections
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Iterator, NamedTuple

WRONG_VERDICTS = ("fail", "warn", "note")
NEAR = 2  # lines that two readers may be apart about where an expression starts


class Run(NamedTuple):
    exit_code: int  # negative: killed by that signal; None: over its time
    seconds: float
    megabytes: float
    report: dict | None
    error: str


class Score:
    """What was reported and right, reported and wrong, and not reported."""

    def __init__(self) -> None:
        self.right, self.wrong, self.missed, self.doubtful = 0, 0, 0, 0

    def add(self, other: "Score") -> None:
        self.right += other.right
        self.wrong += other.wrong
        self.missed += other.missed
        self.doubtful += other.doubtful

    def __str__(self) -> str:
        reported, held = self.right + self.wrong, self.right + self.missed
        precision = f"{100 * self.right / reported:.1f} %" if reported else "-"
        recall = f"{100 * self.right / held:.1f} %" if held else "-"
        return (f"right {self.right}, wrong {self.wrong}, missed {self.missed}, doubtful {self.doubtful}: "
                f"{precision} of what is reported is right, {recall} of what holds is reported")


def main() -> int:
    arguments = parse_arguments()
    listed = json.loads(arguments.list.read_text(encoding="utf-8"))
    projects = [entry for key in ("projects", "custom_auth_but_never_signs_in") for entry in listed.get(key, [])]
    projects = [entry if isinstance(entry, dict) else {"repo": entry} for entry in projects]
    is_broken, missing, all_scores = False, [], Scores()
    with tempfile.TemporaryDirectory(prefix="doctor-corpus-") as scratch:
        for entry in projects:
            name = entry["repo"]
            if arguments.only and not re.search(arguments.only, name):
                continue
            path = find_checkout(arguments.folder, name, entry.get("head"), Path(scratch))
            if path is None:
                missing.append(name)
                continue
            run = run_doctor(arguments, path)
            is_broken |= run.report is None
            print_run(name, run)
            if run.report is None:
                continue
            if arguments.save:
                arguments.save.mkdir(parents=True, exist_ok=True)
                save = arguments.save / (name.replace("/", "__") + ".json")
                save.write_text(json.dumps(run.report, indent=1, ensure_ascii=False), encoding="utf-8")
            truth = arguments.compare / (name.replace("/", "__") + ".json") if arguments.compare else None
            if truth and truth.exists():
                compare(run.report, json.loads(truth.read_text(encoding="utf-8")), all_scores, arguments.places)
    if arguments.compare:
        all_scores.print()
    for name in missing:
        print(f"{name}: not in {arguments.folder}", file=sys.stderr)
    return 1 if is_broken else 2 if missing else 0


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("list", type=Path, metavar="LIST")
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--binary", type=Path, default=Path("build/release/latchkey"))
    parser.add_argument("--compare", type=Path, metavar="TRUTH")
    parser.add_argument("--only", metavar="REGEX", help="projects whose name matches")
    parser.add_argument("--save", type=Path, metavar="FOLDER", help="keep each report there")
    parser.add_argument("--places", action="store_true", help="with --compare: say which places differ")
    parser.add_argument("--seconds", type=float, default=60, help="time a project may take (default: 60)")
    parser.add_argument("--megabytes", type=int, default=2048, help="memory a project may take (default: 2048)")
    return parser.parse_args()


def find_checkout(folder: Path, name: str, head: str | None, scratch: Path) -> Path | None:
    checkout = folder / name.replace("/", "__")
    if checkout.is_dir():
        return checkout
    bare = folder / name.replace("/", "+") / "repo"
    if not bare.is_dir():
        return None
    target = scratch / checkout.name
    target.mkdir()
    git = ["git", "-c", "safe.directory=*", f"--git-dir={bare}"]
    commit = head or "HEAD"
    if subprocess.run([*git, "cat-file", "-e", commit], capture_output=True).returncode != 0:
        commit = "HEAD"  # the copy is newer than the list
    with subprocess.Popen([*git, "archive", commit], stdout=subprocess.PIPE) as archive:
        subprocess.run(["tar", "-x", "-C", str(target)], stdin=archive.stdout, check=True)
    return target


def run_doctor(arguments: argparse.Namespace, path: Path) -> Run:
    limit = arguments.megabytes << 20
    command = [str(arguments.binary), "doctor", "project", str(path), "--format", "json", "--no-questions"]
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        begin = time.monotonic()
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                                 preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_DATA, (limit, limit)))
        exit_code, usage = wait(child.pid, begin + arguments.seconds)
        child.returncode = exit_code  # it has been waited for
        seconds = time.monotonic() - begin
        out.seek(0)
        err.seek(0)
        error = err.read().decode("utf-8", "replace").strip()
        try:
            report = json.loads(out.read()) if exit_code in (0, 1) else None
        except ValueError as broken:
            report, error = None, f"no JSON: {broken}"
    return Run(exit_code, seconds, usage.ru_maxrss / 1024, report, error)


def wait(pid: int, deadline: float) -> tuple[int, resource.struct_rusage]:
    """The exit code (negative for a signal) and what it used; killed at the deadline."""
    while True:
        done, status, usage = os.wait4(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status), usage
        if time.monotonic() > deadline:
            os.kill(pid, 9)
            _, status, usage = os.wait4(pid, 0)
            return os.waitstatus_to_exitcode(status), usage
        time.sleep(0.005)


def print_run(name: str, run: Run) -> None:
    print(f"\n== {name}: {run.seconds:.2f} s, {run.megabytes:.0f} MB")
    if run.report is None:
        what = f"signal {-run.exit_code}" if run.exit_code < 0 else f"exit code {run.exit_code}"
        print(f"   BROKEN: {what} {run.error}")
        return
    by_verdict = collections.defaultdict(list)
    for finding in run.report["findings"]:
        by_verdict[finding["verdict"]].append(finding["id"])
    for verdict in (*WRONG_VERDICTS, "ask", "skipped"):
        if by_verdict[verdict]:
            print(f"   {verdict}: {', '.join(by_verdict[verdict])}")
    for problem in run.report.get("problems", []):
        print(f"   problem: {problem}")


class Scores:
    """By rule, by verdict, and of all places."""

    def __init__(self) -> None:
        self.rules: dict[str, Score] = collections.defaultdict(Score)
        self.verdicts: dict[str, Score] = collections.defaultdict(Score)
        self.places = Score()

    def print(self) -> None:
        total = Score()
        print("\n== by rule (those that are not all right)")
        for rule, score in sorted(self.rules.items()):
            total.add(score)
            if score.wrong or score.missed:
                print(f"   {rule}: right {score.right}, wrong {score.wrong}, missed {score.missed}")
        print("\n== total")
        print(f"   all: {total}")
        for verdict, score in sorted(self.verdicts.items()):
            print(f"   {verdict}: {score}")
        print(f"   places: {self.places}")


def compare(report: dict, truth: dict, scores: Scores, show_places: bool) -> None:
    found: dict[str, dict] = {finding["id"]: finding for finding in report["findings"]}
    own = Score()
    for rule, fact in truth["rules"].items():
        finding = found.get(rule, {"verdict": "absent", "places": []})
        is_reported, holds = finding["verdict"] in WRONG_VERDICTS, fact["holds"] is True
        score = Score()
        if is_reported != holds and fact.get("doubtful"):
            score.doubtful = 1
            print(f"   doubtful {rule}: {finding['verdict']}, readers: {fact['holds']}: {reason(fact)}")
        elif is_reported and holds:
            score.right = 1
        elif is_reported:
            score.wrong = 1
            print(f"   WRONG {rule}: {first_place(finding)}: {finding.get('evidence', '')}\n         readers: {reason(fact)}")
        elif holds:
            score.missed = 1
            print(f"   MISSED {rule} ({finding['verdict']}): {first_place(fact)}\n         readers: {reason(fact)}")
        own.add(score)
        scores.rules[rule].add(score)
        scores.verdicts[finding["verdict"] if is_reported else "not reported"].add(score)
        if is_reported and holds and not finding.get("project_wide") and len(fact.get("places", [])) > 0:
            for line in differing_places(finding, fact, scores.places):
                if show_places:
                    print(f"   {rule} {line}")
    print(f"   {own}")


def reason(fact: dict) -> str:
    return " ".join(str(fact[key]) for key in ("why", "doubt") if key in fact)


def first_place(finding: dict) -> str:
    for place in finding.get("places", []):
        return f"{place['file']}:{place['line']}"
    return "-"


def differing_places(finding: dict, fact: dict, score: Score) -> Iterator[str]:
    left = [(place["file"], place["line"]) for place in fact["places"]]
    for place in finding["places"]:
        near = [other for other in left if other[0] == place["file"] and
                place["line"] - NEAR <= other[1] <= max(place["line"], place.get("end_line", 0)) + NEAR]
        if near:
            left.remove(min(near, key=lambda other: abs(other[1] - place["line"])))
            score.right += 1
        else:
            score.wrong += 1
            yield f"place not in the readers' list: {place['file']}:{place['line']} {place.get('expression', '')}"
    for file, line in left:
        score.missed += 1
        yield f"place missed: {file}:{line}"


if __name__ == "__main__":
    sys.exit(main())
