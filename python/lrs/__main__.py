"""python -m lrs: the command lrsc, which lies in this package."""
import os
import sys


def main():
    lrsc = os.path.join(os.path.dirname(os.path.abspath(__file__)), "lrsc")
    os.execv(lrsc, [lrsc, *sys.argv[1:]])


if __name__ == "__main__":
    main()
