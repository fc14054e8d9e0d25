/**
 * The API keys of a DocSpace portal, through its gRPC gateway: `connect` makes a client of it.
 *
 * @packageDocumentation
 */
export { type ApiKeysClient, type CallOptions, connect, type ConnectOptions } from "./client.js";
export { apiKey, basic, bearer, type Credential, sessionCookie } from "./credential.js";
export { ApiKeysError, DOMAIN, type FieldViolation, type QuotaViolation } from "./error.js";
export { type Secret, takeSecret } from "./secret.js";
export * from "./gen/docspace/apikeys/v1/api_keys_pb.js";
