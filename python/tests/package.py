#!/usr/bin/env python3
"""package.py: builds the wheel of python/, installs it into a folder of its own, and runs its tests.

usage: package.py SOURCE_DIR BUILD_DIR LRSC PYTHON

PYTHON runs the tests, with PyTorch and NumPy where it has them. scikit-build-core is that of PYTHON, or is installed into a virtual
environment in BUILD_DIR. Exit code 77, after a line with the reason, when the wheel cannot be built here for want of a tool.
"""
import os
import re
import shutil
import subprocess
import sys
import zipfile

FILES = {"lrs/__init__.py", "lrs/__init__.pyi", "lrs/__main__.py", "lrs/_lrs.pyi", "lrs/_metrics.py", "lrs/accelerate.py", "lrs/accelerate.pyi", "lrs/jax.py", "lrs/jax.pyi",
         "lrs/keras.py", "lrs/keras.pyi", "lrs/lightning.py", "lrs/lightning.pyi", "lrs/lrsc", "lrs/migrate.py", "lrs/py.typed", "lrs/torch.py",
         "lrs/torch.pyi", "lrs/transformers.py", "lrs/transformers.pyi"}
TESTS = ["test_lrs.py", "test_migrate.py", "test_docs.py"]  # those of the adapters are tests of their own, with this package
QUICK = ["Values", "Buffers", "States", "About", "Wrong"]


def skip(reason):
    print(f"SKIP: {reason}")
    sys.exit(77)


def run(*args, **options):
    """The exit code; what is printed goes where ours goes."""
    sys.stdout.flush()
    return subprocess.run(args, stdin=subprocess.DEVNULL, stderr=subprocess.STDOUT, **options).returncode


def says(python, code):
    try:
        done = subprocess.run([python, "-c", code], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                              encoding="utf-8", timeout=120)
    except OSError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def builder(python, folder):
    """A Python with pip and scikit-build-core 1.0 or newer."""
    has_both = "import pip, scikit_build_core as s; print(int(s.__version__.split('.')[0]) >= 1)"
    if says(python, has_both) == "True":
        return python
    venv = os.path.join(folder, "venv")
    own = os.path.join(venv, "bin", "python")
    if says(own, has_both) == "True":
        return own
    if run(python, "-m", "venv", "--clear", venv, stdout=subprocess.DEVNULL) != 0:
        skip("scikit-build-core is not installed, and there is no python3-venv")
    try:
        failed = run(own, "-m", "pip", "install", "-q", "--retries", "1", "--timeout", "20", "scikit-build-core>=1.0", timeout=300)
    except subprocess.TimeoutExpired:
        failed = True
    if failed:
        skip("scikit-build-core is not installed, and cannot be downloaded")
    return own


def check_wheel(name, free_threaded):
    tag = r"cp3\d+t?-cp3\d+t-" if free_threaded else "cp310-abi3-"
    assert re.fullmatch(r"lrs_lang-0\.1\.0-" + tag + r".*\.whl", os.path.basename(name)), f"the wheel is {name}"
    with zipfile.ZipFile(name) as z:
        files = {n for n in z.namelist() if ".dist-info/" not in n}
        licences = [n for n in z.namelist() if n.endswith(".dist-info/licenses/LICENSE")]
    module = files - FILES
    assert files >= FILES and len(module) == 1 and re.fullmatch(r"lrs/_lrs\..*so", *module), f"the wheel holds {sorted(files)}"
    assert len(licences) == 1, "the wheel holds no licence"


def check_names(module):
    """Only the entry is offered: no name of liblrs meets one of another copy in the process."""
    nm = shutil.which("nm")
    if nm:
        out = subprocess.run([nm, "-D", "--defined-only", module], stdout=subprocess.PIPE, encoding="utf-8", check=True).stdout
        names = [line.split()[-1] for line in out.splitlines()]
        assert names == ["PyInit__lrs"], f"the module offers {names}"


def is_free_threaded(python):
    return says(python, "import sysconfig; print(sysconfig.get_config_var('Py_GIL_DISABLED'))") == "1"


def usable(python, folder):
    """A Python that can build the package, or exit code 77."""
    if says(python, "import sys; print(sys.version_info >= (3, 10))") != "True":
        skip(f"{python} is not Python 3.10 or newer")
    if says(python, "import os, sysconfig; os.stat(os.path.join(sysconfig.get_path('include'), 'Python.h'))") is None:
        skip("the headers of Python (python3-dev) are not installed")
    return builder(python, folder)


def environment():
    """Ours, without what ctest was told about another build."""
    return {k: v for k, v in os.environ.items() if k not in ("CFLAGS", "LDFLAGS", "DESTDIR", "PYTHONPATH", "PYTHONHOME", "CMAKE_ARGS", "SKBUILD_CMAKE_ARGS")}


def main():
    source, folder, lrsc, python = (os.path.abspath(a) for a in sys.argv[1:5])
    os.makedirs(folder, exist_ok=True)
    build = usable(python, folder)
    wheels, site = os.path.join(folder, "wheels"), os.path.join(folder, "site")
    for old in (wheels, site):
        shutil.rmtree(old, ignore_errors=True)
    env = environment()
    pip = [build, "-m", "pip", "--disable-pip-version-check"]
    if run(*pip, "wheel", "-q", "--no-build-isolation", "--no-deps", "-w", wheels, "--config-settings", "build-dir=" + os.path.join(folder, "skbuild"),
           os.path.join(source, "python"), env=env):
        sys.exit("the wheel could not be built")
    (wheel,) = (os.path.join(wheels, n) for n in os.listdir(wheels))
    check_wheel(wheel, is_free_threaded(build))
    if run(*pip, "install", "-q", "--no-index", "--no-deps", "--target", site, wheel, env=env):
        sys.exit("the wheel could not be installed")
    (module,) = (n for n in os.listdir(os.path.join(site, "lrs")) if n.endswith(".so"))
    check_names(os.path.join(site, "lrs", module))
    print(f"{os.path.basename(wheel)}: built and installed")

    tests = os.path.join(source, "python", "tests")
    env.update(PYTHONPATH=site, LRSC=lrsc, LRS_EXAMPLES=os.path.join(source, "examples"), LRS_DOCS=os.path.join(source, "docs", "python.md"),
               PYTHONDONTWRITEBYTECODE="1")
    failed = []
    for name in TESTS:
        if run(python, os.path.join(tests, name), env=env, cwd=folder):
            failed.append(name)
    if "abi3" in module:
        mine = says(python, "import sys; print(sys.version_info[:2])")
        for minor in range(10, 20):
            other = shutil.which(f"python3.{minor}")
            theirs = other and says(other, "import sys; print(sys.version_info[:2])")
            if theirs and theirs != mine:
                print(f"the same module in Python 3.{minor}:")
                if run(other, os.path.join(tests, "test_lrs.py"), *QUICK, env=env, cwd=folder):
                    failed.append(f"test_lrs.py in Python 3.{minor}")
    if failed:
        sys.exit("failed: " + ", ".join(failed))


if __name__ == "__main__":
    main()
