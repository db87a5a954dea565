#!/usr/bin/env python3
"""Holds the sources to the layers and house rules of docs/architecture.md.

    tools/lint_includes.py [root of the repository]

Reads every source file and every src/*/CMakeLists.txt, prints `path:line: what is wrong` for each finding and
ends with status 1 when there is one. What is allowed stands in the tables below and nowhere else.
"""

import fnmatch
import re
import sys
from pathlib import Path
from typing import Iterator, NamedTuple

# Folder of src/ -> what its files may include and its library may link, beside itself. An entry is a folder,
# or one header of a folder.
ALLOWED = {
    "base": [],
    "crypto": ["base"],
    "domain": ["base", "crypto"],
    "flows": ["base", "crypto", "domain"],
    "storage": ["base", "crypto", "domain"],
    "ratelimit": ["base", "crypto", "domain"],
    "mail": ["base", "crypto", "domain"],
    "config": ["base"],
    "http": ["base"],
    "api": ["base", "crypto", "domain", "flows", "http"],
    "flutterflow": ["base"],
    "inspect": ["base", "http"],
    "doctor": ["base", "flutterflow", "http/client.h", "crypto/base64url.h", "crypto/jwk_verify.h"],
    "web": ["base", "http"],
    "app": ["base", "crypto", "domain", "flows", "storage", "ratelimit", "mail", "config", "http", "api",
            "flutterflow", "inspect", "web"],
    "cli": ["base", "crypto", "domain", "flows", "storage", "ratelimit", "mail", "config", "http", "api",
            "flutterflow", "inspect", "doctor", "web", "app"],
}
# What tests (*_test.cc and the testing/ folders) may use in addition: SQLite is the test store.
ALLOWED_IN_TESTS = ["storage"]

FORBIDDEN_FOLDERS = {"utils", "util", "common", "helpers", "helper", "misc"}

# Headers from outside -> the places below src/ that may include them.
OUTSIDE_HEADERS = [
    (r"openssl/.*|boost/asio/ssl.*|boost/beast/ssl.*", ["crypto/*", "http/tls.*", "http/connection.*", "http/client.cc"]),
    (r"sodium.*|crypt\.h", ["crypto/*"]),
    (r"sqlite3.*", ["storage/sqlite/*"]),
    (r"libpq.*", ["storage/postgres/*"]),
    (r"spdlog/.*", ["base/log.cc"]),
    (r"toml\+\+/.*", ["config/*"]),
    (r"CLI/.*", ["cli/*"]),
    (r"tree_sitter/.*", ["flutterflow/dart/bounded_parse.h", "flutterflow/dart/grammar.h", "flutterflow/dart/parse.cc"]),
    (r"(minizip/)?unzip\.h|(minizip/)?ioapi\.h", ["flutterflow/zip.cc", "flutterflow/source_tree_test.cc"]),
    (r"zlib\.h", ["flutterflow/zip.cc", "flutterflow/source_tree_test.cc", "http/file_set.cc"]),
    (r"yaml\.h", ["flutterflow/yaml.cc"]),
    (r"prometheus/.*", ["app/*"]),
    (r"boost/(asio|beast).*", ["http/*", "app/*.cc", "doctor/*.cc"]),
]

# Code that only these places below src/ may contain, and why.
RESERVED_CODE = [
    (r"\b(system|steady|high_resolution)_clock::now\b|\b(gettimeofday|clock_gettime|timespec_get)\b"
     r"|\btime\((nullptr|NULL|0)\)",
     ["base/clock.cc", "http/server_test.cc"],  # that test waits for timers of the kernel
     "ask the injected Clock what time it is"),
    (r"\b(secure_)?getenv\b|\bextern char\s*\*\*\s*environ\b",
     ["config/*", "cli/main.cc", "*_test.cc"], "the environment is read by config/ only"),
]

# Code that no test may contain.
FORBIDDEN_IN_TESTS = [
    (r"\bDISABLED_|\bGTEST_SKIP\b", "a test must run"),
    (r"\b(sleep_for|sleep_until|usleep|nanosleep)\b|(?<![\w.>])sleep\(", "a test must not sleep"),
]
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")

SOURCES = ("*.cc", "*.h", "*.def", "*.c")
SOURCE_FOLDERS = ("src", "tests", "fuzz", "bench")


class Finding(NamedTuple):
    path: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


def is_test(path: str) -> bool:
    return path.endswith("_test.cc") or "/testing/" in path or path.startswith("tests/")


def is_allowed(folder: str, included: str, in_test: bool) -> bool:
    """Whether a file of `folder` may include `included` ("folder/file.h", or "folder/" for a link)."""
    target = included.split("/", 1)[0]
    entries = ALLOWED[folder] + (ALLOWED_IN_TESTS if in_test else [])
    linked = included.endswith("/") and any(e.split("/", 1)[0] == target for e in entries)
    return target == folder or target in entries or included in entries or linked


def matches(path_below_src: str, patterns: list[str]) -> bool:
    return any(fnmatch.fnmatch(path_below_src, pattern) for pattern in patterns)


def without_comments(line: str) -> str:
    return re.sub(r"//.*", "", line)


def check_include(path: str, number: int, line: str) -> Iterator[Finding]:
    match = re.match(r'\s*#\s*include\s*(["<])([^">]+)[">]', line)
    if not match:
        return
    included = match[2]
    below_src = path.removeprefix("src/")
    folder = below_src.split("/", 1)[0]
    if match[1] == '"':
        target = included.split("/", 1)[0]
        if path.endswith(".c") and target not in ALLOWED:
            return  # foreign C sources, fetched when building
        if "/" not in included or target not in ALLOWED:
            yield Finding(path, number, f'"{included}" must be named from src/, as "folder/file.h"')
        elif not is_allowed(folder, included, is_test(path)):
            yield Finding(path, number, f"{folder}/ must not include {included}")
        return
    for pattern, places in OUTSIDE_HEADERS:
        if re.fullmatch(pattern, included):
            if not matches(below_src, places) and not is_test(path):
                yield Finding(path, number, f"<{included}> belongs into {', '.join(places)} only")
            return


def check_header(path: str, lines: list[str]) -> Iterator[Finding]:
    opening = []
    for line in lines:
        if not line.startswith(("//", "/*")):
            break
        opening.append(line.strip("/* "))
    if not re.match(r".+[.:!?](\s|$)", " ".join(opening)):
        yield Finding(path, 1, "a header opens with a sentence on what it is for")
    if not any(re.match(r"#pragma once|#ifndef LATCHKEY_\w+_H$", line) for line in lines):
        yield Finding(path, 1, "#pragma once is missing")
    for number, line in enumerate(lines, 1):
        # A class that implements another one is explained there.
        if re.match(r"class (\[\[\w+\]\] )?\w+( final)? \{", line):
            above = number - 2
            while above >= 0 and re.match(r"template <|\s+requires", lines[above]):
                above -= 1
            if above < 0 or not lines[above].startswith("//"):
                yield Finding(path, number, "a class needs a comment: what it is, invariants, threads, ownership")


def check_source(path: str, text: str) -> Iterator[Finding]:
    lines = text.splitlines()
    in_src = path.startswith("src/")
    for number, line in enumerate(lines, 1):
        code = without_comments(line)
        if UNFINISHED.search(line):
            yield Finding(path, number, "unfinished work belongs into an issue")
        if in_src:
            yield from check_include(path, number, line)
            for pattern, places, reason in RESERVED_CODE:
                if re.search(pattern, code) and not matches(path.removeprefix("src/"), places):
                    yield Finding(path, number, reason)
        if is_test(path):
            for pattern, reason in FORBIDDEN_IN_TESTS:
                if re.search(pattern, code):
                    yield Finding(path, number, reason)
    if in_src and path.endswith(".h"):
        yield from check_header(path, lines)


def check_links(path: str, text: str) -> Iterator[Finding]:
    """The libraries that src/<folder>/CMakeLists.txt links, whole commands at a time."""
    folder = path.split("/")[1]
    text = re.sub(r"#.*", "", text)
    for command in re.finditer(r"\b(\w+)\s*\(([^()]*(?:\([^()]*\)[^()]*)*)\)", text):
        in_test = command[1] == "latchkey_test"
        for link in re.finditer(r"\blatchkey_(\w+)\b", command[2]):
            target = link[1]
            if target in ALLOWED and not is_allowed(folder, target + "/", in_test):
                line = text.count("\n", 0, command.start(2) + link.start()) + 1
                yield Finding(path, line, f"{folder}/ must not link latchkey_{target}")


def check_tree(root: Path) -> list[Finding]:
    findings = []
    for folder in sorted(path for path in (root / "src").rglob("*") if path.is_dir()):
        name = folder.relative_to(root).as_posix()
        if folder.name in FORBIDDEN_FOLDERS:
            findings.append(Finding(name, 1, "a folder is named after what is in it"))
        if folder.parent == root / "src" and folder.name not in ALLOWED:
            findings.append(Finding(name, 1, "unknown folder: add it to the table in tools/lint_includes.py"))
    for top in SOURCE_FOLDERS:
        files = sorted(file for pattern in SOURCES for file in (root / top).rglob(pattern))
        for file in files:
            path = file.relative_to(root).as_posix()
            if top != "src" or path.split("/")[1] in ALLOWED:
                findings.extend(check_source(path, file.read_text(encoding="utf-8")))
    for file in sorted((root / "src").rglob("CMakeLists.txt")):
        path = file.relative_to(root).as_posix()
        if path.split("/")[1] in ALLOWED:
            findings.extend(check_links(path, file.read_text(encoding="utf-8")))
    return findings


def main() -> int:
    root = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent)
    findings = check_tree(root)
    for finding in findings:
        print(finding)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
