// Whether a program can be traced through a preloaded library, told before it is started.
#pragma once

#include <functional>
#include <optional>
#include <string>

namespace walsoak::trace {

// Why the dynamic linker would not load our library into the program at this path, in a few words that follow
// its name ("is linked statically"); nothing where it will. A script counts as its interpreter, and
// `#!/usr/bin/env NAME` as NAME on PATH. Throws std::system_error where the file cannot be read.
using FindOnPath = std::function<std::optional<std::string>(const std::string& name)>;
std::optional<std::string> why_untraceable(const std::string& path, const FindOnPath& find_on_path);

// The same of the first bytes of an ELF file, as many as its program headers need (elf(5)). Pure.
std::optional<std::string> why_untraceable_elf(const std::string& bytes);

// The words behind `#!` in the first line of a file: the interpreter and its one argument, if any. Pure.
struct Shebang {
  std::string interpreter;
  std::string argument;
};
std::optional<Shebang> shebang_of(const std::string& bytes);

}  // namespace walsoak::trace
