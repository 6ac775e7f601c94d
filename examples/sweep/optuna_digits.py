"""optuna_digits.py [TRIALS [UPDATES]]: Optuna searches for the params of digits.lrs, in this process.

Needs lrs, NumPy and Optuna. Out: the best params, the validation loss, which was searched for, and the accuracy on the test set.
"""
import sys

import optuna

import digits
import lrs

ROUND = 4


def suggest(trial, params):
    """A value for each param that has a range, in the range and on the scale that the schedule says."""
    return {name: trial.suggest_float(name, p.lo, p.hi, log=p.log) for name, p in params.items() if p.lo is not None}


def new_study(params):
    """A study that begins with what the file has."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=1, n_startup_trials=5))
    study.enqueue_trial({name: p.default for name, p in params.items() if p.lo is not None})
    return study


def report(study):
    print(f"{len(study.trials)} trials")
    for name, value in study.best_params.items():
        print(f"{name} {value:.4g}")
    print(f"validation loss {study.best_value:.4f}")
    print(f"test accuracy {study.best_trial.user_attrs['accuracy']:.2f} %")


def search_in_rounds(train_all, trials, updates):
    """The search over several processes. Optuna proposes ROUND params at once; a worker gets a schedule with them, which is pickled as its
    text, and trains with it. train_all: from schedules to their results, in the same order, so that the search does not depend on how many
    workers there are and which of them is faster.
    """
    params = lrs.params(digits.SCHEDULE)
    study = new_study(params)
    while len(study.trials) < trials:
        asked = [study.ask() for _ in range(min(ROUND, trials - len(study.trials)))]
        schedules = [lrs.load(digits.SCHEDULE, total=updates, **suggest(trial, params)) for trial in asked]
        for trial, (loss, accuracy) in zip(asked, train_all(schedules)):
            trial.set_user_attr("accuracy", accuracy)
            study.tell(trial, loss)
    report(study)


def main(trials=15, updates=300):
    params = lrs.params(digits.SCHEDULE)

    def objective(trial):
        loss, accuracy = digits.train(lrs.load(digits.SCHEDULE, total=updates, **suggest(trial, params)))
        trial.set_user_attr("accuracy", accuracy)
        return loss

    study = new_study(params)
    study.optimize(objective, n_trials=trials)
    report(study)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
