# The service alone; its database is a container of its own (compose.yaml) or a server you already have.
FROM python:3.13-slim-trixie AS build
WORKDIR /build
RUN python -m venv /opt/okruga
COPY requirements.lock .
RUN /opt/okruga/bin/pip install --no-cache-dir --require-hashes --no-deps -r requirements.lock
COPY . /app
RUN printf '/app\n' >"$(/opt/okruga/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/okruga.pth" \
 && printf '#!/opt/okruga/bin/python\nfrom api.cli import main\nmain()\n' >/opt/okruga/bin/okruga \
 && chmod 0755 /opt/okruga/bin/okruga \
 && /opt/okruga/bin/python -m compileall -q /app

FROM python:3.13-slim-trixie
# pg_dump and pg_restore of the database's own version, for `okruga backup` and `okruga restore`
RUN apt-get update -qq \
 && apt-get install -y -qq --no-install-recommends postgresql-client-17 \
 && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --home-dir /var/lib/okruga --create-home okruga
COPY --from=build /opt/okruga /opt/okruga
COPY --from=build /app /app
USER okruga
WORKDIR /var/lib/okruga
ENV PATH=/opt/okruga/bin:$PATH PYTHONUNBUFFERED=1 OKRUGA_HOST=0.0.0.0 OKRUGA_PORT=8000 OKRUGA_DATA_DIR=/var/lib/okruga
VOLUME /var/lib/okruga
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=120s --retries=5 \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
ENTRYPOINT ["okruga"]
CMD ["serve"]
