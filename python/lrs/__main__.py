"""python -m lrs: the command lrsc, which lies in this package, or which the system has."""
import os
import shutil
import sys


def command():
    """Where lrsc is, or None."""
    lrsc = os.path.join(os.path.dirname(os.path.abspath(__file__)), "lrsc")
    return lrsc if os.path.exists(lrsc) else shutil.which("lrsc")


def main():
    lrsc = command()
    if not lrsc:
        sys.exit("python -m lrs: lrsc is not installed: install the package lrsc")
    os.execv(lrsc, [lrsc, *sys.argv[1:]])


if __name__ == "__main__":
    main()
