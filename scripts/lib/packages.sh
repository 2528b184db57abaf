# Sourced after common.sh: the one list of the distribution's packages, and what installs the missing ones.
# Nothing here touches a package that is there, and nothing is ever installed with pip.
# shellcheck shell=bash

# shellcheck disable=SC2034  # the lists are for the scripts that source this file
{
  BUILD_PACKAGES=(g++ cmake ninja-build libsqlite3-dev nlohmann-json3-dev libcli11-dev libfmt-dev libboost-dev)
  REPORT_PACKAGES=(python3 python3-matplotlib python3-numpy python3-jinja2)
  BENCH_PACKAGES=(libbenchmark-dev)
  TEST_PACKAGES=("${BENCH_PACKAGES[@]}" libgtest-dev libgmock-dev python3-jsonschema python3-pytest python3-pytest-xdist sqlite3 strace)
  LOAD_PACKAGES=(stress-ng)
  SANITIZER_PACKAGES=(clang libclang-rt-dev lld)
  FORMAT_PACKAGES=(clang-format-14)
  FETCH_PACKAGES=(gcc libc6-dev npm python3)
  CHECK_HTML_PACKAGES=(chromium npm)
  CHECK_FIREFOX_PACKAGES=(firefox-esr)
}

# The program that makes a package superfluous where it came some other way (npm from another source, say).
program_of() {
  case $1 in
    ninja-build) echo ninja ;;
    g++ | gcc | cmake | npm | chromium | firefox-esr | python3 | sqlite3 | strace | stress-ng | clang-format-14) echo "$1" ;;
  esac
}

# missing_packages PACKAGE...: those that are not there, one a line. Python modules count as there where one
# interpreter has all that are asked for, whoever installed them.
missing_packages() {
  local package program installed modules=() missing=() missing_modules=()
  installed=$(dpkg-query -W -f='${db:Status-Status} ${Package}\n' "$@" 2>/dev/null) || true
  for package in "$@"; do
    [[ $package == python3-* ]] && modules+=("${package##*-}")
    grep -qxF "installed $package" <<<"$installed" && continue
    program=$(program_of "$package")
    [[ -n $program ]] && command -v "$program" >/dev/null && continue
    if [[ $package == python3-* ]]; then missing_modules+=("$package"); else missing+=("$package"); fi
  done
  if ((${#missing_modules[@]})) && ! "$LIB/find-python" "${modules[@]}" >/dev/null 2>&1; then
    missing+=("${missing_modules[@]}")
  fi
  ((${#missing[@]} == 0)) || printf '%s\n' "${missing[@]}"
}

# require_packages PACKAGE...: returns where all are there in the end; otherwise one line and exit 4.
# WALSOAK_NO_INSTALL=1 never installs; WALSOAK_ASSUME_INSTALLED=1 does not even look (for other distributions).
require_packages() {
  local missing as_root=() log
  [[ ${WALSOAK_ASSUME_INSTALLED:-} == 1 ]] && return 0
  if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
    die 4 "no apt-get here: install what Debian calls $*, set WALSOAK_ASSUME_INSTALLED=1 and call again"
  fi
  mapfile -t missing < <(missing_packages "$@")
  ((${#missing[@]})) || return 0
  if [[ ${WALSOAK_NO_INSTALL:-} == 1 ]]; then
    die 4 "missing, and WALSOAK_NO_INSTALL=1 forbids installing: ${missing[*]}"
  fi
  if [[ $(id -u) != 0 ]]; then
    command -v sudo >/dev/null || die 4 "neither root nor sudo; as root: apt-get install ${missing[*]}"
    as_root=(sudo)
  fi
  say "installing from the distribution's packages (it may take minutes): ${missing[*]}"
  log=$(mktemp)
  # A stale index is no reason to stop where the install itself works, so only its failure counts.
  "${as_root[@]}" apt-get -q update >"$log" 2>&1 || true
  if ! "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends \
    -o DPkg::Lock::Timeout=120 "${missing[@]}" >>"$log" 2>&1; then
    die 4 "apt-get could not install ${missing[*]}: $(grep '^E:' "$log" | tail -n 1) (log: $log)"
  fi
  rm -f "$log"
}
