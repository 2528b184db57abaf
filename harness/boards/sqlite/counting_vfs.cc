#include "harness/boards/sqlite/counting_vfs.h"

#include <sqlite3.h>

#include <cstring>
#include <optional>
#include <string_view>

#include "harness/boards/sqlite/error.h"
#include "harness/boards/sqlite/vfs_faults.h"

namespace walsoak::sqlite {
namespace {

enum class Kind { main, wal, journal, other };

// SQLite allocates szOsFile bytes: ours, and behind them the real VFS's file.
struct CountingFile {
  sqlite3_file base;
  VfsCounts* counts;
  Kind kind;
  bool shm_mapped;
  const char* name;  // SQLite's own copy, which outlives the file; null for a temporary one
};

struct Shim {
  sqlite3_vfs vfs{};
  sqlite3_vfs* real = nullptr;
  VfsLedger ledger;
};

Shim& shim() {
  static Shim* const instance = new Shim;  // never destroyed: connections may close during exit
  return *instance;
}

CountingFile* self(sqlite3_file* file) {
  return reinterpret_cast<CountingFile*>(file);
}
sqlite3_file* real(sqlite3_file* file) {
  return reinterpret_cast<sqlite3_file*>(self(file) + 1);
}

VfsCounts::Files* files_of(CountingFile* file) {
  switch (file->kind) {
    case Kind::main:
      return &file->counts->main;
    case Kind::wal:
      return &file->counts->wal;
    case Kind::journal:
      return &file->counts->journal;
    case Kind::other:
      break;
  }
  return nullptr;
}

VfsFileKind fault_kind(Kind kind) {
  switch (kind) {
    case Kind::main:
      return VfsFileKind::main;
    case Kind::wal:
      return VfsFileKind::wal;
    case Kind::journal:
      return VfsFileKind::journal;
    case Kind::other:
      break;
  }
  return VfsFileKind::any;
}

// The injected code for this operation, or nothing. Temporary files are nobody's board. While no fault is set
// this costs one relaxed load.
std::optional<int> injected(sqlite3_file* file, VfsOperation operation) {
  if (self(file)->kind == Kind::other || !vfs_faults().any()) return std::nullopt;
  return vfs_faults().due(operation, fault_kind(self(file)->kind), main_file_of(self(file)->name));
}

int file_close(sqlite3_file* file) {
  const int code = real(file)->pMethods->xClose(real(file));
  // The unix VFS has closed or parked the descriptor even where it returns an error.
  if (VfsCounts::Files* files = files_of(self(file))) files->count_close();
  return code;
}

int file_read(sqlite3_file* file, void* data, int size, sqlite3_int64 offset) {
  if (const auto code = injected(file, VfsOperation::read)) return *code;
  const int code = real(file)->pMethods->xRead(real(file), data, size, offset);
  if (self(file)->counts != nullptr && code == SQLITE_OK) self(file)->counts->bytes_read += size;
  return code;
}

int file_write(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
  if (const auto code = injected(file, VfsOperation::write)) return *code;
  const int code = real(file)->pMethods->xWrite(real(file), data, size, offset);
  if (self(file)->counts != nullptr && code == SQLITE_OK) self(file)->counts->bytes_written += size;
  return code;
}

int file_truncate(sqlite3_file* file, sqlite3_int64 size) {
  if (const auto code = injected(file, VfsOperation::truncate)) return *code;
  return real(file)->pMethods->xTruncate(real(file), size);
}

int file_sync(sqlite3_file* file, int flags) {
  if (const auto code = injected(file, VfsOperation::sync)) return *code;
  if (self(file)->counts != nullptr) ++self(file)->counts->syncs;
  return real(file)->pMethods->xSync(real(file), flags);
}

int file_size(sqlite3_file* file, sqlite3_int64* size) {
  return real(file)->pMethods->xFileSize(real(file), size);
}
int file_lock(sqlite3_file* file, int level) {
  if (const auto code = injected(file, VfsOperation::lock)) return *code;
  return real(file)->pMethods->xLock(real(file), level);
}
int file_unlock(sqlite3_file* file, int level) {
  return real(file)->pMethods->xUnlock(real(file), level);
}
int file_check_reserved(sqlite3_file* file, int* result) {
  return real(file)->pMethods->xCheckReservedLock(real(file), result);
}
int file_control(sqlite3_file* file, int operation, void* argument) {
  return real(file)->pMethods->xFileControl(real(file), operation, argument);
}
int file_sector_size(sqlite3_file* file) {
  return real(file)->pMethods->xSectorSize(real(file));
}
int file_characteristics(sqlite3_file* file) {
  return real(file)->pMethods->xDeviceCharacteristics(real(file));
}

int file_shm_map(sqlite3_file* file, int region, int size, int extend, void volatile** address) {
  if (const auto code = injected(file, VfsOperation::shm_map)) return *code;
  const int code = real(file)->pMethods->xShmMap(real(file), region, size, extend, address);
  if (code == SQLITE_OK && !self(file)->shm_mapped && self(file)->counts != nullptr) {
    self(file)->shm_mapped = true;
    self(file)->counts->shm.begin_open();
    self(file)->counts->shm.end_open(true);
  }
  return code;
}
int file_shm_lock(sqlite3_file* file, int offset, int count, int flags) {
  return real(file)->pMethods->xShmLock(real(file), offset, count, flags);
}
void file_shm_barrier(sqlite3_file* file) {
  real(file)->pMethods->xShmBarrier(real(file));
}
int file_shm_unmap(sqlite3_file* file, int remove) {
  // SQLite unmaps before it closes the file, always: closing alone would leak the real VFS's mapping.
  const int code = real(file)->pMethods->xShmUnmap(real(file), remove);
  if (self(file)->shm_mapped) self(file)->counts->shm.count_close();
  self(file)->shm_mapped = false;
  return code;
}
int file_fetch(sqlite3_file* file, sqlite3_int64 offset, int size, void** page) {
  return real(file)->pMethods->xFetch(real(file), offset, size, page);
}
int file_unfetch(sqlite3_file* file, sqlite3_int64 offset, void* page) {
  return real(file)->pMethods->xUnfetch(real(file), offset, page);
}

// One table a version of sqlite3_io_methods: SQLite asks for shared memory and memory-mapped pages only where
// the version says that the file has them, so ours must say what the real one says.
const sqlite3_io_methods* methods(int version) {
  static const auto make = [](int v) {
    return sqlite3_io_methods{v,
                              file_close,
                              file_read,
                              file_write,
                              file_truncate,
                              file_sync,
                              file_size,
                              file_lock,
                              file_unlock,
                              file_check_reserved,
                              file_control,
                              file_sector_size,
                              file_characteristics,
                              file_shm_map,
                              file_shm_lock,
                              file_shm_barrier,
                              file_shm_unmap,
                              file_fetch,
                              file_unfetch};
  };
  static const sqlite3_io_methods table[] = {make(1), make(2), make(3)};
  return &table[(version < 3 ? version : 3) - 1];
}

Kind kind_of(int flags) {
  if ((flags & SQLITE_OPEN_MAIN_DB) != 0) return Kind::main;
  if ((flags & SQLITE_OPEN_WAL) != 0) return Kind::wal;
  if ((flags & SQLITE_OPEN_MAIN_JOURNAL) != 0) return Kind::journal;
  return Kind::other;
}

int vfs_open(sqlite3_vfs*, sqlite3_filename name, sqlite3_file* file, int flags, int* out_flags) {
  CountingFile* const own = self(file);
  std::memset(own, 0, sizeof *own);
  own->kind = name == nullptr ? Kind::other : kind_of(flags);
  own->name = name;
  if (own->kind == Kind::other) {
    const int code = shim().real->xOpen(shim().real, name, real(file), flags, out_flags);
    if (real(file)->pMethods != nullptr) own->base.pMethods = methods(real(file)->pMethods->iVersion);
    return code;
  }
  // Without methods SQLite does not close what was not opened.
  if (const auto code = injected(file, VfsOperation::open)) return *code;
  own->counts = &shim().ledger.of(name);
  files_of(own)->begin_open();
  const int code = shim().real->xOpen(shim().real, name, real(file), flags, out_flags);
  const bool opened = real(file)->pMethods != nullptr;
  files_of(own)->end_open(opened);
  if (opened) own->base.pMethods = methods(real(file)->pMethods->iVersion);
  return code;
}

int vfs_delete(sqlite3_vfs*, const char* name, int sync_folder) {
  const int code = shim().real->xDelete(shim().real, name, sync_folder);
  if (code != SQLITE_OK) return code;
  const std::string_view file = name;
  const auto actor = static_cast<std::size_t>(current_actor());
  if (file.ends_with("-wal")) ++shim().ledger.of(file).wal_unlinks[actor];
  if (file.ends_with("-journal")) ++shim().ledger.of(file).journal_unlinks[actor];
  return code;
}

}  // namespace

VfsLedger& install_counting_vfs() {
  Shim& s = shim();
  if (s.real != nullptr) return s.ledger;
  sqlite3_vfs* const original = sqlite3_vfs_find(nullptr);
  if (original == nullptr) throw Error(SQLITE_ERROR, "install_counting_vfs", "SQLite has no default VFS");
  s.vfs = *original;  // time, randomness, dynamic loading and system calls stay the original's own
  s.vfs.zName = kCountingVfsName;
  s.vfs.pNext = nullptr;
  s.vfs.szOsFile = static_cast<int>(sizeof(CountingFile)) + original->szOsFile;
  s.vfs.xOpen = vfs_open;
  s.vfs.xDelete = vfs_delete;
  s.real = original;
  if (const int code = sqlite3_vfs_register(&s.vfs, 1); code != SQLITE_OK) {
    throw Error(code, "install_counting_vfs", sqlite3_errstr(code));
  }
  return s.ledger;
}

}  // namespace walsoak::sqlite
