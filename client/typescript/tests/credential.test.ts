import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";

import { Metadata } from "@grpc/grpc-js";

import { apiKey, basic, bearer, type Credential, sessionCookie } from "@docspace/apikeys";

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

test("a credential does not show itself", () => {
  for (const [credential, , value] of travelling) {
    const texts = [String(credential), JSON.stringify(credential), inspect(credential, { showHidden: true, depth: 9 })];
    texts.push(JSON.stringify({ ...credential }));
    for (const text of texts) assert.ok(!text.includes(value) && !text.includes("planted"), text);
  }
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
  ] as const) {
    assert.throws(() => basic(email, password), TypeError);
  }
});
