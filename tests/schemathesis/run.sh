#!/usr/bin/env bash
# Runs schemathesis against the real binary and its own /openapi.json: no answer may be a server error or
# outside of what the document says.
#   tests/schemathesis/run.sh path/to/latchkey path/to/schemathesis [--long]
# Bounded to about two minutes with a fixed seed; with --long half an hour with a new seed, which is printed.
set -euo pipefail

binary=$1 schemathesis=$2
seconds=50 seed=20260101
if [[ ${3:-} == --long ]]; then
  seconds=900 seed=$RANDOM
fi

folder=$(mktemp -d)
server=
# shellcheck disable=SC2317 # called by the trap
finish() {
  [[ -z $server ]] || { kill -TERM "$server" 2>/dev/null && wait "$server"; } || true
  rm -rf "$folder"
}
trap finish EXIT

# Room for every request of the run, and cheap hashes: what is tested here is the HTTP surface.
"$binary" serve --listen 127.0.0.1:0 --data "$folder/data" --set rate_limit.enabled=false \
  --set password.argon2_memory=8KiB --set password.argon2_iterations=1 >"$folder/log" 2>&1 &
server=$!
url=
for ((i = 0; i < 600; i++)); do
  url=$(grep -oE 'http://127\.0\.0\.1:[0-9]+' "$folder/log" | head -1) && break
  kill -0 "$server" 2>/dev/null || break
  sleep 0.1
done
[[ -n $url ]] || { cat "$folder/log" && exit 1; }

status=0
run() {
  local name=$1
  shift
  printf '== %s, seed %s\n' "$name" "$seed"
  (cd "$folder" && "$schemathesis" run "$url/openapi.json" \
    --checks not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance \
    --max-time "$seconds" --seed "$seed" --request-timeout 15 --continue-on-failure --warnings off \
    --suppress-health-check all "$@") || status=1
}

run "nobody signed in"
token=$(curl -sS -H 'Content-Type: application/json' "$url/auth/v1/signup" \
  -d '{"email":"walker@example.com","password":"violet-harbour-41-kettle"}' |
  grep -oE '"access_token":"[^"]+"' | cut -d'"' -f4)
# Without what would end the session, so that the rest is seen by somebody who is signed in.
run "signed in" --header "Authorization: Bearer $token" --exclude-path-regex '/(logout|session|sessions/\{[^}]+\})$'

if ! kill -0 "$server" 2>/dev/null; then
  echo "the server did not survive:"
  tail -50 "$folder/log"
  status=1
fi
exit "$status"
