"""Counts the instructions of the gateway's process for each call: calls.py --folder DIRECTORY [--seconds N].

callgrind counts all that the process runs outside the kernel, with gRPC and the C library, for one event loop
and 32 calls in flight. bench/calls.sh runs it.
"""

import argparse
import json
import os
import pathlib
import subprocess
import tempfile

import processes
import subjects
import upstream

PAYLOADS = ("one_key", "fifty_keys", "denied")
IN_FLIGHT = 32
CONNECTIONS = 4


def control(pid, *arguments):
    subprocess.run(["callgrind_control", *arguments, str(pid)], check=True, capture_output=True)


def make_calls(folder, portal, port, seconds):
    """Makes calls for so many seconds, and returns how many were answered."""
    command = [
        folder / "bin/load", "--protocol", "grpc", "--method", portal.method, "--port", port,
        "--expect-json", portal.json_file, "--expect-status", portal.grpc_status,
        "--in-flight", IN_FLIGHT, "--connections", CONNECTIONS, "--seconds", seconds,
    ]  # fmt: skip
    output = subprocess.run(list(map(str, command)), check=True, capture_output=True).stdout
    result = json.loads(output)
    if result["failures"] or not result["answers"]:
        raise RuntimeError(f"the calls failed: {result}")
    return result["answers"]


def instructions_of_call(folder, directory, core, portal, seconds):
    port = processes.free_port()
    counts = directory / f"{portal.payload}.counts"
    command = ["valgrind", "--quiet", "--tool=callgrind", "--instr-atstart=no", f"--callgrind-out-file={counts}"]
    command += subjects.gateway()(portal, port, folder)
    environment = os.environ | subjects.ALLOCATOR
    with processes.running(core, command, port, directory / "gateway.log", environment) as pid:
        # What happens once is not counted.
        make_calls(folder, portal, port, seconds / 2)
        control(pid, "--instr=on")
        calls = make_calls(folder, portal, port, seconds)
        control(pid, "--instr=off")
        control(pid, "--dump")
    lines = pathlib.Path(f"{counts}.1").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("totals:")) / calls


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", type=pathlib.Path, required=True)
    parser.add_argument("--seconds", type=float, default=6)
    arguments = parser.parse_args()
    cores = sorted(os.sched_getaffinity(0))
    print("| payload | instructions of a call |\n| --- | ---: |")
    with tempfile.TemporaryDirectory() as name:
        directory = pathlib.Path(name)
        # nginx's worker may run as another user.
        directory.chmod(0o755)
        with upstream.serving(cores[-1], directory, arguments.folder / "payloads") as (_, portals):
            for payload in PAYLOADS:
                portal = portals[payload, "http"]
                count = instructions_of_call(arguments.folder, directory, cores[0], portal, arguments.seconds)
                print(f"| {payload} | {count:,.0f} |", flush=True)


if __name__ == "__main__":
    main()
