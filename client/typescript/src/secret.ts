import type { CreateApiKeyResponse } from "./gen/docspace/apikeys/v1/api_keys_pb.js";

/** The secret of a new key. However it is printed or encoded, it does not show itself. */
export class Secret {
  // Nothing outside of this class can read a private member: no inspection, no JSON, no clone.
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The only way to the value; it is empty if there was no secret. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return "<Secret>";
  }

  toJSON(): string {
    return this.toString();
  }
}

/**
 * Moves the secret out of the answer of `createApiKey` and leaves the masked form, as later answers show it.
 * Call it before anything can print the answer: a message of Protobuf shows all of its fields. The result is
 * empty if the answer has no secret, or if it has been taken already.
 */
export function takeSecret(created: CreateApiKeyResponse): Secret {
  const value = created.apiKey?.key ?? "";
  if (!created.apiKey || !value || value.startsWith("sk-***")) return new Secret("");
  created.apiKey.key = `sk-***${value.slice(-4)}`;
  return new Secret(value);
}
