import assert from "node:assert/strict";
import { test } from "node:test";
import { format, inspect } from "node:util";
import { serialize } from "node:v8";

import { create, toJsonString } from "@bufbuild/protobuf";
import { Metadata } from "@grpc/grpc-js";

import {
  apiKey,
  basic,
  bearer,
  CreateApiKeyResponseSchema,
  type Credential,
  sessionCookie,
  takeSecret,
} from "@docspace/apikeys";

const travelling: [Credential, string, string][] = [
  [apiKey("sk-planted"), "apikeybearer", "sk-planted"],
  [bearer("planted.e30.x"), "authorization", "Bearer planted.e30.x"],
  [basic("ülo@portal.example", "planted:1"), "authorization", "Basic w7xsb0Bwb3J0YWwuZXhhbXBsZTpwbGFudGVkOjE="],
  [sessionCookie("planted"), "asc_auth_key", "planted"],
];

test("a credential travels as metadata", () => {
  for (const [credential, name, value] of travelling) {
    const metadata = new Metadata();
    credential.applyTo(metadata);
    assert.deepEqual(metadata.getMap(), { [name]: value });
  }
});

/** Fails if something that prints or encodes shows `value`. */
function hidden(value: object) {
  const texts = [String(value), `${value}`, JSON.stringify(value), JSON.stringify({ ...value })];
  texts.push(
    inspect(value, { showHidden: true, depth: 9, getters: true }),
    format("%s %o %O %j", value, value, value, value),
  );
  texts.push(inspect(structuredClone(value)), serialize(value).toString("latin1"));
  for (const text of texts) assert.ok(!text.includes("planted"), text);
}

test("a credential does not show itself", () => {
  for (const [credential, , value] of travelling) {
    hidden(credential);
    assert.ok(!inspect(credential, { showHidden: true }).includes(value));
  }
});

test("the secret of a new key moves out of the answer and does not show itself", () => {
  const value = "sk-planted0123456789abcd";
  const created = create(CreateApiKeyResponseSchema, { apiKey: { id: "7", key: value } });
  const secret = takeSecret(created);
  assert.equal(secret.reveal(), value);
  hidden(secret);
  assert.ok(!toJsonString(CreateApiKeyResponseSchema, created).includes("planted"));
  assert.equal(created.apiKey?.key, "sk-***abcd");
  assert.equal(takeSecret(created).reveal(), "");
  assert.equal(takeSecret(create(CreateApiKeyResponseSchema)).reveal(), "");
});

test("what cannot travel is refused, and not repeated", () => {
  for (const text of ["two words", "line\nfeed", "end\n", "ümlaut", "tab\t"]) {
    for (const make of [(token: string) => apiKey(`sk-${token}`), bearer, sessionCookie]) {
      assert.throws(
        () => make(text),
        (error) => error instanceof TypeError && !error.message.includes(text),
      );
    }
  }
  assert.throws(() => apiKey("eyJhbGciOi"), TypeError);
  assert.throws(() => bearer(""), TypeError);
  for (const [email, password] of [
    ["", "x"],
    ["a:b", "x"],
    ["a", ""],
    ["a", "x\n"],
    ["a\x7f", "x"],
    ["a", "x".repeat(12 * 1024)],
  ] as const) {
    assert.throws(() => basic(email, password), TypeError);
  }
  assert.throws(() => sessionCookie("a;b"), TypeError);
  assert.throws(() => apiKey(`sk-${"0".repeat(16 * 1024)}`), TypeError);
  assert.throws(() => bearer("0".repeat(16 * 1024 - 6)), TypeError);
  assert.ok(bearer("0".repeat(16 * 1024 - 7)));
});
