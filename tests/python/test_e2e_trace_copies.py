"""walsoak trace never answers for SQLite: a program gets of it what it would get without the library, whichever
functions its copy of SQLite has and however it calls them."""

import subprocess
import sys

import pytest
from e2e import GIVE_UP_S, PROJECT, environment
from traced_command import LIBRARY, Traced, compiler

if not LIBRARY.exists():
    pytest.skip("no libwalsoak-trace.so: it was not built here", allow_module_level=True)

SOURCE = PROJECT / "tests/fixtures/traced_copies.c"
CALLED = ["open", "open16", "open_v2", "close", "close_v2", "prepare", "prepare_v2", "prepare_v3", "prepare16",
          "prepare16_v2", "prepare16_v3", "step", "exec"]
ASKED = ["db_filename", "next_stmt", "db_handle", "extended_errcode"]


def compiled(folder, name, *arguments):
    result = subprocess.run([*compiler(), "-O2", "-x", "c", SOURCE, "-x", "none", "-o", folder / name, *arguments], text=True,
                            capture_output=True, check=False)
    assert result.returncode == 0, result.stderr
    return folder / name


def as_without(folder, *command, **env):
    """The trace of a command; its output and exit code must be those without a trace."""
    bare = subprocess.run([*map(str, command)], cwd=folder, env=environment(**env), text=True, capture_output=True,
                          stdin=subprocess.DEVNULL, timeout=GIVE_UP_S, check=False)
    traced = Traced(folder, *command, **env)
    assert (traced.result.stdout, traced.result.returncode) == (bare.stdout, bare.returncode), traced.result.stderr
    return traced


@pytest.mark.parametrize("lacks, how", [("nothing", "linked at once"),
                                        *((lacks, how) for lacks in ["nothing", *CALLED, *ASKED]
                                          for how in ("linked lazily", "by dlsym"))])
def test_a_library_that_lacks_a_function_is_used_as_without_us(tmp_path, lacks, how):
    define = f"-DLACKS_{lacks}"
    library = compiled(tmp_path, "libcopy.so", "-DLIBRARY", define, "-shared", "-fPIC")
    binding = "-Wl,-z,lazy" if how == "linked lazily" else "-Wl,-z,now"
    if how == "by dlsym":
        program = compiled(tmp_path, "program", define, "-DBY_DLSYM")
    else:
        program = compiled(tmp_path, "program", define, library, f"-Wl,-rpath,{tmp_path}", binding)
    traced = as_without(tmp_path, program, library)
    assert traced.result.returncode == 7
    opens = [(event["call"], event["code"]) for event in traced.of("open")]
    wanted = [("sqlite3_open", 0), ("sqlite3_open", 14), ("sqlite3_open16", 0), ("sqlite3_open_v2", 0)]
    assert opens == [call for call in wanted if call[0] != f"sqlite3_{lacks}"]
    paths = {event["path"] for event in traced.of("open") if event["call"] == "sqlite3_open" and event["code"] == 0}
    # Where SQLite cannot be asked, the argument says it.
    assert paths == (set() if lacks == "open" else {str(tmp_path / "file") if lacks == "db_filename" else "file"})
    zombies = {event["zombie"] for event in traced.of("close") if event["call"] == "sqlite3_close_v2"}
    assert zombies == (set() if lacks == "close_v2" else {None} if lacks == "next_stmt" else {False})


def test_a_plug_in_that_ends_in_a_call_of_sqlite_reaches_it(tmp_path):
    library = compiled(tmp_path, "libcopy.so", "-DLIBRARY", "-shared", "-fPIC")
    plugin = compiled(tmp_path, "plugin.so", "-DPLUGIN", "-shared", "-fPIC", library, f"-Wl,-rpath,{tmp_path}")
    host = compiled(tmp_path, "host", "-DHOST")
    traced = as_without(tmp_path, host, plugin)
    assert "library 0 opens" in traced.result.stdout
    assert [event["call"] for event in traced.events if event["event"] in ("open", "close")] == ["sqlite3_open", "sqlite3_close"]


@pytest.mark.parametrize("binding", ["lazy", "now"])
def test_each_of_two_plug_ins_reaches_its_own_sqlite(tmp_path, binding):
    plugins = []
    for who in ("1", "2"):
        library = compiled(tmp_path, f"libcopy{who}.so", "-DLIBRARY", f"-DWHO={who}", "-shared", "-fPIC")
        plugins.append(compiled(tmp_path, f"plugin{who}.so", "-DPLUGIN", "-shared", "-fPIC", library,
                                f"-Wl,-rpath,{tmp_path},-z,{binding}"))
    traced = as_without(tmp_path, compiled(tmp_path, "host", "-DHOST"), *plugins)
    assert [line for line in traced.result.stdout.splitlines() if "library" in line] == \
        ["library 1 opens", "library 2 opens", "library 2 closes", "library 1 closes"]
    assert len(traced.of("open")) == len(traced.of("close")) == 2


def test_a_program_that_asks_for_sqlite_and_has_none_is_told_so(tmp_path):
    traced = as_without(tmp_path, compiled(tmp_path, "none", "-DNONE"))
    assert traced.result.stdout.splitlines()[0] == "0 0" and not traced.of("open")


def test_more_copies_than_we_can_follow_are_passed_on_and_said(tmp_path):
    plugins = []
    for who in map(str, range(1, 8)):
        library = compiled(tmp_path, f"libcopy{who}.so", "-DLIBRARY", f"-DWHO={who}", "-shared", "-fPIC")
        plugins.append(compiled(tmp_path, f"plugin{who}.so", "-DPLUGIN", "-shared", "-fPIC", library,
                                f"-Wl,-rpath,{tmp_path}"))
    host = compiled(tmp_path, "host", "-DHOST")
    script = f"""import subprocess, sys, ctypes, shutil
for i in range(12):
    shutil.copy({str(tmp_path / 'libcopy1.so')!r}, f'copy{{i}}.so')
    library, connection = ctypes.CDLL(f'./copy{{i}}.so'), ctypes.c_void_p()
    assert library.sqlite3_open(b'file', ctypes.byref(connection)) == 0
sys.exit(subprocess.run({[str(host), *map(str, plugins)]!r}).returncode)
"""
    (tmp_path / "many.py").write_text(script)
    traced = as_without(tmp_path, sys.executable, tmp_path / "many.py")
    assert len(traced.of("open")) == 8 + 7
    assert any("copy" in calls["object"] for calls in traced.summary["unseen_calls"])


def test_a_library_that_passes_calls_on_to_sqlite_is_one_connection(tmp_path):
    """As sqlite3 wrappers, and preloaded shims, do: the outer call knows nothing of the file."""
    library = compiled(tmp_path, "libcopy.so", "-DLIBRARY", "-shared", "-fPIC")
    wrapper = tmp_path / "wrapper.c"
    wrapper.write_text("""#define _GNU_SOURCE
#include <dlfcn.h>
int sqlite3_open(const char* p, void** c) { return ((int (*)(const char*, void**))dlsym(RTLD_NEXT, "sqlite3_open"))(p, c); }
int sqlite3_close(void* c) { return ((int (*)(void*))dlsym(RTLD_NEXT, "sqlite3_close"))(c); }
""")
    subprocess.run([*compiler(), "-shared", "-fPIC", wrapper, "-o", tmp_path / "libwrapper.so"], check=True)
    program = compiled(tmp_path, "program", "-Wl,--no-as-needed", tmp_path / "libwrapper.so", library,
                       f"-Wl,-rpath,{tmp_path}")
    traced = as_without(tmp_path, program)
    opened = [event for event in traced.of("open") if event["call"] == "sqlite3_open"]
    assert [event["code"] for event in opened] == [0, 14]
    assert [event["call"] for event in traced.of("close")] == ["sqlite3_close", "sqlite3_close_v2"]
