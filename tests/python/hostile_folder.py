"""A folder that would take over whoever looks in it for code: modules, programs and start-up files, each of which leaves
its name in a file when it runs."""

import os
import sys

# Of the standard library, of the distribution, of the scripts themselves; what Python imports at its start. None without
# which it does not start at all: the others would never be reached.
MODULES = ("argparse base64 common compare_runs ctypes details errors gc hashlib jinja2 json matplotlib numpy pathlib "
           "pkgutil recorded sitecustomize sqlite3 subprocess usercustomize walsoak_subject").split()
PROGRAMS = "awk bash ccache chromium env gcc git node npm python python3 sh sqlite3 strace xdg-open".split()


class HostileFolder:
    def __init__(self, folder):
        self.folder = folder
        folder.mkdir(exist_ok=True)
        self._marks = folder / "ran"
        user_site = folder / ".local" / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages"
        user_site.mkdir(parents=True)
        for place in (folder, user_site):
            for name in MODULES:
                (place / f"{name}.py").write_text(f"open({str(self._marks)!r}, 'a').write('{name}.py ')\n")
        for name in PROGRAMS:
            (folder / name).write_text(f"#!/bin/sh\nprintf '{name} ' >>'{self._marks}'\n")
            (folder / name).chmod(0o755)
        (folder / "matplotlibrc").write_bytes(b"backend: \xff\n")  # ends the import of matplotlib
        (folder / "pyvenv.cfg").write_text(f"home = {folder}\n")
        (folder / ".sqliterc").write_text(f".shell printf sqliterc >>'{self._marks}'\n")
        (folder / ".npmrc").write_text("registry=http://127.0.0.1:9/\n")

    def environment(self):
        """What lets programs look in it: search paths whose empty entry means the working folder, and a home."""
        return {"PATH": os.environ["PATH"] + ":", "PYTHONPATH": f":{self.folder}", "HOME": str(self.folder)}

    def ran(self):
        """The programs and modules of it that ran, in order."""
        return self._marks.read_text().split() if self._marks.exists() else []
