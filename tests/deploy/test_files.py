"""The files in deploy/ say what the bot does: its settings, ports, paths, commands, metrics and limits."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from falcon import testing
from prometheus_client.parser import text_string_to_metric_families
from typer.main import get_command

from bot.app import POOL_OF_ONE
from bot.cli import app
from bot.doctor.database import LEAST_FREE
from bot.health import SILENT_FOR, UNDELIVERED_FOR
from bot.runtime import Runtime
from bot.selfcheck import FINDINGS, LASTING, LATE
from bot.settings import Settings, SettingsError, load
from bot.vitals import release
from storage.engine import Database
from tests.stories.world import world

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
GUIDE = (ROOT / "docs/operating.md").read_text(encoding="utf-8")
NAMES = {name.upper() for name in Settings.model_fields}
COMMANDS = set(get_command(app).commands)  # type: ignore[attr-defined] # a group, as Typer makes one
STOPS_WITHIN = 10


@pytest.fixture
def bot(tmp_path: Path, now: datetime) -> Iterator[Runtime]:
    """The whole bot, connected to a Slack."""
    with world(tmp_path, now) as alive:
        yield alive.bot


def get(bot: Runtime, path: str) -> testing.Result:
    return testing.TestClient(bot.web.app).simulate_get(path)


def read(name: str) -> Any:  # noqa: ANN401 - YAML
    return yaml.safe_load((DEPLOY / name).read_text(encoding="utf-8"))


def deployment() -> Any:  # noqa: ANN401 - YAML
    return read("kubernetes/deployment.yaml")["spec"]


@pytest.mark.parametrize("path", sorted(DEPLOY.rglob("*.yaml")), ids=lambda path: path.name)
def test_every_file_is_yaml(path: Path) -> None:
    assert isinstance(yaml.safe_load(path.read_text(encoding="utf-8")), dict)


def test_the_image_runs_without_root_and_says_whether_it_is_well() -> None:
    text = (DEPLOY / "Containerfile").read_text(encoding="utf-8").replace("\\\n", "")
    last = text.rpartition("FROM ")[2]
    assert re.search(r"^USER (\d+):\1$", last, re.MULTILINE)
    assert re.search(r'^ENTRYPOINT \["/app/.venv/bin/python", "-m", "bot"\]$', last, re.MULTILINE)
    assert re.search(r'^CMD \["run"\]$', last, re.MULTILINE)
    assert re.search(r'HEALTHCHECK .*CMD \["/app/.venv/bin/python", "-m", "bot", "health"\]$', last, re.MULTILINE)
    assert {"run", "health", "migrate"} <= COMMANDS
    given = dict(re.findall(r"\b([A-Z_]+)=(\S+)", last.partition("ENV ")[2].partition("USER")[0]))
    ours = {name.lower(): value for name, value in given.items() if name in NAMES}
    settings = load(_env_file=None, **ours)
    assert (settings.http_host, settings.http_port) == ("0.0.0.0", 3000)  # noqa: S104 - in a container of its own
    assert f"VOLUME {Path(str(settings.database_url.get_secret_value()).removeprefix('sqlite:///')).parent}" in last
    assert f"EXPOSE {settings.http_port}" in last
    for source in re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.MULTILINE):
        assert all((ROOT / name).exists() for name in source.split()), source


def test_where_podman_builds_the_image_the_health_check_is_kept() -> None:
    told = "\n".join(path.read_text(encoding="utf-8") for path in (*DEPLOY.rglob("*.yaml"), DEPLOY / "Containerfile"))
    built = re.findall(r"\bpodman build .*", f"{GUIDE}\n{told}")
    assert len(built) == 3
    assert all(" --format docker " in line for line in built), "OCI's format of an image has no place for it"


def test_the_build_sees_only_what_it_needs() -> None:
    kept = (ROOT / ".dockerignore").read_text(encoding="utf-8")
    assert kept == (ROOT / ".containerignore").read_text(encoding="utf-8")
    assert kept.splitlines()[0] == "*"
    text = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
    for source in re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.MULTILINE):
        assert all(f"!{name}" in kept for name in source.split())
    assert ".env" not in kept


def test_compose_brings_a_database_and_locks_the_bot_in() -> None:
    services = read("compose.yaml")["services"]
    bot = services["sendwatch"]
    assert set(bot["environment"]) <= NAMES
    assert bot["environment"]["DATABASE_URL"].startswith("postgresql://")
    assert (ROOT / bot["build"]["dockerfile"]).is_file()
    # Those of a bot outside may stand in the same .env.
    assert (bot["environment"]["HTTP_HOST"], bot["environment"]["HTTP_PORT"]) == ("0.0.0.0", "3000")  # noqa: S104
    assert bot["read_only"] is True
    assert bot["cap_drop"] == ["ALL"]
    assert bot["ports"] == [f"127.0.0.1:3000:{Settings.model_fields['http_port'].default}"]
    assert bot["depends_on"]["database"]["condition"] == "service_healthy"
    assert "pg_isready" in services["database"]["healthcheck"]["test"]
    assert int(bot["stop_grace_period"].removesuffix("s")) > STOPS_WITHIN


def test_kubernetes_starts_several_that_take_turns_to_migrate() -> None:
    spec = deployment()
    pod = spec["template"]["spec"]
    bot, migrate = pod["containers"][0], pod["initContainers"][0]
    assert spec["replicas"] == 3
    assert (bot["args"], migrate["args"]) == (["run"], ["migrate"])
    assert bot["image"] == migrate["image"]
    assert bot["image"] == f"registry.example/sendwatch:{release()}", "a tag that moves starts what nobody has tested"
    assert pod["terminationGracePeriodSeconds"] > STOPS_WITHIN
    assert pod["securityContext"]["runAsNonRoot"] is True
    for container in (bot, migrate):
        assert container["securityContext"]["readOnlyRootFilesystem"] is True
        assert container["securityContext"]["allowPrivilegeEscalation"] is False
        assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
        assert {mount["name"] for mount in container["volumeMounts"]} == {volume["name"] for volume in pod["volumes"]}
    secret = read("kubernetes/secret.example.yaml")
    assert set(secret["stringData"]) <= NAMES
    assert bot["envFrom"] == [{"secretRef": {"name": secret["metadata"]["name"]}}]
    example = {name.lower(): value for name, value in secret["stringData"].items()}
    load(_env_file=None, **{name: value.replace("…", "1") for name, value in example.items()})
    with pytest.raises(SettingsError, match=r"SLACK_BOT_TOKEN: .* of an example"):
        load(_env_file=None, **example)


def test_kubernetes_asks_where_the_bot_answers(bot: Runtime) -> None:
    pod = deployment()["template"]
    container = pod["spec"]["containers"][0]
    port = container["ports"][0]
    assert port["containerPort"] == Settings.model_fields["http_port"].default
    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        asked = container[probe]["httpGet"]
        assert asked["port"] == port["name"]
        assert get(bot, asked["path"]).status_code == 200
    assert container["livenessProbe"]["httpGet"]["path"] == "/healthz", "what is not ready must not be restarted"
    assert pod["metadata"]["annotations"]["prometheus.io/path"] == "/metrics"
    labels = pod["metadata"]["labels"]
    assert read("kubernetes/service.yaml")["spec"]["selector"] == labels
    assert read("kubernetes/poddisruptionbudget.yaml")["spec"]["selector"]["matchLabels"] == labels


def test_the_guide_says_how_many_connections_a_database_is_asked_for() -> None:
    def most(pool: Any) -> int:  # noqa: ANN401 - SQLAlchemy's, which does not tell its overflow
        return int(pool.size() + pool._max_overflow)  # noqa: SLF001 - as above

    one = Database("postgresql://nobody@localhost/none")
    of_many = Database("postgresql://nobody@localhost/none", pool_size=POOL_OF_ONE)
    assert f"up to {most(one.engine.pool)} connections" in GUIDE
    spec = deployment()
    processes = spec["replicas"] + spec["strategy"]["rollingUpdate"]["maxSurge"]
    wanted = int(re.findall(r"another: (\d+) for the\s+three replicas", GUIDE)[0])
    assert wanted > processes * most(one.engine.pool)
    assert f"max_connections has to be {wanted}" in (DEPLOY / "kubernetes/deployment.yaml").read_text(encoding="utf-8")
    assert (of_many.engine.pool.size(), most(of_many.engine.pool)) == (4, 12)  # type: ignore[attr-defined]
    assert "up to four connections for each\n  workspace, and opens up to twelve" in (
        ROOT / "docs/workspaces.md"
    ).read_text(encoding="utf-8")
    one.close()
    of_many.close()


def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    text = (DEPLOY / "sendwatch.service").read_text(encoding="utf-8")
    assert "RestartPreventExitStatus=2" in text, "wrong settings are wrong again"
    assert int(re.findall(r"^TimeoutStopSec=(\d+)$", text, re.MULTILINE)[0]) > STOPS_WITHIN
    names = re.findall(r"\b([A-Z_]+)=", " ".join(re.findall(r"^Environment=(.*)$", text, re.MULTILINE)))
    assert set(names) - NAMES == {"MPLCONFIGDIR", "PYTHONDONTWRITEBYTECODE"}
    if shutil.which("systemd-analyze") is None:
        pytest.skip("no systemd here that could judge the unit")
    unit = tmp_path / "sendwatch.service"
    unit.write_text(text.replace("/opt/sendwatch/.venv/bin/python", "/bin/true"), encoding="utf-8")
    told = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False)
    assert "sendwatch.service" not in told.stderr, told.stderr


def asked_of_systemd(tmp_path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """What deploy/sendwatch says to systemd-run, a word a line; a stand-in says it and ends with 7."""
    stand_in = tmp_path / "systemd-run"
    stand_in.write_text("#!/bin/sh\nprintf '%s\\n' \"$@\"\nexit 7\n", encoding="utf-8")
    stand_in.chmod(0o755)
    return subprocess.run(
        [DEPLOY / "sendwatch", *arguments], check=False, text=True, capture_output=True,
        env=os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}"},
    )


def test_a_command_under_systemd_has_what_the_unit_gives_the_bot(tmp_path: Path) -> None:
    asked = asked_of_systemd(tmp_path, "status", "Jane Doe", "--json")
    options, _, command = asked.stdout.partition("\n--\n")
    unit = (DEPLOY / "sendwatch.service").read_text(encoding="utf-8").splitlines()
    start = next(line for line in unit if line.startswith("ExecStart=")).removeprefix("ExecStart=")
    assert command.splitlines() == [*start.split()[:-1], "status", "Jane Doe", "--json"]
    assert asked.returncode == 7, "the exit code is the command's"
    properties = {one.removeprefix("--property=") for one in options.splitlines() if one.startswith("--property=")}
    # What a dynamic user is called, where the unit does not say so, is the unit's own name.
    assert properties - {"User=sendwatch"} <= set(unit)
    kept = {"DynamicUser", "StateDirectory", "StateDirectoryMode", "WorkingDirectory", "UMask", "Environment"}
    wanted = {line for line in unit if line.partition("=")[0] in {*kept, "EnvironmentFile"}}
    assert properties == wanted | {"User=sendwatch"}
    if shutil.which("systemd-analyze") is None:
        pytest.skip("no systemd here that could judge the properties")
    service = tmp_path / "sendwatch-command.service"
    lines = "\n".join(sorted(properties))
    service.write_text(f"[Service]\nType=exec\n{lines}\nExecStart=/bin/true\n", encoding="utf-8")
    told = subprocess.run(["systemd-analyze", "verify", str(service)], capture_output=True, text=True, check=False)
    assert "sendwatch-command.service" not in told.stderr, told.stderr


def test_commands_beside_the_bot_name_what_the_files_make() -> None:
    part = GUIDE.partition("### Run a command beside it\n")[2].partition("\n## ")[0]
    heads = "\n".join(path.read_text(encoding="utf-8") for path in DEPLOY.rglob("*") if path.is_file())
    text = f"{part}\n{heads}".replace("\\\n", "")
    lines = re.findall(r"^(?:\$|#  ) (.*)$|^\|[^|]*\|[^`]*`([^`]+)`", text, re.MULTILINE)
    told = [" ".join((one or other).split()) for one, other in lines]
    image = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
    python = " ".join(re.findall(r'"([^"]+)"', re.findall(r"^ENTRYPOINT (.*)$", image, re.MULTILINE)[0]))
    services, pod = read("compose.yaml")["services"], deployment()["template"]["spec"]
    seen = set()
    for line in told:
        if " compose " in line:
            assert line.startswith("docker compose --env-file .env -f deploy/compose.yaml "), line
            assert services.keys() & set(line.split()) or " up " in line, line
        if "kubectl exec" in line:
            assert f"deployment/{read('kubernetes/deployment.yaml')['metadata']['name']} " in line, line
            assert f"-c {pod['containers'][0]['name']} -- " in line, line
        if " exec " in line and "-T database" not in line and " rm " not in line:
            # An `exec` does not go through the entry point of the image; `run` does.
            assert f" {python} " in line, line
        before = rf"{python}|^sudo sendwatch|--rm sendwatch|sendwatch sendwatch|^python3 run.py"
        found = re.search(rf"(?:{before}) ([a-z]+)", line)
        if found:
            assert found[1] in COMMANDS, line
            seen.add((line.split()[0], found[1]))
    assert {program for program, _ in seen} == {"python3", "sudo", "podman", "docker", "kubectl"}
    assert {("sudo", "backup"), ("podman", "backup"), ("sudo", "restore"), ("podman", "restore")} <= seen
    assert {("docker", "migrate"), ("podman", "migrate"), *((one, "doctor") for one in ("sudo", "docker"))} <= seen


def test_what_is_set_up_by_hand_is_told_step_by_step() -> None:
    part = GUIDE.partition("## Run it\n")[2].partition("\n### ")[0]
    unit = (DEPLOY / "sendwatch.service").read_text(encoding="utf-8")
    steps = re.findall(r"^\$ (sudo .*)$", part, re.MULTILINE)
    assert [step.split()[-1] for step in steps] == [
        "--help", "/opt/sendwatch", "/etc/sendwatch/env", "/etc/systemd/system/", "daemon-reload", "sendwatch",
    ]
    assert [step for step in steps if f"#   {step}\n" not in unit] == []
    for name in ("deployment.yaml", "secret.example.yaml"):
        assert f"`deploy/kubernetes/{name}`" in part, "what has to be filled in first"
    assert "/secret.yaml" in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    stop = int(re.findall(r"--stop-timeout (\d+)", part)[0])
    assert stop > STOPS_WITHIN, "what is told to stop is killed after this"


def test_a_password_in_compose_is_said_to_be_letters_and_digits() -> None:
    told = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    for text in (told, GUIDE):
        assert "letters and digits only" in text
        assert "openssl rand -hex 24" in text


def test_alert_rules_and_the_guide_name_metrics_that_there_are(bot: Runtime) -> None:
    scraped = {
        sample.name for family in text_string_to_metric_families(get(bot, "/metrics").text)
        for sample in family.samples
    } | {"sendwatch_self_check", "sendwatch_socket_pong_age_seconds"}
    told = {family.name for family in text_string_to_metric_families(get(bot, "/metrics").text)}
    rules = (DEPLOY / "prometheus-rules.yaml").read_text(encoding="utf-8")
    typed = {f"{name}_total" for name in told} | told | scraped
    for text in (rules, GUIDE):
        named = set(re.findall(r"\bsendwatch_[a-z_]+", text))
        assert named <= typed, named - typed
    assert {name for name in told if name.startswith("sendwatch_") and not name.endswith("_created")} <= {
        name.removesuffix("_total") for name in re.findall(r"\bsendwatch_[a-z_]+", GUIDE)
    }, "every metric is told of"
    for group in yaml.safe_load(rules)["groups"]:
        assert all(rule["annotations"]["summary"] and rule["expr"] for rule in group["rules"])


def test_no_label_is_one_of_prometheus_own_and_the_rules_name_those_that_there_are(bot: Runtime) -> None:
    bot.metrics.job("scan", "failed")
    labels = {
        name for family in text_string_to_metric_families(get(bot, "/metrics").text)
        for sample in family.samples for name in sample.labels
    }
    assert not labels & {"job", "instance"}
    rules = (DEPLOY / "prometheus-rules.yaml").read_text(encoding="utf-8")
    named = {one for group in re.findall(r"by \(([^)]*)\)", rules) for one in group.split(", ")}
    named |= {*re.findall(r"[{ ](\w+)!?=", rules), *re.findall(r"\$labels\.(\w+)", rules)}
    assert {"name", "result", "workspace"} <= named
    # Ours beside those that one bot alone, or one without findings, does not tell of.
    assert named <= labels | {"name", "workspace", "finding"}


def test_rules_about_what_each_workspace_has_say_which_it_is() -> None:
    rules = yaml.safe_load((DEPLOY / "prometheus-rules.yaml").read_text(encoding="utf-8"))["groups"][0]["rules"]
    of_the_whole = {"SendwatchGone", "SendwatchDiskFills", "SendwatchSocketRestless", "SendwatchChannelBroken"}
    for rule in rules:
        if rule["alert"] not in of_the_whole:
            by = re.search(r"by \(([^)]*)\)", rule["expr"])
            assert by is not None, rule["alert"]
            assert "workspace" in by[1], rule["alert"]
            assert "{{ with $labels.workspace }}, workspace {{ . }}{{ end }}" in rule["annotations"]["summary"]


def test_the_guide_names_each_reason_job_and_limit(bot: Runtime) -> None:
    named = set(re.findall(r"^\| `([a-z_]+)` \|", GUIDE, re.MULTILINE))
    assert {*FINDINGS, "disk", "database", "file", "migrations", "slack", "socket", "pong", "undelivered"} <= named
    for job in bot.jobs.table:
        assert f"`{job.name}`" in GUIDE
    assert timedelta(minutes=5) == UNDELIVERED_FOR == LASTING
    assert timedelta(seconds=30) == SILENT_FOR
    assert timedelta(minutes=15) == LATE
    assert f"{LEAST_FREE // 1_000_000} MB" in GUIDE
    assert f"< {LEAST_FREE}" in (DEPLOY / "prometheus-rules.yaml").read_text(encoding="utf-8")


def test_every_command_in_the_guide_is_one() -> None:
    for command in re.findall(r"python3 run\.py ([a-z]+)", GUIDE):
        assert command in COMMANDS
    for name in re.findall(r"\(\.\./([^)#]+)", GUIDE):
        assert (ROOT / name).exists(), name
    assert os.path.lexists(ROOT / "deploy")
