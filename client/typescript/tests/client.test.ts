// What no case of the contract suite shows: deadlines of a call, cancellation, TLS by default.
import assert from "node:assert/strict";
import { after, test } from "node:test";

import { create, toBinary } from "@bufbuild/protobuf";
import { credentials, Server, ServerCredentials, type ServerUnaryCall, status } from "@grpc/grpc-js";

import { apiKey, ApiKeysError, connect, type ConnectOptions, GetApiKeysResponseSchema } from "@docspace/apikeys";

/** A gateway that answers GetApiKeys, or never does. */
async function serve(answers = true) {
  const calls: ServerUnaryCall<Buffer, Buffer>[] = [];
  const server = new Server();
  const answer = Buffer.from(toBinary(GetApiKeysResponseSchema, create(GetApiKeysResponseSchema, { count: 1 })));
  const octets = (message: Buffer) => message;
  server.addService(
    {
      GetApiKeys: {
        path: "/docspace.apikeys.v1.ApiKeys/GetApiKeys",
        requestStream: false,
        responseStream: false,
        requestSerialize: octets,
        requestDeserialize: octets,
        responseSerialize: octets,
        responseDeserialize: octets,
      },
    },
    {
      GetApiKeys: (call: ServerUnaryCall<Buffer, Buffer>, callback: (error: null, value: Buffer) => void) => {
        calls.push(call);
        if (answers) callback(null, answer);
      },
    },
  );
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  after(() => server.forceShutdown());
  return { calls, target: `127.0.0.1:${port}` };
}

function connected(target: string, options: ConnectOptions) {
  const keys = connect(target, options);
  after(() => keys.close());
  return keys;
}

test("a call carries credential, metadata and the default deadline, or its own", async () => {
  const { calls, target } = await serve();
  const keys = connected(target, { plaintext: true, credential: apiKey("sk-1"), timeoutMs: 100_000 });
  assert.equal((await keys.getApiKeys({}, { metadata: { "x-request-id": "9" } })).count, 1);
  await keys.getApiKeys({}, { timeoutMs: 15_000 });
  assert.deepEqual(calls[0]!.metadata.get("apikeybearer"), ["sk-1"]);
  assert.deepEqual(calls[0]!.metadata.get("x-request-id"), ["9"]);
  const [first, second] = calls.map((call) => Number(call.getDeadline()) - Date.now());
  assert.ok(first! > 50_000 && first! < 110_000, String(first));
  assert.ok(second! < 50_000, String(second));
});

test("a signal cancels a call", async () => {
  const { target } = await serve(false);
  const keys = connected(target, { plaintext: true });
  for (const signal of [AbortSignal.abort(), AbortSignal.timeout(50)]) {
    await assert.rejects(
      keys.getApiKeys({}, { signal }),
      (error) => error instanceof ApiKeysError && error.code === status.CANCELLED,
    );
  }
});

test("calls are spread over all addresses", async () => {
  const [one, other] = [await serve(), await serve()];
  const keys = connected(`ipv4:${one.target},${other.target}`, { plaintext: true });
  // The pace at which they are connected is gRPC's.
  while (!one.calls.length || !other.calls.length) {
    await keys.getApiKeys({});
    assert.ok(one.calls.length + other.calls.length < 10_000);
  }
});

test("a client speaks TLS unless it is told otherwise", async () => {
  const { calls, target } = await serve();
  const keys = connected(target, { timeoutMs: 10_000 });
  await assert.rejects(
    keys.createApiKey({ name: "x" }),
    (error) => error instanceof ApiKeysError && error.code === status.UNAVAILABLE,
  );
  assert.equal(calls.length, 0);
});

test("plaintext to another machine is refused unless it is allowed", () => {
  const options = { plaintext: true };
  for (const target of [
    ...["localhost:50051", "LOCALHOST", "127.0.0.1:50051", "127.8.9.10", "[::1]:50051", "[0:0:0:0:0:0:0:1]:1"],
    ...["dns:localhost:50051", "dns:///localhost:50051", "dns://192.0.2.53/localhost:1"],
    ...["ipv4:127.0.0.1:1,127.0.0.2:2", "ipv6:[::1]:1", "unix:/run/gateway.socket"],
  ]) {
    connect(target, options).close();
  }
  for (const target of [
    ...["gateway.example:50051", "192.0.2.1:50051", "[2001:db8::1]:50051", "0.0.0.0:50051", "localhost.example:1"],
    ...["127.0.0.1.example:50051", "127.1", "dns:///gateway.example:50051", "dns://localhost/gateway.example"],
    ...[
      "ipv4:127.0.0.1:1,192.0.2.1:1",
      "ipv4:192.0.2.1:1",
      "dns:////localhost:1",
      "[::2:1]:1",
      "[1::1]:1",
      "[::]:1",
      "",
    ],
  ]) {
    assert.throws(() => connect(target, options), /plaintext/, target);
  }
  connect("192.0.2.1:50051", { ...options, allowRemotePlaintext: true }).close();
});

test("tls and plaintext exclude each other", () => {
  assert.throws(() => connect("localhost:1", { tls: credentials.createSsl(), plaintext: true }), TypeError);
});

test("plaintext for this machine goes through no proxy", async (context) => {
  process.env["http_proxy"] = "http://127.0.0.1:1";
  context.after(() => delete process.env["http_proxy"]);
  const { target } = await serve();
  assert.equal((await connected(target, { plaintext: true }).getApiKeys({})).count, 1);
});
