"""Writes the results of bench/scaling.sh as Markdown and as a picture: scaling_report.py FOLDER writes both again."""

import json
import pathlib
import statistics
import sys

import picture
import scalability
from report import MIB, SATURATED, number, table, text, verdict

CORES = (1, 2, 4, 8, 16, 32)
# With fewer keys, the fixed cost of a call exceeds that of its keys.
MANY_KEYS = 100
# A cost is linear if its exponent differs from 1 by at most this.
LINEAR = 0.1


class Run:
    """Looks results up; a figure is the list of its values, one for each round."""

    def __init__(self, run):
        self.facts = run
        self.results = {tuple(result["key"]): result["rounds"] for result in run["results"]}

    def figure(self, name, *key):
        return [result[name] for result in self.results[key]]

    def cpu(self, *key):
        return self.figure("cpu_us", *key)

    def ratio(self, a, b, figure="cpu_us"):
        """Returns the ratio of two points for each round, because a disturbance in a round affects both."""
        return [x / y for x, y in zip(self.figure(figure, *a), self.figure(figure, *b))]

    def steps(self, what):
        return [key[1] for key in self.results if key[0] == what]

    def arrangements(self):
        return [key[1:] for key in self.results if key[0] == "offered"]

    def per_key(self, keys):
        return [value / keys for value in self.cpu("keys", keys)]

    def each_round(self):
        return range(self.facts["rounds"])

    def exponents(self):
        many = [keys for keys in self.steps("keys") if keys >= MANY_KEYS]
        return [scalability.exponent({n: self.cpu("keys", n)[i] for n in many}) for i in self.each_round()]

    def efficiency(self, alone, together):
        """Returns the cost of a call with one event loop on one core, divided by that with two loops on two cores."""
        return self.ratio((alone, 1, 1), (together, 2, 2))

    def models(self):
        """Returns contention and coherency of each model for each round, by the name of the model."""
        models = {}
        for alone, name in (("share", "same load per core"), ("offered", "same load")):
            losses = [scalability.of_two(1 / efficiency - 1) for efficiency in self.efficiency(alone, "offered")]
            models[f"{name}: all contention"] = [contention for contention, _ in losses]
            models[f"{name}: all coherency"] = [coherency for _, coherency in losses]
        more = [loops for loops, cores in self.arrangements() if cores == 2 and loops > 1]
        costs = {loops: self.ratio(("offered", loops, 2), ("offered", 1, 2)) for loops in more}
        models["fitted to event loops"] = [
            scalability.fit({loops: cost[i] - 1 for loops, cost in costs.items()}) for i in self.each_round()
        ]
        return models


def coefficients(rounds):
    return tuple(statistics.median(values) for values in zip(*rounds))


def speed_ups(rounds, cores):
    return [scalability.speed_up(cores, contention, coherency) for contention, coherency in rounds]


def steps(run, what):
    rows = []
    for step in run.steps(what):
        key = (what, step)
        busy = statistics.median(run.figure("subject_core_busy", *key))
        rows.append(
            [f"{step:,}", text(run.cpu(*key)), text(run.figure("rate", *key)) + ("" if busy >= SATURATED else " *")]
            + [text(run.figure(quantile, *key), 1000) for quantile in ("p50_us", "p99_us")]
            + [text(run.figure("resident_bytes", *key), MIB)]
        )
    return table([what, "CPU µs/RPC", "RPC/s", "p50, ms", "p99, ms", "MiB resident"], rows)


def dearer(run, what, least):
    most = run.steps(what)[-1]
    times = ratio_text(run.ratio((what, most), (what, least)))
    return f"With {most:,} a call costs {times} times what it costs with {least:,}."


def lists(run):
    rows = []
    for keys in run.steps("keys"):
        key = ("keys", keys)
        rows.append(
            [f"{keys:,}", text(run.cpu(*key)), ratio_text(run.per_key(keys)), text(run.figure("rate", *key))]
            + [text(run.figure(quantile, *key), 1000) for quantile in ("p50_us", "p99_us")]
        )
    return table(["keys", "CPU µs/RPC", "CPU µs/key", "RPC/s", "p50, ms", "p99, ms"], rows)


def linearity(run):
    exponents = run.exponents()
    linear = abs(statistics.median(exponents) - 1) <= LINEAR
    most = run.steps("keys")[-1]
    times = ratio_text(run.ratio(("keys", most), ("keys", most // 10)), 10)
    return (
        f"From {MANY_KEYS:,} keys on the cost grows with the power {ratio_text(exponents)} of their number, by least "
        f"squares of the logarithms: it is {'' if linear else '**not** '}linear (1 ± {LINEAR}). A key of {most:,} "
        f"costs {times} times a key of {most // 10:,}."
    )


def ratio_text(values, unit=1):
    values = sorted(value / unit for value in values)
    median = f"{statistics.median(values):.2f}"
    return median if len(values) == 1 else f"{median} ({values[0]:.2f}–{values[-1]:.2f})"


def loops(run, *loads):
    rows = []
    for key in (key for key in run.results if key[0] in loads):
        _, count, cores = key
        rows.append(
            [f"{count} on {'one core' if cores == 1 else 'both'}", text(run.figure("rate", *key)), text(run.cpu(*key))]
            + [text([1e6 / value for value in run.cpu(*key)]), ratio_text(run.figure("switches", *key))]
            + [text(run.figure("p50_us", *key)), text(run.figure("p99_us", *key))]
        )
    header = ["event loops", "RPC/s", "CPU µs/RPC", "RPC per CPU second", "context switches/RPC", "p50, µs", "p99, µs"]
    return table(header, rows)


def model(run):
    rows = []
    for name, rounds in run.models().items():
        contention, coherency = coefficients(rounds)
        if contention == coherency == 0:
            rows.append([name, *["nothing was lost"] * 2, *["–"] * len(CORES[1:])])
            continue
        rows.append(
            [name, f"{contention:.3f}", f"{coherency:.4f}"]
            + [ratio_text(speed_ups(rounds, cores)) for cores in CORES[1:]]
        )
    header = ["", "contention σ", "coherency κ", *(f"{cores} cores" for cores in CORES[1:])]
    return table(header, rows)


def markdown(run):
    facts = run.facts
    offered = number(statistics.median(run.figure("rate", "offered", 1, 1)))
    return f"""# How the gateway scales, {facts["date"]}

{facts["machine"]}. Median of {facts["rounds"]} rounds of {facts["seconds"]} s each, and in parentheses the least and the most.
{verdict(run)}

CPU is the gateway's user and system time. The gateway has one event loop and a core of its own, the load and the portal
have the other, where nothing else is said. Its pool has 256 connections to the portal at most, its default: calls beyond
that wait in the gateway for their turn. \\* More than a tenth of the gateway's core stayed idle.

## Calls in flight

One key, a closed loop, on {facts["in_flight_connections"]} connections or one for each call.

{steps(run, "in flight")}
{dearer(run, "in flight", 100)} One call in flight costs most, since each wake-up and each write serve it alone.

## Callers' connections

One key, a closed loop of {facts["connections_in_flight"]} calls in flight that goes round all the connections.

{steps(run, "connections")}
{dearer(run, "connections", 100)} From one connection to 100 it is calls that no longer share reads and writes.

## Keys in a list

{lists(run)}
{linearity(run)}

## Cores

The load and the portal share the machine's two cores with the gateway, so calls per second say little; calls per second
of the gateway's own CPU time do.

At {offered} RPC/s, half of what one core can do, and in the last row one core with half of that; from the time at which
a call was to start:

{loops(run, "offered", "share")}
Efficiency, what a call costs one event loop on one core to what it costs two on two: with the same load per core
{ratio_text(run.efficiency("share", "offered"))}, with the same load {ratio_text(run.efficiency("offered", "offered"))}. The first compares like with like: a core that
is busier wakes up less often for as many calls, which makes each cheaper, and is no merit of having fewer cores.

As many as are answered, {facts["saturating"]} in flight:

{loops(run, "saturated")}
Efficiency: {ratio_text(run.efficiency("saturated", "saturated"))}.

## Up to 32 cores: a model, not a measurement

The Universal Scalability Law with what was lost on two cores at the fixed rate. One loss does not tell its kind, so all of
it contention and all of it coherency are the ends of a bracket. Where nothing was lost there is nothing to model: that
tells of the noise, and not that 32 cores lose nothing. The last row is fitted to 1, 2, 4 and 8 event loops on two cores,
which share what more cores would, but of which no more than two run at a time. More loops share fewer wake-ups too, and
it takes that for sharing. Times what one core does:

{model(run)}
CPU time does not see threads that sleep while others hold what they need; context switches hint at it. No figure for
more than two cores was measured: what is said of 32 is a model."""


def charts(run):
    def line(what, figure):
        return [("", [(step, figure(step)) for step in run.steps(what)])]

    curves = [
        (name.removeprefix("same load per core: "), [(cores, speed_ups(rounds, cores)) for cores in CORES])
        for name, rounds in run.models().items()
        if not name.startswith("same load: ") and any(coefficients(rounds))
    ]
    return [
        picture.Lines("CPU µs per RPC, by calls in flight", line("in flight", lambda n: run.cpu("in flight", n))),
        picture.Lines("CPU µs per RPC, by connections", line("connections", lambda n: run.cpu("connections", n))),
        picture.Lines("CPU µs per key, by keys in a list", line("keys", run.per_key)),
        picture.Lines("Speed-up by cores: a model, not measured", [*curves, ("ideal", [(n, [n]) for n in CORES])]),
    ]


def write(results, folder):
    run = Run(results)
    (folder / "scaling.md").write_text(markdown(run) + "\n", encoding="utf-8")
    caption = f"{results['machine']}; median and spread of {results['rounds']} rounds, {results['date']}"
    (folder / "scaling.svg").write_text(picture.svg(charts(run), caption), encoding="utf-8")


if __name__ == "__main__":
    destination = pathlib.Path(sys.argv[1])
    write(json.loads((destination / "scaling.json").read_text()), destination)
