# frozen_string_literal: true

require "docspace/apikeys/hidden"

module Docspace
  module ApiKeys
    # Who calls: one of the credentials that a DocSpace portal knows. However it is printed, it does not show
    # itself; Marshal, YAML and JSON refuse it.
    #
    # What could not travel safely is refused with an ArgumentError that does not repeat it.
    class Credential
      include Hidden

      private_class_method :new

      # An API key, +sk-…+.
      def self.api_key(key)
        raise ArgumentError, "an API key begins with sk-" unless key.start_with?("sk-")

        new("apikeybearer", token(key))
      end

      # A JWT, an OAuth 2.0 access token or an OpenID Connect token, without a scheme word.
      def self.bearer(bearer)
        new("authorization", "Bearer #{token(bearer)}")
      end

      # A user's email and password.
      def self.basic(email, password)
        if email.empty? || email.include?(":") || password.empty?
          raise ArgumentError, "Basic needs an email without a colon, and a password"
        end

        new("authorization", "Basic #{["#{email}:#{password}"].pack("m0")}")
      end

      # The value of the portal's +asc_auth_key+ cookie.
      def self.session_cookie(cookie)
        new("asc_auth_key", token(cookie))
      end

      def self.token(text)
        raise ArgumentError, "a token is visible ASCII characters, and at least one" unless text.match?(/\A[!-~]+\z/)

        text
      end
      private_class_method :token

      def initialize(name, value)
        @name = name
        hide(value)
      end

      # The metadata that carries it: the one way to its value.
      def metadata
        { @name => @reveal.call }
      end

      def inspect
        "#<#{self.class} #{@name}>"
      end
    end
  end
end
