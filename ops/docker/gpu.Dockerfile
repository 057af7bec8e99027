# Models on an NVIDIA GPU: `scone serve` by default, any other command too. From a checkout:
#   ./mvnw -Parchive,cuda13,gpu -DskipTests package      # without gpu: all but training there
#   docker build -f ops/docker/gpu.Dockerfile -t scone-gpu:0.1.0-SNAPSHOT ops/cli/target
# docs/deploy.md says how it is run.
FROM debian:bookworm-slim AS archive
ADD scone-*.tar.gz /opt/
RUN mv /opt/scone-* /opt/scone

# The CUDA runtime and its libraries, cuDNN 9 and NCCL 2, on glibc; the driver is the machine's.
FROM nvidia/cuda:13.0.1-cudnn-runtime-ubuntu24.04
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        libgomp1 libjemalloc2 openjdk-17-jre-headless \
    && rm -rf /var/lib/apt/lists/* \
    && ln -s "$(dpkg -L libjemalloc2 | grep '\.so\.2$')" /usr/local/lib/libjemalloc.so.2 \
    && groupadd --gid 10001 scone \
    && useradd --uid 10001 --gid scone --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin scone \
    && mkdir /model
COPY --from=archive /opt/scone /opt/scone

ENV LD_PRELOAD=/usr/local/lib/libjemalloc.so.2 \
    LANG=C.UTF-8 \
    SCONE_JAVA_OPTS=-XX:+ExitOnOutOfMemoryError
USER 10001:10001
WORKDIR /
VOLUME /model
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=6s --start-period=10m CMD ["/opt/scone/bin/scone-ready", "8000/health"]
ENTRYPOINT ["/opt/scone/bin/scone"]
# The address of the cache server follows: --server HOST:PORT.
CMD ["serve", "--model", "/model", "--listen", "0.0.0.0:8000", "--device", "cuda"]
