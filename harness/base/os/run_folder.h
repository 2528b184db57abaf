// The one door through which walsoak's own processes write, replace or delete: a folder that carries
// walsoak's marker. Whatever resolves to a place outside one is refused, so that no user's database can be
// harmed.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <string_view>

#include "harness/base/os/descriptor.h"

namespace walsoak::os {

inline constexpr std::string_view kRunMarker = ".walsoak-run";

// What walsoak records is for its owner alone: it holds command lines, paths and names. What was made to be
// shown to others, a report without these names, may be read by all whom the umask lets.
inline constexpr mode_t kOwnersFile = 0600;
inline constexpr mode_t kSharedFile = 0644;

// Who may enter a run folder: its owner alone where it holds copies of a user's database.
enum class Entry { everyone, owner };

class RunFolder {
 public:
  // That there is no such folder, or an empty one. Throws std::runtime_error; nothing is made.
  static void require_new(const std::filesystem::path& path);
  // Creates the folder with its marker. Throws std::runtime_error if it exists and is not empty, cannot be
  // made or cannot be closed to others, and std::system_error if the disk is full.
  static RunFolder create(const std::filesystem::path& path, Entry entry = Entry::everyone);
  // Opens one that is there. Throws std::runtime_error if the marker is missing.
  static RunFolder open(const std::filesystem::path& path);
  // The run folder that `inside` lies in (for processes that are handed a board's path).
  static RunFolder containing(const std::filesystem::path& inside);

  const std::filesystem::path& path() const { return path_; }

  // `relative` or absolute, links resolved, as an absolute path below this folder; throws std::runtime_error
  // for one that lies outside, whichever way it is spelled.
  std::filesystem::path inside(const std::filesystem::path& path) const;

  std::filesystem::path make_folder(const std::filesystem::path& path) const;
  // A file of the owner's where it is new.
  Descriptor open_for_append(const std::filesystem::path& path) const;
  // A new file for a copy of `original`. From the beginning no user may do more with it than with the
  // original; its owner, who works on it, may read and write it.
  Descriptor create_for_copy(const std::filesystem::path& path, const Descriptor& original) const;
  // An existing file, for writing at any place; with `truncate` emptied first.
  Descriptor open_for_update(const std::filesystem::path& path, bool truncate) const;
  void remove_tree(const std::filesystem::path& path) const;
  // Writes to a temporary name in the same folder and renames it over `path`: a reader sees the old or the
  // new content, never a part.
  void replace_file(const std::filesystem::path& path, std::string_view content,
                    mode_t mode = kOwnersFile) const;

 private:
  explicit RunFolder(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;
};

// What replace_file does, of any file: for those who have made sure that it may be written. Throws
// std::system_error naming it.
void replace_whole(const std::filesystem::path& target, std::string_view content, mode_t mode);

// The whole content of a file. Throws std::system_error naming it.
std::string read_file(const std::filesystem::path& path);

}  // namespace walsoak::os
