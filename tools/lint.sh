#!/usr/bin/env bash
# Every check of ./dev lint, one after the other; all of them run even when one finds something.
#   tools/lint.sh BUILD_FOLDER     the folder whose compile commands clang-tidy takes
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit
build=$1
failed=()
export PYTHONDONTWRITEBYTECODE=1

check() {
  local name=$1 start=$SECONDS
  shift
  if "$@"; then
    printf 'ok    %s (%d s)\n' "$name" $((SECONDS - start))
  else
    printf 'FAIL  %s (%d s)\n' "$name" $((SECONDS - start))
    failed+=("$name")
  fi
}

files() { git -c safe.directory='*' ls-files --cached --others --exclude-standard -- "$@"; }

shell_scripts() {
  local scripts
  mapfile -t scripts < <(files '*.sh' '*.bash' dev .ci/run)
  shellcheck --external-sources "${scripts[@]}"
}

python_scripts() {
  local scripts
  mapfile -t scripts < <(files '*.py')
  # Compiled to nowhere: only whether it would.
  python3 -c 'import ast, sys
for name in sys.argv[1:]: ast.parse(open(name, encoding="utf-8").read(), name)' "${scripts[@]}"
}

# In web/, as its package.json says.
web() { (cd web && npm run --silent "$1"); }

browser_tests() (
  cd tests/browser && PATH="$PWD/../../web/node_modules/.bin:$PATH" &&
    eslint --config ../../web/eslint.config.js . && prettier --config ../../web/.prettierrc --check .
)

check "layers and house rules" tools/lint_includes.py
check "tests of that lint" python3 tools/lint_includes_test.py --quiet
check "format" tools/format.sh --check
check "shell scripts" shell_scripts
check "Python scripts" python_scripts
check "links in the documentation" tools/lint_links.py
check "web: eslint and prettier" web lint
check "web: types" web typecheck
check "browser tests: eslint and prettier" browser_tests
check "clang-tidy" tools/lint_tidy.py "$build"

if ((${#failed[@]})); then
  (IFS=, && printf 'lint failed: %s\n' "${failed[*]}")
  exit 1
fi
