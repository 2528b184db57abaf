// Files that a user names for a command to write, outside of run folders. What is there already and was not
// made for the purpose is never overwritten: the name may be a typing error, and the file somebody's
// database.
#pragma once

#include <filesystem>
#include <string_view>

namespace walsoak::os {

// That `path` is free, special, or holds an earlier result with `mark` in it: what claim_output tells without
// writing. Throws as it does.
void check_output(const std::filesystem::path& path, std::string_view mark);

// Makes sure, before any work is done, that `path` can be written. What stands there from an earlier call
// goes, so that it cannot be taken for a new result; it must hold `mark` in its first 4096 bytes, or be
// empty. Something else than a regular file (a pipe, /dev/stdout) is left as it is. Throws std::runtime_error
// with one line that says why and names the path.
void claim_output(const std::filesystem::path& path, std::string_view mark);

// Writes a claimed file: under another name first and then renamed, so that nobody reads a part of it. Throws
// std::system_error.
void write_output(const std::filesystem::path& path, std::string_view content);

// Adds to the end of a file, in one write(2) where the system takes it. Throws std::system_error.
void append_output(const std::filesystem::path& path, std::string_view content);

}  // namespace walsoak::os
