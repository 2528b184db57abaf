// One open file as a line of a listing tells of it, and the lines that do, a function a format.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace walsoak::watch {

struct Entry {
  std::optional<std::int64_t> pid;
  std::string command;
  std::string fd;            // as it stands there: "3", "cwd", "mem"; "" where there are names alone
  bool descriptor = true;    // false for the working directory, the program, maps
  bool deleted_map = false;  // lsof's DEL
  bool regular = true;       // a file, or not told
  bool thread = false;       // of lsof -F: one of a task of the process, which is listed too
  std::string task;      // words between PID and USER, or a folder's task: rows of one table have the same
  std::string type;      // lsof's TYPE, or "socket", "pipe", ... of a link; "" where not shown
  bool on_disk = false;  // a file of a folder, with its size: no process is known to hold it
  std::string path;      // without " (deleted)"; what is no file has some other text
  std::string server;    // of a network file system, which lsof puts behind the name
  bool bare = false;     // a name without its folder: `path` has a slash put before it
  bool deleted = false;
  std::optional<ino_t> inode;
  std::optional<std::int64_t> bytes;
  std::int64_t count = 1;    // descriptors that the line stands for
  bool mixed = false;        // counted with maps, maybe, and without " (deleted)"
  bool lock_column = false;  // the format has one,
  bool locked = false;       // and a lock stands in it
  bool link_count = false;   // the format says how many names the file has
  std::size_t begin = 0;     // where it begins in the line: before that stands a log's timestamp

  // Filled in by the reader: the line and its width as it was pasted.
  std::size_t line = 0, width = 0;
  // Filled in by restore_cut_names(): the line may be cut off, right behind what looks like a whole name.
  bool uncertain = false;          // the name may be another one's beginning
  bool deleted_uncertain = false;  // " (deleted)" may have stood behind it

  std::optional<std::int64_t> number() const;  // of the descriptor
};

// Of lsof: [COMMAND PID [TID [TASKCMD]] [PGID] [PPID] USER] FD TYPE DEVICE SIZE/OFF [NLINK] NODE NAME; with
// or without its heading.
std::optional<Entry> lsof_row(std::string_view line);
// Of busybox's lsof: PID, program, [FD], NAME, by tabs or, pasted, by blanks.
std::optional<Entry> busybox_row(std::string_view line);
// Of ls -l, or du -h, in the folder of a database: a plain file with its size, and nothing of a process.
std::optional<Entry> folder_row(std::string_view line);
// Of ls -l and find -ls in /proc/<pid>/fd: "... 3 -> /home/u/kanban.db"; with a pid of its own at the
// beginning where a loop puts it there ("4711 lrwx------ ...").
std::optional<Entry> descriptor_link(std::string_view line);
// A path alone (readlink), a count before one (uniq -c), or several such ("499 kanban.db + 498 -wal"); empty
// for any other line.
std::vector<Entry> counted_names(std::string_view line);

// Without the quotes of ls, one of which may be cut off.
std::string_view unquoted(std::string_view name);
// Takes " (deleted)" and lsof's remarks in parentheses off a name, and keeps a server among them.
void take_name(std::string_view name, Entry& entry);
// "socket" of "socket:[123]", "pipe", "anon_inode"; "" for a path.
std::string type_of_target(std::string_view target);

}  // namespace walsoak::watch
