"""`clinic-cms serve` in an empty folder: nothing to set up, nothing made a second time, gone when told to go."""

from __future__ import annotations

import contextlib
import signal
import sqlite3
from pathlib import Path

import pytest

from tests.processes import PATIENCE, Served, free_port, installed, run, serving

SERVE = ["clinic-cms", "serve"]


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    """An empty data folder and a free port."""
    mine = {"PORT": str(free_port()), "CLINIC_CMS_DATA": str(tmp_path / "data"), "CLINIC_CMS_HOST": "127.0.0.1"}
    return installed(tmp_path / "bin") | mine


def ended_cleanly(served: Served) -> None:
    assert served.stop() == 0, served.log.read_text()
    assert not served.leaves_anyone_behind()


@pytest.mark.slow
def test_an_empty_folder_is_served_with_the_demo_library_which_is_made_once(
    env: dict[str, str], tmp_path: Path
) -> None:
    with serving(SERVE, env, tmp_path / "first.log") as served:
        served.wait_until_ready()
        status, ready = served.get("/readyz")
        assert (status, ready["status"], ready["parts"]) == (200, "ok", {"database": "ok"})
        status, clinics = served.get("/v1/clinics")
        assert (status, [each["slug"] for each in clinics["data"]]) == (200, ["demo-south", "demo-north"])
        assert served.get("/v1/clinics/demo-south/topics/mesotherapy")[0] == 200
        ended_cleanly(served)
    told = (tmp_path / "first.log").read_text()
    assert f"http://127.0.0.1:{env['PORT']}/v1/clinics/demo-south/topics/mesotherapy" in told
    with serving(SERVE, env, tmp_path / "second.log") as served:
        served.wait_until_ready()
        ended_cleanly(served)
    with contextlib.closing(sqlite3.connect(tmp_path / "data" / "clinic-cms.sqlite")) as database:
        assert database.execute("SELECT count(*) FROM audit WHERE verb = 'seed'").fetchone() == (1,)
    assert "Traceback" not in told + (tmp_path / "second.log").read_text()


@pytest.mark.slow
def test_ctrl_c_ends_it_even_while_a_worker_is_still_loading(env: dict[str, str], tmp_path: Path) -> None:
    env |= {"CLINIC_CMS_SEED": "none"}
    with serving([*SERVE, "--workers", "2"], env, tmp_path / "log") as served:
        served.wait_until_ready()
        assert served.get("/v1/clinics") == (200, served.get("/v1/clinics")[1])
        served.process.send_signal(signal.SIGINT)
        # That it need not be killed for it: tests/test_starting_and_stopping.py.
        assert served.process.wait(PATIENCE) == 0
        assert not served.leaves_anyone_behind()


def test_a_wrong_setting_stops_the_start_and_is_named(env: dict[str, str]) -> None:
    # One start, as they are named at once; tests/test_cli.py has each alone.
    done = run(SERVE, env | {"PORT": "eighty", "CLINIC_CMS_SEDE": "demo", "CLINIC_CMS_HOST": "0.0.0.0"})
    assert done.returncode == 1
    assert done.stderr.startswith("clinic-cms: ")
    assert all(name in done.stderr for name in ("PORT", "CLINIC_CMS_SEDE", "CLINIC_CMS_PUBLIC_URL"))
    assert "Traceback" not in done.stderr


def test_a_lost_database_stops_the_start_with_a_sentence(env: dict[str, str], tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("s" * 32)
    nowhere = {
        "DATABASE_URL": f"postgresql://nobody@127.0.0.1:{free_port()}/none",
        "CLINIC_CMS_SECRET_FILE": str(secret),
    }
    done = run(SERVE, env | nowhere)
    assert done.returncode == 1
    assert done.stderr.startswith("clinic-cms: ")
    assert "Traceback" not in done.stderr
