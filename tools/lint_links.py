#!/usr/bin/env python3
"""Checks the links of the documentation: every relative link in a committed *.md file leads to a file, and an
anchor in it to a heading.

    tools/lint_links.py [root of the repository]
"""

import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

LINK = re.compile(r"!?\[(?:[^\[\]]|\[[^\]]*\])*\]\(<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\)")


def prose(text: str) -> str:
    """The text without code, in which brackets mean something else; line numbers stay."""
    text = re.sub(r"^(```|~~~).*?^\1", lambda block: "\n" * block[0].count("\n"), text, flags=re.M | re.S)
    return re.sub(r"`[^`\n]*`", "", text)


def anchors(text: str) -> set[str]:
    """The anchors that a forge gives to the headings."""
    found: dict[str, int] = {}
    for heading in re.findall(r"^#{1,6}\s+(.*?)\s*#*$", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S), flags=re.M):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        slug = re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-")
        count = found.get(slug, 0)
        found[slug] = count + 1
        if count:
            found[f"{slug}-{count}"] = 1
    return set(found)


def check_file(file: Path) -> list[str]:
    """Findings as "line: what is wrong"."""
    found = []
    text = prose(file.read_text(encoding="utf-8"))
    for match in LINK.finditer(text):
        address = match[1]
        if re.match(r"[a-z][a-z0-9+.-]*:", address):
            continue
        path, _, anchor = address.partition("#")
        target = file.parent / unquote(path) if path else file
        line = text.count("\n", 0, match.start()) + 1
        if not target.exists():
            found.append(f"{line}: {path} does not exist")
        elif anchor and target.suffix == ".md" and anchor not in anchors(target.read_text(encoding="utf-8")):
            found.append(f"{line}: {target.name} has no heading #{anchor}")
    return found


def main() -> int:
    root = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent)
    listed = subprocess.run(["git", "-c", "safe.directory=*", "ls-files", "-co", "--exclude-standard", "*.md"],
                            cwd=root, capture_output=True, text=True, check=True)
    findings = [f"{name}:{finding}" for name in listed.stdout.split("\n") if name and (root / name).exists()
                for finding in check_file(root / name)]
    print("\n".join(findings), end="\n" if findings else "")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
