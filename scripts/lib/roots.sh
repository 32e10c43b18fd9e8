# Sourced, after common.sh and processes.sh; bash. Makes roots: Debian systems in a folder, of either supported release.
# debootstrap makes them from this machine's mirror, and archives of them stay for a week.

RELEASES='bookworm trixie'
# The exit code if no root can be made here. It is Automake's code for a skipped test.
NO_ROOT=77
# The folder of the archives; in-root passes it on.
export USER_API_ROOTS=${USER_API_ROOTS:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/user-api/roots}

host_release() {
  (. /etc/os-release && printf '%s' "${VERSION_CODENAME:-}")
}

# Prints the supported release that this machine does not have.
other_release() {
  case $(host_release) in
    trixie) echo bookworm ;;
    *) echo trixie ;;
  esac
}

is_release() {
  [[ " $RELEASES " == *" $1 "* ]]
}

no_root() {
  complain "cannot create a Debian root here: $*"
  exit "$NO_ROOT"
}

# Ends the script unless this process may make and enter a root.
require_roots() {
  is_root || no_root "that takes root"
  unshare --mount --pid --fork true 2>/dev/null || no_root "unshare fails, as in a container without privileges"
}

# Prints the lines of sources.list for release $1. It gets the same parts of Debian that this machine has for its release.
sources_of() {
  # shellcheck disable=SC2016 # apt expands these
  apt-get indextargets --format '$(SITE) $(CODENAME) $(COMPONENT)' 'Created-By: Packages' |
    sed -nE "s#^([^ ]+) $(host_release)(-updates|-security)? main\$#\1 $1\2 main#p" | sort -u |
    sed 's#^#deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] #'
}

# Copies the settings with which this machine's apt reaches its mirror: proxies, and certificates with their files. Other
# settings may refer to packages of this machine.
copy_apt_settings() {
  local folder=$1 line file
  { apt-config dump | grep -E '^Acquire::https?::(.*::)?(Proxy|CaInfo|Verify-Peer|Verify-Host|SslCert|SslKey)(::[^ ]+)? ' || true; } \
    >"$folder/etc/apt/apt.conf.d/90mirror"
  while read -r line; do
    file=${line#*\"}
    file=${file%%\"*}
    if [[ $file == /* ]] && [ -f "$file" ]; then
      install -D -m 0644 "$file" "$folder$file"
    fi
  done <"$folder/etc/apt/apt.conf.d/90mirror"
}

# killably LOG COMMAND...: runs the command; a signal to this shell kills it immediately.
killably() {
  local code=0
  launch root "$1" KILL "${@:2}"
  # shellcheck disable=SC2154 # of processes.sh
  wait "${process_pids[-1]}" || code=$?
  forget $((${#process_pids[@]} - 1))
  return "$code"
}

# last_words LOG: shows why something failed.
last_words() {
  grep -m 3 '^E: ' "$1" >&2 || tail -n 3 "$1" >&2
}

# bootstrap RELEASE FOLDER LOG: makes a minimal Debian system, with the lists of packages.
bootstrap() {
  local release=$1 folder=$2 log=$3 sources mirror
  sources=$(sources_of "$release")
  mirror=$(sed -n "s|^deb [^ ]* \([^ ]*\) $release main\$|\1|p" <<<"$sources" | head -n 1)
  [ -n "$mirror" ] || no_root "apt knows no mirror: apt-get update"
  # In a namespace, which removes its mounts even if debootstrap is killed.
  if ! killably "$log" unshare --mount --pid --fork --kill-child --mount-proc \
    debootstrap --variant=minbase "$release" "$folder" "$mirror"; then
    last_words "$log"
    no_root "debootstrap failed on $mirror"
  fi
  printf '%s\n' "$sources" >"$folder/etc/apt/sources.list"
  copy_apt_settings "$folder"
  if ! killably "$log" "$ROOT/scripts/lib/in-root" "$folder" \
    apt-get -q -o Acquire::Retries=3 -o APT::Update::Error-Mode=any update; then
    last_words "$log"
    no_root "apt there does not reach $mirror"
  fi
}

# add_packages FOLDER LOG PACKAGE...
add_packages() {
  local folder=$1 log=$2
  shift 2
  cp "$ROOT/scripts/lib/install-as-root" "$folder/tmp/"
  if ! killably "$log" "$ROOT/scripts/lib/in-root" "$folder" bash /tmp/install-as-root "$@"; then
    last_words "$log"
    die "could not install the packages of the root"
  fi
  rm -f "$folder/tmp/install-as-root" "$folder/var/cache/apt/archives"/*.deb
}

# make_root RELEASE FOLDER [PACKAGE...]: makes a root in the empty folder, from this week's archive if there is one.
make_root() {
  local release=$1 folder=$2 log=$2.log archive key
  shift 2
  require_roots
  mkdir -p "$USER_API_ROOTS"
  find "$USER_API_ROOTS" -name '*.tar.zst*' -mtime +7 -delete
  key=$({ sources_of "$release" && dpkg --print-architecture && printf '%s\n' "$@" | sort -u; } | sha256sum | cut -c 1-12)
  archive=$USER_API_ROOTS/$release-$(date +%G-W%V)-$key.tar.zst
  # Two scripts that make the same root take turns.
  exec 6>"$USER_API_ROOTS/$key.lock"
  flock 6
  if [ -s "$archive" ]; then
    say "Unpacking Debian's $release"
    killably "$log" tar -I zstd -xpf "$archive" -C "$folder" || die "$archive is damaged: remove it"
  else
    say "Making Debian's $release, with $# packages and what they need"
    bootstrap "$release" "$folder" "$log"
    [ $# -eq 0 ] || add_packages "$folder" "$log" "$@"
    # The mode is 0600, because apt's settings in the archive can contain a proxy's password and the key of a certificate.
    install -m 0600 /dev/null "$archive.new" || die "$USER_API_ROOTS is not writable"
    killably "$log" tar -I 'zstd -T0' -cpf "$archive.new" -C "$folder" . || die "$archive cannot be written"
    mv -f "$archive.new" "$archive"
  fi
  exec 6>&-
}
