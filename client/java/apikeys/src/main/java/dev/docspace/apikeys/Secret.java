package dev.docspace.apikeys;

/**
 * A string that must not be printed or stored by accident. {@link #reveal()} is the only way to its value.
 */
public final class Secret {
  // Java's own serialization refuses this class; transient is for libraries that encode fields.
  private final transient String value;

  Secret(String value) {
    this.value = value;
  }

  /** The value; empty if there was no secret. */
  public String reveal() {
    return value;
  }

  @Override
  public String toString() {
    return "Secret[]";
  }
}
