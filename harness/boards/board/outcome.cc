#include "harness/boards/board/outcome.h"

#include <cerrno>
#include <stdexcept>
#include <system_error>

#include "harness/boards/board/connect.h"
#include "harness/boards/sqlite/error.h"

namespace walsoak::board {
namespace {

bool failed(nlohmann::ordered_json& entry, int code, const std::string& where, const std::string& message,
            const nlohmann::ordered_json& app) {
  entry["ok"] = false;
  entry["error"] = {{"code", code}, {"message", message}, {"where", where}, {"app", app}};
  return true;
}

}  // namespace

bool guarded(nlohmann::ordered_json& entry, const std::function<bool()>& act) {
  try {
    return act();
  } catch (const sqlite::Error& error) {
    return failed(entry, error.code(), error.where(), error.what(), nullptr);
  } catch (const AppError& error) {
    return failed(entry, 0, error.where(), error.what(), error.kind());
  } catch (const sqlite::AffinityError& error) {
    return failed(entry, 0, "affinity", error.what(), "affinity");
  } catch (const std::system_error& error) {
    return failed(entry, 0, "system", error.what(), error.code().value() == EMFILE ? "EMFILE" : "system");
  }
}

}  // namespace walsoak::board
