"""Measures a subject under load, in rounds: the code that bench/run.sh and bench/scaling.sh share.

A round measures everything once, each point after the other (A B C A B C), so that a slow minute of the
machine does not hit one of them alone; the reports have medians over the rounds. Each measurement is of
a new process.
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
import upstream


class Bench:
    def __init__(self, options, nginx, portals):
        self.options = options
        self.nginx = nginx
        self.portals = portals
        self.folder = options.folder
        self.started = time.monotonic()
        # (what, subject, …) -> one result for each round.
        self.results = collections.defaultdict(list)

    def load(self, subject, portal, port, process, in_flight, rate, connections):
        """Runs the load generator once, and returns its result with derived figures."""
        grpc = subject.is_server
        command = [
            self.folder / "bin/load", "--protocol", "grpc" if grpc else "rest", "--method", portal.method,
            "--port", port, "--expect-json", portal.json_file,
            "--expect-status", portal.grpc_status if grpc else portal.http_status,
            "--connections", connections or min(8, in_flight), "--in-flight", in_flight, "--rate", rate,
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
            "switches": own["context_switches"] / result["answers"],
            "resident_bytes": own["resident_bytes"],
            "subject_core_busy": own["cpu_us"] / microseconds,
            "load_core_busy": beside / microseconds,
        }

    def measure(self, subject, portal, in_flight, rate=0.0, connections=None, cores=None):
        """Measures a closed loop if the rate is 0. The subject runs on its core, or on `cores`."""
        with contextlib.ExitStack() as running:
            if not subject.is_server:
                return self.load(subject, portal, portal.port, 0, in_flight, rate, connections)
            port = processes.free_port()
            process = running.enter_context(
                processes.running(
                    self.options.subject_core if cores is None else cores,
                    subject.command(portal, port, self.folder),
                    port,
                    self.folder / f"{subject.name}.log",
                    os.environ | subject.environment,
                )
            )
            idle = processes.resident_bytes(process)
            loaded = self.load(subject, portal, port, process, in_flight, rate, connections)
            return loaded | {"idle_bytes": idle}

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
        """Measures everything once."""
        raise NotImplementedError


def machine():
    cpu = "unknown processor"
    with contextlib.suppress(OSError), open("/proc/cpuinfo", encoding="utf-8") as lines:
        cpu = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), cpu)
    return f"{cpu}, {os.cpu_count()} cores, Linux {platform.release()}"


def new_parser(program, **more):
    """Returns a parser of the options that every program has which measures."""
    cores = sorted(os.sched_getaffinity(0))
    parser = argparse.ArgumentParser(prog=program, **more)
    parser.add_argument("--folder", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--subject-core", type=int, default=cores[-1], help="(%(default)s)")
    parser.add_argument("--load-core", type=int, default=cores[0], help="the load's and the portal's (%(default)s)")
    return parser


def parse(parser):
    """Returns the options of the command line."""
    options = parser.parse_args()
    if options.subject_core == options.load_core:
        parser.error("needs two cores")
    return options


def arguments(program, description):
    """Returns the options of the command line of a program that measures in rounds."""
    parser = new_parser(program, description=description)
    parser.add_argument("--quick", action="store_true", help="one short round: to see that it works, not how fast")
    parser.add_argument("--rounds", type=int, default=3, help="how often everything is measured (%(default)s)")
    parser.add_argument("--seconds", type=float, default=3, help="of each measurement (%(default)s)")
    parser.add_argument("--warm-up", type=float, default=0.5, help="seconds before it (%(default)s)")
    options = parse(parser)
    if options.quick:
        options.rounds, options.seconds, options.warm_up = 1, 1.0, 0.2
    return options


def run(kind, options):
    """Runs all rounds of a kind of Bench, and returns the results in the form of the results file."""
    with upstream.serving(options.load_core, options.folder, options.folder / "payloads") as (nginx, portals):
        bench = kind(options, nginx, portals)
        for _ in range(options.rounds):
            bench.round()
    return {
        "date": datetime.date.today().isoformat(),
        "machine": machine(),
        "rounds": options.rounds,
        "seconds": options.seconds,
        "results": [{"key": key, "rounds": rounds} for key, rounds in bench.results.items()],
    }


def publish(results, folder, report, table, picture, data):
    """Writes the results of a run, prints the table, and returns the exit status: 1 if a response was wrong."""
    (folder / data).write_text(json.dumps(results, indent=1))
    report.write(results, folder)
    print((folder / table).read_text())
    print(f"{folder}: {table}, {picture}, {data}")
    return int(any(result["failures"] for point in results["results"] for result in point["rounds"]))


def exit_with(main):
    """Runs a program's `main`, and returns its status, or prints why it could not measure."""
    try:
        sys.exit(main())
    except RuntimeError as error:
        sys.exit(f"bench: {error}")
