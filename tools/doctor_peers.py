#!/usr/bin/env python3
"""Runs the doctor on authentication servers that other people wrote, and compares its verdicts with those that were
reviewed by hand (docs/doctor-peers.md).

    tools/doctor_peers.py [--binary FILE] [--only NAME] [--save FOLDER] [--write]

The servers come from npm and PyPI, listen on loopback and are ended by this script. What is expected of each stands in
tests/doctor_peers/NAME.json: how the doctor is called, and the verdict of each check; --write puts what was found there
instead of comparing it, to be reviewed before it is committed.

Ends with 1 when something differs or could not run.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HERE = ROOT / "tests" / "doctor_peers"
# What depends on how busy the machine is.
UNSTABLE = {"slow_answer"}

PEERS = {
    "better_auth": ["node", "better_auth.mjs"],
    "simple_jwt": [str(ROOT / ".tools" / "doctor_peers" / "bin" / "python"), "simple_jwt.py"],
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=Path, default=ROOT / "build" / "release" / "latchkey")
    parser.add_argument("--only", choices=PEERS)
    parser.add_argument("--save", type=Path, metavar="FOLDER", help="keep each report there, as text and as JSON")
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    differs = False
    for name, command in PEERS.items():
        if arguments.only in (None, name):
            differs |= not look_at(name, command, arguments)
    return 1 if differs else 0


def look_at(name: str, command: list[str], arguments: argparse.Namespace) -> bool:
    path = HERE / f"{name}.json"
    expected = json.loads(path.read_text(encoding="utf-8"))
    with subprocess.Popen(command, cwd=HERE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        try:
            port = server.stdout.readline().strip()
            if not port.isdigit():
                print(f"{name}: the server did not start", file=sys.stderr)
                return False
            url = f"http://127.0.0.1:{port}{expected['base']}"
            report = run_doctor(name, url, expected["options"], arguments)
        finally:
            server.kill()
    if report is None:
        return False
    verdicts = {x["id"]: x["verdict"] for x in report["findings"] if x["id"] not in UNSTABLE}
    if arguments.write:
        expected["verdicts"] = verdicts
        path.write_text(json.dumps(expected, indent=2) + "\n", encoding="utf-8")
    wrong = [check for check in verdicts | expected["verdicts"] if verdicts.get(check) != expected["verdicts"].get(check)]
    for check in wrong:
        print(f"{name}: {check} is {verdicts.get(check)}, reviewed as {expected['verdicts'].get(check)}")
    counts = {verdict: list(verdicts.values()).count(verdict) for verdict in ("pass", "fail", "warn", "note", "skipped", "ask")}
    print(f"{name}: {', '.join(f'{count} {verdict}' for verdict, count in counts.items())}; {len(wrong)} differ")
    return not wrong


def run_doctor(name: str, url: str, options: list[str], arguments: argparse.Namespace) -> dict | None:
    texts = {}
    for form in ("json", "text") if arguments.save else ("json",):
        done = subprocess.run(
            [str(arguments.binary), "doctor", "server", url, *options, "--create-account", "--no-questions", "--format", form],
            capture_output=True, text=True, timeout=300, check=False)
        if done.returncode not in (0, 1):
            print(f"{name}: the doctor ended with {done.returncode}: {done.stderr.strip()}", file=sys.stderr)
            return None
        texts[form] = done.stdout
    if arguments.save:
        arguments.save.mkdir(parents=True, exist_ok=True)
        for form, text in texts.items():
            (arguments.save / f"{name}.{form}").write_text(text, encoding="utf-8")
    return json.loads(texts["json"])


if __name__ == "__main__":
    sys.exit(main())
