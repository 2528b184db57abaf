/* split-generation: two processes use one database, each with a -wal of its own, and neither notices.
 * An open and close of the file dropped the locks of a held connection (sqlite.org/howtocorrupt.html 2.2);
 * the next process to close takes itself for the last one, checkpoints, and unlinks -wal and -shm. The
 * control asks by stat() instead. SQLite 3.51.0 and later look at the locks on the -shm first. */
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct seen { int deleted, inside, outside; };
static int rows(sqlite3 *db, const char *sql) { /* after sql; or minus the extended code of an error */
  sqlite3_stmt *count = NULL;
  int n, rc = sqlite3_exec(db, sql, NULL, NULL, NULL);
  if (!rc) rc = sqlite3_prepare_v2(db, "SELECT count(*) FROM t", -1, &count, NULL);
  if (!rc && sqlite3_step(count) == SQLITE_ROW) n = sqlite3_column_int(count, 0);
  else n = -sqlite3_extended_errcode(db);
  return sqlite3_finalize(count), n;
}
static int visit(const char *name, const char *sql) { /* opens, executes, counts, closes */
  sqlite3 *db;
  sqlite3_open(name, &db);
  int n = rows(db, sql);
  return sqlite3_close(db), n;
}
static int other_process(const char *name, const char *sql) { /* a visit by this program, started again */
  int status = 0;
  if (fork() == 0) _exit(execl("/proc/self/exe", "other", name, sql, (char *)NULL));
  return wait(&status), WEXITSTATUS(status);
}
static struct seen split(const char *name, int cause) {
  struct seen seen = {0, 0, 0};
  struct stat file;
  sqlite3 *held;
  sqlite3_open(name, &held);
  rows(held, "PRAGMA journal_mode=WAL; CREATE TABLE t (x); INSERT INTO t VALUES ('held-1')");
  if (cause ? close(open(name, O_RDONLY)) : stat(name, &file)) perror(name);
  other_process(name, "INSERT INTO t VALUES ('other-1')");
  seen.inside = rows(held, "INSERT INTO t VALUES ('held-2')");
  seen.outside = other_process(name, "");
  for (int fd = 3; fd < 64; ++fd) seen.deleted += fstat(fd, &file) == 0 && file.st_nlink == 0;
  return sqlite3_close(held), unlink(name), seen;
}
int main(int argc, char **argv) {
  char folder[] = "/tmp/split-generation-XXXXXX";
  if (argc == 3) return visit(argv[1], argv[2]);
  if (access("/proc/self/exe", X_OK) || !mkdtemp(folder) || chdir(folder))
    return puts("cannot be shown here: no /proc/self/exe to start again, or no folder in /tmp"), 2;
  struct seen m = split("mechanism.db", 1), c = split("control.db", 0);
  int in_m = m.deleted && m.inside != m.outside, in_c = c.deleted && c.inside != c.outside;
  rmdir(folder);
  if (!in_m && !in_c && sqlite3_libversion_number() >= 3051000)
    return printf("cannot be shown here: SQLite %s did not unlink (3.51 on)\n", sqlite3_libversion()), 2;
  printf("SQLite %s; deleted sidecars held, rows inside, rows outside\n", sqlite3_libversion());
  printf("mechanism (open, close): expected 2 3 2, seen %d %d %d\n", m.deleted, m.inside, m.outside);
  printf("control (stat):          expected 0 3 3, seen %d %d %d\n", c.deleted, c.inside, c.outside);
  return puts(in_m && !in_c ? "reproduced" : "not reproduced"), !in_m || in_c;
}
