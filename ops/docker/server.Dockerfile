# The cache server. From a checkout:
#   ./mvnw -Parchive -DskipTests package
#   docker build -f ops/docker/server.Dockerfile -t scone-cache-server:0.1.0-SNAPSHOT ops/cli/target
# docs/deploy.md says how it is run.
FROM debian:bookworm-slim AS archive
ADD scone-*.tar.gz /opt/
RUN mv /opt/scone-* /opt/scone

FROM debian:bookworm-slim
# glibc's malloc keeps what connections gave back; jemalloc returns it.
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        libjemalloc2 openjdk-17-jre-headless \
    && rm -rf /var/lib/apt/lists/* \
    && ln -s "$(dpkg -L libjemalloc2 | grep '\.so\.2$')" /usr/local/lib/libjemalloc.so.2 \
    && groupadd --gid 10001 scone \
    && useradd --uid 10001 --gid scone --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin scone \
    && mkdir /tables
COPY --from=archive /opt/scone /opt/scone

ENV LD_PRELOAD=/usr/local/lib/libjemalloc.so.2 \
    LANG=C.UTF-8 \
    SCONE_JAVA_OPTS="-XX:MaxRAMPercentage=50 -XX:+ExitOnOutOfMemoryError"
USER 10001:10001
WORKDIR /
VOLUME /tables
# gRPC, and /metrics, /healthz and /readyz.
EXPOSE 7411 9411
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=6s --start-period=30m CMD ["/opt/scone/bin/scone-ready", "9411"]
ENTRYPOINT ["/opt/scone/bin/scone"]
CMD ["cache-server", "--watch", "/tables", "--host", "0.0.0.0", "--metrics-host", "0.0.0.0", "--metrics-port", "9411", "--drain-delay", "5s"]
