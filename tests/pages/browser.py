"""Chromium over its debugging pipe: opens pages, runs scripts there, and notes requests and complaints."""

from __future__ import annotations

import json
import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from tests.engines import a_folder
from tests.processes import PATIENCE

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--remote-debugging-pipe",
    # Containers have little shared memory, and a page that finds none is gone.
    "--disable-dev-shm-usage",
    # Frames of other sites stay in the process of the page around them, so that one session reaches them all.
    "--disable-site-isolation-trials", "--disable-features=IsolateOrigins,site-per-process,IsolateSandboxedIframes",
)  # fmt: skip

WITH_PIPES = (
    "import os, sys; os.dup2(int(sys.argv[1]), 3); os.dup2(int(sys.argv[2]), 4); os.execvp(sys.argv[3], sys.argv[3:])"
)
"""Chromium reads commands from descriptor 3 and answers on 4."""


def chromium() -> str | None:
    """The browser's path, if there is one."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((found for name in names if (found := shutil.which(name))), None)


class Refused(AssertionError):
    """What the browser said no to, in its own words."""


class Tab:
    """One tab. `requests` are the addresses asked for, `complaints` errors and refusals of the console.

    `contexts` are the worlds of scripts that there are: number -> frame.
    """

    def __init__(self, to: int, back: int) -> None:
        self._to, self._back, self._rest, self._number = to, os.fdopen(back, "rb", buffering=0), b"", 0
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.contexts: dict[int, str] = {}
        self._session: str | None = None
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Log", "Runtime"):
            self.send(f"{domain}.enable")

    def send(self, method: str, **params: Any) -> dict[str, Any]:
        """One command; what happens meanwhile is noted."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        while (heard := self._hear()).get("id") != self._number:
            self._note(heard)
        if "result" not in heard:
            raise Refused(heard)
        return dict(heard["result"])

    def open(self, url: str) -> None:
        self.send("Page.navigate", url=url)

    def run(self, script: str, **where: Any) -> Any:
        """The value of an expression on the page; a promise is awaited."""
        said = self.send("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True, **where)
        return said["result"].get("value")

    def inside(self, script: str) -> Any:
        """The value of an expression in the first frame of the page; None while there is none to ask."""
        tree = self.send("Page.getFrameTree")["frameTree"]
        frames = [each["frame"]["id"] for each in tree.get("childFrames", [])]
        worlds = [number for number, frame in self.contexts.items() if frames and frame == frames[0]]
        with suppress(Refused):  # The frame may go between being found and being asked.
            return self.run(script, contextId=worlds[-1]) if worlds else None
        return None

    def forget(self) -> None:
        """What was asked for and complained of so far."""
        self.requests.clear()
        self.complaints.clear()

    def until(self, holds: Callable[[], Any], told: object = "It") -> None:
        """Until something holds; what happens meanwhile is noted."""
        end = time.monotonic() + PATIENCE
        while not holds():
            assert time.monotonic() < end, f"{told} did not come true; {self.complaints}"
            time.sleep(0.05)
            self.send("Page.getFrameTree")

    def wait(self, script: str) -> None:
        """Until the expression is true on the page."""

        def holds() -> Any:
            with suppress(Refused):  # The page may go between the question and the answer.
                return self.run(f"!!({script})")
            return False

        self.until(holds, script)

    def wait_inside(self, script: str) -> None:
        """Until the expression is true in the first frame of the page."""
        self.until(lambda: self.inside(f"!!({script})"), script)

    def _hear(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            heard, _, _ = select.select([self._back], [], [], PATIENCE)
            assert heard and (chunk := self._back.read(65536)), "The browser is gone."
            self._rest += chunk
        line, _, self._rest = self._rest.partition(b"\0")
        return dict(json.loads(line))

    def _note(self, heard: dict[str, Any]) -> None:
        params = heard.get("params", {})
        if heard.get("method") == "Network.requestWillBeSent":
            self.requests.append(params["request"]["url"])
        elif heard.get("method") == "Runtime.executionContextCreated":
            context = params["context"]
            if context.get("auxData", {}).get("isDefault"):
                self.contexts[context["id"]] = context["auxData"]["frameId"]
        elif heard.get("method") == "Runtime.executionContextDestroyed":
            self.contexts.pop(params["executionContextId"], None)
        elif heard.get("method") == "Runtime.executionContextsCleared":
            self.contexts.clear()
        elif heard.get("method") == "Log.entryAdded" and params["entry"]["level"] in ("error", "warning"):
            self.complaints.append(params["entry"]["text"])
        elif heard.get("method") == "Runtime.exceptionThrown":
            self.complaints.append(str(params["exceptionDetails"]))


@contextmanager
def tab(binary: str, width: int = 1280, height: int = 900) -> Iterator[Tab]:
    """A tab of a new browser with a profile of its own."""
    with a_folder("browser") as profile:
        (child_in, to), (back, child_out) = os.pipe(), os.pipe()
        flags = [*FLAGS, f"--user-data-dir={profile}", f"--window-size={width},{height}"]
        command = [sys.executable, "-c", WITH_PIPES, str(child_in), str(child_out), binary, *flags]
        env = {**os.environ, "TMPDIR": str(profile)}  # What it keeps besides is gone in the end too.
        process = subprocess.Popen(command, pass_fds=(child_in, child_out), stderr=subprocess.DEVNULL, env=env)
        os.close(child_in)
        os.close(child_out)
        try:
            yield Tab(to, back)
        finally:
            process.terminate()
            process.wait(PATIENCE)
            os.close(to)
