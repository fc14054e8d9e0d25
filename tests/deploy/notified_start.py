"""Starts the gateway as systemd does, and checks what it tells: notified_start.py PROGRAM"""

import re
import signal
import socket
import subprocess
import sys
import tempfile


def main():
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        path = folder + "/notify"
        manager.bind(path)
        manager.settimeout(60)
        process = subprocess.Popen(
            [sys.argv[1], "--docspace-url=http://127.0.0.1:1", "--listen=127.0.0.1:0", "--drain-delay=0s"],
            env={"NOTIFY_SOCKET": path, "WATCHDOG_USEC": "1000000"},
        )

        def receives(pattern):
            message = manager.recv(4096).decode()
            while not re.fullmatch(pattern, message):
                # The order of the others is that of the watchdog's own thread.
                assert message == "WATCHDOG=1", message
                message = manager.recv(4096).decode()

        receives(r"READY=1\nSTATUS=Serving 127\.0\.0\.1:\d+ for http://127\.0\.0\.1:1")
        receives("WATCHDOG=1")
        process.send_signal(signal.SIGTERM)
        receives(r"STOPPING=1\nEXTEND_TIMEOUT_USEC=\d+")
        assert process.wait(60) == 0, process.returncode


main()
