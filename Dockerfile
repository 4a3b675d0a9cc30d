# lmz in a container, without the toolchain that built it:
#   docker build -t lmz .
#   docker run --rm -i lmz < FILE > FILE.lmz
#   docker run --rm -v "$PWD:/data" lmz FILE
ARG SWIFT=swift:6.3-bookworm
ARG DEBIAN=debian:bookworm-slim

FROM ${SWIFT} AS build
COPY . /lmz
WORKDIR /lmz
RUN scripts/make-deb /tmp

FROM ${DEBIAN}
COPY --from=build /tmp/*.deb /tmp/lmz.deb
# With OpenBLAS, which training needs.
RUN apt-get update && apt-get install -y --no-install-recommends /tmp/lmz.deb libopenblas0 \
    && rm -rf /tmp/lmz.deb /var/lib/apt/lists/*
WORKDIR /data
ENTRYPOINT ["lmz"]
