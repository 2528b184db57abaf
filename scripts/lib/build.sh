# Sourced after common.sh: configures and builds a preset; the whole output is in a log that is shown in part where
# something failed, and a terminal shows the current step. A second call builds only what changed.
# shellcheck shell=bash

# What `walsoak run` starts, and walsoak-watch, which users copy to other machines; named by output file, as Ninja
# takes them.
PROGRAMS=(walsoak walsoak-subject walsoak-worker walsoak-checker walsoak-watch)

# 246 s by `time scripts/soak --dry-run` in a fresh clone on 2 idle cores without ccache, 2026-11-30.
FIRST_BUILD='about 3 minutes on 2 cores, the first time only'

build_folder() {
  printf '%s' "$ROOT/build/$1"
}

# show_failure LOG WHAT: the first errors of a log, then one line and exit 4.
show_failure() {
  { grep -m 5 -A 4 -E ': (fatal )?error|CMake Error|undefined reference|^ninja: error' "$1" || tail -n 20 "$1"; } >&2
  die 4 "$2 failed; the whole output is in $(shown_path "$1")"
}

# A tree that CMake made at another place, moved or copied since with its checkout, would end in a CMake error.
discard_moved_tree() {
  local cache=$1/CMakeCache.txt source made
  [[ -f $cache ]] || return 0
  source=$(sed -n 's/^CMAKE_HOME_DIRECTORY:INTERNAL=//p' "$cache")
  made=$(sed -n 's/^CMAKE_CACHEFILE_DIR:INTERNAL=//p' "$cache")
  [[ $source -ef $ROOT && $made -ef $1 ]] && return 0
  say "$(shown_path "$1") was moved or copied from $made: it is built anew"
  rm -rf "$1"
}

# show_steps LOG: copies its input to LOG, and repaints one line of the terminal with Ninja's current step.
show_steps() {
  local line columns
  columns=$(stty size <&2 2>/dev/null || true) && columns=${columns#* }
  ((columns > 1)) || columns=80
  while IFS= read -r line; do
    printf '%s\n' "$line" >>"$1"
    [[ $line != \[* ]] || printf '\r%s\e[K' "${line:0:columns - 1}" >&2
  done
  printf '\r\e[K' >&2
}

# logged_build LOG COMMAND...
logged_build() {
  local log=$1
  shift
  if [[ -t 2 && ${TERM:-dumb} != dumb ]]; then
    "$@" 2>&1 | show_steps "$log"
  else
    "$@" >>"$log" 2>&1
  fi
}

# build_preset [--tests] PRESET [TARGET...]: all targets where none is named. Without --tests a new tree is configured
# without them, so that no GoogleTest is needed; one that has them keeps them.
# WALSOAK_WERROR=ON makes warnings errors (a fresh compiler's new warning must not stop a user).
build_preset() {
  local preset folder log launcher target targets=() arguments=() tests=''
  if [[ $1 == --tests ]]; then
    tests=ON
    shift
  fi
  preset=$1
  shift
  folder=$(build_folder "$preset")
  log=$folder/scripts.log
  discard_moved_tree "$folder"
  [[ -n $tests || -f $folder/CMakeCache.txt ]] || tests=OFF
  [[ -n $tests ]] && arguments+=("-DWALSOAK_TESTS=$tests")
  launcher=$(command -v ccache || true)
  arguments+=("-DCMAKE_C_COMPILER_LAUNCHER=$launcher" "-DCMAKE_CXX_COMPILER_LAUNCHER=$launcher")
  [[ -n ${WALSOAK_WERROR:-} ]] && arguments+=("-DWALSOAK_WERROR=$WALSOAK_WERROR")
  for target in "$@"; do targets+=(--target "$target"); done
  if [[ "$*" == "${PROGRAMS[*]}" && ! -e $folder/walsoak ]]; then
    say "building walsoak ($FIRST_BUILD; log: $(shown_path "$log"))"
  else
    say "building preset $preset (log: $(shown_path "$log"))"
  fi
  mkdir -p "$folder"
  SECONDS=0
  (cd "$ROOT" && cmake --preset "$preset" "${arguments[@]}") >"$log" 2>&1 ||
    show_failure "$log" "configuring preset $preset"
  logged_build "$log" cmake --build "$folder" --parallel "$(nproc)" "${targets[@]}" ||
    show_failure "$log" "building preset $preset"
  say "built in $SECONDS s"
}

# Sets WRAPPER, the words before a command that runs programs of a preset. GCC's thread sanitizer refuses the address
# space layout of kernels that randomise more bits than it expects; without randomisation it works everywhere.
run_wrapper() {
  WRAPPER=(env)
  if [[ $1 == tsan ]] && setarch "$(uname -m)" -R true 2>/dev/null; then
    WRAPPER=(setarch "$(uname -m)" -R)
  fi
}

# Sets WALSOAK, the program to run: built now, or $WALSOAK_BIN (the scripts' own tests put a stand-in there).
# shellcheck disable=SC2034  # for the caller
prepare_walsoak() {
  if [[ -n ${WALSOAK_BIN:-} ]]; then
    WALSOAK=$WALSOAK_BIN
    return 0
  fi
  require_packages "${BUILD_PACKAGES[@]}" "${REPORT_PACKAGES[@]}"
  build_preset release "${PROGRAMS[@]}"
  WALSOAK=$(build_folder release)/walsoak
}
