import { fromBinary } from "@bufbuild/protobuf";
import { anyUnpack } from "@bufbuild/protobuf/wkt";
import { type ServiceError, status } from "@grpc/grpc-js";

import {
  BadRequestSchema,
  ErrorInfoSchema,
  QuotaFailureSchema,
  RetryInfoSchema,
} from "./gen/google/rpc/error_details_pb.js";
import { StatusSchema } from "./gen/google/rpc/status_pb.js";

/** The domain of the gateway's own errors. */
export const DOMAIN = "apikeys.docspace.onlyoffice.com";
const LONGEST_DELAY_MS = 365 * 24 * 60 * 60 * 1000;
// A longer timer of Node.js fires immediately.
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** A field that was refused, named as in the proto, and the reason. */
export interface FieldViolation {
  readonly field: string;
  readonly description: string;
}

/** A limit that was exceeded, and whom it applies to. */
export interface QuotaViolation {
  readonly subject: string;
  readonly description: string;
}

/** The error of a failed call; `cause` is gRPC's own error. */
export class ApiKeysError extends Error {
  override readonly name = "ApiKeysError";
  readonly code: status;
  readonly details: string;
  /** `RATE_LIMITED`, `KEY_NOT_FOUND`, …; empty if gRPC itself made the error. */
  readonly reason: string;
  /** The domain of `reason`, which is `DOMAIN` if the gateway made the error. */
  readonly domain: string;
  /** The metadata of the reason: `http_status`, `upstream_type`, `request_id`, … if they are known. */
  readonly metadata: Readonly<Record<string, string>>;
  /** The fields to correct after INVALID_ARGUMENT. */
  readonly fieldViolations: readonly FieldViolation[];
  /** The limits that were exceeded. */
  readonly quotaViolations: readonly QuotaViolation[];
  /** The least time to wait before another attempt; undefined if the gateway states none. */
  readonly retryDelayMs: number | undefined;

  constructor(cause: ServiceError) {
    const details = decode(cause);
    super(`${status[cause.code]} ${details.reason}: ${cause.details}`, { cause });
    this.code = cause.code;
    this.details = cause.details;
    this.reason = details.reason;
    this.domain = details.domain;
    this.metadata = details.metadata;
    this.fieldViolations = details.fieldViolations;
    this.quotaViolations = details.quotaViolations;
    this.retryDelayMs = details.retryDelayMs;
  }

  /** The id of the call in the gateway's log; empty if it is not known. */
  get requestId(): string {
    return this.metadata["request_id"] ?? "";
  }

  /** The status of the portal's response to the gateway; 0 if there was none. */
  get httpStatus(): number {
    const text = this.metadata["http_status"] ?? "";
    return /^[0-9]{3}$/.test(text) ? Number(text) : 0;
  }

  /** Whether the gateway made the error. If not, gRPC did, and the gateway may or may not have received the call. */
  get isFromGateway(): boolean {
    return this.domain === DOMAIN;
  }

  /**
   * Whether the gateway has stated that the portal did not carry out the call: by UNAVAILABLE, by RATE_LIMITED or
   * GATEWAY_OVERLOADED, or by `write_sent` "false" after a deadline or a cancellation. False means only that nothing
   * is known.
   */
  get isKnownNotApplied(): boolean {
    return this.isSafeToRetry || (this.isFromGateway && this.metadata["write_sent"] === "false");
  }

  /** Whether another attempt, of a write too, cannot act twice and may succeed, after `backoffMs`. */
  get isSafeToRetry(): boolean {
    if (!this.isFromGateway) return false;
    if (this.code === status.RESOURCE_EXHAUSTED) {
      return this.reason === "RATE_LIMITED" || this.reason === "GATEWAY_OVERLOADED";
    }
    return this.code === status.UNAVAILABLE;
  }

  /**
   * Returns how long to wait before the next attempt, after `attempts` attempts: `retryDelayMs` and a random part of
   * a time that doubles with each attempt, from 200 ms to 30 s. Most rate limits of a portal state no delay: then the
   * time doubles from 1 s, and the wait is at least half of it.
   */
  backoffMs(attempts: number): number {
    const limited = this.code === status.RESOURCE_EXHAUSTED && this.retryDelayMs === undefined;
    const ceiling = Math.min(30_000, (limited ? 1000 : 200) * 2 ** Math.max(0, attempts - 1));
    if (limited) return (ceiling * (1 + Math.random())) / 2;
    return Math.min(LONGEST_TIMER_MS, (this.retryDelayMs ?? 0) + ceiling * Math.random());
  }
}

interface Details {
  reason: string;
  domain: string;
  metadata: Readonly<Record<string, string>>;
  fieldViolations: readonly FieldViolation[];
  quotaViolations: readonly QuotaViolation[];
  retryDelayMs: number | undefined;
}

/** Reads `grpc-status-details-bin`. Ignores details that cannot be read; code and message remain. */
function decode(cause: ServiceError): Details {
  const details: Details = {
    reason: "",
    domain: "",
    metadata: {},
    fieldViolations: [],
    quotaViolations: [],
    retryDelayMs: undefined,
  };
  const bytes = cause.metadata?.get("grpc-status-details-bin")[0];
  if (bytes === undefined || typeof bytes === "string") return details;
  try {
    for (const detail of fromBinary(StatusSchema, bytes).details) {
      const info = anyUnpack(detail, ErrorInfoSchema);
      if (info) {
        details.reason = info.reason;
        details.domain = info.domain;
        details.metadata = info.metadata;
      }
      const fields = anyUnpack(detail, BadRequestSchema)?.fieldViolations;
      if (fields) details.fieldViolations = fields.map(({ field, description }) => ({ field, description }));
      const quotas = anyUnpack(detail, QuotaFailureSchema)?.violations;
      if (quotas) details.quotaViolations = quotas.map(({ subject, description }) => ({ subject, description }));
      const delay = anyUnpack(detail, RetryInfoSchema)?.retryDelay;
      // A message may hold any number: the limit is a year, and a negative delay is none.
      if (delay && delay.seconds >= 0n && delay.nanos >= 0) {
        details.retryDelayMs = Math.min(Number(delay.seconds) * 1000 + delay.nanos / 1e6, LONGEST_DELAY_MS);
      }
    }
  } catch {
    // Code and message remain.
  }
  return details;
}
