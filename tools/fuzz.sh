#!/usr/bin/env bash
# Runs the fuzz targets of a build folder one after the other, each from its corpus in fuzz/corpus/.
#   tools/fuzz.sh BUILD_FOLDER [seconds] [target…]
# New inputs that reach new code are kept in BUILD_FOLDER/corpus; an input that fails is left in
# BUILD_FOLDER/failures and the run ends with status 1.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

build=$1 seconds=${2:-60}
shift
(($# == 0)) || shift
targets=("$@")
if ((${#targets[@]} == 0)); then
  mapfile -t targets < <(find "$build/fuzz" -maxdepth 1 -type f -executable -name '*_fuzz' -printf '%f\n' | sort)
fi
((${#targets[@]})) || { echo "no fuzz targets in $build/fuzz" >&2 && exit 1; }

failed=0 passed=0
mkdir -p "$build/failures"
for target in "${targets[@]}"; do
  name=${target%_fuzz}
  found="$build/corpus/$name" kept="fuzz/corpus/$name" dictionary="fuzz/dictionaries/$name.dict"
  mkdir -p "$found"
  arguments=(-max_total_time="$seconds" -timeout=20 -rss_limit_mb=4096 -print_final_stats=0 -verbosity=0
    -artifact_prefix="$build/failures/$name-")
  [[ ! -e $dictionary ]] || arguments+=(-dict="$dictionary")
  folders=("$found")
  [[ ! -d $kept ]] || folders+=("$kept")
  if log=$("$build/fuzz/${name}_fuzz" "${arguments[@]}" "${folders[@]}" 2>&1); then
    passed=$((passed + 1))
    echo "ok    ${name}_fuzz ($seconds s)"
  else
    failed=$((failed + 1))
    echo "FAIL  ${name}_fuzz"
    tail -60 <<<"$log"
  fi
done
echo "$passed passed, $failed failed"
((failed == 0))
