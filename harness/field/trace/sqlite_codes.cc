#include "harness/field/trace/sqlite_codes.h"

#include <fmt/format.h>

#include <map>

namespace walsoak::trace {
namespace {

const std::map<std::int64_t, const char*>& names() {
  static const std::map<std::int64_t, const char*> all = {{1, "ERROR"},
                                                          {2, "INTERNAL"},
                                                          {3, "PERM"},
                                                          {4, "ABORT"},
                                                          {5, "BUSY"},
                                                          {6, "LOCKED"},
                                                          {7, "NOMEM"},
                                                          {8, "READONLY"},
                                                          {9, "INTERRUPT"},
                                                          {10, "IOERR"},
                                                          {11, "CORRUPT"},
                                                          {13, "FULL"},
                                                          {14, "CANTOPEN"},
                                                          {15, "PROTOCOL"},
                                                          {17, "SCHEMA"},
                                                          {21, "MISUSE"},
                                                          {22, "NOLFS"},
                                                          {23, "AUTH"},
                                                          {26, "NOTADB"},
                                                          {261, "BUSY_RECOVERY"},
                                                          {517, "BUSY_SNAPSHOT"},
                                                          {773, "BUSY_TIMEOUT"},
                                                          {262, "LOCKED_SHAREDCACHE"},
                                                          {264, "READONLY_RECOVERY"},
                                                          {520, "READONLY_CANTLOCK"},
                                                          {776, "READONLY_ROLLBACK"},
                                                          {1032, "READONLY_DBMOVED"},
                                                          {1288, "READONLY_CANTINIT"},
                                                          {1544, "READONLY_DIRECTORY"},
                                                          {266, "IOERR_READ"},
                                                          {522, "IOERR_SHORT_READ"},
                                                          {778, "IOERR_WRITE"},
                                                          {1034, "IOERR_FSYNC"},
                                                          {1290, "IOERR_DIR_FSYNC"},
                                                          {1546, "IOERR_TRUNCATE"},
                                                          {1802, "IOERR_FSTAT"},
                                                          {2058, "IOERR_UNLOCK"},
                                                          {2314, "IOERR_RDLOCK"},
                                                          {2570, "IOERR_DELETE"},
                                                          {3338, "IOERR_ACCESS"},
                                                          {3850, "IOERR_LOCK"},
                                                          {4106, "IOERR_CLOSE"},
                                                          {4618, "IOERR_SHMOPEN"},
                                                          {4874, "IOERR_SHMSIZE"},
                                                          {5130, "IOERR_SHMLOCK"},
                                                          {5386, "IOERR_SHMMAP"},
                                                          {5642, "IOERR_SEEK"},
                                                          {5898, "IOERR_DELETE_NOENT"},
                                                          {6154, "IOERR_MMAP"},
                                                          {8458, "IOERR_CORRUPTFS"},
                                                          {523, "CORRUPT_SEQUENCE"},
                                                          {779, "CORRUPT_INDEX"},
                                                          {270, "CANTOPEN_NOTEMPDIR"},
                                                          {526, "CANTOPEN_ISDIR"},
                                                          {782, "CANTOPEN_FULLPATH"},
                                                          {1038, "CANTOPEN_CONVPATH"},
                                                          {1550, "CANTOPEN_SYMLINK"}};
  return all;
}

}  // namespace

std::string code_text(std::int64_t code) {
  auto found = names().find(code);
  if (found == names().end()) found = names().find(code & 0xFF);
  return found == names().end() ? fmt::format("{}", code) : fmt::format("{} SQLITE_{}", code, found->second);
}

}  // namespace walsoak::trace
