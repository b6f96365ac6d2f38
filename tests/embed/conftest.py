"""What the tests of embeds in a browser share: a stage, and one tab of one browser."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.embed.stage import Stage, stage
from tests.pages.browser import Tab, chromium, tab


@pytest.fixture(scope="module")
def on_stage(sqlite_today: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The service on a seeded database of its own, and sites around it."""
    folder = tmp_path_factory.mktemp("stage")
    shutil.copy(sqlite_today, folder / "house.sqlite")
    with stage(f"sqlite:///{folder / 'house.sqlite'}", folder) as found:
        yield found


@pytest.fixture
def own_stage(sqlite_today: Path, tmp_path: Path) -> Iterator[Stage]:
    """A stage for one test: what pages of other tests still send goes elsewhere."""
    shutil.copy(sqlite_today, tmp_path / "house.sqlite")
    with stage(f"sqlite:///{tmp_path / 'house.sqlite'}", tmp_path) as found:
        yield found


@pytest.fixture(scope="module")
def one_tab() -> Iterator[Tab]:
    with tab(chromium() or "") as found:
        yield found


@pytest.fixture
def browser(one_tab: Tab) -> Iterator[Tab]:
    """The tab, which sets no cookie and keeps nothing whatever is shown in it."""
    one_tab.send("Emulation.clearDeviceMetricsOverride")
    one_tab.send("Emulation.setEmulatedMedia", media="", features=[])
    one_tab.send("Emulation.setScriptExecutionDisabled", value=False)
    one_tab.send("Network.setBlockedURLs", urls=[])
    yield one_tab
    assert one_tab.send("Storage.getCookies")["cookies"] == []
