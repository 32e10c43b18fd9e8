# Sourced; bash. Installs the Debian packages that lists in scripts/packages/ name.

# Prints those of the lists $1… (names without .txt) that are not installed.
missing_packages() {
  local list package
  for list in "$@"; do
    while read -r package; do
      if [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" != installed ]; then
        printf '%s\n' "$package"
      fi
    done <"$ROOT/scripts/packages/$list.txt"
  done | sort -u
}

# Installs what is missing of the lists $2…; apt's words go to the log $1.
install_packages() {
  local log=$1 missing as_root=()
  shift
  command -v dpkg-query >/dev/null || die "this is no Debian: install what scripts/packages/*.txt name by hand"
  mapfile -t missing < <(missing_packages "$@")
  [ "${#missing[@]}" -gt 0 ] || return 0
  if ! is_root; then
    command -v sudo >/dev/null ||
      die "there is no sudo: install these as root first: apt-get install --no-install-recommends ${missing[*]}"
    as_root=(sudo)
  fi
  require_space /usr 1000
  say "Installing ${#missing[@]} packages (log: $log): ${missing[*]}"
  if ! "${as_root[@]}" bash "$ROOT/scripts/lib/install-as-root" "${missing[@]}" >"$log" 2>&1; then
    grep -m 3 '^E: \|^sudo: ' "$log" >&2 || tail -n 3 "$log" >&2
    die "packages could not be installed: is the network reachable and /etc/apt/sources.list complete? See $log"
  fi
}
