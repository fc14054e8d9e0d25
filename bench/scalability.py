"""Gunther's Universal Scalability Law: the work of N cores, computed from the measured cost of sharing.

Speed-up(N) = N / (1 + contention (N - 1) + coherency N (N - 1)). Contention is work that is done by one at a time,
coherency is what each pair of cores costs each other; the denominator is what a call costs more than on one core.
"""

import math


def speed_up(cores, contention, coherency):
    return cores / (1 + contention * (cores - 1) + coherency * cores * (cores - 1))


def of_two(loss):
    """Returns (contention, coherency) of a loss on two cores twice: all contention, and all coherency."""
    loss = max(0.0, loss)
    return (loss, 0.0), (0.0, loss / 2)


def fit(losses):
    """Returns the non-negative contention and coherency that fit the losses best. `losses` maps N > 1 to a loss."""
    points = [(n - 1, n * (n - 1), loss) for n, loss in losses.items()]
    aa, ab, bb = (sum(p[i] * p[j] for p in points) for i, j in ((0, 0), (0, 1), (1, 1)))
    ay, by = (sum(p[i] * p[2] for p in points) for i in (0, 1))
    determinant = aa * bb - ab * ab
    contention, coherency = (ay * bb - by * ab) / determinant, (by * aa - ay * ab) / determinant
    if coherency < 0:
        return max(0.0, ay / aa), 0.0
    if contention < 0:
        return 0.0, max(0.0, by / bb)
    return contention, coherency


def exponent(costs):
    """Returns the exponent of n that fits the costs best, by least squares of the logarithms."""
    xs, ys = [math.log(n) for n in costs], [math.log(cost) for cost in costs.values()]
    x, y = sum(xs) / len(xs), sum(ys) / len(ys)
    return sum((a - x) * (b - y) for a, b in zip(xs, ys)) / sum((a - x) ** 2 for a in xs)
