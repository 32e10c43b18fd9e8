# Sourced; bash. Installs the Debian packages that lists in scripts/packages/ name.

# Prints what is installed, and what that provides: a nodejs that is not Debian's may bring npm, and refuse Debian's.
installed_packages() {
  # shellcheck disable=SC2016 # words of dpkg's own
  dpkg-query -W -f '${db:Status-Status} ${Package}, ${Provides}\n' | sed -n 's/^installed //p' | tr ',' '\n' |
    awk 'NF { print $1 }' | sort -u
}

# Prints those of the lists $1… (names without .txt) that are not installed.
missing_packages() {
  local list
  for list in "$@"; do
    cat "$ROOT/scripts/packages/$list.txt"
  done | sort -u | comm -23 - <(installed_packages)
}

# Why apt failed, from its log $1: what it could not fetch or find, what stands in the way, what a package says.
show_apts_reason() {
  awk '/^(E: |W: Failed|Err:|dpkg: error|sudo: )/ { print; inside = /^(Err|dpkg)/; next }
       /unmet dependencies:/ { print; inside = 1; next }
       /^ / && inside { print; next }
       { inside = 0 }' "$1" | uniq | head -n 12 >&2
}

# Installs what is missing of the lists $2…, and says before what that is; apt's words go to the log $1.
install_packages() {
  local log=$1 missing as_root=() how=''
  shift
  command -v dpkg-query >/dev/null || die "this is not Debian: install by hand what scripts/packages/*.txt name"
  mapfile -t missing < <(missing_packages "$@")
  [ "${#missing[@]}" -gt 0 ] || return 0
  if ! is_root; then
    command -v sudo >/dev/null ||
      die "there is no sudo: install these as root first: apt-get install --no-install-recommends ${missing[*]}"
    as_root=(sudo) how='sudo '
  fi
  require_space /usr 1000
  # apt ends in its own way; without this, bash would go on to the advice below.
  exit_on_signals
  say "Installing missing Debian packages by ${how}apt-get update and apt-get install (log: $log):"
  fold -s -w 78 <<<"${missing[*]}" | sed 's/^/  /; s/ $//'
  if ! "${as_root[@]}" bash "$ROOT/scripts/lib/install-as-root" "${missing[@]}" 2>"$log"; then
    show_apts_reason "$log"
    die "apt-get could not install the packages, for the reason above: mend that and run this again (log: $log)"
  fi
}
