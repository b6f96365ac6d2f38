"""Load from wrk: many connections at once, timed by a program that costs little itself."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from bench.servers import Server

CONNECTIONS, THREADS = 32, 2
UNITS = {"us": 1e-3, "ms": 1.0, "s": 1e3, "m": 6e4}
# Each thread asks for the lines in an order of its own; two columns are an address and a tag that the asker has.
SCRIPT = """
local number = 0
function setup(thread) number = number + 1; thread:set("seed", number + %d) end
local wires = {}
function init(args)
  math.randomseed(seed)
  for line in io.lines("%s") do
    local path, tag = line:match("^(%%S+) ?(.*)$")
    local head = {}
    for name, value in pairs(wrk.headers) do head[name] = value end
    if tag ~= "" then head["If-None-Match"] = tag end
    wires[#wires + 1] = wrk.format("GET", path, head)
  end
end
function request() return wires[math.random(#wires)] end
"""


@dataclass(frozen=True)
class Run:
    """What wrk saw: requests answered, their rate, times in ms; `cpu_us`: the server's processor time a request."""

    requests: int
    per_second: float
    p50: float
    p99: float
    cpu_us: float
    faults: str = ""

    @property
    def refused(self) -> int:
        """Replies that were an error, and connections that broke or waited for two seconds."""
        counts = re.findall(r"(?:Non-2xx or 3xx responses:|connect|read|write|timeout) (\d+)", self.faults)
        return sum(map(int, counts))


def needed() -> None:
    """Stop with what to install where wrk is not there."""
    if shutil.which("wrk") is None:
        raise SystemExit("The load of the cached read comes from wrk, and it is not here. Debian: apt-get install wrk")


def wire(path: str) -> str:
    """A path and query as they stand in a request."""
    return quote(path, safe="/?=&%.,-_+~")


def wrk(
    server: Server, path: str, seconds: float, head: Sequence[tuple[str, str]] = (), *, strict: bool = True
) -> Run:
    """Ask for one address on 32 connections. Raises SystemExit where any reply is no 200 and no 304, if `strict`."""
    fields = [part for name, value in head for part in ("-H", f"{name}: {value}")]
    run = _run(server, wire(path), seconds, fields)
    if strict and run.refused:
        raise SystemExit(f"{run.refused} of {run.requests} requests for {path} were not answered well:\n{run.faults}")
    return run


def wrk_many(server: Server, lines: Sequence[str], seconds: float, seed: int = 0) -> Run:
    """Ask for many addresses by chance; each line is one, after a space perhaps the tag that the asker has."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "lines").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        script = Path(folder) / "ask.lua"
        script.write_text(SCRIPT % (seed, Path(folder) / "lines"), encoding="utf-8")
        return _run(server, "/", seconds, ["-s", str(script)])


def _run(server: Server, target: str, seconds: float, more: Sequence[str]) -> Run:
    # wrk knows whole seconds alone.
    command = ["wrk", f"-t{THREADS}", f"-c{CONNECTIONS}", f"-d{max(1, round(seconds))}s", "--latency", *more]
    before = server.cpu()
    ended = subprocess.run([*command, f"http://127.0.0.1:{server.port}{target}"], capture_output=True, text=True)
    cpu = server.cpu() - before
    told = ended.stdout
    if ended.returncode or (count := re.search(r"(\d+) requests in", told)) is None or not int(count[1]):
        raise SystemExit(f"wrk got no replies: {ended.stderr}{told}")
    rate = re.search(r"Requests/sec:\s+([\d.]+)", told)
    assert rate is not None
    requests = int(count[1])
    return Run(requests, float(rate[1]), _time(told, 50), _time(told, 99), cpu / requests * 1e6, _faults(told))


def _time(told: str, percent: int) -> float:
    found = re.search(rf"^\s+{percent}%\s+([\d.]+)(us|ms|s|m)\s*$", told, re.MULTILINE)
    assert found is not None, told
    return float(found[1]) * UNITS[found[2]]


def _faults(told: str) -> str:
    lines = told.splitlines()
    return "\n".join(each.strip() for each in lines if each.lstrip().startswith(("Socket errors", "Non-2xx")))
