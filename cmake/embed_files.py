#!/usr/bin/env python3
"""Turns a folder of web files into bytes and a table of them, for src/web/embedded_app.h.

    cmake/embed_files.py FOLDER TABLE.cc BYTES.bin

`NAME.br` and `NAME.gz` are NAME compressed; where there is no .gz it is made here. A form that is not smaller than the
file itself is left out; so is a large file itself where it is there as gzip, from which the server makes it for the few
clients that want it so. Source maps and hidden files are left out, too.
"""

import gzip
import hashlib
import re
import sys
from pathlib import Path

# Every kind of file there may be: one that is not here is a mistake to be found when building.
CONTENT_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".jpg": "image/jpeg",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
COMPRESSED_BEFORE = {".ico", ".jpg", ".png", ".webp", ".woff2"}
MOST_AS_IT_IS = 16 * 1024
# As Vite names what it builds: "assets/index-Bq7x_0aZ.js".
HASHED_NAME = re.compile(r"assets/.*[-.][A-Za-z0-9_-]{8}\.\w+$")


def forms_of(file: Path) -> tuple[bytes, bytes, bytes]:
    """The file as it is, as gzip and as Brotli; empty where there is no such form."""
    plain = file.read_bytes()
    if file.suffix in COMPRESSED_BEFORE:
        return plain, b"", b""
    beside = {ending: file.with_name(file.name + ending) for ending in (".gz", ".br")}
    zipped = beside[".gz"].read_bytes() if beside[".gz"].exists() else gzip.compress(plain, 9, mtime=0)
    brotli = beside[".br"].read_bytes() if beside[".br"].exists() else b""
    return plain, *(form if len(form) < len(plain) else b"" for form in (zipped, brotli))


def main() -> int:
    folder, table, output = map(Path, sys.argv[1:])
    blob = bytearray()
    rows = []
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = file.relative_to(folder).as_posix()
        if file.suffix in (".br", ".gz", ".map") or any(part.startswith(".") for part in Path(name).parts):
            continue
        if file.suffix not in CONTENT_TYPES:
            print(f"{file}: no content type is known for it: add one to {Path(__file__).name}", file=sys.stderr)
            return 1
        forms = forms_of(file)
        spans = []
        is_made = len(forms[0]) > MOST_AS_IT_IS and forms[1]
        for form in (b"" if is_made else forms[0], *forms[1:]):
            spans.append(f"std::string_view(latchkey_app_bytes + {len(blob)}, {len(form)})" if form else "{}")
            blob += form
        etag = hashlib.sha256(forms[0]).hexdigest()[:24]
        rows.append(
            f'    {{.path = "/{name}",\n'
            f'     .content_type = "{CONTENT_TYPES[file.suffix]}",\n'
            f'     .etag = "{etag}",\n'
            f"     .is_named_by_hash = {'true' if HASHED_NAME.match(name) else 'false'},\n"
            f"     .identity = {spans[0]},\n     .gzip = {spans[1]},\n     .brotli = {spans[2]}}},\n")
    if not any('.path = "/index.html"' in row for row in rows):
        print(f"{folder}: there is no index.html", file=sys.stderr)
        return 1
    output.write_bytes(blob)
    # A section of its own: at start not even the pages around it are touched.
    table.write_text(f"""#include "web/embedded_app.h"

asm(R"(
  .pushsection latchkey_app, "a", @progbits
  .balign 4096
  .hidden latchkey_app_bytes
  .globl latchkey_app_bytes
latchkey_app_bytes:
  .incbin "{output.resolve()}"
  .balign 4096
  .popsection
)");

extern "C" {{
extern const char latchkey_app_bytes[{len(blob)}] __attribute__((visibility("hidden")));
}}

namespace latchkey::web {{

std::span<const EmbeddedFile> embedded_app() {{
  static constexpr EmbeddedFile kFiles[] = {{
{''.join(rows)}  }};
  return kFiles;
}}

}}  // namespace latchkey::web
""", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
