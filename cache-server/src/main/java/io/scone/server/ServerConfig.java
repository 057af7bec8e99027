package io.scone.server;

/**
 * The configuration of a server: that of each of its parts.
 *
 * @param listen where it listens
 * @param limits the most that one request may ask
 * @param drain how it stops
 */
public record ServerConfig(ListenConfig listen, RequestLimits limits, DrainConfig drain) {
  /** Returns the configuration of a server that is told nothing. */
  public static ServerConfig defaults() {
    return builder().build();
  }

  /** Returns a builder of a configuration whose parts are the defaults. */
  public static Builder builder() {
    return new Builder();
  }

  /** Builds a configuration; a part that is not set is its default. */
  public static final class Builder {
    private ListenConfig listen = ListenConfig.defaults();
    private RequestLimits limits = RequestLimits.defaults();
    private DrainConfig drain = DrainConfig.defaults();

    private Builder() {}

    /** Sets where the server listens. */
    public Builder listen(ListenConfig listen) {
      this.listen = listen;
      return this;
    }

    /** Sets the most that one request may ask. */
    public Builder limits(RequestLimits limits) {
      this.limits = limits;
      return this;
    }

    /** Sets how the server stops. */
    public Builder drain(DrainConfig drain) {
      this.drain = drain;
      return this;
    }

    /**
     * Returns the configuration.
     *
     * @throws IllegalArgumentException if two parts contradict each other
     */
    public ServerConfig build() {
      return new ServerConfig(listen, limits, drain);
    }
  }
}
