#include "harness/lab/session/cell_files.h"

namespace walsoak::lab {

std::filesystem::path cell_folder(const std::string& cell) {
  return std::filesystem::path("cells") / cell;
}
std::filesystem::path cell_stream(const std::string& cell) {
  return std::filesystem::path("cells") / (cell + ".jsonl");
}

}  // namespace walsoak::lab
