# The web UI: built by Node on the machine that builds, whatever it is built for, and served by nginx without rights.
#   docker build -f deploy/web.Dockerfile .
#   docker build -f deploy/web.Dockerfile --build-arg NODE_IMAGE=node:22-alpine .
ARG NODE_IMAGE=node:22-bookworm-slim
ARG NGINX_IMAGE=nginxinc/nginx-unprivileged:1.29-alpine

FROM --platform=${BUILDPLATFORM} ${NODE_IMAGE} AS build
WORKDIR /build
COPY web/package.json web/package-lock.json web/.npmrc web/setup.sh ./
COPY web/scripts scripts
# The lock is whole, everything of it is installed, and what is of one platform loads here; else it ends here.
RUN --mount=type=cache,target=/root/.npm sh setup.sh
COPY web ./
# A checkout may be its owner's alone; here nginx reads what is in it, below as well.
RUN npm run --silent typecheck && npm run --silent build && chmod -R a+rX dist

FROM ${NGINX_IMAGE} AS web
USER root
COPY --chmod=0755 deploy/web/10-resolver.envsh /docker-entrypoint.d/
COPY deploy/web/eventsec.conf.template /etc/nginx/templates/
RUN rm -f /etc/nginx/conf.d/default.conf /usr/share/nginx/html/* && chmod -R a+rX /etc/nginx/templates
COPY --from=build /build/dist /usr/share/nginx/html
# Only these are filled in: what else is in the environment is none of nginx's variables.
ENV NGINX_ENVSUBST_FILTER=^EVENTSEC_ \
    EVENTSEC_API_ADDRESS=api:8081 EVENTSEC_INGEST_ADDRESS=ingest:8080 \
    EVENTSEC_WEB_LISTEN=8080 EVENTSEC_WEB_ROOT=/usr/share/nginx/html
USER 101:101
EXPOSE 8080
# Told to end, it listens no more; whoever looks at a stream would hold up the next one for as long as they look.
CMD ["nginx", "-g", "daemon off; worker_shutdown_timeout 5s;"]
ARG EVENTSEC_VERSION=local
ARG EVENTSEC_REVISION=unknown
LABEL org.opencontainers.image.title="EventSec web" \
    org.opencontainers.image.description="The web UI of EventSec, with API and door under the same origin" \
    org.opencontainers.image.licenses="Apache-2.0" \
    org.opencontainers.image.version="${EVENTSEC_VERSION}" \
    org.opencontainers.image.revision="${EVENTSEC_REVISION}"
