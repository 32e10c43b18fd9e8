# Sourced by the commands in scripts/; bash. Functions that all of them use.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
SCRIPT=${0##*/}
# Debian has nginx in these folders, which are not in the PATH of an ordinary user.
PATH=$PATH:/usr/sbin:/sbin
# The scripts parse messages of tools, and our files are UTF-8.
export LC_ALL=C.UTF-8
unset LANGUAGE

say() {
  printf '%s\n' "$*"
}

complain() {
  printf '%s: %s\n' "$SCRIPT" "$*" >&2
}

die() {
  complain "$@"
  exit 1
}

usage_error() {
  complain "$@" "(see $SCRIPT --help)"
  exit 2
}

# After this, a signal ends the script with the code 128 plus its number, as in shells. Before that it runs $1, if given.
exit_on_signals() {
  local each first=${1:+$1; }
  for each in HUP:129 INT:130 TERM:143; do
    # shellcheck disable=SC2064 # expand now
    trap "${first}exit_or_defer ${each#*:}" "${each%:*}"
  done
}

# Exits with code $1; between defer_exit and allow_exit, only notes the code.
exit_or_defer() {
  [ -n "${deferred:-}" ] || exit "$1"
  deferred=$1
}

defer_exit() {
  deferred=none
}

allow_exit() {
  local code=$deferred
  deferred=''
  [ "$code" = none ] || exit "$code"
}

# of_last_commit FORMAT: prints the last commit in this format of git log, or nothing without git. With safe.directory, root
# may read the checkout of another user. Root runs the scripts of that checkout anyway.
of_last_commit() {
  git -c safe.directory="$ROOT" -C "$ROOT" log -1 --format="$1" 2>/dev/null || true
}

is_root() {
  [ "$EUID" -eq 0 ]
}

# Whether $1 is a decimal without leading zeros from $2 to $3.
is_number() {
  [[ $1 =~ ^(0|[1-9][0-9]{0,8})$ ]] && [ "$1" -ge "$2" ] && [ "$1" -le "$3" ]
}

# Fails with advice unless the file system of folder $1 has $2 MiB left.
require_space() {
  local left
  left=$(df -Pk "$1" | awk 'NR == 2 { print int($4 / 1024) }')
  [ "$left" -ge "$2" ] || die "the disk of $1 has only $left MiB left, but $2 MiB are needed: free some space"
}

# Waits up to $1 seconds for the command that follows to succeed.
wait_for() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@"; do
    [ "$SECONDS" -lt "$deadline" ] || return 1
    sleep 0.05
  done
}

# Builds the Makefile's targets $2…, with the log $1. Two builds of one folder take turns.
build() {
  local log=$1 job
  shift
  if ! { [ -w "$ROOT" ] || [ -w "$ROOT/build" ]; }; then
    die "$ROOT is not writable for $(id -un): clone the project into a folder of your own"
  fi
  # In the background, because bash handles a signal only after a foreground command has ended.
  (umask 022 && exec 8<"$ROOT/Makefile" 9>&- && flock 8 && exec make -C "$ROOT" -j"$(nproc)" "$@") >"$log" 2>&1 &
  job=$!
  exit_on_signals "kill -TERM $job 2>/dev/null || true"
  if ! wait "$job"; then
    tail -n 20 "$log" >&2
    die "the build failed: see $log"
  fi
  exit_on_signals
}
