# Sourced; bash. A private PostgreSQL cluster with only a unix socket, and authentication by peer and by password.

# Sets `leave` to arguments of setpriv that switch from root to user $1; an ordinary user needs none. It starts no process,
# because a signal would end the script without waiting for that process.
leave_root_for() {
  leave=()
  ! is_root || leave=(--reuid "$1" --regid "$1" --init-groups)
}

# Whether user $1 may enter folder $2.
may_enter() {
  local leave
  leave_root_for "$1"
  setpriv "${leave[@]}" test -x "$2" 2>/dev/null
}

# Sets postgres_bin to the server programs that fit the data in folder $1.
find_postgres() {
  local folders=(/usr/lib/postgresql/*/bin) version=''
  [ ! -r "$1/PG_VERSION" ] || version=$(<"$1/PG_VERSION")
  postgres_bin=${folders[-1]}
  [ -z "$version" ] || postgres_bin=/usr/lib/postgresql/$version/bin
  [ -x "$postgres_bin/postgres" ] ||
    die "the data in $1 are of PostgreSQL $version: install postgresql-$version, or choose another --state"
}

# Creates the cluster in folder $1, with log $2, unless it exists. The user who runs this is its superuser.
create_cluster() {
  local data=$1 log=$2 leave me
  [ ! -e "$data/PG_VERSION" ] || return 0
  require_space "$(dirname "$data")" 200
  leave_root_for postgres
  me=$(id -un)
  rm -rf "$data.new"
  mkdir -m 0700 "$data.new"
  ! is_root || chown postgres: "$data.new"
  (cd / && setpriv "${leave[@]}" "$postgres_bin/initdb" -D "$data.new" -U postgres -E UTF8 --locale=C.UTF-8 \
    --auth=reject --no-instructions) >>"$log" 2>&1 || die "initdb failed: see $log"
  cat >"$data.new/pg_hba.conf" <<END
local all postgres peer map=owner
local all all scram-sha-256
END
  cat >"$data.new/pg_ident.conf" <<END
owner "$me" postgres
END
  # The folder gets its name only when it is complete.
  mv "$data.new" "$data"
}

# Starts the server on data $1 with its socket in folder $2, $3 connections at most, log $4.
start_postgres() {
  local data=$1 socket=$2 connections=$3 log=$4 leave
  leave_root_for postgres
  launch PostgreSQL "$log" INT "${leave[@]}" "$postgres_bin/postgres" -D "$data" \
    -c listen_addresses= -c unix_socket_directories="$socket" -c port=5432 \
    -c max_connections="$connections" -c shared_buffers=64MB -c logging_collector=off -c log_destination=stderr
  wait_until_up PostgreSQL "$log" "$postgres_bin/pg_isready" -q -h "$socket" -p 5432 -U postgres
}
