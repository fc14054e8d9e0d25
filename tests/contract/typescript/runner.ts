// The contract suite's runner for TypeScript; tests/contract/README.md has the protocol.
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

import { type DescMessage, fromJson, type JsonValue, type MessageShape, toJson } from "@bufbuild/protobuf";
import { credentials, status } from "@grpc/grpc-js";

import {
  apiKey,
  ApiKeys,
  type ApiKeysClient,
  ApiKeysError,
  basic,
  bearer,
  type CallOptions,
  connect,
  type ConnectOptions,
  type Credential,
  sessionCookie,
} from "@docspace/apikeys";

interface Call {
  target: string;
  tls: { ca_file: string; certificate_file?: string; private_key_file?: string } | null;
  rpc: string;
  request: JsonValue;
  credential: Record<string, string | [string, string]> | null;
  metadata: Record<string, string>;
  timeout_ms: number;
  allow_remote_plaintext: boolean;
}

function credentialOf([kind, value]: [string, string | [string, string]]): Credential {
  if (typeof value !== "string") return basic(...value);
  if (kind === "api_key") return apiKey(value);
  return kind === "bearer" ? bearer(value) : sessionCookie(value);
}

function optionsOf(call: Call): ConnectOptions {
  const read = (file?: string) => (file ? readFileSync(file) : null);
  const options: ConnectOptions = { timeoutMs: call.timeout_ms };
  for (const entry of Object.entries(call.credential ?? {})) options.credential = credentialOf(entry);
  if (!call.tls) return { ...options, plaintext: true, allowRemotePlaintext: call.allow_remote_plaintext };
  const { ca_file, private_key_file, certificate_file } = call.tls;
  return { ...options, tls: credentials.createSsl(read(ca_file), read(private_key_file), read(certificate_file)) };
}

function failure(error: ApiKeysError) {
  return {
    code: status[error.code],
    message: error.details,
    reason: error.reason,
    domain: error.domain,
    metadata: error.metadata,
    field_violations: error.fieldViolations,
    retry_delay: error.retryDelayMs === undefined ? null : error.retryDelayMs / 1000,
    request_id: error.requestId,
    quota_violations: error.quotaViolations,
    http_status: error.httpStatus,
    from_gateway: error.isFromGateway,
    known_not_applied: error.isKnownNotApplied,
    safe_to_retry: error.isSafeToRetry,
    backoff: String(error.backoffMs(1) / 1000),
  };
}

type Method = (request: MessageShape<DescMessage>, options: CallOptions) => Promise<MessageShape<DescMessage>>;

async function run(call: Call): Promise<object> {
  const { localName, input, output } = ApiKeys.methods.find(({ name }) => name === call.rpc)!;
  let keys: ApiKeysClient;
  try {
    keys = connect(call.target, optionsOf(call));
  } catch (error) {
    if (error instanceof TypeError) return { refused: error.message };
    throw error;
  }
  const method = keys[localName as keyof ApiKeysClient] as Method;
  try {
    const response = await method(fromJson(input, call.request), { metadata: call.metadata });
    return { response: toJson(output, response) };
  } catch (error) {
    if (error instanceof ApiKeysError) return { error: failure(error) };
    throw error;
  } finally {
    keys.close();
  }
}

async function main() {
  for await (const line of createInterface({ input: process.stdin })) {
    console.log(JSON.stringify(await run(JSON.parse(line))));
  }
}

void main();
