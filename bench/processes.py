"""Processes on a core of their own, and the ports they listen on."""

import contextlib
import pathlib
import socket
import subprocess
import time

PATIENCE_SECONDS = 30


def free_ports(count):
    """Returns ports that differ, because none is given back before all are chosen."""
    with contextlib.ExitStack() as stack:
        listeners = [stack.enter_context(socket.socket()) for _ in range(count)]
        for listener in listeners:
            listener.bind(("127.0.0.1", 0))
        return [listener.getsockname()[1] for listener in listeners]


def free_port():
    return free_ports(1)[0]


def pinned(cores, command):
    """Pins a command to one core, or to several as in "0,1"."""
    return ["taskset", "--cpu-list", str(cores), *map(str, command)]


@contextlib.contextmanager
def running(cores, command, port, log, environment=None):
    """Runs `command` on `cores` until the block ends; yields its process id once `port` answers."""
    with open(log, "wb") as output:
        process = subprocess.Popen(
            pinned(cores, command), stdout=output, stderr=output, stdin=subprocess.DEVNULL, env=environment
        )
    try:
        wait_for_port(process, port, log)
        yield process.pid
    finally:
        # No call is in flight, so the benchmark does not wait for a drain.
        process.kill()
        process.wait()


def wait_for_port(process, port, log):
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.02)
    raise RuntimeError(f"{process.args} does not answer:\n{pathlib.Path(log).read_text(errors='replace')[-2000:]}")


def resident_bytes(pid):
    pages = int(pathlib.Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * 4096
