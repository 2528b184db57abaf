# Sourced after common.sh: finds a scenario file and the SQLite versions that it names.
# shellcheck shell=bash

# Sets SCENARIO to the file meant by $1: as it stands, or below the checkout. Exit 3 where there is none.
# shellcheck disable=SC2034  # for the caller
find_scenario() {
  local candidate
  for candidate in "$1" "$ROOT/$1" "$ROOT/scenarios/$1" "$ROOT/scenarios/$1.json"; do
    if [[ -f $candidate ]]; then
      SCENARIO=$candidate
      return 0
    fi
  done
  die 3 "no scenario $1; there are: $(cd "$ROOT" && find scenarios -name '*.json' ! -name fixes.json ! -name '*.schema.json' 2>/dev/null | sort | paste -sd ' ')"
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
