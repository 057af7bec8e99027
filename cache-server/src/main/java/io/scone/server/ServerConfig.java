package io.scone.server;

import io.scone.v1.Limits;

/**
 * The configuration of a server: that of each of its parts.
 *
 * @param listen where it listens
 * @param tls whether TCP connections are encrypted
 * @param auth who may call
 * @param reload how it takes up changes of the files of the two
 * @param reflection whether it tells callers of its services
 * @param limits the most that one request may ask
 * @param admission how much may be under way at once
 * @param connections what one connection may do
 * @param metrics where its metrics can be read
 * @param drain how it stops
 * @param catalog how it keeps its tables
 */
public record ServerConfig(
    ListenConfig listen,
    TlsConfig tls,
    AuthConfig auth,
    ReloadConfig reload,
    boolean reflection,
    RequestLimits limits,
    AdmissionConfig admission,
    ConnectionConfig connections,
    MetricsConfig metrics,
    DrainConfig drain,
    CatalogConfig catalog) {
  /**
   * Checks that the parts fit each other.
   *
   * @throws IllegalArgumentException if they do not
   */
  public ServerConfig {
    if (tls.certificate().isPresent() && listen.tcp().isEmpty()) {
      throw new IllegalArgumentException(
          "TLS is for TCP connections, but the server does not listen on TCP");
    }
    if (auth.adminOnUnixSocketOnly() && listen.unixSocket().isEmpty()) {
      throw new IllegalArgumentException(
          "tables are to be administered over a Unix socket only, but there is none");
    }
  }

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
    private TlsConfig tls = TlsConfig.defaults();
    private AuthConfig auth = AuthConfig.defaults();
    private ReloadConfig reload = ReloadConfig.defaults();
    private boolean reflection = true;
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

    /** Sets whether TCP connections are encrypted. */
    public Builder tls(TlsConfig tls) {
      this.tls = tls;
      return this;
    }

    /** Sets who may call. */
    public Builder auth(AuthConfig auth) {
      this.auth = auth;
      return this;
    }

    /** Sets how the server takes up changed certificates, keys and tokens. */
    public Builder reload(ReloadConfig reload) {
      this.reload = reload;
      return this;
    }

    /** Sets whether the server tells callers of its services. */
    public Builder reflection(boolean reflection) {
      this.reflection = reflection;
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
      return new ServerConfig(
          listen,
          tls,
          auth,
          reload,
          reflection,
          limits,
          admission,
          connections,
          metrics,
          drain,
          catalog);
    }
  }
}
