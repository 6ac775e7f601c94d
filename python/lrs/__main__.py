"""python -m lrs: the command lrsc, which lies in this package, or which the system has."""
import os
import shutil
import sys


def main():
    lrsc = os.path.join(os.path.dirname(os.path.abspath(__file__)), "lrsc")
    if not os.path.exists(lrsc):
        lrsc = shutil.which("lrsc")
    if not lrsc:
        sys.exit("python -m lrs: lrsc is not installed: install the package lrsc")
    os.execv(lrsc, [lrsc, *sys.argv[1:]])


if __name__ == "__main__":
    main()
