import {
  create,
  type DescMessage,
  type DescMethodUnary,
  fromBinary,
  type Message,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import { type ChannelCredentials, type ChannelOptions, Client, credentials, Metadata } from "@grpc/grpc-js";

import type { Credential } from "./credential.js";
import { ApiKeysError } from "./error.js";
import { ApiKeys } from "./gen/docspace/apikeys/v1/api_keys_pb.js";
import { isLoopback } from "./target.js";

// gRPC repeats reads after UNAVAILABLE. It does not repeat writes, because it cannot tell whether an UNAVAILABLE is
// the gateway's: see ApiKeysError.isSafeToRetry.
const SERVICE_CONFIG = {
  loadBalancingConfig: [{ round_robin: {} }],
  methodConfig: [
    {
      name: ["GetAllPermissions", "GetApiKey", "GetApiKeys"].map((method) => ({
        service: ApiKeys.typeName,
        method,
      })),
      retryPolicy: {
        maxAttempts: 4,
        initialBackoff: "0.2s",
        maxBackoff: "5s",
        backoffMultiplier: 2,
        retryableStatusCodes: ["UNAVAILABLE"],
      },
    },
  ],
};

// A list of 10,000 keys is about twice gRPC's default limit.
const LONGEST_RESPONSE = 64 * 1024 * 1024;

export interface ConnectOptions {
  /** The credential of every call. */
  credential?: Credential;
  /** The authorities to trust and the certificate to present; by default the authorities of Node.js. */
  tls?: ChannelCredentials;
  /** Turns off encryption, of the credential too. */
  plaintext?: boolean;
  /**
   * Lets plaintext reach other machines. It is for networks that encrypt their traffic, such as a service mesh. On
   * other networks everyone on the path can read the credential.
   */
  allowRemotePlaintext?: boolean;
  /** The deadline of calls that have none of their own, retries included: 30 s by default. */
  timeoutMs?: number;
}

export interface CallOptions {
  timeoutMs?: number;
  /** Metadata that the gateway passes on: `x-request-id`, `traceparent`, `tracestate`, `accept-language`. */
  metadata?: Record<string, string>;
  signal?: AbortSignal;
}

type Methods = typeof ApiKeys.method;

/** The six RPCs; they reject with ApiKeysError. */
export type ApiKeysClient = {
  readonly [Name in keyof Methods]: (
    request: MessageInitShape<Methods[Name]["input"]>,
    options?: CallOptions,
  ) => Promise<MessageShape<Methods[Name]["output"]>>;
} & { close(): void };

function transportOf({ tls, plaintext = false }: ConnectOptions): ChannelCredentials {
  if (!plaintext) return tls ?? credentials.createSsl();
  if (tls) throw new TypeError("tls and plaintext exclude each other");
  return credentials.createInsecure();
}

function channelOptions(target: string, options: ConnectOptions): ChannelOptions {
  const channel: ChannelOptions = {
    "grpc.service_config": JSON.stringify(SERVICE_CONFIG),
    // A service config from DNS could repeat writes.
    "grpc.service_config_disable_resolution": 1,
    "grpc.max_receive_message_length": LONGEST_RESPONSE,
  };
  if (!options.plaintext) return channel;
  // A proxy of the environment is another machine.
  if (isLoopback(target)) return { ...channel, "grpc.enable_http_proxy": 0 };
  if (options.allowRemotePlaintext) return channel;
  throw new TypeError("plaintext would show the credential to other machines: use TLS, or allowRemotePlaintext");
}

/**
 * Makes a client of the gateway at `target`, `host:port` or any other target of gRPC. The caller closes it. The
 * function does not wait: the first call connects.
 *
 * Throws a TypeError if both `tls` and `plaintext` are given, or if `plaintext` would reach another machine.
 */
export function connect(target: string, options: ConnectOptions = {}): ApiKeysClient {
  const { credential, timeoutMs = 30_000 } = options;
  const client = new Client(target, transportOf(options), channelOptions(target, options));

  function call(
    { input, output, name }: DescMethodUnary,
    request: MessageInitShape<DescMessage>,
    options: CallOptions = {},
  ): Promise<Message> {
    const metadata = new Metadata();
    for (const [key, value] of Object.entries(options.metadata ?? {})) metadata.set(key, value);
    credential?.applyTo(metadata);
    return new Promise((resolve, reject) => {
      const pending = client.makeUnaryRequest(
        `/${ApiKeys.typeName}/${name}`,
        (message: Message) => Buffer.from(toBinary(input, message)),
        (bytes) => fromBinary(output, bytes),
        create(input, request),
        metadata,
        { deadline: Date.now() + (options.timeoutMs ?? timeoutMs) },
        (error, response) => (error ? reject(new ApiKeysError(error)) : resolve(response!)),
      );
      const cancel = () => pending.cancel();
      if (options.signal?.aborted) cancel();
      options.signal?.addEventListener("abort", cancel, { once: true });
      pending.on("status", () => options.signal?.removeEventListener("abort", cancel));
    });
  }

  const methods = Object.values(ApiKeys.method as Record<string, DescMethodUnary>).map((method) => [
    method.localName,
    (request: MessageInitShape<DescMessage>, options?: CallOptions) => call(method, request, options),
  ]);
  return { ...(Object.fromEntries(methods) as Omit<ApiKeysClient, "close">), close: () => client.close() };
}
