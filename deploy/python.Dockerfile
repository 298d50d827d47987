# One image for all of our Python: the command decides whether it is the door, the indexer, the api or a migration.
#   docker build -f deploy/python.Dockerfile --target services .
ARG PYTHON_IMAGE=python:3.13-slim-bookworm

# Everything that installs and compiles stays behind in here.
FROM ${PYTHON_IMAGE} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore \
    UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never UV_SYSTEM_CERTS=true
WORKDIR /build
COPY requirements-dev.lock requirements.lock ./
# The lock's own uv, checked against the lock's own hashes, as in deploy/setup.sh.
RUN --mount=type=cache,target=/root/.cache/pip \
    awk '/^[a-zA-Z]/ { ours = /^uv==/ } ours' requirements-dev.lock >uv.lock \
    && python -m pip install --quiet --no-deps --require-hashes -r uv.lock
RUN --mount=type=cache,target=/root/.cache/uv \
    uv venv --quiet /opt/eventsec \
    && uv pip sync --quiet --require-hashes --compile-bytecode --python /opt/eventsec/bin/python requirements.lock \
    # Its tables are made where they are first asked for; a root that is read-only could not keep them.
    && /opt/eventsec/bin/python -c 'import luqum.parser' 2>/dev/null \
    && /opt/eventsec/bin/python -m compileall -q /opt/eventsec/lib/python*/site-packages/luqum
COPY pyproject.toml README.md LICENSE ./
COPY shared shared
COPY services services
# As a wheel, so that the product knows its version. A checkout may be its owner's alone; here others run what is in it.
RUN --mount=type=cache,target=/root/.cache/uv \
    chmod -R a+rX shared services \
    && uv build --quiet --wheel --build-constraints requirements-dev.lock --require-hashes --out-dir dist \
    && uv pip install --quiet --no-deps --compile-bytecode --python /opt/eventsec/bin/python dist/*.whl
COPY deploy/__init__.py deploy/ready.py /app/deploy/
RUN python -m compileall -q /app && chmod -R a+rX /app

FROM ${PYTHON_IMAGE} AS services
# Volumes begin as copies of these folders, so they belong to whom they are for.
RUN groupadd --gid 10001 eventsec \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /var/lib/eventsec --shell /usr/sbin/nologin eventsec \
    && install -d -o 10001 -g 10001 -m 0750 /var/lib/eventsec /var/lib/eventsec/registry /var/lib/eventsec/evidence \
        /var/lib/eventsec/templates /var/lib/eventsec/demo
COPY --from=build /opt/eventsec /opt/eventsec
COPY --from=build /app /app
ENV PATH=/opt/eventsec/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 \
    EVENTSEC_INGEST_HOST=0.0.0.0 EVENTSEC_INDEXER_HOST=0.0.0.0 EVENTSEC_API_HOST=0.0.0.0 \
    EVENTSEC_REGISTRY_PATH=/var/lib/eventsec/registry/registry EVENTSEC_EVIDENCE_FOLDER=/var/lib/eventsec/evidence
WORKDIR /app
USER 10001:10001
EXPOSE 8080 8081 8082
CMD ["python", "-m", "services.ingest"]
ARG EVENTSEC_VERSION=local
ARG EVENTSEC_REVISION=unknown
LABEL org.opencontainers.image.title="EventSec services" \
    org.opencontainers.image.description="Ingest, indexer, api and migrations of EventSec" \
    org.opencontainers.image.licenses="Apache-2.0" \
    org.opencontainers.image.version="${EVENTSEC_VERSION}" \
    org.opencontainers.image.revision="${EVENTSEC_REVISION}"

# With the invented company's sensors.
FROM build AS with-demo
COPY deploy/stack /app/deploy/stack
COPY deploy/demo /app/deploy/demo
RUN python -m compileall -q /app && chmod -R a+rX /app

FROM services AS demo
COPY --from=with-demo /app /app
CMD ["python", "-m", "deploy.demo.join"]
