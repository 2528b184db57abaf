#!/usr/bin/env bash
# A subject in shell: the smallest one that speaks docs/protocol.md, and a starting point for one in another language.
#
# It is a dispatcher without a connection of its own: each pass over a board is one run of the sqlite3 command, a
# process that opens, commits and closes. Nothing can leak here, and each of its closes may be a last one.
#
#   walsoak run scenarios/shell-subject.json --allow-exec

set -u
command -v sqlite3 >/dev/null || { echo "subject.sh: needs the sqlite3 command (apt-get install sqlite3)" >&2; exit 4; }
declare -A board_path=() opened=()
boards=() ack_dir='' seq=0 line='' failed=''

# Messages leave by a descriptor of their own: what a command prints by itself goes to the log.
exec {messages}>&1 1>&2

say() { printf '{"walsoak":1,%s}\n' "$1" >&"$messages"; }
word() { [[ $line =~ \"$1\":\"([^\"]*)\" ]] && printf %s "${BASH_REMATCH[1]}"; }
number() { [[ $line =~ \"$1\":(-?[0-9]+) ]] && printf %s "${BASH_REMATCH[1]}"; }

# sql BOARD STATEMENTS: one connection, from open to close. `failed` is its error, as a member of a board's answer.
# Without -init the command runs what ~/.sqliterc holds.
sql() {
  local message
  opened[$1]=$((${opened[$1]:-0} + 1))
  failed=''
  message=$(sqlite3 -init /dev/null -batch -bail -cmd '.timeout 30000' "${board_path[$1]}" "$2" 2>&1 >/dev/null) && return
  message=${message//[\"\\]/ }
  # The command tells no code, only a message.
  failed=",\"error\":{\"code\":0,\"message\":\"${message//$'\n'/ }\",\"where\":\"sqlite3\",\"app\":\"sqlite3\"}"
}

# on_every_board STATEMENTS...: answers the step with what became of each board.
on_every_board() {
  local began=${EPOCHREALTIME/[.,]/} answers='' ok=true name
  for name in "${boards[@]}"; do
    sql "$name" "$1"
    [[ -z $failed ]] || ok=false
    answers+=",{\"board\":\"$name\",\"ok\":$([[ -z $failed ]] && echo true || echo false)$failed}"
    # Acknowledged only after the commit, with one write.
    [[ -n $failed || ${2-} != acknowledged ]] || printf '%s dispatcher %d\n' "$name" "$seq" >>"$ack_dir/dispatcher.log"
  done
  say "\"type\":\"done\",\"id\":$(number id),\"ok\":$ok,\"latency_us\":$((${EPOCHREALTIME/[.,]/} - began)),\"boards\":[${answers#,}]"
}

done_without_boards() { say "\"type\":\"done\",\"id\":$(number id),\"ok\":true,\"latency_us\":0,\"boards\":[]${1-}"; }

take_cell() {
  local rest=$line
  ack_dir=$(word ack_dir)
  while [[ $rest =~ \"name\":\"(b[0-9]+)\",\"path\":\"([^\"]+)\"(.*)$ ]]; do
    boards+=("${BASH_REMATCH[1]}")
    board_path[${BASH_REMATCH[1]}]=${BASH_REMATCH[2]}
    rest=${BASH_REMATCH[3]}
  done
  done_without_boards
}

# Every connection that was opened was closed: the process that had it is gone. There is no VFS ledger to give.
ledgers() {
  local api='' name
  for name in "${boards[@]}"; do
    api+=",\"$name\":{\"opened\":{\"dispatcher\":${opened[$name]:-0}},\"closed\":{\"dispatcher\":${opened[$name]:-0}}}"
  done
  printf '"api":{%s},"vfs":null' "${api#,}"
}

# Nobody here keeps a connection that could look from inside.
inside() {
  local answers='' name
  for name in "${boards[@]}"; do answers+=",{\"board\":\"$name\",\"ok\":true,\"looked\":false}"; done
  say "\"type\":\"done\",\"id\":$(number id),\"ok\":true,\"latency_us\":0,\"boards\":[${answers#,}]"
}

step() {
  case $(word step) in
    dispatch)
      seq=$((seq + 1))
      on_every_board "BEGIN IMMEDIATE; INSERT INTO acknowledgements (writer, seq) VALUES ('dispatcher', $seq); COMMIT;" acknowledged
      ;;
    probe) on_every_board "SELECT 1 FROM tasks WHERE status IN ('ready', 'review') LIMIT 1;" ;;
    triage) on_every_board "SELECT id FROM tasks WHERE status = 'triage';" ;;
    notifier) on_every_board "SELECT count(*) FROM events;" ;;
    ledger) done_without_boards ",$(ledgers)" ;;
    inside) inside ;;
    *) done_without_boards ;;
  esac
}

read -r version source_id < <(sqlite3 --version)
# Field 22 of the line, counted behind the name, which may hold blanks.
read -r stat <"/proc/$$/stat"
read -ra fields <<<"${stat##*) }"
say "\"type\":\"hello\",\"role\":\"subject\",\"program\":\"subject.sh\",\"pid\":$$,\"start_ticks\":${fields[19]},\"sqlite\":{\"version\":\"$version\",\"source_id\":\"$source_id\",\"compile_options\":[]},\"capabilities\":[\"lockstep\",\"collector-every-n\"]"
# The observer's end closes this loop as well: its messages stop.
while read -r line; do
  case $(word type) in
    cell) take_cell ;;
    step) step ;;
    stop)
      say "\"type\":\"bye\",$(ledgers)"
      exit 0
      ;;
  esac
done
