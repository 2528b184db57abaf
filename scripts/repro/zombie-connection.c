/* zombie-connection: sqlite3_close_v2() returns SQLITE_OK, and the connection's descriptors stay.
 * With a statement that is not finalized it leaves a "zombie", which goes with its last statement
 * (sqlite.org/c3ref/close.html); sqlite3_close() would have said SQLITE_BUSY. The control finalizes first. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { VISITS = 10 };
struct seen { int closed, main, wal, left; };

/* How many descriptors this process has on that file; a stat() drops no locks. */
static int descriptors(const char *name, const char *suffix) {
  struct stat file, open_file;
  char path[64];
  int count = 0;
  snprintf(path, sizeof path, "%s%s", name, suffix);
  if (stat(path, &file)) return 0;
  for (int fd = 0; fd < 256; ++fd)
    count += fstat(fd, &open_file) == 0 && open_file.st_dev == file.st_dev && open_file.st_ino == file.st_ino;
  return count;
}

static struct seen visits(const char *name, int cause) {
  struct seen seen = {0, 0, 0, 0};
  sqlite3_stmt *statements[VISITS];
  for (int i = 0; i < VISITS; ++i) {
    sqlite3 *db;
    sqlite3_open(name, &db);
    sqlite3_exec(db, "PRAGMA journal_mode=WAL; CREATE TABLE IF NOT EXISTS t (x)", NULL, NULL, NULL);
    sqlite3_prepare_v2(db, "SELECT * FROM t", -1, &statements[i], NULL);
    if (!cause) sqlite3_finalize(statements[i]);
    seen.closed += sqlite3_close_v2(db) == SQLITE_OK;
  }
  seen.main = descriptors(name, "");
  seen.wal = descriptors(name, "-wal");
  for (int i = 0; cause && i < VISITS; ++i) sqlite3_finalize(statements[i]);
  seen.left = descriptors(name, "");
  unlink(name);
  return seen;
}

int main(void) {
  char folder[] = "/tmp/zombie-connection-XXXXXX";
  if (!mkdtemp(folder) || chdir(folder)) return puts("cannot be shown here: no folder in /tmp"), 2;
  struct seen m = visits("mechanism.db", 1), c = visits("control.db", 0);
  rmdir(folder);
  printf("SQLite %s; closed, main and -wal open, main open after finalizing\n", sqlite3_libversion());
  printf("mechanism (kept):    expected 10 10 10 0, seen %d %d %d %d\n", m.closed, m.main, m.wal, m.left);
  printf("control (finalized): expected 10 0 0 0, seen %d %d %d %d\n", c.closed, c.main, c.wal, c.left);
  int in_m = m.closed == VISITS && m.main == VISITS && m.wal == VISITS && m.left == 0;
  int clean = c.closed == VISITS && c.main == 0 && c.wal == 0;
  puts(in_m && clean ? "reproduced" : "not reproduced");
  return !(in_m && clean);
}
