"""dask_digits.py [TRIALS [UPDATES [WORKERS]]]: the search of optuna_digits.py, spread over processes of this machine by Dask.

Needs lrs, NumPy, Optuna and Dask (distributed). Out: as there; see search_in_rounds.
"""
import sys

from distributed import Client

import digits
from optuna_digits import search_in_rounds


def main(trials=15, updates=300, workers=2):
    with Client(n_workers=workers, threads_per_worker=1, dashboard_address=None, host="127.0.0.1") as client:
        search_in_rounds(lambda schedules: client.gather(client.map(digits.train, schedules)), trials, updates)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
