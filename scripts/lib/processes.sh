# Sourced; bash. Starts, watches and stops processes, by pid, and never touches other processes.

process_names=()
process_pids=()
process_signals=()

# launch NAME LOG SIGNAL COMMAND...: starts a process in a session of its own, so the terminal's Ctrl-C does not reach it:
# this shell stops the processes in order. SIGNAL asks the process to stop, even if this shell is killed. LOG "-" is our
# output.
launch() {
  local name=$1 log=$2 signal=$3
  shift 3
  # A signal must not end this script before the process is in the list.
  defer_exit
  {
    [ "$log" = - ] || exec >>"$log" 2>&1
    cd / && exec setsid setpriv --pdeathsig "$signal" "$@"
  } </dev/null 9>&- &
  process_names+=("$name")
  process_pids+=("$!")
  process_signals+=("$signal")
  allow_exit
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

# Prints the name of the process that has ended.
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

# Removes process number $1 from the list: it has ended, and another process may get its pid.
forget() {
  process_names=("${process_names[@]:0:$1}" "${process_names[@]:$1+1}")
  process_pids=("${process_pids[@]:0:$1}" "${process_pids[@]:$1+1}")
  process_signals=("${process_signals[@]:0:$1}" "${process_signals[@]:$1+1}")
}

# Asks all processes to stop, and does not wait.
ask_all() {
  local i
  for i in "${!process_pids[@]}"; do
    kill -s "${process_signals[i]}" "${process_pids[i]}" 2>/dev/null || true
  done
}

# Stops all processes, the last one first: asks, waits, kills. It asks twice, because bash starts processes that ignore INT
# and QUIT for a moment.
stop_all() {
  local i pid
  for ((i = ${#process_pids[@]} - 1; i >= 0; i--)); do
    pid=${process_pids[i]}
    kill -s "${process_signals[i]}" "$pid" 2>/dev/null || continue
    if ! wait_for 20 is_gone "$pid"; then
      kill -s "${process_signals[i]}" "$pid" 2>/dev/null || true
    fi
    if ! wait_for 20 is_gone "$pid"; then
      complain "${process_names[i]} (pid $pid) did not stop; killing it"
      kill -KILL "$pid" 2>/dev/null || true
      wait_for 5 is_gone "$pid" || true
    fi
  done
  process_names=() process_pids=() process_signals=()
}
