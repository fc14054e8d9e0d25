# frozen_string_literal: true

require "docspace/apikeys/hidden"

module Docspace
  module ApiKeys
    # The secret of a new key. +reveal+ is the only way to its value.
    class Secret
      include Hidden

      def initialize(value)
        hide(value)
      end

      def reveal
        @reveal.call
      end
    end

    # Moves the secret out of the answer of +create_api_key+ and leaves the masked form, as later answers show
    # it. Call it before anything can print the answer: a message of Protobuf shows all of its fields. The
    # result is empty if the answer has no secret, or if it has been taken already.
    def self.take_secret(created)
      value = created.api_key&.key.to_s
      return Secret.new("") if value.empty? || value.start_with?("sk-***")

      created.api_key.key = "sk-***#{value[-4..]}"
      Secret.new(value)
    end
  end
end
