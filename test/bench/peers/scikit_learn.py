"""scikit-learn's figures on the same rows, for comparison with the estimators; on the CPU.

Prints one line of JSON; test/golden/scikit-learn.json holds such a line. Every fourth row of a table is a test row.
"""

import argparse
import json
import os
import time

import numpy
import sklearn
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax
from sklearn.kernel_approximation import Nystroem, RBFSampler
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import log_loss
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, SVR, LinearSVC
from sklearn.utils.class_weight import compute_class_weight

FEATURES, SEEDS = 4096, 5

PENGUINS = ["Beak Length (mm)", "Beak Depth (mm)", "Flipper Length (mm)", "Body Mass (g)"]
CARS = ["Cylinders", "Displacement", "Horsepower", "Weight_in_lbs", "Acceleration", "Year"]


def table(folder, name, columns, target):
    """Rows without a gap. A date counts by its year."""
    with open(os.path.join(folder, name)) as file:
        rows = [row for row in json.load(file) if all(row[c] is not None for c in [*columns, target])]
    number = lambda cell: float(cell[:4] if isinstance(cell, str) else cell)
    x = numpy.array([[number(row[c]) for c in columns] for row in rows])
    y = numpy.array([row[target] for row in rows])
    test = numpy.arange(len(rows)) % 4 == 3
    return x[~test], y[~test], x[test], y[test]


def mean_score(make, data):
    """The mean over random draws of the features."""
    x, y, test_x, test_y = data
    return float(numpy.mean([make(seed).fit(x, y).score(test_x, test_y) for seed in range(SEEDS)]))


def classification(data):
    x, y, test_x, test_y = data
    gamma = 1 / x.shape[1]  # "scale" on standardized columns
    features = lambda seed: RBFSampler(gamma=gamma, n_components=FEATURES, random_state=seed)
    exact = make_pipeline(StandardScaler(), SVC(C=10, gamma=gamma, decision_function_shape="ovr")).fit(x, y)
    logistic = make_pipeline(StandardScaler(), Nystroem(gamma=gamma, n_components=len(x), random_state=0), LogisticRegression(C=10, max_iter=10_000)).fit(x, y)
    pair = numpy.isin(y, ["Adelie", "Chinstrap"])
    binary = make_pipeline(StandardScaler(), SVC(C=10, gamma=gamma)).fit(x[pair], y[pair])
    return {
        "classes": numpy.unique(y).tolist(),
        "majority": float(max((test_y == c).mean() for c in numpy.unique(y))),
        "linearSvc": mean_score(lambda seed: make_pipeline(StandardScaler(), features(seed), LinearSVC(C=1, max_iter=10_000)), data),
        "linearSvcUnscaled": mean_score(lambda seed: make_pipeline(features(seed), LinearSVC(C=1, max_iter=10_000)), data),
        "svc": exact.score(test_x, test_y),
        "logistic": logistic.score(test_x, test_y),
        "logisticProbabilities": logistic.predict_proba(test_x[::8]).round(6).tolist(),
        "logisticLogLoss": log_loss(test_y, logistic.predict_proba(test_x)),
        "binaryDecisions": binary.decision_function(test_x[::8]).round(6).tolist(),
    }


def regression(data):
    x, y, test_x, test_y = data
    gamma = 1 / x.shape[1]
    sampler = lambda seed: RBFSampler(gamma=gamma, n_components=FEATURES, random_state=seed)
    nystroem = lambda seed: Nystroem(gamma=gamma, n_components=len(x), random_state=seed)
    ridge = make_pipeline(StandardScaler(), nystroem(0), Ridge(alpha=1)).fit(x, y)
    svr = make_pipeline(StandardScaler(), SVR(C=10, epsilon=0.5, gamma=gamma)).fit(x, y)
    return {
        "ridgeRbfSampler": mean_score(lambda seed: make_pipeline(StandardScaler(), sampler(seed), Ridge(alpha=1)), data),
        "ridgeNystroem": ridge.score(test_x, test_y),
        "ridgeSmallAlpha": make_pipeline(StandardScaler(), nystroem(0), Ridge(alpha=0.1)).fit(x, y).score(test_x, test_y),
        "ridgePredictions": ridge.predict(test_x).round(5).tolist(),
        "svrDefault": make_pipeline(StandardScaler(), SVR(gamma=gamma)).fit(x, y).score(test_x, test_y),
        "svr": svr.score(test_x, test_y),
        "svrPredictions": svr.predict(test_x).round(5).tolist(),
    }


def temperature():
    """The factor of margins that makes their softmax most likely, targets kept away from 0 and 1."""
    margins = numpy.array([[2.1, -1, -1.5], [-0.5, 0.4, -2], [0.3, 0.2, 0.1], [-1, -1.2, 1.4], [-0.2, 0.9, -0.6], [1.2, 0.8, -2]])
    labels = numpy.array([0, 1, 2, 2, 1, 1])
    rows, classes = margins.shape
    right = (rows + 1) / (rows + 2)
    targets = numpy.full(margins.shape, (1 - right) / (classes - 1))
    targets[numpy.arange(rows), labels] = right
    loss = lambda t: -(targets * log_softmax(t * margins, axis=1)).sum()
    best = minimize_scalar(loss, bounds=(0, 100), method="bounded", options={"xatol": 1e-10})
    return {"margins": margins.tolist(), "labels": labels.tolist(), "t": best.x}


def functions():
    """Small cases of the definitions that the estimators share with scikit-learn."""
    x = [[0, 2, -1], [1, 5, 3], [4, -2, 0.5], [2, 2, 8]]
    labels = ["b", "a", "b", "c", "b", "b"]
    probabilities = [[0.7, 0.2, 0.1], [0.1, 0.8, 0.1], [0.3, 0.3, 0.4], [0.05, 0.05, 0.9], [1.0, 0.0, 0.0]]
    return {
        "x": x,
        "gammaScale": SVC().fit(x, [0, 1, 0, 1])._gamma,
        "labels": labels,
        "balanced": compute_class_weight("balanced", classes=numpy.unique(labels), y=labels).tolist(),
        "probabilities": probabilities,
        "probabilityLabels": [0, 1, 0, 2, 1],
        "temperature": temperature(),
        "logLoss": log_loss([0, 1, 0, 2, 1], numpy.array(probabilities, dtype=numpy.float32)),
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", required=True, help="the folder data of the package vega-datasets")
    args = parser.parse_args()
    begun = time.perf_counter()
    figures = {
        "version": sklearn.__version__,
        "features": FEATURES,
        "penguins": classification(table(args.data, "penguins.json", PENGUINS, "Species")),
        "cars": regression(table(args.data, "cars.json", CARS, "Miles_per_Gallon")),
        "functions": functions(),
    }
    figures["seconds"] = round(time.perf_counter() - begun, 1)
    print(json.dumps(figures))


main()
