"""Writes the results of a run as Markdown and as a picture: report.py FOLDER writes both again."""

import json
import pathlib
import statistics
import sys

import picture
from subjects import DIRECT, SUBJECTS

MIB = 1024 * 1024
# A server that leaves a larger share of its core idle was not the bottleneck.
SATURATED = 0.9
PAYLOAD_TITLES = {
    ("one_key", "http"): "one key",
    ("fifty_keys", "http"): "50 keys",
    ("ten_thousand_keys", "http"): "10,000 keys",
    ("denied", "http"): "a 403",
    ("one_key", "https"): "one key, HTTPS",
    ("fifty_keys", "https"): "50 keys, HTTPS",
}
SHARES = ("25%", "50%", "75%")
QUANTILES = ("p50_us", "p99_us", "p99.9_us")


class Run:
    """Looks results up; a figure is the list of its values, one for each round."""

    def __init__(self, run):
        self.run = run
        self.results = {tuple(result["key"]): result["rounds"] for result in run["results"]}

    def figure(self, name, *key):
        return [result[name] for result in self.results.get(key, [])]

    def cpu(self, subject, payload="one_key", scheme="http"):
        return self.figure("cpu_us", "saturation", subject, *self.cell(subject, payload, scheme))

    def rate(self, subject, payload="one_key", scheme="http"):
        return self.figure("rate", "saturation", subject, *self.cell(subject, payload, scheme))

    @staticmethod
    def cell(subject, payload, scheme):
        asks = next(candidate for candidate in SUBJECTS if candidate.name == subject).asks_portal
        return payload, scheme if asks else "http"

    def bound_by_load(self, subject, payload, scheme):
        if not next(candidate for candidate in SUBJECTS if candidate.name == subject).is_server:
            return False
        busy = self.figure("subject_core_busy", "saturation", subject, *self.cell(subject, payload, scheme))
        return bool(busy) and statistics.median(busy) < SATURATED

    def added(self, quantile, subject, share):
        """Returns the latency that the subject adds to the portal's own at the same rate."""
        through = self.figure(quantile, "rate", subject, share)
        direct = self.figure(quantile, "direct", subject, share)
        return [a - b for a, b in zip(through, direct)] if direct else through


def number(value):
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}"


def text(values, unit=1):
    """Returns the median, and the spread if there is one."""
    if not values:
        return ""
    values = [value / unit for value in values]
    median = number(statistics.median(values))
    return median if len(values) == 1 else f"{median} ({number(min(values))}–{number(max(values))})"


def table(header, rows):
    lines = [header, ["---"] + ["---:"] * (len(header) - 1), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def overview(run):
    rows = []
    for subject in SUBJECTS:
        name = subject.name
        mark = " *" if run.bound_by_load(name, "one_key", "http") else ""
        server = subject.is_server
        rows.append(
            [
                subject.title,
                text(run.cpu(name)),
                text(run.rate(name)) + mark,
                text(run.figure("p50_us", "single", name)),
                text(run.figure("idle_bytes", "many", name), MIB) if server else "",
                text(run.figure("resident_bytes", "many", name), MIB) if server else "",
            ]
        )
    header = ["", "CPU µs/RPC", "RPC/s", "one caller, µs", "MiB idle", "MiB, 1,000 in flight"]
    return table(header, rows)


def by_payload(run, figure):
    rows = []
    for subject in SUBJECTS:
        if subject is DIRECT:
            continue
        row = [subject.title]
        for payload, scheme in PAYLOAD_TITLES:
            mark = " *" if run.bound_by_load(subject.name, payload, scheme) else ""
            row.append(text(figure(subject.name, payload, scheme)) + mark)
        rows.append(row)
    return table(["", *PAYLOAD_TITLES.values()], rows)


def added_latency(run):
    rows = []
    for subject in SUBJECTS:
        for share in SHARES if subject.is_server else ():
            rates = run.figure("rate", "rate", subject.name, share)
            rows.append(
                [f"{subject.title}, {share}", text(rates), text(run.figure("cpu_us", "rate", subject.name, share))]
                + [text(run.added(quantile, subject.name, share)) for quantile in QUANTILES]
            )
    return table(["", "RPC/s", "CPU µs/RPC", "p50, µs", "p99, µs", "p99.9, µs"], rows)


def median(values):
    return statistics.median(values) if values else float("nan")


def aims(run):
    """Returns (name, value, maximum) of each aim."""

    def p99(subject):
        # A negative value is noise.
        return max(1.0, median(run.added("p99_us", subject, "50%")))

    def memory(name, subject):
        return median(run.figure(name, "many", subject))

    def cpu(subject, payload):
        return median(run.cpu(subject, payload))

    def alone(subject):
        return median(run.figure("p50_us", "single", subject))

    def to_envoy(payload):
        return cpu("gateway", payload) / cpu("envoy", payload)

    one_key = cpu("gateway", "one_key")
    return [
        ("CPU per RPC, one key: gateway / Envoy", to_envoy("one_key"), 0.42),
        ("CPU per RPC, one key: gateway / vanguard-go", one_key / cpu("vanguard", "one_key"), 0.27),
        (
            "CPU per RPC, one key: gateway / (floor-1 + floor-2)",
            one_key / (cpu("floor-1", "one_key") + cpu("floor-2", "one_key")),
            1.15,
        ),
        ("CPU per RPC, 50 keys: gateway / Envoy", to_envoy("fifty_keys"), 0.25),
        ("CPU per RPC, a 403: gateway / Envoy", to_envoy("denied"), 0.75),
        ("one caller: gateway / (floor-1 + floor-2)", alone("gateway") / (alone("floor-1") + alone("floor-2")), 1.25),
        ("p99 added at half load: gateway / Envoy", p99("gateway") / p99("envoy"), 0.5),
        ("p99 added at half load: gateway / vanguard-go", p99("gateway") / p99("vanguard"), 0.5),
        (
            "resident memory, 1,000 in flight: gateway / Envoy",
            memory("resident_bytes", "gateway") / memory("resident_bytes", "envoy"),
            0.5,
        ),
        ("resident memory, idle: gateway, MiB", memory("idle_bytes", "gateway") / MIB, 16),
    ]


def reach(run):
    rows = [
        [what, f"{value:.2f}", f"≤ {most}", "reached" if value <= most else "**not reached**"]
        for what, value, most in aims(run)
    ]
    return table(["in this run", "", "aim", ""], rows)


def verdict(run):
    answers = sum(result["answers"] for rounds in run.results.values() for result in rounds)
    failures = {key: sum(result["failures"] for result in rounds) for key, rounds in run.results.items()}
    wrong = "; ".join(f"{' '.join(map(str, key))}: {count}" for key, count in failures.items() if count)
    return f"Each of {answers:,} answers was compared with the portal's; " + (
        f"**wrong: {wrong}**." if wrong else "none was wrong."
    )


def markdown(run):
    facts = run.run
    return f"""# Benchmark of {facts["date"]}

{facts["machine"]}. Median of {facts["rounds"]} rounds of {facts["seconds"]} s each, and in parentheses the least and the most.
{verdict(run)} \\* More than a tenth of the subject's core stayed idle: something else was the bound.

## One key (1.1 KB), HTTP

{overview(run)}
CPU is the process's user and system time; floor-2's is for a call of the portal. *One caller* waits for each answer, and
makes the next call then: the median.

## Reach

{reach(run)}
## Added latency at a fixed rate, one key

From the time at which a call was to start, less the same quantile of direct REST calls at the same rate. The shares are of
each subject's own saturation. floor-1 has no portal behind it: its latency is all its own. CPU per RPC is higher than at
saturation, where one wake-up and one write serve many calls.

{added_latency(run)}
## CPU µs per RPC, by payload

{by_payload(run, run.cpu)}
## RPC/s, by payload

{by_payload(run, run.rate)}"""


def charts(run):
    titles = {subject.name: subject.title.split(":")[0] for subject in SUBJECTS}
    servers = ("gateway", "envoy", "vanguard")

    def bars(figure, names, unit=1):
        return [(titles[name], [value / unit for value in figure(name)]) for name in names]

    everything = (*servers, "floor-1", "floor-2")
    return [
        picture.Chart("CPU µs per RPC, one key", bars(run.cpu, everything)),
        picture.Chart("CPU µs per RPC, 50 keys", bars(lambda name: run.cpu(name, "fifty_keys"), everything)),
        picture.Chart("p99 added at half load, µs", bars(lambda name: run.added("p99_us", name, "50%"), servers)),
        picture.Chart(
            "MiB resident, 1,000 in flight",
            bars(lambda name: run.figure("resident_bytes", "many", name), servers, MIB),
        ),
    ]


def write(results, folder):
    run = Run(results)
    (folder / "table.md").write_text(markdown(run), encoding="utf-8")
    caption = f"{results['machine']}; median and spread of {results['rounds']} rounds, {results['date']}"
    (folder / "picture.svg").write_text(picture.svg(charts(run), caption), encoding="utf-8")


if __name__ == "__main__":
    destination = pathlib.Path(sys.argv[1])
    write(json.loads((destination / "results.json").read_text()), destination)
