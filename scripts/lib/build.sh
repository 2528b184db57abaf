# Sourced after common.sh: configures and builds a preset quietly; the whole output is in a log that is shown
# in part where something failed. A second call builds only what changed.
# shellcheck shell=bash

# What `walsoak run` starts; named by output file, as Ninja takes them.
PROGRAMS=(walsoak walsoak-subject walsoak-worker walsoak-checker)

build_folder() {
  printf '%s' "$ROOT/build/$1"
}

# show_failure LOG WHAT: the first errors of a log, then one line and exit 4.
show_failure() {
  { grep -m 5 -A 4 -E ': (fatal )?error|CMake Error|undefined reference|^ninja: error' "$1" || tail -n 20 "$1"; } >&2
  die 4 "$2 failed; the whole output is in $(shown_path "$1")"
}

# build_preset PRESET [TARGET...]: all targets where none is named.
# WALSOAK_WERROR=ON makes warnings errors (a fresh compiler's new warning must not stop a user).
build_preset() {
  local preset=$1 folder log launcher target targets=() arguments=()
  shift
  folder=$(build_folder "$preset")
  log=$folder/scripts.log
  launcher=$(command -v ccache || true)
  arguments+=("-DCMAKE_C_COMPILER_LAUNCHER=$launcher" "-DCMAKE_CXX_COMPILER_LAUNCHER=$launcher")
  [[ -n ${WALSOAK_WERROR:-} ]] && arguments+=("-DWALSOAK_WERROR=$WALSOAK_WERROR")
  for target in "$@"; do targets+=(--target "$target"); done
  mkdir -p "$folder"
  (cd "$ROOT" && cmake --preset "$preset" "${arguments[@]}") >"$log" 2>&1 ||
    show_failure "$log" "configuring preset $preset"
  say "building preset $preset (log: $(shown_path "$log"))"
  SECONDS=0
  # Under the thread sanitizer the build runs test programs (to list their tests), so the wrapper is needed here too.
  run_wrapper "$preset"
  "${WRAPPER[@]}" cmake --build "$folder" --parallel "$(nproc)" "${targets[@]}" >>"$log" 2>&1 ||
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
