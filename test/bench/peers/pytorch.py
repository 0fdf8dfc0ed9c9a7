"""The example's training in PyTorch, on the CPU: the same rows, model, loss, optimizer and batches.

Prints one line of JSON. `--features recomputed` computes the random features of every batch anew, as Keras does;
`--features once` computes them before the first epoch and keeps them.
"""

import argparse
import json
import os
import time

# Threads of OpenMP that spin while OpenBLAS's own threads work make a step three times slower.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import numpy
import torch

ROWS, TRAINED, INPUTS, CLASSES, BATCH, SCALE = 60_000, 48_000, 784, 10, 128, 10.0


def mnist(folder):
    def body(name, header):
        return numpy.fromfile(os.path.join(folder, name), dtype=numpy.uint8)[header:]

    images = body("train-images-idx3-ubyte", 16).reshape(ROWS, INPUTS)
    labels = body("train-labels-idx1-ubyte", 8)
    signs = torch.full((ROWS, CLASSES), -1.0)
    signs[torch.arange(ROWS), torch.from_numpy(labels.astype(numpy.int64))] = 1.0
    return torch.from_numpy(images).float().div_(255), signs


def blas():
    """The library behind matrix products: Debian's reference one is tens of times slower than OpenBLAS."""
    with open("/proc/self/maps") as maps:
        names = {os.path.basename(line.split()[-1]) for line in maps if "blas" in line}
    return next((name for name in sorted(names) if "openblas" in name), "reference BLAS")


def hinge(logits, signs):
    return torch.clamp(1 - signs * logits, min=0).mean()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", required=True, help="the folder of MNIST's IDX files")
    parser.add_argument("--features", choices=["recomputed", "once"], required=True)
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--dim", type=int, default=4096)
    args = parser.parse_args()

    torch.manual_seed(0)
    torch.set_num_threads(os.cpu_count())
    x, y = mnist(args.data)
    # The scale is folded into U and the bias added within the product: the fastest way to write it.
    projection = torch.randn(INPUTS, args.dim) / SCALE
    bias = torch.rand(args.dim) * 2 * torch.pi

    def feature_map(rows, out=None):
        with torch.no_grad():
            return torch.addmm(bias, rows, projection, out=out).cos_()

    begun = time.perf_counter()
    if args.features == "once":
        inputs, prepare = torch.empty(ROWS, args.dim), lambda rows: rows
        for rows, out in zip(x.split(2048), inputs.split(2048)):
            feature_map(rows, out)
    else:
        inputs, prepare = x, feature_map
    features_seconds = time.perf_counter() - begun

    dense = torch.nn.Linear(args.dim, CLASSES)
    torch.nn.init.xavier_uniform_(dense.weight)
    torch.nn.init.zeros_(dense.bias)
    optimizer = torch.optim.Adam(dense.parameters(), lr=1e-3, eps=1e-7)

    epochs, losses, accuracies = [], [], []
    training = 0.0
    for _ in range(args.epochs):
        epoch_begun = time.perf_counter()
        total = 0.0
        for batch in torch.randperm(TRAINED).split(BATCH):
            loss = hinge(dense(prepare(inputs[batch])), y[batch])
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(batch)
        trained = time.perf_counter()
        training += trained - epoch_begun
        with torch.no_grad():
            correct = 0
            for rows, signs in zip(inputs[TRAINED:].split(BATCH), y[TRAINED:].split(BATCH)):
                correct += (dense(prepare(rows)).argmax(1) == signs.argmax(1)).sum().item()
        epochs.append(time.perf_counter() - epoch_begun)
        losses.append(total / TRAINED)
        accuracies.append(correct / (ROWS - TRAINED))

    steps = -(-TRAINED // BATCH)
    print(json.dumps({
        "version": torch.__version__,
        "threads": torch.get_num_threads(),
        "blas": blas(),
        "featuresSeconds": features_seconds,
        "stepSeconds": training / (args.epochs * steps),
        "epochSeconds": epochs,
        "totalSeconds": time.perf_counter() - begun,
        "loss": losses[-1],
        "valAcc": accuracies[-1],
    }))


main()
