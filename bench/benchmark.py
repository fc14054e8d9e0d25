"""Measures every subject with every payload and writes the table and the picture: see bench/run.sh.

A round measures everything once, each subject after the other (A B C A B C), so that a slow minute of
the machine does not hit one of them alone; the report has medians over the rounds. Each measurement
is of a new process.
"""

import argparse
import collections
import contextlib
import datetime
import json
import os
import pathlib
import platform
import subprocess
import sys
import time

import processes
import report
import upstream
from subjects import DIRECT, SUBJECTS

CELLS = [
    ("one_key", "http"),
    ("fifty_keys", "http"),
    ("ten_thousand_keys", "http"),
    ("denied", "http"),
    ("one_key", "https"),
    ("fifty_keys", "https"),
]
# As many calls under way as keep a core busy without queues that measure themselves.
SATURATING = {"one_key": 64, "fifty_keys": 32, "ten_thousand_keys": 4, "denied": 64}
SHARES_OF_SATURATION = (0.25, 0.5, 0.75)
# At a rate: so many that a stall does not run out of them.
OPEN_LOOP_IN_FLIGHT = 256
OPEN_LOOP_CONNECTIONS = 64
MANY = 1000


class Bench:
    def __init__(self, options, nginx, portals):
        self.options = options
        self.nginx = nginx
        self.portals = portals
        self.folder = options.folder
        self.started = time.monotonic()
        # (what, subject, …) -> one result for each round.
        self.results = collections.defaultdict(list)

    def load(self, subject, portal, port, process, in_flight, rate=0.0):
        """Runs the load generator once; its result, with what is derived from it."""
        grpc = subject.is_server
        command = [
            self.folder / "bin/load", "--protocol", "grpc" if grpc else "rest", "--method", portal.method,
            "--port", port, "--expect-json", portal.json_file,
            "--expect-status", portal.grpc_status if grpc else portal.http_status,
            "--connections", min(8, in_flight), "--in-flight", in_flight, "--rate", rate,
            "--warm-up", self.options.warm_up, "--seconds", self.options.seconds,
            "--process", process, "--process", 0, "--process", self.nginx,
        ]  # fmt: skip
        if not grpc and portal.scheme == "https":
            command += ["--ca-file", portal.ca_file]
        core = self.options.subject_core if subject.on_subject_core else self.options.load_core
        done = subprocess.run(processes.pinned(core, command), stdout=subprocess.PIPE, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{subject.name} failed with {portal.payload} through {portal.scheme}")
        result = json.loads(done.stdout)
        own, generator, nginx = result.pop("processes")
        microseconds = result["seconds"] * 1e6
        beside = nginx["cpu_us"] if subject.on_subject_core else nginx["cpu_us"] + generator["cpu_us"]
        return result | {
            "rate": result["answers"] / result["seconds"],
            "cpu_us": own["cpu_us"] / result["answers"],
            "resident_bytes": own["resident_bytes"],
            "subject_core_busy": own["cpu_us"] / microseconds,
            "load_core_busy": beside / microseconds,
        }

    def measure(self, subject, portal, in_flight, rate=0.0):
        with contextlib.ExitStack() as running:
            if not subject.is_server:
                return self.load(subject, portal, portal.port, 0, in_flight, rate)
            port = processes.free_port()
            process = running.enter_context(
                processes.running(
                    self.options.subject_core,
                    subject.command(portal, port, self.folder),
                    port,
                    self.folder / f"{subject.name}.log",
                    os.environ | subject.environment,
                )
            )
            idle = processes.resident_bytes(process)
            return self.load(subject, portal, port, process, in_flight, rate) | {"idle_bytes": idle}

    def record(self, key, result):
        self.results[key].append(result)
        elapsed = int(time.monotonic() - self.started)
        print(
            f"{elapsed // 60:3}:{elapsed % 60:02}  {' '.join(map(str, key)):42}"
            f" {result['cpu_us']:9.1f} µs CPU  {result['rate']:8.0f}/s  p50 {result['p50_us']:8.0f} µs"
            f"  p99 {result['p99_us']:8.0f} µs  cores {result['subject_core_busy']:4.0%} {result['load_core_busy']:4.0%}"
            + (f"  WRONG: {result['failures']}" if result["failures"] else ""),
            flush=True,
        )
        return result

    def round(self):
        for payload, scheme in CELLS:
            for subject in SUBJECTS:
                if subject is not DIRECT and (scheme == "http" or subject.asks_portal):
                    portal = self.portals[payload, scheme]
                    result = self.measure(subject, portal, SATURATING[payload])
                    self.record(("saturation", subject.name, payload, scheme), result)
        portal = self.portals["one_key", "http"]
        for subject in SUBJECTS:
            self.record(("single", subject.name), self.measure(subject, portal, 1))
        for subject in SUBJECTS:
            if subject.is_server:
                self.record(("many", subject.name), self.measure(subject, portal, MANY))
        for share in SHARES_OF_SATURATION:
            for subject in SUBJECTS:
                if subject.is_server:
                    self.open_loop(subject, portal, share)

    def open_loop(self, subject, portal, share):
        """The subject, and at the same rate the way without it: what it adds is the difference."""
        # The first round's, so that each round is about the same rate.
        rate = share * self.results["saturation", subject.name, "one_key", "http"][0]["rate"]
        key = (subject.name, f"{share:.0%}")
        self.record(("rate", *key), self.measure(subject, portal, OPEN_LOOP_IN_FLIGHT, rate))
        if subject.asks_portal:
            self.record(("direct", *key), self.measure(DIRECT, portal, OPEN_LOOP_CONNECTIONS, rate))


def machine():
    cpu = "unknown processor"
    with contextlib.suppress(OSError), open("/proc/cpuinfo", encoding="utf-8") as lines:
        cpu = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), cpu)
    return f"{cpu}, {os.cpu_count()} cores, Linux {platform.release()}"


def parse_arguments():
    cores = sorted(os.sched_getaffinity(0))
    parser = argparse.ArgumentParser(prog="bench/run.sh", description="Measures the gateway and its peers.")
    parser.add_argument("--folder", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--quick", action="store_true", help="one short round: to see that it works, not how fast")
    parser.add_argument("--rounds", type=int, default=3, help="how often everything is measured (%(default)s)")
    parser.add_argument("--seconds", type=float, default=3, help="of each measurement (%(default)s)")
    parser.add_argument("--warm-up", type=float, default=0.5, help="seconds before it (%(default)s)")
    parser.add_argument("--subject-core", type=int, default=cores[-1], help="(%(default)s)")
    parser.add_argument("--load-core", type=int, default=cores[0], help="the load's and the portal's (%(default)s)")
    options = parser.parse_args()
    if options.quick:
        options.rounds, options.seconds, options.warm_up = 1, 1.0, 0.2
    if options.subject_core == options.load_core:
        parser.error("needs two cores")
    return options


def main():
    options = parse_arguments()
    with upstream.serving(options.load_core, options.folder, options.folder / "payloads") as (nginx, portals):
        bench = Bench(options, nginx, portals)
        for _ in range(options.rounds):
            bench.round()
    run = {
        "date": datetime.date.today().isoformat(),
        "machine": machine(),
        "rounds": options.rounds,
        "seconds": options.seconds,
        "results": [{"key": key, "rounds": rounds} for key, rounds in bench.results.items()],
    }
    (options.folder / "results.json").write_text(json.dumps(run, indent=1))
    report.write(run, options.folder)
    print((options.folder / "table.md").read_text())
    print(f"{options.folder}: table.md, picture.svg, results.json")
    return int(any(result["failures"] for rounds in bench.results.values() for result in rounds))


if __name__ == "__main__":
    try:
        sys.exit(main())
    except RuntimeError as error:
        sys.exit(f"bench: {error}")
