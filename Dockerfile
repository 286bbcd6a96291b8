# syntax=docker/dockerfile:1
# The gateway's image: built with Rust's own image, run on the slim image of the same Debian release.

FROM rust:1-slim-bookworm AS build
# The allocator's C sources are built with make, which the slim image does not have.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends make \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /build
COPY . .
# The caches outlive the layer: a change of the sources compiles the sources, not every dependency again. The program is
# copied out because a cache is no part of the image.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/build/target \
    cargo build --release --locked --package anomaly-gateway \
    && cp target/release/anomaly-gateway /anomaly-gateway

# The same Debian release as above, for its C library.
FROM debian:bookworm-slim
COPY --from=build /anomaly-gateway /usr/local/bin/anomaly-gateway
# Whom `upstream.tls.ca` trusts when it is not set; the slim image has nobody.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
# In a container, loopback is reachable by nobody else.
ENV ANOMALY_GATEWAY_LISTEN=0.0.0.0:9280
EXPOSE 9280
# By number, so that an orchestrator can see that it is not root.
USER 65532:65532
# Asks the listener for those who run the gateway, and not what clients connect to: `GET /` there is a call of the cluster's, and
# before one with security a failed login, every ten seconds. Whoever gives other arguments than those below, or a file with
# another `admin.listen` than this port, says so here, too (`anomaly-gateway health --help`).
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
    CMD ["/usr/local/bin/anomaly-gateway", "health", "--url", "http://127.0.0.1:9281/ready"]
ENTRYPOINT ["/usr/local/bin/anomaly-gateway"]
CMD ["serve", "--admin-listen", "127.0.0.1:9281"]
