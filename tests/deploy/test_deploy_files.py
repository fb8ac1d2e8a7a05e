"""The files in deploy/ name commands, metrics, settings and paths that exist."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from atsbridge.app.composition_root import App
from atsbridge.cli.documents.report_formats import METRICS, STORE_METRICS
from atsbridge.plugins import discover
from atsbridge.settings.settings_loader import read
from atsbridge.timesource import SystemTime

from ..docs.test_commands import mistakes

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
KUBERNETES = DEPLOY / "kubernetes/atsbridge.yaml"
DASHBOARD = DEPLOY / "monitoring/dashboard.json"
ALERTS = DEPLOY / "monitoring/alerts.yaml"


def _rules() -> list[dict[str, Any]]:
    (group,) = yaml.safe_load(ALERTS.read_text("utf-8"))["groups"]
    return list(group["rules"])


def _dashboard() -> dict[str, Any]:
    return dict(json.loads(DASHBOARD.read_text("utf-8")))


def _metrics_in(text: str) -> set[str]:
    return set(re.findall(r"\batsbridge_\w+", text))


def _labels_in(text: str) -> Iterator[tuple[str, str]]:
    """(metric, label) of each selector, and of `by (...)` around one."""
    for metric, selector in re.findall(r"\b(atsbridge_\w+)\{([^}]*)\}", text):
        for label in re.findall(r"(\w+)\s*(?:=|!)", selector):
            yield metric, label


@pytest.mark.parametrize("file", [ALERTS, ALERTS.with_name("alerts_test.yaml"), DASHBOARD])
def test_every_metric_is_exported(file: Path) -> None:
    """With the labels that are selected."""
    text = file.read_text("utf-8")
    exported = {one.name: one.members for one in (*METRICS, *STORE_METRICS)}
    assert _metrics_in(text)
    assert _metrics_in(text) - exported.keys() == set()
    assert [
        one for one in _labels_in(text.replace('\\"', '"')) if one[1] not in exported[one[0]]
    ] == []


def test_a_planted_metric_is_found() -> None:
    """A name and a label that nobody exports."""
    assert _metrics_in("time() - atsbridge_tick_ended > 3") == {"atsbridge_tick_ended"}
    assert list(_labels_in('sum(atsbridge_notices{tenant="x"})')) == [
        ("atsbridge_notices", "tenant")
    ]


def test_every_exported_metric_is_shown_or_alerted_on() -> None:
    """No figure is exported for nobody."""
    used = _metrics_in(DASHBOARD.read_text("utf-8")) | _metrics_in(ALERTS.read_text("utf-8"))
    assert {one.name for one in (*METRICS, *STORE_METRICS)} - used == set()


def test_every_alert_says_what_to_do() -> None:
    """A severity, a summary, and an act; a command in it exists."""
    assert list(_rules())
    for rule in _rules():
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert rule["annotations"].keys() == {"summary", "do"}
        for command in re.findall(r"atsbridge ([^,{]+)", rule["annotations"]["do"]):
            assert list(mistakes(command)) == [], command


def test_panels_do_not_overlap() -> None:
    """Each has a title, a number of its own, a query and a place."""
    panels = _dashboard()["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    places = [
        (x, y)
        for panel in panels
        for x in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])
    ]
    assert len(places) == len(set(places))
    assert all(0 <= x < 24 for x, _ in places)
    assert all(panel["title"] and panel["targets"] for panel in panels)


@pytest.mark.parametrize("file", sorted(DEPLOY.rglob("*")), ids=lambda f: f.name)
def test_commands_exist(file: Path) -> None:
    """In comments as well: whoever copies a line gets no usage error."""
    if file.is_dir() or file.suffix == ".json":
        return
    text = file.read_text("utf-8")
    for command in re.findall(
        r"(?:^|[/ ;])atsbridge ((?:run|serve|listen|store|doctor)\b[^\n'>&#:]*)", text, re.MULTILINE
    ):
        assert list(mistakes(command)) == [], command


def _config_map() -> str:
    (config,) = [
        one
        for one in yaml.safe_load_all(KUBERNETES.read_text("utf-8"))
        if one["kind"] == "ConfigMap"
    ]
    return str(config["data"]["atsbridge.toml"])


def test_the_settings_of_the_cluster_load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the variables that the comment names."""
    variables = re.findall(r"\bATSBRIDGE_\w+__\w+", KUBERNETES.read_text("utf-8"))
    assert len(variables) == 4
    for name in variables:
        value = "postgresql://me@db/atsbridge" if "STORE" in name else "x" * 32
        monkeypatch.setenv(name, value)
    (tmp_path / "atsbridge.toml").write_text(_config_map(), "utf-8")
    reading = read(tmp_path / "atsbridge.toml")
    App(reading.settings, discover(), SystemTime()).check(reading.problems)
    assert reading.unknown == []


def test_containers_can_write_one_place_only() -> None:
    """No root, a read-only root file system, no capability: in the image, compose and cluster."""
    image = (DEPLOY / "docker/Dockerfile").read_text("utf-8")
    assert re.search(r"^USER 10001:10001$", image, re.MULTILINE)
    (service,) = [
        one
        for name, one in yaml.safe_load((DEPLOY / "docker/compose.yaml").read_text())[
            "services"
        ].items()
        if name == "atsbridge"
    ]
    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert service["user"] == "10001:10001"
    for pod in _pods():
        (container,) = pod["containers"]
        assert pod["securityContext"]["runAsNonRoot"]
        assert container["securityContext"]["readOnlyRootFilesystem"]
        assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
        assert not container["securityContext"]["allowPrivilegeEscalation"]


def _pods() -> Iterator[dict[str, Any]]:
    """The pods of the cluster: of the job, and of what runs all the time."""
    for one in yaml.safe_load_all(KUBERNETES.read_text("utf-8")):
        spec = one.get("spec", {})
        spec = spec.get("jobTemplate", {}).get("spec", spec)
        if "template" in spec:
            yield spec["template"]["spec"]


def test_every_pod_is_looked_at() -> None:
    assert len(list(_pods())) >= 2


def test_the_image_takes_packages_from_the_configured_index_only() -> None:
    """No address of an index is built in: pip's own configuration decides."""
    text = (DEPLOY / "docker/Dockerfile").read_text("utf-8")
    assert "index-url" not in text
    assert "http" not in text


def test_the_image_gets_every_plugin() -> None:
    """What is copied is not ignored, and each package in plugins/ is installed."""
    text = (DEPLOY / "docker/Dockerfile").read_text("utf-8")
    plugins = {path.parent.name for path in (ROOT / "plugins").glob("*/pyproject.toml")}
    assert set(re.findall(r"\./plugins/([\w-]+)", text)) == plugins
    kept = (DEPLOY / "docker/Dockerfile.dockerignore").read_text("utf-8")
    config = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    needed = {config["project"]["readme"], *config["project"]["license-files"], "pyproject.toml"}
    assert needed <= set(re.findall(r"^!(\S+)$", kept, re.MULTILINE))
