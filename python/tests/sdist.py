#!/usr/bin/env python3
"""sdist.py: makes the source distribution of python/, builds a wheel of it where the sources of lrs are not, and uses that.

usage: sdist.py SOURCE_DIR BUILD_DIR PYTHON

Exit code 77, after a line with the reason, when it cannot be built here for want of a tool.
"""
import os
import shutil
import subprocess
import sys
import tarfile

import package


def update(archive, folder):
    """Unpacks it; files that are there already with the same bytes are left alone, so that they are not compiled anew."""
    wanted = set()
    with tarfile.open(archive) as tar:
        for member in tar:
            path = os.path.join(folder, member.name.partition("/")[2])
            if not member.isfile():
                continue
            data = tar.extractfile(member).read()
            wanted.add(path)
            if not os.path.exists(path) or open(path, "rb").read() != data:
                os.makedirs(os.path.dirname(path), exist_ok=True)
                with open(path, "wb") as f:
                    f.write(data)
    for parent, _, names in os.walk(folder):
        for name in names:
            if os.path.join(parent, name) not in wanted:
                os.remove(os.path.join(parent, name))
    return wanted


def main():
    source, folder, python = (os.path.abspath(a) for a in sys.argv[1:4])
    os.makedirs(folder, exist_ok=True)
    build = package.usable(python, folder)
    env = package.environment()
    dist, wheels, site, tree = (os.path.join(folder, n) for n in ("dist", "wheels", "site", "tree"))
    for old in (dist, wheels, site):
        shutil.rmtree(old, ignore_errors=True)
    os.makedirs(dist)
    hook = f"from scikit_build_core.build import build_sdist; build_sdist({dist!r})"
    subprocess.run([build, "-c", hook], cwd=os.path.join(source, "python"), env=env, check=True, stdout=subprocess.DEVNULL)
    (archive,) = os.listdir(dist)
    assert archive == "lrs_lang-0.1.0.tar.gz", archive
    files = {os.path.relpath(f, tree) for f in update(os.path.join(dist, archive), tree)}
    assert {"PKG-INFO", "LICENSE", "pyproject.toml", "lrs/__init__.py", "source/include/lrs/lrs.h"} <= files, sorted(files)
    assert not [f for f in files if f.startswith("tests/")], sorted(files)

    pip = [build, "-m", "pip", "--disable-pip-version-check"]
    if package.run(*pip, "wheel", "-q", "--no-build-isolation", "--no-deps", "-w", wheels, "--config-settings", "build-dir=" + os.path.join(folder, "skbuild"), tree, env=env):
        sys.exit("the wheel could not be built")
    (wheel,) = (os.path.join(wheels, n) for n in os.listdir(wheels))
    package.check_wheel(wheel, package.is_free_threaded(build))
    if package.run(*pip, "install", "-q", "--no-index", "--no-deps", "--target", site, wheel, env=env):
        sys.exit("the wheel could not be installed")
    env.update(PYTHONPATH=site)
    said = subprocess.run([python, "-c", "import lrs; print(lrs.compile('warmup 10 linear -> 0.1')(5))"], cwd=folder, env=env, check=True,
                          stdout=subprocess.PIPE, encoding="utf-8").stdout
    assert said == "0.05\n", said
    print(f"{archive}: {len(files)} files, built, installed and used")


if __name__ == "__main__":
    main()
