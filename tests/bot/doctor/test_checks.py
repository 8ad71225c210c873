"""The checks by themselves: what was told in, findings out."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.doctor import hosted
from bot.doctor.finding import Finding, Report, State
from bot.doctor.report import report
from bot.doctor.setup import wrong_settings
from bot.doctor.told import (
    ChannelTold,
    DatabaseTold,
    JobTold,
    Machine,
    PersonTold,
    SendosoTold,
    SettingsTold,
    SlackTold,
    Told,
)
from tests.conftest import NOW

SCOPES = {"chat:write": "post alerts", "channels:history": "look for a post", "groups:history": "the same, private"}
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
JOBS = {name: JobTold(last_ok_at=NOW - MINUTE) for name in ("sync", "scan", "deliver")}
SETTINGS = SettingsTold(
    has_bot_token=True, has_app_token=True, app_id="A0SENDWATCH", alert_channel="C01GIFTING", admins=("U01ANN",),
    sendoso="token",
)
DATABASE = DatabaseTold(
    is_running=True, jobs=JOBS, synced_at=NOW - MINUTE, channels={"C01GIFTING": ["ALERT_CHANNEL"]},
)
SLACK = SlackTold(
    scopes=frozenset(SCOPES), skew=timedelta(seconds=2), is_connected=True, channels={"C01GIFTING": ChannelTold()},
    people={"U01ANN": PersonTold()},
)
MACHINE = Machine(python=(3, 11, 7), sqlite=(3, 40, 1))


def told(**parts: Any) -> Told:  # noqa: ANN401 - fields of Told
    whole = {
        "now": NOW, "settings": SETTINGS, "database": DATABASE, "slack": SLACK, "sendoso": SendosoTold(),
        "machine": MACHINE, "scopes": SCOPES, **parts,
    }
    return Told(**whole)


def settings(**parts: Any) -> dict[str, Any]:  # noqa: ANN401 - as above
    return {"settings": replace(SETTINGS, **parts)}


def database(**parts: Any) -> dict[str, Any]:  # noqa: ANN401 - as above
    return {"database": replace(DATABASE, **parts)}


def slack(**parts: Any) -> dict[str, Any]:  # noqa: ANN401 - as above
    return {"slack": replace(SLACK, **parts)}


def channel(**parts: Any) -> dict[str, Any]:  # noqa: ANN401 - as above
    return slack(channels={"C01GIFTING": ChannelTold(**parts)})


def ago(**length: float) -> datetime:
    return NOW - timedelta(**length)


def bad(found: Report) -> list[Finding]:
    return [one for one in found.findings if one.state is not State.GOOD]


def test_when_all_is_well_nothing_is_to_be_done() -> None:
    found = report(told())
    assert bad(found) == []
    assert (found.ok, found.summary) == (True, "All is well.")
    assert all(not one.mend for one in found.findings)


@pytest.mark.parametrize(("broken", "what", "state", "says", "mend"), [
    (settings(has_bot_token=False), "SLACK_BOT_TOKEN", State.WRONG, "missing", "Bot User OAuth Token"),
    (settings(has_app_token=False), "How Slack reaches the bot", State.WRONG, "neither", "SLACK_SIGNING_SECRET"),
    (settings(app_id=""), "How Slack reaches the bot", State.WRONG, "no app-level token", "connections:write"),
    (settings(alert_channel=""), "ALERT_CHANNEL", State.WRONG, "missing", "C0123ABCD"),
    (settings(admins=()), "ADMIN_USERS", State.WARNING, "nobody is named", "U0123ABCD"),
    (settings(sendoso=""), "API", State.WARNING, "no webhooks either", "sendwatch import"),
    (settings(has_webhooks=True), "Webhooks", State.WARNING, "none has ever arrived", "endpoint"),
    (database(error="connection refused"), "SQLite", State.WRONG, "refused", "DATABASE_URL"),
    (database(error="readonly", locked=["/data"]), "Writing", State.WRONG, "write to /data", "as that user"),
    (database(is_new=True), "SQLite", State.WARNING, "nothing is there", "sendwatch run"),
    (database(is_current=False), "Schema", State.WRONG, "not that of this version", "sendwatch migrate"),
    (database(locked=["/data/s.db-shm"]), "Writing", State.WRONG, "/data/s.db-shm", "The bot's user"),
    (database(kind="PostgreSQL", locked=["the table sends"]), "Writing", State.WRONG, "the table sends", "OWNER TO"),
    (database(kind="PostgreSQL", is_read_only=True), "Writing", State.WRONG, "standby", "target_session_attrs"),
    (database(connections=20), "Connections", State.WARNING, "only 20 at once", "max_connections"),
    (database(missing=["watches"]), "Schema", State.WRONG, "gone from the database: watches", "back-up"),
    (database(free=123_456_789), "Room", State.WARNING, "123 MB", "Make room"),
    (database(free=0), "Room", State.WRONG, "0 MB", "Make room"),
    (database(is_indexed=False), "Search", State.WARNING, "without an index", "3.34"),
    (database(is_running=False), "The bot", State.WARNING, "none is at work", "sendwatch run"),
    (database(is_running=None), "The bot", State.UNASKED, "cannot be seen", ""),
    (slack(error="token_revoked"), "Token", State.WRONG, "token_revoked", "Reinstall"),
    (slack(error="invalid_auth"), "Token", State.WRONG, "invalid_auth", "Reinstall"),
    (slack(error="ratelimited"), "Token", State.UNASKED, "pause", "minute"),
    (slack(unreachable="gaierror"), "Token", State.WRONG, "could not be reached (gaierror)", "network"),
    (slack(scopes=frozenset({"chat:write", "groups:history", "channels:history"}) - {"chat:write"}),
     "Scope chat:write", State.WRONG, "What it is for: post alerts", "reinstall"),
    (slack(scopes=frozenset({*SCOPES, "admin"})), "More scopes", State.WARNING, "admin", "Take them out"),
    (slack(scopes=None), "Scopes", State.UNASKED, "did not say", ""),
    (slack(is_connected=False), "Socket Mode", State.WRONG, "not connected", "connections:write"),
    (slack(is_connected=None), "Socket Mode", State.UNASKED, "no bot answers", ""),
    (slack(skew=timedelta(minutes=-6)), "Clock", State.WARNING, "360 seconds behind", "NTP"),
    (slack(skew=None), "Clock", State.UNASKED, "could not be read", ""),
    (channel(error="channel_not_found"), "Channel", State.WRONG, "does not exist", "/invite"),
    (channel(error="missing_scope"), "Channel", State.WRONG, "a scope is missing", "channels:read"),
    (channel(is_shared=True), "Channel", State.WARNING, "shared with another organisation", "not shared"),
    (channel(error="ratelimited"), "Channel", State.UNASKED, "pause", ""),
    (channel(is_archived=True), "Channel", State.WRONG, "archived (ALERT_CHANNEL)", "Unarchive"),
    (channel(is_member=False), "Channel", State.WRONG, "not in it", "/invite"),
    (slack(channels={}), "Channel", State.UNASKED, "so many", ""),
    (slack(people={"U01ANN": PersonTold(error="user_not_found")}), "Person", State.WRONG, "nobody", "ADMIN_USERS"),
    (slack(people={"U01ANN": PersonTold(is_deleted=True)}), "Person", State.WRONG, "switched off", "ADMIN_USERS"),
    (slack(people={"U01ANN": PersonTold(is_bot=True)}), "Person", State.WRONG, "a bot", "ADMIN_USERS"),
    (slack(people={}), "Person", State.UNASKED, "not asked", ""),
    ({"sendoso": SendosoTold(error="Sendoso refuses the token (401).")}, "API", State.WRONG, "401", "SENDOSO_"),
    ({"sendoso": SendosoTold(unasked="not asked: why")}, "API", State.UNASKED, "not asked: why", ""),
    (database(secrets="unreadable"), "Stored token", State.WRONG, "opens it", "former key"),
    (database(synced_at=None), "Sync", State.WARNING, "none has been made", "when it starts"),
    (database(synced_at=None, jobs={**JOBS, "sync": JobTold(error="SendosoError")}), "Sync", State.WRONG,
     "none has ever worked (SendosoError)", "sendwatch sync"),
    (database(synced_at=ago(hours=2)), "Sync", State.WRONG, "2 hours ago", "sendwatch sync"),
    (database(synced_at=ago(hours=2), sync_said="All pages but 57."), "Sync", State.WRONG, "said: All pages but 57.",
     "sendwatch sync"),
    (database(sync_said="All pages but 57."), "Sync", State.WARNING, "said: All pages but 57.", ""),
    (database(jobs={**JOBS, "scan": JobTold()}), "Scan", State.WARNING, "not run yet", "sendwatch run"),
    (database(jobs={**JOBS, "scan": JobTold(error="KeyError")}), "Scan", State.WRONG, "failed each time", "log"),
    (database(jobs={**JOBS, "deliver": JobTold(last_ok_at=ago(days=2))}), "Delivery", State.WRONG, "2 days ago",
     "/readyz"),
    (database(jobs={**JOBS, "groups": JobTold(last_ok_at=NOW, error="KeyError")}), "Job groups", State.WARNING,
     "failed (KeyError)", "log"),
    (database(waiting=1, oldest=ago(hours=3)), "Messages", State.WARNING, "1 waits", "Nothing is lost"),
    (database(broken={"C0SALES": ("is_archived", ago(hours=3))}), "Posts", State.WRONG, "is_archived", "Unarchive"),
    (database(broken={"*": ("unreachable", None)}), "Posts", State.WRONG, "unreachable", "network"),
    (database(broken={"*files": ("storage_limit_reached", None)}), "Files", State.WRONG, "storage", "room"),
    (database(wrong_sections={"routes": "no such key."}), "Section routes", State.WRONG, "default counts", "anew"),
    (database(odd=["routes[1]: never reached."]), "Odd", State.WARNING, "never reached", "config check"),
    ({"machine": Machine(python=(3, 10, 1), sqlite=(3, 40))}, "Python", State.WRONG, "3.10.1", "3.11"),
    ({"machine": Machine(python=(3, 12), sqlite=(3, 31, 1))}, "SQLite", State.WARNING, "3.31.1", "3.34"),
])
def test_each_trouble_is_named_with_how_to_mend_it(
    broken: dict[str, Any], what: str, state: State, says: str, mend: str,
) -> None:
    found = [one for one in bad(report(told(**broken))) if one.what == what]
    assert [one.state for one in found] == [state]
    assert says in found[0].value
    assert mend in found[0].mend
    assert bool(mend) == bool(found[0].mend)
    assert report(told(**broken)).ok == (not report(told(**broken)).of(State.WRONG))


def test_over_http_a_clock_that_is_off_is_wrong() -> None:
    over_http = {**settings(has_app_token=False, has_signing_secret=True), **slack(skew=timedelta(minutes=6))}
    [clock] = [one for one in bad(report(told(**over_http))) if one.what == "Clock"]
    assert (clock.state, clock.value) == (State.WRONG, "360 seconds before Slack's")


@pytest.mark.parametrize(("private", "missing"), [(False, "channels:history"), (True, "groups:history")])
def test_a_channel_that_may_not_be_read_is_told_with_the_scope_of_its_kind(private: bool, missing: str) -> None:
    found = report(told(slack=replace(
        SLACK, scopes=frozenset(SCOPES) - {missing}, channels={"C01GIFTING": ChannelTold(is_private=private)},
    )))
    assert [one.mend for one in bad(found) if one.what == "Channel"] == [f"Grant {missing}, see the scopes."]


def test_groups_and_people_of_the_configuration_are_looked_at_too() -> None:
    named = replace(DATABASE, groups={"S01": ["permissions.mute"]}, people={"U01ANN": ["permissions.mute"]})
    gone = report(told(database=named, slack=replace(SLACK, groups={"S01": "no_such_subteam"})))
    [group] = bad(gone)
    assert (group.what, group.about) == ("User group", "S01")
    assert "permissions.mute" in group.mend
    assert bad(report(told(database=named, slack=replace(SLACK, groups={"S01": ""})))) == []


def test_without_a_bot_that_runs_old_jobs_are_no_news() -> None:
    stopped = replace(DATABASE, is_running=False, jobs={name: JobTold(last_ok_at=ago(days=2)) for name in JOBS})
    found = report(told(database=stopped))
    assert {one.state for one in bad(found) if one.topic == "Work"} == {State.WARNING}
    assert found.ok


@pytest.mark.parametrize("parts", [{"is_current": False}, {"error": "connection refused"}])
def test_of_a_database_that_cannot_be_read_nobody_says_that_nothing_has_come_yet(parts: dict[str, Any]) -> None:
    found = report(told(**database(synced_at=None, webhook_at=None, **parts), **settings(has_webhooks=True)))
    assert not {"Sync", "Webhooks"} & {one.what for one in found.findings}


def test_nothing_is_asked_of_slack_without_a_token() -> None:
    found = report(told(slack=None))
    assert {one.what for one in found.of(State.UNASKED)} == {"Token", "Channel", "Person"}


def test_wrong_settings_are_listed_each_with_its_name() -> None:
    found = wrong_settings(["SCAN_EVERY is 'often': not a duration.", "ALERT_CHANNEL is 'x': not a channel id."])
    assert [one.what for one in found.of(State.WRONG)] == ["SCAN_EVERY", "ALERT_CHANNEL"]
    assert found.summary == "2 things must be mended, 1 thing could not be asked."
    assert not found.ok


def test_the_name_of_a_wrong_setting_is_said_once() -> None:
    found = wrong_settings(["ENCRYPTION_KEYS: each key must be 32 bytes in url-safe base64."])
    [wrong] = found.of(State.WRONG)
    assert (wrong.what, wrong.value) == ("ENCRYPTION_KEYS", "each key must be 32 bytes in url-safe base64.")


def test_the_json_holds_every_finding() -> None:
    whole = report(told(**channel(is_archived=True))).as_json()
    assert whole["ok"] is False
    [archived] = [one for one in whole["findings"] if one["state"] == "wrong"]
    assert set(archived) == {"topic", "what", "state", "value", "mend", "link", "about"}
    assert archived["about"] == "C01GIFTING"


@pytest.mark.parametrize(("parts", "says"), [
    (settings(), "kept for ever"),
    (settings(keep_sends=730 * DAY), "deleted after 730 days, by KEEP_SENDS"),
    (database(held_since=NOW), f"kept for ever; of before {NOW:%Y-%m-%d} they may be gone"),
])
def test_how_long_finished_sends_are_kept_is_told(parts: dict[str, Any], says: str) -> None:
    [found] = [one for one in report(told(**parts)).findings if one.what == "Finished sends"]
    assert (found.state, found.value) == (State.GOOD, says)


@pytest.mark.parametrize("parts", [
    database(synced_at=None, jobs=JOBS | {"sync": JobTold(error="SendosoError")}),
    database(synced_at=ago(days=2)), database(odd=["a route takes nothing"]), database(wrong_sections={"routes": "no"}),
    settings(sendoso=""),
])
def test_commands_for_one_of_several_workspaces_name_it(parts: dict[str, Any]) -> None:
    found = bad(hosted.of_one(report(told(**parts)), "T0ACORN"))
    [mend] = [one.mend for one in found if "“sendwatch " in one.mend]
    assert " --workspace T0ACORN" in mend


def test_one_of_several_workspaces_is_told_of_no_setting_that_it_has_not() -> None:
    whole = report(told(**slack(
        channels={"C01GIFTING": ChannelTold(is_archived=True)}, people={"U01ANN": PersonTold(is_deleted=True)},
    )))
    found = hosted.of_one(whole, "T0ACORN").findings
    assert {one.topic for one in whole.findings} - {one.topic for one in found} == {"Settings", "Machine"}
    assert not [setting for setting in hosted.ITS_OWN if setting in repr(found)]
    mends = {one.what: one.mend for one in found if one.state is State.WRONG}
    assert "with routes: /sends settings" in mends["Channel"]
    assert "takes out whoever has left" in mends["Person"]


def test_a_full_disk_is_told_although_the_database_cannot_be_opened_for_it() -> None:
    found = bad(report(told(**database(error="disk I/O error", free=0))))
    assert ("Room", State.WRONG) in [(one.what, one.state) for one in found]
