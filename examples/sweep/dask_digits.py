"""dask_digits.py [TRIALS [UPDATES [WORKERS]]]: the search of optuna_digits.py, spread over processes of this machine by Dask.

Needs lrs, NumPy, Optuna and Dask (distributed). Out: as there. Optuna proposes ROUND params at once; a worker gets a schedule with them,
which is pickled as its text, and trains with it. The results come back in the order of the proposals, so that the search does not depend on
how many workers there are and which of them is faster.
"""
import sys

from distributed import Client

import digits
import lrs
from optuna_digits import new_study, report, suggest

ROUND = 4


def main(trials=15, updates=300, workers=2):
    params = lrs.load(digits.SCHEDULE).params
    study = new_study(params)
    with Client(n_workers=workers, threads_per_worker=1, dashboard_address=None, host="127.0.0.1") as client:
        while len(study.trials) < trials:
            asked = [study.ask() for _ in range(min(ROUND, trials - len(study.trials)))]
            schedules = [lrs.load(digits.SCHEDULE, total=updates, **suggest(trial, params)) for trial in asked]
            for trial, (loss, accuracy) in zip(asked, client.gather(client.map(digits.train, schedules))):
                trial.set_user_attr("accuracy", accuracy)
                study.tell(trial, loss)
    print(f"{len(study.trials)} trials")
    report(study)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
