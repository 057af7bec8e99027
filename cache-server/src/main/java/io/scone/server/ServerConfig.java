package io.scone.server;

import io.scone.v1.Limits;

/**
 * The configuration of a server: that of each of its parts.
 *
 * @param listen where it listens
 * @param limits the most that one request may ask
 * @param admission how much may be under way at once
 * @param connections what one connection may do
 * @param metrics where its metrics can be read
 * @param drain how it stops
 * @param catalog how it keeps its tables
 */
public record ServerConfig(
    ListenConfig listen,
    RequestLimits limits,
    AdmissionConfig admission,
    ConnectionConfig connections,
    MetricsConfig metrics,
    DrainConfig drain,
    CatalogConfig catalog) {
  /** Returns the configuration of a server that is told nothing. */
  public static ServerConfig defaults() {
    return builder().build();
  }

  /** Returns a builder of a configuration whose parts are the defaults. */
  public static Builder builder() {
    return new Builder();
  }

  /** Returns the limits as clients are told them. */
  Limits advertisedLimits() {
    Limits.Builder told = limits.toProto().toBuilder();
    admission.tell(told);
    return told.build();
  }

  /** Builds a configuration; a part that is not set is its default. */
  public static final class Builder {
    private ListenConfig listen = ListenConfig.defaults();
    private RequestLimits limits = RequestLimits.defaults();
    private AdmissionConfig admission = AdmissionConfig.defaults();
    private ConnectionConfig connections = ConnectionConfig.defaults();
    private MetricsConfig metrics = MetricsConfig.defaults();
    private DrainConfig drain = DrainConfig.defaults();
    private CatalogConfig catalog = CatalogConfig.defaults();

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

    /** Sets how much may be under way at once. */
    public Builder admission(AdmissionConfig admission) {
      this.admission = admission;
      return this;
    }

    /** Sets what one connection may do. */
    public Builder connections(ConnectionConfig connections) {
      this.connections = connections;
      return this;
    }

    /** Sets where the metrics can be read. */
    public Builder metrics(MetricsConfig metrics) {
      this.metrics = metrics;
      return this;
    }

    /** Sets how the server stops. */
    public Builder drain(DrainConfig drain) {
      this.drain = drain;
      return this;
    }

    /** Sets how the server keeps its tables. */
    public Builder catalog(CatalogConfig catalog) {
      this.catalog = catalog;
      return this;
    }

    /**
     * Returns the configuration.
     *
     * @throws IllegalArgumentException if two parts contradict each other
     */
    public ServerConfig build() {
      return new ServerConfig(listen, limits, admission, connections, metrics, drain, catalog);
    }
  }
}
