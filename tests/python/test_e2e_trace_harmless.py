"""walsoak trace changes nothing of a program that loads objects from several threads, asks the kernel for nonsense, is
interrupted by signals, or has a table of addresses where nobody may write. Each case printed something else once, or died."""

import subprocess

import pytest
from test_e2e_trace_copies import as_without, compiler
from traced_command import LIBRARY

if not LIBRARY.exists():
    pytest.skip("no libwalsoak-trace.so: it was not built here", allow_module_level=True)

# A copy of SQLite's names, so that no package is needed: `open` says who was called.
COPY = "int sqlite3_open(const char *p, void **d) { *d = 0; return ANSWER; } int sqlite3_close(void *d) { return 0; }"
USER = "int sqlite3_open(const char *, void **); int run(void) { void *d; return sqlite3_open(\":memory:\", &d); }"


def built(folder, name, source, *options):
    (folder / f"{name}.c").write_text(source)
    result = subprocess.run([*compiler(), "-O1", folder / f"{name}.c", "-x", "none", "-o", folder / name, *options, "-ldl",
                             "-lpthread"], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return folder / name


def library(folder, name, source, *options):
    return built(folder, name, source, "-shared", "-fPIC", *options)


def loader(folder, name, body):
    return built(folder, name, "#define _GNU_SOURCE\n#include <dlfcn.h>\n#include <stdio.h>\n" + body)


def test_threads_that_load_and_unload_objects_at_once(tmp_path):
    copy = library(tmp_path, "libcopy.so", COPY, "-DANSWER=7")
    table = ("int sqlite3_open(); int sqlite3_close();"
             "void *const table[] = {(void *)sqlite3_open, (void *)sqlite3_close}; int hello(void) { return 5; }")
    for number in range(4):
        library(tmp_path, f"plug{number}.so", table, copy, f"-Wl,-rpath,{tmp_path},-z,relro,-z,now")
    program = loader(tmp_path, "race", """
#include <pthread.h>
static void *loads(void *number) {
  char path[64];
  snprintf(path, sizeof path, "./plug%ld.so", (long)number);
  for (int i = 0; i < 300; i++) {
    void *handle = dlopen(path, RTLD_NOW);
    if (!handle || !dlsym(handle, "hello")) return puts("not loaded"), NULL;
    dlclose(handle);
  }
  return NULL;
}
int main(void) {
  pthread_t threads[4];
  for (long i = 0; i < 4; i++) pthread_create(&threads[i], NULL, loads, (void *)i);
  for (int i = 0; i < 4; i++) pthread_join(threads[i], NULL);
  puts("fine");
}""")
    for _ in range(3):
        assert as_without(tmp_path, program).result.stdout == "fine\n"


def test_the_copy_that_the_loading_object_has_comes_first(tmp_path):
    """Which definition comes first for a library depends on the object that asked for it: it must not be guessed."""
    copy = library(tmp_path, "libcopy.so", COPY, "-DANSWER=7")
    middle = library(tmp_path, "libmiddle.so", USER.replace("run", "use"), copy, f"-Wl,-rpath,{tmp_path},-z,lazy")
    own = COPY + " int use(void); int run(void) { return use(); }"
    library(tmp_path, "libroot.so", own, "-DANSWER=77", middle, f"-Wl,-rpath,{tmp_path},-z,lazy")
    program = loader(tmp_path, "scope", """
int main(void) {
  void *handle = dlopen("./libroot.so", RTLD_LAZY | RTLD_LOCAL);
  int (*run)(void) = (int (*)(void))dlsym(handle, "run");
  printf("open %d\\n", run());
}""")
    assert as_without(tmp_path, program).result.stdout == "open 77\n"


def test_a_table_among_the_constants_is_left_alone(tmp_path):
    copy = library(tmp_path, "libcopy.so", COPY, "-DANSWER=7")
    source = ('__asm__(".section .rodata\\n.globl table\\n.balign 8\\ntable: .quad sqlite3_open\\n.text\\n");'
              "extern int (*table[])(const char *, void **); int run(void) { void *d; return table[0](\"x\", &d); }")
    try:
        library(tmp_path, "libtable.so", source, copy, f"-Wl,-rpath,{tmp_path},-z,notext")
    except AssertionError as refused:
        pytest.skip(f"this linker makes no such object: {refused}")
    program = loader(tmp_path, "constant", """
int main(void) {
  void *handle = dlopen("./libtable.so", RTLD_NOW);
  if (!handle) return puts("not loaded"), 1;
  printf("open %d\\n", ((int (*)(void))dlsym(handle, "run"))());
}""")
    assert as_without(tmp_path, program).result.stdout == "open 7\n"


def test_a_lock_request_that_is_no_pointer_is_the_kernels_to_refuse(tmp_path):
    program = built(tmp_path, "fault", """#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
int main(void) { int got = fcntl(0, F_SETLK, (void *)16); printf("%d %d\\n", got, errno == EFAULT); }""")
    assert as_without(tmp_path, program).result.stdout == "-1 1\n"


def test_errno_is_the_programs_own(tmp_path):
    program = built(tmp_path, "memory", """#include <errno.h>
#include <stdio.h>
int main(void) {
  char *text; size_t size;
  FILE *stream = open_memstream(&text, &size);
  errno = 0;
  int got = fclose(stream);
  printf("%d %d\\n", got, errno);
}""")
    assert as_without(tmp_path, program).result.stdout == "0 0\n"


def test_an_object_of_the_global_scope_can_still_be_unloaded(tmp_path):
    copy = library(tmp_path, "libcopy.so", COPY, "-DANSWER=7")
    library(tmp_path, "libuser.so", USER, "-Wl,-z,lazy")
    program = loader(tmp_path, "unload", f"""
int main(void) {{
  void *copy = dlopen("{copy}", RTLD_NOW | RTLD_GLOBAL), *user = dlopen("./libuser.so", RTLD_LAZY);
  dlsym(user, "run");
  dlclose(user);
  dlclose(copy);
  printf("still %d\\n", dlopen("{copy}", RTLD_NOW | RTLD_NOLOAD) != NULL);
}}""")
    assert as_without(tmp_path, program).result.stdout == "still 0\n"


def test_a_signal_handler_that_unlocks_interrupts_one_of_our_calls(tmp_path):
    """Its own call must not wait for the turn that the interrupted thread has."""
    program = built(tmp_path, "signals", """#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>
static int other;
static volatile int handled;
static void handle(int signal) {
  struct flock none = {.l_type = F_UNLCK};
  (void)signal;
  fcntl(other, F_SETLK, &none);
  handled++;
}
int main(void) {
  /* The bytes that SQLite locks of a main file. */
  struct flock shared = {.l_type = F_RDLCK, .l_start = 1073741826, .l_len = 510};
  int file = open("file", O_RDWR | O_CREAT, 0600);
  other = open("other", O_RDWR | O_CREAT, 0600);
  signal(SIGALRM, handle);
  struct itimerval every = {{0, 200}, {0, 200}};
  setitimer(ITIMER_REAL, &every, NULL);
  for (int i = 0; i < 20000 || handled < 20; i++) {
    shared.l_type = i % 2 ? F_UNLCK : F_RDLCK;
    fcntl(file, F_SETLK, &shared);
  }
  puts("fine");
  return 0;
}""")
    traced = as_without(tmp_path, program)
    assert traced.result.stdout == "fine\n" and traced.events[-1]["event"] == "end", "it was traced to the end"
