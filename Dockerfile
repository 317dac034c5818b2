# syntax=docker/dockerfile:1
# Two stages: wheels are resolved and hashes checked in the first; the second carries no compiler and no pip cache.
FROM python:3.13-slim-bookworm AS build
WORKDIR /src
RUN python -m venv /opt/guildhall
COPY requirements/run.txt requirements/
RUN /opt/guildhall/bin/pip install --no-cache-dir --require-hashes -r requirements/run.txt
RUN python -m venv /opt/build
COPY requirements/dev.txt requirements/
RUN /opt/build/bin/pip install --no-cache-dir --require-hashes -r requirements/dev.txt
COPY pyproject.toml README.md ./
COPY agent agent
COPY app app
COPY bot bot
COPY channels channels
COPY domain domain
COPY migrations migrations
COPY sandbox sandbox
RUN /opt/build/bin/python -m hatchling build -t wheel -d /src/dist \
    && /opt/guildhall/bin/pip install --no-cache-dir --no-deps /src/dist/*.whl

FROM python:3.13-slim-bookworm
# The data folder is made here, so that a new volume on it belongs to the user.
RUN useradd --system --uid 10001 --create-home --home-dir /var/lib/guildhall guildhall \
    && install -d -o guildhall -g guildhall -m 0700 /var/lib/guildhall/data
COPY --from=build /opt/guildhall /opt/guildhall
ENV PATH=/opt/guildhall/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    GUILDHALL_DATA_DIR=/var/lib/guildhall/data \
    GUILDHALL_WEB__HOST=0.0.0.0
USER guildhall
WORKDIR /var/lib/guildhall
VOLUME /var/lib/guildhall/data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f\"http://127.0.0.1:{os.getenv('GUILDHALL_WEB__PORT') or 8080}/healthz\", timeout=4)"]
ENTRYPOINT ["guildhall"]
CMD ["run"]
