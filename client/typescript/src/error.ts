import { fromBinary } from "@bufbuild/protobuf";
import { anyUnpack } from "@bufbuild/protobuf/wkt";
import { type ServiceError, status } from "@grpc/grpc-js";

import { BadRequestSchema, ErrorInfoSchema, RetryInfoSchema } from "./gen/google/rpc/error_details_pb.js";
import { StatusSchema } from "./gen/google/rpc/status_pb.js";

const DOMAIN = "apikeys.docspace.onlyoffice.com";
const LONGEST_DELAY_MS = 365 * 24 * 60 * 60 * 1000;
// A longer timer of Node.js fires at once.
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** A field that was refused, named as in the proto, and why. */
export interface FieldViolation {
  readonly field: string;
  readonly description: string;
}

/** A call that failed; `cause` is gRPC's own error. */
export class ApiKeysError extends Error {
  override readonly name = "ApiKeysError";
  readonly code: status;
  readonly details: string;
  /** `RATE_LIMITED`, `KEY_NOT_FOUND`, …; empty where gRPC itself made the error. */
  reason = "";
  /** Of the reason: `apikeys.docspace.onlyoffice.com` where the gateway made the error. */
  domain = "";
  /** Of the reason: `http_status`, `upstream_type`, `request_id`, … where they are known. */
  metadata: Readonly<Record<string, string>> = {};
  /** What to correct after INVALID_ARGUMENT. */
  fieldViolations: readonly FieldViolation[] = [];
  /** How long to wait at least before another try; undefined where nothing is said of it. */
  retryDelayMs: number | undefined;

  constructor(cause: ServiceError) {
    super(undefined, { cause });
    this.code = cause.code;
    this.details = cause.details;
    for (const octets of cause.metadata?.get("grpc-status-details-bin") ?? []) {
      if (typeof octets !== "string") this.#decode(octets);
    }
    this.message = `${status[this.code]} ${this.reason}: ${this.details}`;
  }

  /** Finds the call in the gateway's log; empty where it is not known. */
  get requestId(): string {
    return this.metadata["request_id"] ?? "";
  }

  /** Whether another attempt, of a write too, cannot act twice and may succeed, after `backoffMs`. */
  get isSafeToRetry(): boolean {
    if (this.domain !== DOMAIN) return false;
    if (this.code === status.RESOURCE_EXHAUSTED) {
      return this.reason === "RATE_LIMITED" || this.reason === "GATEWAY_OVERLOADED";
    }
    return this.code === status.UNAVAILABLE;
  }

  /**
   * How long to wait before the next attempt, when `attempts` have been made so far: `retryDelayMs` and a random
   * part of a time that doubles with each attempt, from 200 ms to 30 s. Most rate limits of a portal say no delay:
   * then the time doubles from 1 s, and at least half of it is waited.
   */
  backoffMs(attempts: number): number {
    const limited = this.code === status.RESOURCE_EXHAUSTED && this.retryDelayMs === undefined;
    const ceiling = Math.min(30_000, (limited ? 1000 : 200) * 2 ** Math.max(0, attempts - 1));
    if (limited) return (ceiling * (1 + Math.random())) / 2;
    return Math.min(LONGEST_TIMER_MS, (this.retryDelayMs ?? 0) + ceiling * Math.random());
  }

  #decode(octets: Uint8Array): void {
    try {
      for (const detail of fromBinary(StatusSchema, octets).details) {
        const info = anyUnpack(detail, ErrorInfoSchema);
        if (info) {
          this.reason = info.reason;
          this.domain = info.domain;
          this.metadata = info.metadata;
        }
        const violations = anyUnpack(detail, BadRequestSchema)?.fieldViolations;
        if (violations) {
          this.fieldViolations = violations.map(({ field, description }) => ({ field, description }));
        }
        const delay = anyUnpack(detail, RetryInfoSchema)?.retryDelay;
        // A message may hold any number: a year is as good as never, and what is negative is no delay.
        if (delay && delay.seconds >= 0n && delay.nanos >= 0) {
          this.retryDelayMs = Math.min(Number(delay.seconds) * 1000 + delay.nanos / 1e6, LONGEST_DELAY_MS);
        }
      }
    } catch {
      // What cannot be read is passed over: code and message stay.
    }
  }
}
