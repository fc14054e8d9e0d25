"""Gunther's Universal Scalability Law: what N cores do together, from what sharing was measured to cost.

Speed-up(N) = N / (1 + contention (N - 1) + coherency N (N - 1)). Contention is work that is done by one at a time,
coherency is what each pair of cores costs each other; the denominator is what a call costs more than on one core.
"""

import math


def speed_up(cores, contention, coherency):
    return cores / (1 + contention * (cores - 1) + coherency * cores * (cores - 1))


def of_two(loss):
    """What a loss on two cores is, if it is all of one kind: (contention, coherency), twice."""
    loss = max(0.0, loss)
    return (loss, 0.0), (0.0, loss / 2)


def fit(losses):
    """Contention and coherency, neither less than nothing, that fit best what is lost with N > 1: N -> loss."""
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
    """Of the power of n that fits best: n -> cost, by least squares of the logarithms."""
    xs, ys = [math.log(n) for n in costs], [math.log(cost) for cost in costs.values()]
    x, y = sum(xs) / len(xs), sum(ys) / len(ys)
    return sum((a - x) * (b - y) for a, b in zip(xs, ys)) / sum((a - x) ** 2 for a in xs)
