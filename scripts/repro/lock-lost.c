/* lock-lost: an ordinary open, read and close of the database file drops every lock SQLite holds on it.
 * POSIX locks belong to the process, and go when it closes any descriptor of the file
 * (sqlite.org/howtocorrupt.html 2.2). The connection does not notice. The control asks by stat() instead. */
#include <dirent.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* How many locks this process has on SQLite's shared range (SHARED_FIRST, SHARED_SIZE) of a file. */
static int shared_locks(void) {
  char line[512], name[300];
  int count = 0;
  DIR *infos = opendir("/proc/self/fdinfo");
  for (struct dirent *entry; (entry = readdir(infos)) != NULL;) {
    snprintf(name, sizeof name, "/proc/self/fdinfo/%s", entry->d_name);
    FILE *info = fopen(name, "r");
    while (info && fgets(line, sizeof line, info)) count += strstr(line, " 1073741826 1073742335") != NULL;
    if (info) fclose(info);
  }
  closedir(infos);
  return count;
}

/* Counts before the header is looked at, after, and after one more commit. */
static void look(const char *name, int cause, int locks[3]) {
  char header[16];
  struct stat status;
  sqlite3 *held;
  sqlite3_open(name, &held);
  sqlite3_exec(held, "PRAGMA journal_mode=WAL; CREATE TABLE t (x)", NULL, NULL, NULL);
  locks[0] = shared_locks();
  int fd = cause ? open(name, O_RDONLY) : -1;
  int done = cause ? read(fd, header, sizeof header) == sizeof header && !close(fd) : !stat(name, &status);
  locks[1] = done ? shared_locks() : -1;
  sqlite3_exec(held, "INSERT INTO t VALUES (1)", NULL, NULL, NULL);
  locks[2] = shared_locks();
  sqlite3_close(held);
  unlink(name);
}

int main(void) {
  char folder[] = "/tmp/lock-lost-XXXXXX";
  int m[3], c[3];
  if (access("/proc/self/fdinfo", R_OK) || !mkdtemp(folder) || chdir(folder))
    return puts("cannot be shown here: no /proc/self/fdinfo to count locks in, or no folder in /tmp"), 2;
  look("mechanism.db", 1, m);
  look("control.db", 0, c);
  rmdir(folder);
  printf("SQLite %s; locks before the header is looked at, after, after a commit\n", sqlite3_libversion());
  printf("mechanism (open, read, close): expected 1 0 0, seen %d %d %d\n", m[0], m[1], m[2]);
  printf("control (stat):                expected 1 1 1, seen %d %d %d\n", c[0], c[1], c[2]);
  int reproduced = m[0] == 1 && m[1] == 0 && m[2] == 0 && c[0] == 1 && c[1] == 1 && c[2] == 1;
  puts(reproduced ? "reproduced" : "not reproduced");
  return !reproduced;
}
