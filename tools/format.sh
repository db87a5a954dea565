#!/usr/bin/env bash
# Formats the C++ sources in place; with --check says which are not formatted and changes nothing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

mode=-i
case ${1:-} in
  '') ;;
  --check) mode=--dry-run ;;
  *) echo "usage: tools/format.sh [--check]" >&2 && exit 2 ;;
esac
git -c safe.directory='*' ls-files -z --cached --others --exclude-standard -- '*.cc' '*.h' '*.c' |
  while IFS= read -r -d '' file; do [[ ! -e $file ]] || printf '%s\0' "$file"; done |
  xargs -0 --max-args=20 --max-procs="$(nproc)" --no-run-if-empty clang-format-19 -style=file -Werror "$mode"
