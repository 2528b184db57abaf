# Sourced after common.sh and build.sh: finds scenario files and the SQLite versions that they name.
# shellcheck shell=bash

# find_scenarios NAME...: sets SCENARIOS to the files that walsoak takes them for; exit 3, with its line, where one is
# none. Call after prepare_walsoak.
# shellcheck disable=SC2034  # for the caller
find_scenarios() {
  local name paths=() files
  for name in "$@"; do paths+=(--path "$name"); done
  files=$("$WALSOAK" list scenarios "${paths[@]}") || exit $?
  mapfile -t SCENARIOS <<<"$files"
}

# Gets the SQLite versions that a scenario names and that are not there yet; says nothing where all are.
fetch_versions_of() {
  local python versions=() missing=() version
  python=$("$LIB/find-python")
  # A file that is no JSON is walsoak's to explain: it names the place.
  mapfile -t versions < <("$python" -I "$LIB/sqlite_versions.py" "$1" 2>/dev/null)
  for version in "${versions[@]}"; do
    "$ROOT/scripts/fetch-sqlite" --path "$version" >/dev/null 2>&1 || missing+=("$version")
  done
  ((${#missing[@]})) || return 0
  say "the scenario needs SQLite ${missing[*]}: scripts/fetch-sqlite ${missing[*]}"
  "$ROOT/scripts/fetch-sqlite" "${missing[@]}" >&2
}
