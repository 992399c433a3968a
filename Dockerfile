# syntax=docker/dockerfile:1
# Two stages: the first installs pinned packages (every one checked against its hash) and our wheel into a virtual
# environment; the second carries that environment and nothing it was built with.

FROM python:3.13-slim AS build
WORKDIR /build
RUN python -m venv /opt/broker
COPY requirements/run.txt requirements/run.txt
RUN /opt/broker/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements/run.txt
COPY pyproject.toml README.md CHANGELOG.md LICENSE ./
COPY broker broker
COPY dlq dlq
COPY schemas schemas
COPY mappings mappings
RUN /opt/broker/bin/pip wheel --no-cache-dir --no-deps --no-build-isolation --wheel-dir dist . \
    && /opt/broker/bin/pip install --no-cache-dir --no-deps --no-index dist/*.whl

FROM python:3.13-slim
RUN groupadd --system --gid 10001 broker \
    && useradd --system --uid 10001 --gid broker --home-dir /var/lib/broker --create-home --shell /usr/sbin/nologin broker
COPY --from=build /opt/broker /opt/broker
ENV PATH=/opt/broker/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    BROKER_HOME=/var/lib/broker
WORKDIR /var/lib/broker
USER 10001:10001
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=10s --start-period=30s --retries=3 CMD ["broker", "status", "--json"]
ENTRYPOINT ["broker"]
CMD ["run"]
