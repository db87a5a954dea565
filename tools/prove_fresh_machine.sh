#!/usr/bin/env bash
# Proves that a clone works on a bare Debian 12: makes one in a temporary folder with debootstrap, adds git,
# clones the committed state of this repository into it, and there runs what a newcomer would type.
#
#   tools/prove_fresh_machine.sh [option…] [step…]
#
# Steps, in the order given; default: serve test
#   setup   ./dev setup
#   build   ./dev build
#   serve   ./dev serve, twice: a sign-up, the README's tour with curl and a look at /app, then a sign-in after a restart
#   test    ./dev test
# Options
#   --carry FILE        copy this file or folder to the same place in there (a certificate, pip.conf, …)
#   --env NAME=VALUE    set a variable in there
#   --keep              leave the folder behind
#
# What this machine needs to reach its package sources goes along by itself: resolv.conf, apt's sources and
# configuration, pip.conf, .npmrc, added certificates, and the variables that name proxies or certificates.
# Needs root and debootstrap. Mounts and processes live in a namespace of their own and end with it.
set -euo pipefail

if [[ ${LATCHKEY_PROOF_NAMESPACE:-} != 1 ]]; then
  [[ $(id -u) == 0 ]] || { echo "needs root" >&2; exit 1; }
  command -v debootstrap >/dev/null || { echo "needs debootstrap: apt-get install debootstrap" >&2; exit 1; }
  LATCHKEY_PROOF_NAMESPACE=1 exec unshare --mount --pid --fork --kill-child --mount-proc "$0" "$@"
fi

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
carried=(
  /etc/resolv.conf /etc/apt/sources.list /etc/apt/sources.list.d /etc/apt/apt.conf /etc/apt/apt.conf.d
  /etc/pip.conf "$HOME/.config/pip" "$HOME/.npmrc" /usr/local/share/ca-certificates
)
variables=(http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY PIP_INDEX_URL PIP_CERT
  PIP_DEFAULT_TIMEOUT NPM_CONFIG_REGISTRY NODE_EXTRA_CA_CERTS SSL_CERT_FILE SSL_CERT_DIR)
environment=(PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8)
keep=no steps=()

while (($#)); do
  case $1 in
    --carry) carried+=("$2") && shift ;;
    --env) environment+=("$2") && shift ;;
    --keep) keep=yes ;;
    setup | build | serve | test) steps+=("$1") ;;
    *) echo "unknown argument: $1" >&2 && exit 2 ;;
  esac
  shift
done
((${#steps[@]})) || steps=(serve test)
for name in "${variables[@]}"; do
  [[ -z ${!name:-} ]] || environment+=("$name=${!name}")
done

say() { printf '== [%4d s] %s\n' "$SECONDS" "$*"; }

root=$(mktemp -d "${TMPDIR:-/tmp}/latchkey-proof.XXXXXX")
chmod 755 "$root"
finish() {
  local status=$?
  # In this namespace only; what is still running in there ends with it.
  umount --recursive "$root/proc" "$root/dev" 2>/dev/null || true
  if [[ $keep == yes ]]; then
    say "left in $root"
  elif mountpoint -q "$root/proc"; then
    say "could not unmount $root/proc: left in place"
  else
    rm -rf --one-file-system "$root"
  fi
  if ((status == 0)); then say "proved: ${steps[*]}"; else say "FAILED"; fi
}
trap finish EXIT
trap 'exit 1' INT TERM

inside() { chroot "$root" env -i "${environment[@]}" bash -euo pipefail -c "$1"; }

say "debootstrap"
debootstrap --variant=minbase bookworm "$root" >"$root.log" 2>&1 || { tail -20 "$root.log" && exit 1; }
rm -f "$root.log" "$root/etc/apt/sources.list"
for path in "${carried[@]}"; do
  [[ -e $path ]] || continue
  mkdir -p "$root$(dirname "$path")"
  cp -rLT "$path" "$root$path"
done
mount -t proc proc "$root/proc"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
for device in null zero full random urandom tty; do
  touch "$root/dev/$device" && mount --bind "/dev/$device" "$root/dev/$device"
done
ln -s /proc/self/fd "$root/dev/fd"
mkdir "$root/dev/pts" && mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts" && ln -s pts/ptmx "$root/dev/ptmx"
mkdir -m 1777 "$root/dev/shm"

say "git, then a clone"
inside 'apt-get update -qq && apt-get install -y -qq --no-install-recommends git >/dev/null 2>&1'
git -c safe.directory='*' clone --quiet --no-hardlinks "$repository" "$root/latchkey"
inside 'cd /latchkey && git -c safe.directory=/latchkey log -1 --format="%h %s"'

# Runs in there: starts ./dev serve, waits for its address, and leaves it in $url and its process in $server.
# shellcheck disable=SC2016
readonly start_server='
  start_server() {
    (cd /latchkey && exec ./dev serve --listen 127.0.0.1:0 --data /root/data) </dev/null >/root/serve.log 2>&1 &
    server=$!
    for ((i = 0; i < 36000; i++)); do
      url=$(grep -oE "http://127\.0\.0\.1:[0-9]+" /root/serve.log | head -1) && break
      kill -0 $server 2>/dev/null || { cat /root/serve.log; exit 1; }
      sleep 0.1
    done
    echo "serving after $((i / 10)) s"
  }
  post() { curl -sS --fail-with-body -H "Content-Type: application/json" -d "$2" "$url/auth/v1/$1"; echo; }
'

for step in "${steps[@]}"; do
  say "$step"
  case $step in
    setup) inside 'cd /latchkey && ./dev setup && time ./dev setup' ;;
    build) inside 'cd /latchkey && ./dev build' ;;
    test) inside 'cd /latchkey && ./dev test </dev/null' ;;
    serve)
      # shellcheck disable=SC2016
      inside "$start_server"'
        body="{\"email\":\"grace@example.com\",\"password\":\"correct-horse-battery\"}"
        start_server
        post signup "$body" | grep -q access_token
        echo "signed up"
        # The block of the README that begins with BASE=, as printed but for the address.
        awk "/^\`\`\`/ { inside = 0 } /^BASE=/ { inside = 1 } inside" /latchkey/README.md |
          sed "s|^BASE=.*|BASE=$url/auth/v1|" >/root/tour.sh
        grep -q curl /root/tour.sh && bash -eu /root/tour.sh >/root/tour.log || { cat /root/tour.log; exit 1; }
        tail -1 /root/tour.log | grep -q session_not_found
        echo "took the tour of the README"
        curl -sSf "$url/app" | grep -qF "<div id=\"root\">"
        curl -sSf "$url/app/config.json" | grep -q entry_page
        echo "the app is there"
        kill -TERM $server && wait $server
        start_server
        post login "$body" | grep -q access_token
        echo "signed in after a restart"
        kill -TERM $server && wait $server'
      ;;
  esac
done
