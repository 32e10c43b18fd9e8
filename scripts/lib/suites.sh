# Sourced, after processes.sh; bash. Runs suites of tests, and collects their results.

# The folder of a run's files.
results=''
suites=()
all_passed=0
all_failed=0

# note NAME PASSED FAILED [REMARK]
note() {
  suites+=("$(printf '%-32s %4d passed, %d failed%s' "$1" "$2" "$3" "${4:-}")")
  all_passed=$((all_passed + $2))
  all_failed=$((all_failed + $3))
}

# Suites of pytest run at the same time. Each has a number of processes, and all together at most $width. If output is "-",
# suites write directly to our output; then only one may run at a time.
width=$((6 * $(nproc)))
output=''
in_use=0
declare -A weights=() logs=() codes=()

# start WEIGHT NAME BUILD PYTEST-ARGUMENT...: starts a suite as soon as WEIGHT processes are free.
start() {
  local weight=$1 name=$2 build=$3 log=$results/${#logs[@]}
  shift 3
  while [ "$in_use" -gt 0 ] && [ $((in_use + weight)) -gt "$width" ]; do
    finish_one
  done
  say "== $name: started after $SECONDS s"
  # A background shell ignores some signals, but tests need their default action.
  launch "$name" "${output:-$log.out}" TERM env -C "$ROOT" --default-signal=HUP,INT,QUIT \
    USER_API_BINARY="$ROOT/$build/user-api" USER_API_ADMIN_BINARY="$ROOT/$build/user-api-admin" \
    /usr/bin/python3 "$ROOT/scripts/lib/run-pytest" "$log.code" -q -rs --junitxml="$log.xml" "$@"
  logs[$name]=$log weights[$name]=$weight
  in_use=$((in_use + weight))
}

# shellcheck disable=SC2154 # of processes.sh
first_ended() {
  for ended in "${!process_pids[@]}"; do
    if is_gone "${process_pids[ended]}"; then return 0; fi
  done
  return 1
}

# Waits until a suite ends, and shows its output.
# shellcheck disable=SC2154 # of processes.sh
finish_one() {
  local ended name code=0
  until first_ended; do
    sleep 0.2
  done
  name=${process_names[ended]}
  wait "${process_pids[ended]}" || code=$?
  forget "$ended"
  # Another child of bash may have got the same pid meanwhile. Then wait gives a wrong code, and the file has the right one.
  [ ! -s "${logs[$name]}.code" ] || code=$(<"${logs[$name]}.code")
  codes[$name]=$code
  in_use=$((in_use - weights[$name]))
  say "== $name: ended after $SECONDS s"
  [ -n "$output" ] || cat "${logs[$name]}.out"
}

finish_all() {
  while [ "${#process_pids[@]}" -gt 0 ]; do
    finish_one
  done
}

# count_tests BUILD PYTEST-ARGUMENT...: prints the number of tests.
count_tests() {
  local build=$1
  shift
  (cd "$ROOT" && USER_API_BINARY=$ROOT/$build/user-api \
    /usr/bin/python3 -m pytest -q --collect-only "$@" </dev/null) | grep -c '^tests/.*::' || true
}

# note_pytest NAME EXPECTED [OTHER NAME...]: notes a suite that ran in one or more parts, with EXPECTED tests together ('': any
# number).
note_pytest() {
  local name=$1 expected=$2 run files=() tests passed failed skipped remark='' wrong=''
  shift 2
  for run in "$name" "$@"; do
    # Codes above 1: interrupted, usage error, or no tests collected. No test failed, but the suite proves nothing.
    [ "${codes[$run]}" -le 1 ] || wrong+=" (pytest ended with code ${codes[$run]})"
    [ ! -s "${logs[$run]}.xml" ] || files+=("${logs[$run]}.xml")
  done
  read -r tests passed failed skipped < <("$ROOT/scripts/lib/junit" counts "${files[@]}")
  [ "$skipped" -eq 0 ] || remark=", $skipped skipped"
  [ "$tests" -eq "${expected:-$tests}" ] || wrong+=" ($tests of $expected tests ran)"
  if [ -n "$wrong" ] && [ "$failed" -eq 0 ]; then failed=1; fi
  note "$name" "$passed" "$failed" "$remark$wrong"
}

show_slowest() {
  local name files=()
  for name in "${!logs[@]}"; do
    [ ! -s "${logs[$name]}.xml" ] || files+=("$name" "${logs[$name]}.xml")
  done
  [ "${#files[@]}" -eq 0 ] || { say 'The slowest tests:' && "$ROOT/scripts/lib/junit" slowest 20 "${files[@]}"; }
}
