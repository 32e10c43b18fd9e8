# Sourced; bash. Processes that a command starts, watches and stops: known by pid, none of them anyone else's.

process_names=()
process_pids=()
process_signals=()

# launch NAME LOG SIGNAL COMMAND...: starts a process in a session of its own, so that the terminal's Ctrl-C
# reaches it only through us, in order; SIGNAL asks it to stop, also when this shell is killed. LOG "-" is our output.
launch() {
  local name=$1 log=$2 signal=$3
  shift 3
  {
    [ "$log" = - ] || exec >>"$log" 2>&1
    cd / && exec setsid setpriv --pdeathsig "$signal" "$@"
  } </dev/null 9>&- &
  process_names+=("$name")
  process_pids+=("$!")
  process_signals+=("$signal")
}

is_running() {
  kill -0 "$1" 2>/dev/null
}

is_gone() {
  ! is_running "$1"
}

all_running() {
  local pid
  for pid in "${process_pids[@]}"; do
    is_running "$pid" || return 1
  done
}

# The name of the first process that has ended.
ended_process() {
  local i
  for i in "${!process_pids[@]}"; do
    is_running "${process_pids[i]}" || printf '%s' "${process_names[i]}"
  done
}

# Blocks until one of them ends or a trapped signal comes.
wait_for_any_end() {
  wait -n "${process_pids[@]}"
}

# Takes process number $1 off the list: it has ended, and its pid may be another's.
forget() {
  process_names=("${process_names[@]:0:$1}" "${process_names[@]:$1+1}")
  process_pids=("${process_pids[@]:0:$1}" "${process_pids[@]:$1+1}")
  process_signals=("${process_signals[@]:0:$1}" "${process_signals[@]:$1+1}")
}

# Asks all to stop, and waits for none.
ask_all() {
  local i
  for i in "${!process_pids[@]}"; do
    kill -s "${process_signals[i]}" "${process_pids[i]}" 2>/dev/null || true
  done
}

# Stops all, the last one first: asks, waits, kills.
stop_all() {
  local i pid
  for ((i = ${#process_pids[@]} - 1; i >= 0; i--)); do
    pid=${process_pids[i]}
    kill -s "${process_signals[i]}" "$pid" 2>/dev/null || continue
    if ! wait_for 40 is_gone "$pid"; then
      complain "${process_names[i]} (pid $pid) did not stop; killing it"
      kill -KILL "$pid" 2>/dev/null || true
    fi
  done
  process_names=() process_pids=() process_signals=()
}
