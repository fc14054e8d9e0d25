"""A portal that ends or stalls at a stage of an exchange, and records what it has done."""

import contextlib
import json
import select
import socket
import ssl
import struct
import threading
import time

KEY = {
    "id": "3fa85f64-5717-4562-b3fc-2c963f66afa6",
    "name": "A key",
    "key": "sk-***afa6",
    "keyPostfix": "afa6",
    "permissions": ["*"],
    "createOn": "2026-06-15T13:30:00.0000000Z",
    "isActive": True,
}
# The text of each stage in the table.
STAGES = {
    "in order": "is in order",
    "refuses": "answers 503 with its own error JSON",
    "down": "listens no more",
    "closes unread": "closes before it reads",
    "resets unread": "resets before it reads",
    "hangs": "hangs before it reads, and carries the call out later",
    "closes reading": "closes inside the request",
    "resets reading": "resets inside the request",
    "closes acted": "carries the call out, and closes",
    "resets acted": "carries the call out, and resets",
    "closes in status": "carries the call out, and closes inside the status line",
    "closes in head": "carries the call out, and closes inside the head",
    "closes in body": "carries the call out, and closes inside the body",
    "resets in body": "carries the call out, and resets inside the body",
    "babbles": "carries the call out, and answers what is not HTTP",
    "stalls": "stalls when it has read, and carries the call out later",
    "stalls in body": "carries the call out, and stalls inside the body",
}
PATIENCE_SECONDS = 30
# The number of bytes of a request that a portal reads before it ends within the request.
FEW_BYTES = 16


def response_to(method, path):
    """Returns a whole HTTP response of a healthy portal."""
    if method in ("PUT", "DELETE"):
        value = True
    elif path.endswith("/permissions"):
        value = ["*"]
    elif method == "POST" or path.endswith("/@self"):
        value = KEY
    else:
        value = [KEY]
    body = json.dumps({"response": value, "count": 1, "status": 0, "statusCode": 200}).encode()
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)


def own_503():
    """Returns the response of a portal that has done nothing."""
    error = {"message": "Maintenance", "type": "System.Exception", "stack": None, "hresult": 0}
    body = json.dumps({"error": error, "status": 1, "statusCode": 503}).encode()
    return b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (
        len(body),
        body,
    )


def close(connection):
    with contextlib.suppress(OSError):
        socket.socket.shutdown(connection, socket.SHUT_RDWR)
    connection.close()


def reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


class Portal:
    """Listens on a port of loopback that the kernel chooses, until `stop`.

    `stage` is a name of STAGES and decides what happens to the next requests. After each call `settle` returns the
    number of whole requests, each of which the portal carries out at once or, if it stalls, afterwards.
    """

    def __init__(self, tls=None):
        """`tls` is the server's context; if it is None, the portal serves plain HTTP."""
        self._tls = tls
        # Keeps the port while nothing listens on it.
        self._reserved = self._bound(0)
        self.port = self._reserved.getsockname()[1]
        self.stage = "in order"
        self._lock = threading.Lock()
        self._whole_requests = 0
        self._released = threading.Event()
        self._connections = {}
        self._listener = None
        self._accepting = None
        self.listen()

    @staticmethod
    def _bound(port):
        bound = socket.socket()
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        bound.bind(("127.0.0.1", port))
        return bound

    def listen(self):
        self._listener = self._bound(self.port)
        self._listener.listen(64)
        self._accepting = threading.Thread(target=self._accept, args=(self._listener,), daemon=True)
        self._accepting.start()

    def stop_listening(self):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._accepting.join()
        self._listener.close()

    def stop(self):
        self.stop_listening()
        self.settle()
        self._reserved.close()

    def begin(self, stage):
        """Sets the stage from the next request on."""
        self._released.clear()
        self.stage = stage
        if stage == "down":
            self.stop_listening()
            self._end_connections()

    def forget(self):
        """Resets the number of requests; leaves the connections unchanged."""
        with self._lock:
            self._whole_requests = 0

    def settle(self):
        """Ends all connections, waits for the other ends to close, and returns the number of whole requests."""
        self._released.set()
        stage, self.stage = self.stage, "in order"
        self._end_connections()
        if stage == "down" and self._listener.fileno() < 0:
            self.listen()
        with self._lock:
            count, self._whole_requests = self._whole_requests, 0
        return count

    def _end_connections(self):
        """Ends all connections; requests that have arrived unread are read first."""
        end = time.monotonic() + PATIENCE_SECONDS
        while connections := self._open_connections():
            if time.monotonic() > end:
                raise RuntimeError("a proxy does not end its connection")
            for connection, thread in connections.items():
                with contextlib.suppress(OSError):
                    # Data that arrives afterwards is still decrypted.
                    socket.socket.shutdown(connection, socket.SHUT_WR)
                thread.join(0.05)

    def _open_connections(self):
        with self._lock:
            return dict(self._connections)

    def _accept(self, listener):
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._run, args=(connection,), daemon=True)
            with self._lock:
                self._connections[connection] = thread
            thread.start()

    def _run(self, connection):
        raw = connection
        try:
            if self.stage == "hangs":
                self._released.wait(PATIENCE_SECONDS)
            if self.stage == "closes unread":
                return close(connection)
            if self.stage == "resets unread":
                return reset(connection)
            if self._tls is not None:
                connection = self._handshake(connection)
            while self._serve(connection):
                pass
        except (OSError, ValueError):
            pass
        finally:
            connection.close()
            with self._lock:
                self._connections.pop(raw, None)
                if connection is not raw:
                    self._connections.pop(connection, None)

    def _handshake(self, connection):
        connection.settimeout(PATIENCE_SECONDS)
        wrapped = self._tls.wrap_socket(connection, server_side=True)
        with self._lock:
            # The previous listener no longer has a socket.
            self._connections[wrapped] = self._connections.pop(connection)
        return wrapped

    def _serve(self, connection):
        """Serves one request; returns whether another may follow."""
        select.select([connection], [], [])
        stage = self.stage
        if stage == "closes unread":
            return close(connection)
        if stage == "resets unread":
            return reset(connection)
        if stage == "hangs":
            self._released.wait(PATIENCE_SECONDS)
        if stage in ("closes reading", "resets reading"):
            connection.recv(FEW_BYTES)
            return close(connection) if stage == "closes reading" else reset(connection)
        request = self._read(connection)
        if request is None:
            return False
        return self._answer(connection, stage, *request)

    def _read(self, connection):
        """Returns the method and path of a whole request, or None if the connection ends first."""
        received = b""
        while b"\r\n\r\n" not in received:
            more = connection.recv(65536)
            if not more:
                return None
            received += more
        head, _, body = received.partition(b"\r\n\r\n")
        length = 0
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        while len(body) < length:
            more = connection.recv(65536)
            if not more:
                return None
            body += more
        with self._lock:
            self._whole_requests += 1
        method, path, _ = head.decode().split(" ", 2)
        return method, path

    def _answer(self, connection, stage, method, path):
        whole = response_to(method, path)
        if stage == "refuses":
            with self._lock:
                self._whole_requests -= 1
            connection.sendall(own_503())
            return True
        if stage == "stalls":
            self._released.wait(PATIENCE_SECONDS)
        sent, last = {
            "closes acted": (b"", close),
            "resets acted": (b"", reset),
            "closes in status": (whole[:10], close),
            "closes in head": (whole[:40], close),
            "closes in body": (whole[:-10], close),
            "resets in body": (whole[:-10], reset),
            "babbles": (b"220 mail.example ESMTP\r\n\r\n", close),
            "stalls in body": (whole[:-10], lambda _: self._released.wait(PATIENCE_SECONDS)),
        }.get(stage, (whole, None))
        if sent:
            connection.sendall(sent)
        if last is None:
            return True
        last(connection)
        return False


def server_context(certificate, key):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context
