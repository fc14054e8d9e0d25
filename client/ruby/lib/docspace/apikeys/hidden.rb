# frozen_string_literal: true

module Docspace
  module ApiKeys
    # Keeps a value from being shown or stored by accident: +inspect+ and +to_s+ do not show it, and Marshal, YAML
    # and JSON refuse it.
    module Hidden
      def inspect
        "#<#{self.class}>"
      end

      def to_s
        inspect
      end

      def marshal_dump
        refuse
      end

      # Psych's.
      def encode_with(_coder)
        refuse
      end

      def to_json(*)
        refuse
      end

      # ActiveSupport's.
      def as_json(*)
        refuse
      end

      private

      # Keeps the value in a closure, because libraries that print or store by reflection read instance variables.
      def hide(value)
        @reveal = -> { value }
      end

      def refuse
        raise TypeError, "a #{self.class} cannot be stored"
      end
    end
    private_constant :Hidden
  end
end
