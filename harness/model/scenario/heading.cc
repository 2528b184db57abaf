#include "harness/model/scenario/heading.h"

#include "harness/model/scenario/shape.h"

namespace walsoak::scenario {

Heading read_heading(const nlohmann::ordered_json& document, const std::filesystem::path& path) {
  const Place file{path.string(), ""};
  require_object(document, file);
  require_schema_version(document, file);
  const auto text = [&](const char* key, std::string missing) {
    const auto found = document.find(key);
    return found == document.end() ? std::move(missing) : require_string(*found, file.at(key));
  };
  Heading heading;
  heading.name = text("name", path.stem().string());
  if (!is_slug(heading.name)) {
    file.at("name").fail(shown(heading.name) + " is no name",
                         "valid: lower-case letters, digits and hyphens");
  }
  heading.title = text("title", heading.name);
  heading.question = text("question", "");
  return heading;
}

}  // namespace walsoak::scenario
