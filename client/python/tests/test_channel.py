"""What no case of the contract suite shows: futures, metadata of answers, defaults."""

import asyncio
import contextlib
import queue
from concurrent import futures

import grpc
import pytest

from docspace.apikeys import ApiKeysError, aio, api_key, connect
from docspace.apikeys.v1.api_keys_pb2 import GetApiKeysRequest, GetApiKeysResponse
from docspace.apikeys.v1.api_keys_pb2_grpc import ApiKeysServicer, ApiKeysStub, add_ApiKeysServicer_to_server


class Gateway(ApiKeysServicer):
    calls = 0

    def GetApiKeys(self, request, context):
        self.calls += 1
        self.metadata = dict(context.invocation_metadata())
        self.remaining = context.time_remaining()
        if request.fields == "fail":
            context.abort(grpc.StatusCode.NOT_FOUND, "nothing")
        context.set_trailing_metadata((("x-request-id", "7"),))
        return GetApiKeysResponse(count=1)


@contextlib.contextmanager
def serving():
    server = grpc.server(futures.ThreadPoolExecutor(1))
    gateway = Gateway()
    add_ApiKeysServicer_to_server(gateway, server)
    gateway.target = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    yield gateway
    server.stop(None).wait()


@pytest.fixture(name="gateway")
def served():
    with serving() as gateway:
        yield gateway


@pytest.fixture(name="keys")
def connected(gateway):
    with connect(gateway.target, api_key("sk-1"), plaintext=True, timeout=100) as channel:
        yield ApiKeysStub(channel)


def test_sends_credential_metadata_and_the_default_deadline(gateway, keys):
    keys.GetApiKeys(GetApiKeysRequest(), metadata=(("x-request-id", "9"),))
    assert gateway.metadata["apikeybearer"] == "sk-1"
    assert gateway.metadata["x-request-id"] == "9"
    assert 50 < gateway.remaining < 110


def test_a_deadline_of_the_call_wins(gateway, keys):
    keys.GetApiKeys(GetApiKeysRequest(), timeout=15)
    assert gateway.remaining < 50


def test_gives_the_metadata_of_an_answer(keys):
    answer, call = keys.GetApiKeys.with_call(GetApiKeysRequest())
    assert answer.count == 1
    assert dict(call.trailing_metadata())["x-request-id"] == "7"


def test_futures_fail_as_calls_do(keys):
    future = keys.GetApiKeys.future(GetApiKeysRequest(fields="fail"))
    told = queue.SimpleQueue()
    future.add_done_callback(told.put)
    assert isinstance(told.get(timeout=20).exception(), ApiKeysError)
    with pytest.raises(ApiKeysError) as failure:
        future.result()
    assert failure.value.code() == grpc.StatusCode.NOT_FOUND


def test_speaks_tls_unless_told_otherwise(gateway):
    with connect(gateway.target, api_key("sk-1"), timeout=5) as channel, pytest.raises(ApiKeysError) as failure:
        ApiKeysStub(channel).GetApiKeys(GetApiKeysRequest())
    assert failure.value.code() == grpc.StatusCode.UNAVAILABLE
    assert not hasattr(gateway, "metadata")


def test_spreads_calls_over_all_addresses(gateway):
    with serving() as other, connect(f"ipv4:{gateway.target},{other.target}", None, plaintext=True) as channel:
        while not (gateway.calls and other.calls):  # The pace at which they are connected is gRPC's.
            ApiKeysStub(channel).GetApiKeys(GetApiKeysRequest(), timeout=20)
            assert gateway.calls + other.calls < 10_000


def test_gives_the_metadata_of_an_answer_to_asyncio(gateway):
    async def call():
        async with aio.connect(gateway.target, api_key("sk-1"), plaintext=True) as channel:
            pending = ApiKeysStub(channel).GetApiKeys(GetApiKeysRequest())
            answer = await pending
            return answer.count, dict(await pending.trailing_metadata())["x-request-id"]

    assert asyncio.run(call()) == (1, "7")


LOOPBACK = [
    *("localhost:50051", "LOCALHOST", "127.0.0.1:50051", "127.8.9.10", "[::1]:50051", "dns:localhost:50051"),
    *("dns:///localhost:50051", "dns://192.0.2.53/localhost:1", "ipv4:127.0.0.1:1,127.0.0.2:2", "ipv6:[::1]:1"),
    *("unix:/run/gateway.socket", "unix-abstract:gateway"),
]
REMOTE = [
    *("gateway.example:50051", "192.0.2.1:50051", "[2001:db8::1]:50051", "0.0.0.0:50051", "localhost.example:50051"),
    *("127.0.0.1.example:50051", "dns:///gateway.example:50051", "dns://localhost/gateway.example", ""),
    *("ipv4:127.0.0.1:1,192.0.2.1:1", "ipv4:192.0.2.1:1", "xds:///localhost", "dns:////localhost:1"),
]


@pytest.mark.parametrize("open_channel", [connect, aio.connect])
def test_refuses_plaintext_to_another_machine(open_channel):
    async def try_all():
        for target in LOOPBACK:
            open_channel(target, None, plaintext=True)
        for target in REMOTE:
            with pytest.raises(ValueError):
                open_channel(target, None, plaintext=True)
        open_channel(REMOTE[0], None, plaintext=True, allow_remote_plaintext=True)

    asyncio.run(try_all())


@pytest.mark.parametrize("open_channel", [connect, aio.connect])
def test_refuses_tls_together_with_plaintext(open_channel):
    with pytest.raises(ValueError):
        open_channel("localhost:1", None, tls=grpc.ssl_channel_credentials(), plaintext=True)


def test_sends_plaintext_for_this_machine_through_no_proxy(gateway, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    with connect(gateway.target, None, plaintext=True) as channel:
        ApiKeysStub(channel).GetApiKeys(GetApiKeysRequest())
    assert gateway.calls == 1
