import assert from "node:assert/strict";
import { test } from "node:test";

import { Metadata, type ServiceError, status } from "@grpc/grpc-js";

import { ApiKeysError, DOMAIN } from "@docspace/apikeys";

// Encodes Protobuf's wire format by hand, so that the test shares no code with the client.
const field = (number: number, content: string | Buffer) => {
  const octets = Buffer.from(content);
  assert.ok(octets.length < 128 * 128);
  const length = octets.length < 128 ? [octets.length] : [(octets.length & 127) | 128, octets.length >> 7];
  return Buffer.concat([Buffer.from([(number << 3) | 2, ...length]), octets]);
};
const detail = (type: string, content: Buffer) =>
  field(3, Buffer.concat([field(1, `type.googleapis.com/google.rpc.${type}`), field(2, content)]));
const entry = (key: string, value: string) => field(3, Buffer.concat([field(1, key), field(2, value)]));
const info = (reason: string, domain = DOMAIN, ...entries: Buffer[]) =>
  detail("ErrorInfo", Buffer.concat([field(1, reason), field(2, domain), entry("request_id", "7"), ...entries]));
// 1.5 seconds.
const retry = detail("RetryInfo", field(1, Buffer.from([0x08, 1, 0x10, 0x80, 0xca, 0xb5, 0xee, 0x01])));
const violation = detail("BadRequest", field(1, Buffer.concat([field(1, "name"), field(2, "is too long")])));
const quota = detail("QuotaFailure", field(1, Buffer.concat([field(1, "user"), field(2, "5 in 15 minutes")])));

function failed(code: status, ...details: Buffer[]): ApiKeysError {
  const metadata = new Metadata();
  metadata.set("grpc-status-details-bin", Buffer.concat(details));
  return new ApiKeysError(Object.assign(new Error(), { code, details: "it failed", metadata }) satisfies ServiceError);
}

test("an error decodes what the gateway says", () => {
  const error = failed(
    status.INVALID_ARGUMENT,
    info("INVALID_REQUEST", DOMAIN, entry("http_status", "400")),
    violation,
    quota,
    retry,
  );
  assert.equal(error.code, status.INVALID_ARGUMENT);
  assert.equal(error.details, "it failed");
  assert.deepEqual([error.reason, error.domain, error.requestId], ["INVALID_REQUEST", DOMAIN, "7"]);
  assert.deepEqual(error.fieldViolations, [{ field: "name", description: "is too long" }]);
  assert.deepEqual(error.quotaViolations, [{ subject: "user", description: "5 in 15 minutes" }]);
  assert.deepEqual([error.httpStatus, error.isFromGateway], [400, true]);
  assert.equal(error.retryDelayMs, 1500);
  assert.equal(error.message, "INVALID_ARGUMENT INVALID_REQUEST: it failed");
  assert.ok(error instanceof Error && error.cause instanceof Error);
});

test("an error passes over details that cannot be read", () => {
  const half = Buffer.from([0x1a, 5, 10, 3]);
  const broken = detail("ErrorInfo", Buffer.from([0xff]));
  for (const octets of [half, broken, Buffer.from([0xff]), Buffer.alloc(0)]) {
    const error = failed(status.INTERNAL, octets);
    assert.deepEqual([error.code, error.reason], [status.INTERNAL, ""]);
  }
});

test("an error knows what is safe to retry", () => {
  for (const [error, safe] of [
    [failed(status.UNAVAILABLE, info("UPSTREAM_UNAVAILABLE")), true],
    [failed(status.UNAVAILABLE), false],
    [failed(status.UNAVAILABLE, info("X", "mesh.example")), false],
    [failed(status.RESOURCE_EXHAUSTED, info("RATE_LIMITED"), retry), true],
    [failed(status.RESOURCE_EXHAUSTED, info("RATE_LIMITED")), true],
    [failed(status.RESOURCE_EXHAUSTED, info("GATEWAY_OVERLOADED")), true],
    [failed(status.RESOURCE_EXHAUSTED), false],
    [failed(status.RESOURCE_EXHAUSTED, info("REQUEST_TOO_LARGE")), false],
    [failed(status.UNKNOWN, info("WRITE_OUTCOME_UNKNOWN")), false],
  ] as const) {
    assert.deepEqual([error.isSafeToRetry, error.isKnownNotApplied], [safe, safe], error.message);
  }
});

test("an error knows whether a write was sent", () => {
  for (const [detail, known] of [
    [info("DEADLINE_EXCEEDED", DOMAIN, entry("write_sent", "false")), true],
    [info("DEADLINE_EXCEEDED", DOMAIN, entry("write_sent", "true")), false],
    [info("DEADLINE_EXCEEDED"), false],
    [info("DEADLINE_EXCEEDED", "mesh.example", entry("write_sent", "false")), false],
  ] as const) {
    const error = failed(status.DEADLINE_EXCEEDED, detail);
    assert.deepEqual([error.isSafeToRetry, error.isKnownNotApplied], [false, known]);
  }
});

test("an error has no HTTP status without three digits", () => {
  for (const text of ["", "4 2", "1e3", "99999"]) {
    assert.equal(failed(status.INTERNAL, info("X", DOMAIN, entry("http_status", text))).httpStatus, 0);
  }
});

test("an error backs off with and without a delay of the gateway", () => {
  const limited = failed(status.RESOURCE_EXHAUSTED, info("RATE_LIMITED"));
  for (const [error, attempts, shortest, longest] of [
    [limited, 1, 500, 1000],
    [limited, 3, 2000, 4000],
    [limited, 10_000, 15_000, 30_000],
    [failed(status.RESOURCE_EXHAUSTED, info("RATE_LIMITED"), retry), 1, 1500, 1700],
    [failed(status.UNAVAILABLE, info("UPSTREAM_UNAVAILABLE")), 2, 0, 400],
  ] as const) {
    for (let i = 0; i < 100; ++i) {
      const wait = error.backoffMs(attempts);
      assert.ok(wait >= shortest && wait <= longest, `${error.message} after ${attempts}: ${wait}`);
    }
  }
});

test("an error clamps the delay of the gateway", () => {
  const longest = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f];
  const negative = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01];
  for (const [seconds, delay] of [
    [longest, 365 * 24 * 60 * 60 * 1000],
    [negative, undefined],
  ] as const) {
    const info = detail("RetryInfo", field(1, Buffer.from([0x08, ...seconds])));
    const error = failed(status.UNAVAILABLE, info);
    assert.equal(error.retryDelayMs, delay);
    assert.ok(error.backoffMs(10_000) >= 0 && error.backoffMs(10_000) < 2 ** 31);
  }
});
