# Sourced; bash. Installs the Debian packages of the lists in scripts/packages/.

# Prints the installed packages, and the packages that they provide: a nodejs from elsewhere may contain npm, and conflict
# with Debian's npm.
installed_packages() {
  # shellcheck disable=SC2016 # dpkg expands these
  dpkg-query -W -f '${db:Status-Status} ${Package}, ${Provides}\n' | sed -n 's/^installed //p' | tr ',' '\n' |
    awk 'NF { print $1 }' | sort -u
}

# Prints the packages of the lists $1… (names without .txt) that are not installed.
missing_packages() {
  local list
  for list in "$@"; do
    cat "$ROOT/scripts/packages/$list.txt"
  done | sort -u | comm -23 - <(installed_packages)
}

# Shows why apt failed, from its log $1: what it could not fetch or find, conflicts, and errors of packages.
show_apts_reason() {
  awk '/^(E: |W: Failed|Err:|dpkg: error|sudo: )/ { print; inside = /^(Err|dpkg)/; next }
       /unmet dependencies:/ { print; inside = 1; next }
       /^ / && inside { print; next }
       { inside = 0 }' "$1" | uniq | head -n 12 >&2
}

# Lists the missing packages of the lists $2…, and installs them. The output of apt goes to the log $1.
install_packages() {
  local log=$1 missing as_root=() how=''
  shift
  command -v dpkg-query >/dev/null || die "this is not Debian: install the packages that scripts/packages/*.txt list by hand"
  mapfile -t missing < <(missing_packages "$@")
  [ "${#missing[@]}" -gt 0 ] || return 0
  if ! is_root; then
    command -v sudo >/dev/null ||
      die "there is no sudo: install these as root first: apt-get install --no-install-recommends ${missing[*]}"
    as_root=(sudo) how='sudo '
  fi
  require_space /usr 1000
  # After a signal, this ends the script; without it, bash would continue with the message below.
  exit_on_signals
  say "Installing missing Debian packages by ${how}apt-get update and apt-get install (log: $log):"
  fold -s -w 78 <<<"${missing[*]}" | sed 's/^/  /; s/ $//'
  if ! "${as_root[@]}" bash "$ROOT/scripts/lib/install-as-root" "${missing[@]}" 2>"$log"; then
    show_apts_reason "$log"
    die "apt-get could not install the packages, for the reason above: fix that and run this again (log: $log)"
  fi
}
