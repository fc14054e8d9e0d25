# frozen_string_literal: true

require "google/protobuf/well_known_types"
require "google/rpc/error_details_pb"
require "google/rpc/status_pb"
require "grpc"

module Docspace
  module ApiKeys
    # A call that failed, and what its +grpc-status-details-bin+ says. +code+, +details+ and +metadata+ are gRPC's.
    class Error < GRPC::BadStatus
      # The domain of the gateway's own errors.
      DOMAIN = "apikeys.docspace.onlyoffice.com"

      # What is wrong with a field, named as in the proto: +expires_in_days+.
      FieldViolation = Struct.new(:field, :description)

      # RATE_LIMITED, KEY_NOT_FOUND, …; empty where gRPC itself made the error.
      attr_reader :reason
      # Of the reason: DOMAIN where the gateway made the error.
      attr_reader :domain
      # Of the reason: +http_status+, +upstream_type+, … where they are known.
      attr_reader :reason_metadata
      attr_reader :field_violations
      # Seconds to wait at least before another try, or nil.
      attr_reader :retry_delay

      def initialize(error)
        super(error.code, error.details, error.metadata)
        info = detail(Google::Rpc::ErrorInfo) || Google::Rpc::ErrorInfo.new
        @reason = info.reason
        @domain = info.domain
        @reason_metadata = info.metadata.to_h
        @field_violations = detail(Google::Rpc::BadRequest)&.field_violations.to_a.map do |violation|
          FieldViolation.new(violation.field, violation.description)
        end
        @retry_delay = clamp(detail(Google::Rpc::RetryInfo)&.retry_delay)
      end

      # +NOT_FOUND+ for 5.
      def code_name
        GRPC::Core::StatusCodes.constants.find { |name| GRPC::Core::StatusCodes.const_get(name) == code }.to_s
      end

      def message
        "#{code_name} #{reason}: #{details}"
      end

      # Finds the call in the gateway's log; empty where it is not known.
      def request_id
        reason_metadata.fetch("request_id", "")
      end

      # Whether another attempt, of a write too, cannot act twice and may succeed, after +backoff+.
      def safe_to_retry?
        return false unless domain == DOMAIN

        code == GRPC::Core::StatusCodes::UNAVAILABLE ||
          (code == GRPC::Core::StatusCodes::RESOURCE_EXHAUSTED && %w[RATE_LIMITED GATEWAY_OVERLOADED].include?(reason))
      end

      # Seconds to wait before the next attempt, when +attempts+ have been made so far: +retry_delay+ and a
      # random part of a time that doubles with each attempt, from 0.2 s to 30 s. Most rate limits of a portal
      # say no delay: then the time doubles from 1 s, and at least half of it is waited.
      def backoff(attempts)
        limited = code == GRPC::Core::StatusCodes::RESOURCE_EXHAUSTED && retry_delay.nil?
        ceiling = [30.0, (limited ? 1.0 : 0.2) * (2**(attempts - 1).clamp(0, 16))].min
        limited ? ceiling * (1 + rand) / 2 : retry_delay.to_f + (ceiling * rand)
      end

      private

      # A message may hold any number: a year is as good as never, and what is negative is no delay.
      def clamp(delay)
        return if delay.nil? || delay.seconds.negative? || delay.nanos.negative?

        [delay.seconds + (delay.nanos / 1e9), 365 * 24 * 60 * 60].min
      end

      def detail(type)
        octets = metadata["grpc-status-details-bin"] or return
        any = Google::Rpc::Status.decode(octets).details.find { |each| each.is(type) }
        any&.unpack(type)
      rescue Google::Protobuf::ParseError
        nil # Code and message stay.
      end
    end
  end
end
