"""The network of the contract suite: a separate namespace in which this process is the name server.

In it a test may listen on port 53, and /etc/resolv.conf names the suite's server, so that clients resolve names as
they do elsewhere.
"""

import fcntl
import os
import pathlib
import socket
import struct
import subprocess
import sys
import tempfile
import threading

# Names of this zone resolve to the gateway. RFC 6761 reserves it for tests.
ZONE = b"test"
INSIDE = "CONTRACT_SUITE_NETWORK"
A, TXT = 1, 16
# Addresses are sent later than service configs, because some libraries make the first call without waiting for the
# service config.
ADDRESS_DELAY_SECONDS = 0.1
# A service config that would retry a write with an unknown outcome.
SERVICE_CONFIG = (
    'grpc_config=[{"serviceConfig":{"methodConfig":[{"name":[{}],"retryPolicy":{"maxAttempts":5,'
    '"initialBackoff":"0.01s","maxBackoff":"0.01s","backoffMultiplier":1,'
    '"retryableStatusCodes":["UNKNOWN","UNAVAILABLE","INTERNAL","RESOURCE_EXHAUSTED"]}}]}}]'
)


def enter():
    """Restarts this program in a separate network; returns there, or here if that is not possible.

    Returns a description of what is missing, or an empty string.
    """
    if INSIDE in os.environ:
        _bring_up_loopback()
        _serve()
        return ""
    unshare = ["unshare", "--net", "--mount"] + (["--map-root-user"] if os.geteuid() else [])
    try:
        subprocess.run([*unshare, "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        return f"no namespaces: {error}"
    os.environ[INSIDE] = "1"
    os.execvp(unshare[0], [*unshare, sys.executable, *sys.argv])


def _bring_up_loopback():
    siocsifflags, iff_up = 0x8914, 1
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, siocsifflags, struct.pack("16sh22x", b"lo", iff_up))


def _serve():
    with tempfile.TemporaryDirectory() as directory:
        configuration = pathlib.Path(directory) / "resolv.conf"
        configuration.write_text("nameserver 127.0.0.1\n")
        subprocess.run(["mount", "--bind", configuration, "/etc/resolv.conf"], check=True)
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 53))
    threading.Thread(target=_answer_all, args=(server,), daemon=True).start()


def _answer_all(server):
    while True:
        query, client = server.recvfrom(4096)
        try:
            response, delay = answer(query)
        except (IndexError, struct.error):
            continue  # This is no query.
        threading.Timer(delay, server.sendto, (response, client)).start()


def answer(query):
    """Returns the response to a query with one question (RFC 1035, section 4), and its delay in seconds."""
    number, _, questions = struct.unpack_from("!HHH", query)
    if questions != 1:
        raise IndexError
    labels, at = [], 12
    while query[at]:
        labels.append(query[at + 1 : at + 1 + query[at]])
        at += 1 + query[at]
    question = query[12 : at + 5]
    (kind,) = struct.unpack_from("!H", query, at + 1)
    data = b""
    known = labels[-1].lower() == ZONE
    if known and kind == A:
        data = socket.inet_aton("127.0.0.1")
    elif known and kind == TXT:
        # gRPC queries `_grpc_config.NAME`, but its library for Node.js queries the name itself.
        text = SERVICE_CONFIG.encode()
        data = b"".join(bytes([len(text[i : i + 255])]) + text[i : i + 255] for i in range(0, len(text), 255))
    # QR, AA, RD, RA; NXDOMAIN for other zones.
    flags = 0x8580 if known else 0x8583
    head = struct.pack("!HHHHHH", number, flags, 1, 1 if data else 0, 0, 0)
    # The record has the question's name.
    record = struct.pack("!HHHIH", 0xC00C, kind, 1, 0, len(data)) + data if data else b""
    return head + question + record, 0 if kind == TXT else ADDRESS_DELAY_SECONDS
