# One image for every role: api, migrate, and whatever else the clinic-cms command can do.
FROM python:3.12-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=/app PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1

# The user's number is fixed, so that volumes and secret files can be given to it.
RUN useradd --uid 1000 --create-home clinic && mkdir /data && chown clinic /data

WORKDIR /app
COPY requirements.txt .
RUN pip install --require-hashes --only-binary=:all: -r requirements.txt

COPY . .
RUN printf '%s\n' '#!/usr/local/bin/python' 'import sys' 'from api.cli import main' 'sys.exit(main())' \
        > /usr/local/bin/clinic-cms \
    && chmod 755 /usr/local/bin/clinic-cms \
    && python -m compileall -q api schemas seed

USER clinic
ENV PORT=8000 CLINIC_CMS_HOST=0.0.0.0 CLINIC_CMS_DATA=/data
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen('http://127.0.0.1:' + os.environ['PORT'] + '/readyz', timeout=4)"]
CMD ["clinic-cms", "serve"]
