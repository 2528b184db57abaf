// The strategies by name.
#include <cstdio>
#include <cstdlib>
#include <map>
#include <stdexcept>

#include "strategies/strategy.h"

namespace walsoak {
namespace {

struct Entry {
  Declaration declaration;
  StrategyFactory factory;
};

// Built on first use: registrations run before main() in no fixed order.
std::map<std::string_view, Entry>& registry() {
  static std::map<std::string_view, Entry> entries;
  return entries;
}

const Entry& entry(std::string_view name) {
  const auto found = registry().find(name);
  if (found == registry().end()) throw std::invalid_argument("no strategy " + std::string(name));
  return found->second;
}

}  // namespace

Registration::Registration(const Declaration& declaration, StrategyFactory factory) {
  if (!registry().emplace(declaration.name, Entry{declaration, std::move(factory)}).second) {
    std::fprintf(stderr, "walsoak: two strategies are named %s\n", std::string(declaration.name).c_str());
    std::_Exit(4);
  }
}

std::vector<Declaration> declared_strategies() {
  std::vector<Declaration> all;
  for (const auto& [name, known] : registry()) all.push_back(known.declaration);
  return all;
}

Declaration declaration_of(std::string_view name) {
  return entry(name).declaration;
}

std::unique_ptr<Strategy> make_strategy(std::string_view name, Host& host) {
  return entry(name).factory(host);
}

}  // namespace walsoak
