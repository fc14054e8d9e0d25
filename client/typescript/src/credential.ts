import { Metadata } from "@grpc/grpc-js";

// The greatest number of bytes that the gateway accepts in a credential's metadata entry.
const LONGEST = 16 * 1024;

/**
 * The credential of a call, of one of the four kinds that a DocSpace portal accepts. No function that prints or
 * encodes it shows its value.
 *
 * The functions below throw a TypeError, with a message that does not repeat the value, for an empty value, for one
 * whose metadata entry is longer than 16 KiB, and for a token with any other characters than visible ASCII.
 */
export class Credential {
  readonly #name: string;
  readonly #value: string;

  constructor(name: string, value: string) {
    if (value.length > LONGEST) throw new TypeError("the credential is longer than 16 KiB");
    this.#name = name;
    this.#value = value;
  }

  /** Adds the credential to `metadata`: the only way to its value. */
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

/** A user's email and password. Refuses control characters, and a colon in the email. */
export function basic(email: string, password: string): Credential {
  if (!email || email.includes(":") || !password) {
    throw new TypeError("Basic needs an email without a colon, and a password");
  }
  if (/[\x00-\x1f\x7f]/.test(email + password)) {
    throw new TypeError("the email or the password contains a control character");
  }
  return new Credential("authorization", `Basic ${Buffer.from(`${email}:${password}`).toString("base64")}`);
}

/** The value of the portal's `asc_auth_key` cookie. Refuses a semicolon. */
export function sessionCookie(value: string): Credential {
  if (value.includes(";")) throw new TypeError("the session token contains a semicolon");
  return new Credential("asc_auth_key", token(value));
}

function token(text: string): string {
  if (!/^[!-~]+$/.test(text)) {
    throw new TypeError("a token consists of visible ASCII characters, at least one");
  }
  return text;
}
