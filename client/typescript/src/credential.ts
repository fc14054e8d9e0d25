import { Metadata } from "@grpc/grpc-js";

/** Who calls: one of the credentials below. However it is printed or encoded, it does not show itself. */
export class Credential {
  readonly #name: string;
  readonly #value: string;

  constructor(name: string, value: string) {
    this.#name = name;
    this.#value = value;
  }

  /** The one way to its value. */
  applyTo(metadata: Metadata): void {
    metadata.set(this.#name, this.#value);
  }

  toString(): string {
    return `<Credential ${this.#name}>`;
  }

  toJSON(): string {
    return this.toString();
  }
}

/** An API key, `sk-…`. */
export function apiKey(key: string): Credential {
  if (!key.startsWith("sk-")) throw new TypeError("an API key begins with sk-");
  return new Credential("apikeybearer", token(key));
}

/** A JWT, an OAuth 2.0 access token or an OpenID Connect token, without a scheme word. */
export function bearer(jwt: string): Credential {
  return new Credential("authorization", `Bearer ${token(jwt)}`);
}

/** A user's email and password. */
export function basic(email: string, password: string): Credential {
  if (!email || email.includes(":") || !password) {
    throw new TypeError("Basic needs an email without a colon, and a password");
  }
  return new Credential("authorization", `Basic ${Buffer.from(`${email}:${password}`).toString("base64")}`);
}

/** The value of the portal's `asc_auth_key` cookie. */
export function sessionCookie(value: string): Credential {
  return new Credential("asc_auth_key", token(value));
}

function token(text: string): string {
  if (!/^[!-~]+$/.test(text)) {
    throw new TypeError("a token is visible ASCII characters, and at least one");
  }
  return text;
}
