/* parked-descriptors: connections are closed, yet descriptors of the main file stay, up to the peak in use.
 * Closing one would drop all POSIX locks of the process on the file, so SQLite parks it while another of its
 * connections holds a lock, and reuses it (os_unix.c, "Posix Advisory Locking"; sqlite.org/howtocorrupt.html
 * 2.2). In the control the connection that stays has read nothing, and so holds no lock. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { AT_ONCE = 8, ROUNDS = 3 };

/* How many descriptors this process has on the file of that name; a stat() drops no locks. */
static int descriptors(const char *name) {
  struct stat file, open_file;
  int count = 0;
  if (stat(name, &file)) return 0;
  for (int fd = 0; fd < 256; ++fd)
    count += fstat(fd, &open_file) == 0 && open_file.st_dev == file.st_dev && open_file.st_ino == file.st_ino;
  return count;
}

static sqlite3 *open_and_run(const char *name, const char *sql) {
  sqlite3 *db;
  sqlite3_open(name, &db);
  sqlite3_exec(db, sql, NULL, NULL, NULL);
  return db;
}

/* Counts the main file's descriptors after each round of connections, and after the last close. */
static void rounds(const char *name, int cause, int seen[ROUNDS + 1]) {
  sqlite3 *connections[AT_ONCE];
  sqlite3_close(open_and_run(name, "PRAGMA journal_mode=WAL; CREATE TABLE t (x)"));
  sqlite3 *stays = open_and_run(name, cause ? "SELECT * FROM t" : "");
  for (int round = 0; round < ROUNDS; ++round) {
    for (int i = 0; i < AT_ONCE; ++i) connections[i] = open_and_run(name, "SELECT * FROM t");
    for (int i = 0; i < AT_ONCE; ++i) sqlite3_close(connections[i]);
    seen[round] = descriptors(name);
  }
  sqlite3_close(stays);
  seen[ROUNDS] = descriptors(name);
  unlink(name);
}

int main(void) {
  char folder[] = "/tmp/parked-descriptors-XXXXXX";
  int m[ROUNDS + 1], c[ROUNDS + 1], reproduced = 1;
  if (!mkdtemp(folder) || chdir(folder)) return puts("cannot be shown here: no folder in /tmp"), 2;
  rounds("mechanism.db", 1, m);
  rounds("control.db", 0, c);
  rmdir(folder);
  printf("SQLite %s; main descriptors after each of 3 x 8 connections, at the end\n", sqlite3_libversion());
  printf("mechanism (one stays, with a lock): expected 9 9 9 0, seen %d %d %d %d\n", m[0], m[1], m[2], m[3]);
  printf("control (one stays, without):       expected 1 1 1 0, seen %d %d %d %d\n", c[0], c[1], c[2], c[3]);
  for (int i = 0; i < ROUNDS; ++i) reproduced &= m[i] == 1 + AT_ONCE && c[i] == 1;
  reproduced &= m[ROUNDS] == 0 && c[ROUNDS] == 0;
  puts(reproduced ? "reproduced" : "not reproduced");
  return !reproduced;
}
