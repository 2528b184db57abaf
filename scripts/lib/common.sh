# Sourced by every script: finds the checkout and holds the few words a script has to say and to stop with.
# Exit codes are those of walsoak: 4 the work could not be carried out, 3 usage or scenario error.
# shellcheck shell=bash
set -euo pipefail
unset CDPATH

# An entry of PATH that is empty (PATH=/usr/bin:) or relative means the working folder, whose files are not ours to run.
rest=$PATH: PATH=''
while [[ -n $rest ]]; do
  [[ $rest != /* ]] || PATH+=${PATH:+:}${rest%%:*}
  rest=${rest#*:}
done
unset rest
export PATH

ROOT=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.." && pwd -P)
# shellcheck disable=SC2034  # for those who source this file
LIB=$ROOT/scripts/lib
SCRIPT=$(basename "$0")

# Progress and errors go to stderr, so that stdout holds results alone.
say() {
  printf '%s: %s\n' "$SCRIPT" "$*" >&2
}

# die CODE MESSAGE...: one line, then the end.
die() {
  local code=$1
  shift
  say "$*"
  exit "$code"
}

# result FORMAT ARGUMENT...: what a script was asked for goes to stdout by this alone, so that a full disk is exit 4.
result() {
  # shellcheck disable=SC2059  # the format is the caller's
  printf "$@" 2>/dev/null || die 4 "standard output cannot be written"
}

# The comment at the head of the calling script is its help. The script ends where it cannot be printed, too: whoever
# asks for help has asked for nothing to be started.
help() {
  result '%s\n' "$(awk 'NR > 1 { if (!/^#/) exit; sub(/^# ?/, ""); print }' "$0")"
}

# A path as a person in this folder would write it.
shown_path() {
  case $1 in
    "$PWD"/*) printf '%s' "${1#"$PWD"/}" ;;
    *) printf '%s' "$1" ;;
  esac
}

utc_compact() {
  date -u +%Y%m%dT%H%M%SZ
}
