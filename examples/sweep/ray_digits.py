"""ray_digits.py [TRIALS [UPDATES [WORKERS]]]: the search of optuna_digits.py, spread over processes of this machine by Ray.

Needs lrs, NumPy, Optuna and Ray. Out: as there; see search_in_rounds.
"""
import sys

import ray

import digits
from optuna_digits import search_in_rounds


def main(trials=15, updates=300, workers=2):
    ray.init(num_cpus=workers, include_dashboard=False, log_to_driver=False)
    train = ray.remote(digits.train)
    search_in_rounds(lambda schedules: ray.get([train.remote(s) for s in schedules]), trials, updates)
    ray.shutdown()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
