"""Every setting, typed, read once; an unknown or wrong one stops the start and is named."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from api.errors import NotReady
from api.public_url import public_url

PREFIX = "CLINIC_CMS_"
EDGE = re.compile(r"(varnish\+https?://[^\s/?#]+/?|(fastly|cloudflare):[A-Za-z0-9]{4,64})")
REDIS = "redis"


@dataclass(frozen=True)
class MediaPlace:
    """Where pictures and documents are kept: a folder, or a bucket that speaks S3."""

    folder: Path
    bucket: str | None = None
    prefix: str = ""
    endpoint: str | None = None
    region: str = "us-east-1"
    credentials_file: Path | None = None
    megabytes: int = 20
    """Of one file at most."""

    def credentials(self) -> tuple[str | None, str | None]:
        """(key id, secret) from the file's two lines; without a file what the machine itself is trusted with."""
        if self.credentials_file is None:
            return None, None
        try:
            lines = self.credentials_file.read_text(encoding="ascii").split()
        except (OSError, ValueError) as error:
            raise NotReady(f"CLINIC_CMS_MEDIA_CREDENTIALS_FILE can't be read: {error}.") from None
        if len(lines) != 2:
            raise NotReady("CLINIC_CMS_MEDIA_CREDENTIALS_FILE needs two lines: the key's id and its secret.")
        return lines[0], lines[1]


@dataclass(frozen=True)
class Config:
    """Settings as documented in docs/settings.md, one field each."""

    database_url: str
    redis_url: str | None
    port: int
    data: Path
    host: str
    public_url: str
    trusted_proxies: int
    secret_file: Path | None
    seed: str
    cache_megabytes: int
    limits: dict[str, int]
    """Requests a minute by who asks: address, browser, server; 0 is no limit."""
    access_log: str
    metrics_token: str | None
    edge: tuple[str, ...]
    """Shared caches that are told what is old, one address each."""
    edge_token_file: Path | None
    media: MediaPlace
    media_url: str | None
    import_megabytes: int
    """The largest file that an import may be sent as."""

    @property
    def loads_demo(self) -> bool:
        """Whether `serve` loads the demo library."""
        return self.sqlite and self.seed == "demo"

    @property
    def sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")

    @property
    def root(self) -> str:
        """The path below which visitors reach the service, such as /cms; "" where it has a host of its own."""
        return urlsplit(self.public_url).path

    @property
    def media_base(self) -> str:
        """What the addresses of pictures begin with."""
        return self.media_url or self.public_url

    @property
    def copies(self) -> tuple[str, ...]:
        """Who else keeps replies and has to be told what is old: the edges, and `redis`."""
        return (*self.edge, REDIS) if self.redis_url else self.edge

    @property
    def tagged_for_cloudflare(self) -> bool:
        """Whether replies carry their tags in Cache-Tag too."""
        return any(each.startswith("cloudflare:") for each in self.edge)

    def edge_token(self) -> str:
        """What Fastly or Cloudflare wants to see; read anew each time, so that it can be changed."""
        try:
            token = self.edge_token_file.read_text(encoding="ascii").strip() if self.edge_token_file else ""
        except (OSError, ValueError) as error:
            raise NotReady(f"CLINIC_CMS_EDGE_TOKEN_FILE can't be read: {error}.") from None
        if not re.fullmatch(r"[!-~]+", token):
            raise NotReady("CLINIC_CMS_EDGE_TOKEN_FILE holds no token: one line without spaces.")
        return token

    def secret(self) -> bytes:
        """The signing secret: at least 32 bytes. On SQLite one is made in the data folder at first use."""
        if self.secret_file is not None:
            return _read_secret(self.secret_file)
        if not self.sqlite:
            raise NotReady("CLINIC_CMS_SECRET_FILE is needed with PostgreSQL: a file of 32 or more random bytes.")
        path = self.data / "secret"
        if not path.exists():
            self.data.mkdir(parents=True, exist_ok=True)
            _make_secret(path)
        return _read_secret(path)


SETTINGS = {
    "DATABASE_URL": "database_url",
    "REDIS_URL": "redis_url",
    "PORT": "port",
    "CLINIC_CMS_DATA": "data",
    "CLINIC_CMS_HOST": "host",
    "CLINIC_CMS_PUBLIC_URL": "public_url",
    "CLINIC_CMS_TRUSTED_PROXIES": "trusted_proxies",
    "CLINIC_CMS_SECRET_FILE": "secret_file",
    "CLINIC_CMS_SEED": "seed",
    "CLINIC_CMS_CACHE_MEGABYTES": "cache_megabytes",
    "CLINIC_CMS_LIMIT_ADDRESS": "limits",
    "CLINIC_CMS_LIMIT_BROWSER": "limits",
    "CLINIC_CMS_LIMIT_SERVER": "limits",
    "CLINIC_CMS_ACCESS_LOG": "access_log",
    "CLINIC_CMS_METRICS_TOKEN": "metrics_token",
    "CLINIC_CMS_EDGE": "edge",
    "CLINIC_CMS_EDGE_TOKEN_FILE": "edge_token_file",
    "CLINIC_CMS_MEDIA": "media",
    "CLINIC_CMS_MEDIA_ENDPOINT": "media",
    "CLINIC_CMS_MEDIA_REGION": "media",
    "CLINIC_CMS_MEDIA_CREDENTIALS_FILE": "media",
    "CLINIC_CMS_MEDIA_MEGABYTES": "media",
    "CLINIC_CMS_MEDIA_URL": "media_url",
    "CLINIC_CMS_IMPORT_MEGABYTES": "import_megabytes",
}
LIMITS = {"address": 600, "browser": 1_200, "server": 6_000}


def from_env(env: Mapping[str, str] | None = None) -> Config:
    """Read the environment. Raises NotReady naming every setting at fault."""
    env = os.environ if env is None else env
    if unknown := sorted(name for name in env if name.startswith(PREFIX) and name not in SETTINGS):
        raise NotReady(f"Unknown setting {', '.join(unknown)}; known are {', '.join(SETTINGS)}.")
    faults: list[str] = []
    data = Path(env.get("CLINIC_CMS_DATA") or "data").resolve()
    port = _whole(env, "PORT", 8000, 1, 65535, faults)
    host = env.get("CLINIC_CMS_HOST") or "127.0.0.1"
    secret_file, edge_token = env.get("CLINIC_CMS_SECRET_FILE"), env.get("CLINIC_CMS_EDGE_TOKEN_FILE")
    config = Config(
        database_url=_database_url(env.get("DATABASE_URL") or f"sqlite:///{data / 'clinic-cms.sqlite'}", faults),
        redis_url=_redis_url(env.get("REDIS_URL") or None, faults),
        port=port,
        data=data,
        host=host,
        public_url=public_url(env.get("CLINIC_CMS_PUBLIC_URL"), host, port, faults),
        trusted_proxies=_whole(env, "CLINIC_CMS_TRUSTED_PROXIES", 0, 0, 10, faults),
        secret_file=Path(secret_file) if secret_file else None,
        seed=_one_of(env, "CLINIC_CMS_SEED", ("demo", "none"), faults),
        cache_megabytes=_whole(env, "CLINIC_CMS_CACHE_MEGABYTES", 64, 0, 65_536, faults),
        limits={
            name: _whole(env, f"CLINIC_CMS_LIMIT_{name.upper()}", usual, 0, 1_000_000, faults)
            for name, usual in LIMITS.items()
        },
        access_log=_one_of(env, "CLINIC_CMS_ACCESS_LOG", ("misses", "all", "none"), faults),
        metrics_token=_long_enough(env, "CLINIC_CMS_METRICS_TOKEN", faults),
        edge=_edges(env.get("CLINIC_CMS_EDGE") or "", faults),
        edge_token_file=Path(edge_token) if edge_token else None,
        media=_media(env, data, faults),
        media_url=_address(env, "CLINIC_CMS_MEDIA_URL", faults),
        import_megabytes=_whole(env, "CLINIC_CMS_IMPORT_MEGABYTES", 100, 1, 10_000, faults),
    )
    _needs_token(config, faults)
    if faults:
        raise NotReady("\n".join(faults))
    return config


def _whole(env: Mapping[str, str], name: str, default: int, least: int, most: int, faults: list[str]) -> int:
    text = env.get(name) or str(default)
    if text.isascii() and text.isdigit() and least <= int(text) <= most:
        return int(text)
    faults.append(f"{name} is {text!r}; give a whole number from {least} to {most}.")
    return default


def _one_of(env: Mapping[str, str], name: str, allowed: tuple[str, ...], faults: list[str]) -> str:
    text = env.get(name) or allowed[0]
    if text not in allowed:
        faults.append(f"{name} is {text!r}; give one of {', '.join(allowed)}.")
    return text


def _long_enough(env: Mapping[str, str], name: str, faults: list[str]) -> str | None:
    text = env.get(name) or None
    if text is not None and len(text) < 16:
        faults.append(f"{name} holds {len(text)} characters; 16 or more are needed.")
    return text


def _edges(text: str, faults: list[str]) -> tuple[str, ...]:
    """`varnish+http://cache:80 fastly:SERVICE cloudflare:ZONE`, parted by spaces."""
    found = tuple(text.split())
    for each in found:
        if not EDGE.fullmatch(each):
            faults.append(
                f"CLINIC_CMS_EDGE holds {each!r}; give varnish+http://HOST:PORT, fastly:SERVICE or cloudflare:ZONE."
            )
    return found


def _needs_token(config: Config, faults: list[str]) -> None:
    asking = {each.partition(":")[0] for each in config.edge} & {"fastly", "cloudflare"}
    if asking and config.edge_token_file is None:
        faults.append("CLINIC_CMS_EDGE_TOKEN_FILE is needed: a file with the token that the provider wants.")
    if len(asking) > 1:
        faults.append("CLINIC_CMS_EDGE names Fastly and Cloudflare; there is one token, so name one of them.")


def _database_url(url: str, faults: list[str]) -> str:
    for known in ("postgresql://", "postgres://"):
        url = url.replace(known, "postgresql+psycopg://", 1) if url.startswith(known) else url
    if not url.startswith(("sqlite:///", "postgresql+psycopg://")):
        faults.append("DATABASE_URL must start with sqlite:/// or postgresql://.")
    return url


def _redis_url(url: str | None, faults: list[str]) -> str | None:
    if url and not url.startswith(("redis://", "rediss://", "unix://")):
        faults.append("REDIS_URL must start with redis://, rediss:// or unix://.")
    return url


def _address(env: Mapping[str, str], name: str, faults: list[str]) -> str | None:
    """An http or https address without a slash at its end."""
    url = env.get(name) or None
    if url is not None and not re.fullmatch(r"https?://[^\s/?#@]+(/[^\s?#]*)?", url):
        faults.append(f"{name} is {url!r}; give an address such as https://media.example.")
    return url.rstrip("/") if url else None


def _media(env: Mapping[str, str], data: Path, faults: list[str]) -> MediaPlace:
    """A folder, or `s3://bucket/prefix`."""
    named, file = env.get("CLINIC_CMS_MEDIA") or str(data / "media"), env.get("CLINIC_CMS_MEDIA_CREDENTIALS_FILE")
    found = re.fullmatch(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/([A-Za-z0-9_./-]*))?", named)
    if named.startswith("s3:") and found is None:
        faults.append(f"CLINIC_CMS_MEDIA is {named!r}; give a folder, or s3://BUCKET/PREFIX.")
    return MediaPlace(
        folder=Path(named).resolve() if found is None else data / "media",
        bucket=found[1] if found else None,
        prefix=(found[2] or "").strip("/") if found else "",
        endpoint=_address(env, "CLINIC_CMS_MEDIA_ENDPOINT", faults),
        region=env.get("CLINIC_CMS_MEDIA_REGION") or "us-east-1",
        credentials_file=Path(file) if file else None,
        megabytes=_whole(env, "CLINIC_CMS_MEDIA_MEGABYTES", 20, 1, 100, faults),
    )


def _read_secret(path: Path) -> bytes:
    try:
        secret = path.read_bytes().strip()
    except OSError as error:
        raise NotReady(f"CLINIC_CMS_SECRET_FILE can't be read: {path}: {error.strerror}.") from None
    if len(secret) < 32:
        raise NotReady(f"CLINIC_CMS_SECRET_FILE {path} holds {len(secret)} bytes; 32 or more are needed.")
    return secret


def _make_secret(path: Path) -> None:
    """Write the file whole and private, so that two processes starting at once agree on one secret."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(secrets.token_hex(32))
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
