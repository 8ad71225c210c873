"""An admin changes the settings in Slack: looks at what it would do, puts it into force, and takes it back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time
from pathlib import Path

import pytest

from bot import audit
from bot.config.current import in_force
from bot.config.reading import read
from bot.config.writing import write
from bot.playground.modal import Modal
from bot.playground.person import Person
from bot.playground.seen import PATIENCE
from tests.stories.sending import add
from tests.stories.world import World, world

FIRST = """
routes:
  - {name: emea, when: {team: EMEA}, channel: C02SALES}
  - {name: big gifts, when: {amount_from: 100 USD}, channel: C03MARKETING}
"""


@pytest.fixture(params=["socket", "http"])
def anyhow(request: pytest.FixtureRequest, tmp_path: Path, now: datetime) -> Iterator[World]:
    """A world over either transport."""
    with world(tmp_path, now, transport=request.param) as made:
        yield made


def opened(person: Person, section: str) -> Modal:
    """A section of the settings as its window shows it."""
    person.command("/sends settings")
    person.press(person.modal("Settings"), f"Change: {section}")
    return person.modal(section)


def look(person: Person, form: Modal) -> Modal:
    """What the form would do."""
    form.submit()
    return person.modal("Preview")


def put_into_force(person: Person, preview: Modal) -> Modal:
    """What stands in the window once it counts."""
    preview.submit()
    return shows(person, "It is in force")


def shows(person: Person, text: str) -> Modal:
    """The window on top, once it shows a text."""
    found = person.slack.state.wait_for(lambda: text in person.modal().visible_text, PATIENCE)
    assert found, person.modal().visible_text
    return person.modal()


def exported(story: World) -> str:
    with story.bot.database.read() as session:
        return write(in_force(session).document)


def recorded(story: World) -> list[tuple[str, str]]:
    """Who changed which section, as the audit log has it."""
    with story.bot.database.read() as session:
        return [
            (str(line.detail["section"]), line.actor) for line in audit.lines(session) if line.action == "config"
        ]


def test_a_threshold_is_added_previewed_exported_and_taken_back(anyhow: World) -> None:
    story = anyhow
    add(story, "Shipped", days=5, name="Jane Doe", campaign="Autumn Gifts")
    add(story, "Shipped", days=5, name="Max Roe", campaign="Spring")
    story.tick()
    ann = story.person("ann")
    opened(ann, "Thresholds").press("Add a threshold")
    form = ann.modal("New threshold")
    assert "Autumn Gifts" in form.options("Only this campaign", "autumn")
    form.fill("Status", "Shipped").fill("After how long in this status", "3 days")
    preview = look(ann, form.fill("Only this campaign", "Autumn Gifts"))
    assert "Shipped: late after 3 days, for campaign Autumn Gifts" in preview.visible_text
    assert "1 send becomes due now (1 Shipped)" in preview.visible_text
    assert "For example\n• Jane Doe · Acme: " in preview.visible_text
    assert "thresholds: []" in exported(story)

    done = put_into_force(ann, preview)
    assert "campaign: Autumn Gifts, after: 3 days" in exported(story)
    assert read(exported(story)).problems == ()
    story.bot.recompute()
    story.tick()
    assert "Jane Doe" in story.only_alert().visible_text

    done.press("Undo")
    assert "as it was before" in shows(ann, "Taken back").visible_text
    assert "thresholds: []" in exported(story)
    assert recorded(story) == [("thresholds", "U01ANN"), ("thresholds", "U01ANN")]


def test_what_is_under_a_form_follows_and_its_thing_can_be_edited_and_removed(story: World) -> None:
    ann = story.person("ann")
    things = opened(ann, "Thresholds")
    things.press("Add a threshold")
    form = ann.modal("New threshold").fill("Status", "Shipped").fill("After how long in this status", "never")
    put_into_force(ann, look(ann, form)).close()
    things = shows(ann, "Shipped: never late")
    ann.choose(things, "setting_do.0", "Edit")
    form = ann.modal("Edit threshold")
    assert "nothing would change by this" in form.submit_refused()["Status"].casefold()
    preview = look(ann, form.fill("After how long in this status", "2 business days"))
    assert "Until now\nShipped: never late\nThen\nShipped: late after 2 business days" in preview.visible_text
    # Another field is filled in after all: what that would do is shown before it counts.
    preview.fill("What happens then", "It is a case for Support").submit()
    put_into_force(ann, shows(ann, "one for Support after 2 business days")).close()
    ann.choose(shows(ann, "one for Support"), "setting_do.0", "Remove")
    put_into_force(ann, ann.modal("Preview")).close()
    assert "None of your own yet" in shows(ann, "None of your own").visible_text
    ann.modal("Thresholds").close()
    assert "none of your own" in shows(ann, "none of your own").visible_text


def test_mistakes_are_told_at_the_field(anyhow: World) -> None:
    ann = anyhow.person("ann")
    opened(ann, "Thresholds").press("Add a threshold")
    form = ann.modal("New threshold").fill("Status", "Shipped").fill("After how long in this status", "soon")
    told = form.submit_refused()
    assert told == {
        "After how long in this status":
            '"soon" is no limit; write for example "5 business days", "7 days" or never.',
    }
    form.fill("After how long in this status", "4000 days")
    assert "more than 3,650 days" in form.submit_refused()["After how long in this status"]


def test_a_route_is_added_and_moved(anyhow: World) -> None:
    story = anyhow
    story.configure(FIRST)
    add(story, "Processing", days=8, name="Jane Doe", campaign="Q4 box", cost_minor=50_00, currency="USD")
    story.tick()
    assert "Jane Doe" in story.only_alert().visible_text
    ann = story.person("ann")
    routes = opened(ann, "Routes")
    assert "1. emea: team EMEA → #sales" in routes.visible_text
    routes.press("Add a route")
    form = ann.modal("New route").fill("Name", "Q4").fill("Campaigns", ["Q4 *"]).fill("Channel", ["#marketing"])
    preview = look(ann, form.fill("Where in the list", "At the end"))
    seen = preview.visible_text
    assert "3. Q4: campaign Q4" in seen
    assert "Of 1 open alert, 1 would go elsewhere" in seen
    assert "Jane Doe: #gifting-alerts (policy default) → #marketing (policy default)" in seen
    put_into_force(ann, preview).close()

    ann.choose(shows(ann, "3. Q4"), "setting_do.2", "Move up")
    preview = ann.modal("Preview")
    assert "Then it stands here\n2. Q4" in preview.visible_text
    put_into_force(ann, preview)
    with story.bot.database.read() as session:
        assert [one.name for one in in_force(session).document.routes] == ["emea", "Q4", "big gifts"]
    add(story, "Processing", days=8, name="Max Roe", campaign="Q4 box")
    story.tick()
    story.playground.channel("#marketing").expect("Max Roe")


def test_before_alerts_are_led_to_a_channel_that_another_organisation_reads_that_is_told(anyhow: World) -> None:
    story = anyhow
    story.configure(FIRST)
    story.playground.channel("#ops").channel.is_ext_shared = True
    warned = "#ops is shared with another organisation: its people read what is told there"
    ann = story.person("ann")
    opened(ann, "Routes").press("Add a route")
    form = ann.modal("New route").fill("Name", "Q4").fill("Campaigns", ["Q4 *"]).fill("Channel", ["#sales"])
    preview = look(ann, form)
    assert "another organisation" not in preview.visible_text
    preview.fill("Channel", ["#ops"]).submit()
    put_into_force(ann, shows(ann, warned)).close()
    # Whoever has led alerts there once was told.
    ann.choose(shows(ann, "3. Q4"), "setting_do.2", "Edit")
    preview = look(ann, ann.modal("Edit route").fill("Cost at least", "100 USD"))
    assert "another organisation" not in preview.visible_text


def test_two_routes_of_one_name_and_an_odd_one(story: World) -> None:
    story.configure(FIRST)
    ann = story.person("ann")
    opened(ann, "Routes").press("Add a route")
    form = ann.modal("New route").fill("Name", "EMEA")
    assert form.submit_refused()["Name"] == "Is for the same as route number 1; keep one of the two."
    form.fill("Name", "rest").fill("Cost at least", "a lot")
    assert "is no amount; write for example 100 USD" in form.submit_refused()["Cost at least"]
    preview = look(ann, form.fill("Cost at least", "").fill("Where in the list", "At the top"))
    assert "Perhaps not meant: “emea” is never reached" in preview.visible_text.replace('"emea"', "“emea”")


def test_quiet_hours(anyhow: World) -> None:
    story = anyhow
    ann = story.person("ann")
    policies = opened(ann, "Repeats, quiet hours")
    ann.choose(policies, "setting_do.0", "Quiet hours …")
    form = ann.modal("Quiet hours")
    form.fill("From", time(18)).fill("Until", time(18))
    assert "the same time" in form.submit_refused()["From"]
    form.fill("Until", time(8)).fill("By the clock of", ["America/New_York"])
    preview = look(ann, form.fill("Told at any hour all the same", ["Somebody must act (needs_action)"]))
    assert "Quiet from 18:00 to 08:00 (America/New_York)" in preview.visible_text
    assert "Quiet next: from Mon, Nov 23 at 18:00 until Tue, Nov 24 at 08:00" in preview.visible_text
    put_into_force(ann, preview)
    quiet = read(exported(story)).document.policies["default"].quiet
    assert quiet is not None
    assert (quiet.start, quiet.end, quiet.zone) == (time(18), time(8), "America/New_York")
    assert quiet.except_for == ("needs_action",)
    add(story, "Processing", days=8, name="Jane Doe")
    story.later(hours=10)
    story.tick()
    assert story.alerts.messages == []
    story.later(hours=14)
    story.tick()
    assert "Jane Doe" in story.only_alert().visible_text


def test_holidays(story: World) -> None:
    ann = story.person("ann")
    ann.command("/sends settings")
    ann.press(ann.modal("Settings"), "Change: Business days, holidays")
    form = ann.modal("Business days").fill("Days off of your own", "2026-12-24\nthe day after")
    assert '"the" is no date; write for example 2026-12-24' in form.submit_refused()["Days off of your own"]
    form.fill("Days off of your own", "2026-11-24 company day").fill("Public holidays of", "Germany (DE)")
    preview = look(ann, form.fill("Only in this part of the country", "BE").fill("Cut-off hour", "12:00"))
    assert "Public holidays of Germany (BE)." in preview.visible_text
    assert "Next days off: Tue, Nov 24 (company day)" in preview.visible_text
    assert "No send becomes due by it now" in preview.visible_text
    put_into_force(ann, preview).close()
    assert "Public holidays of Germany (BE)." in shows(ann, "Germany").visible_text


def test_a_permission_and_somebody_who_may_not(anyhow: World) -> None:
    story = anyhow
    add(story, "Processing", days=8, name="Jane Doe")
    story.tick()
    ben, ann = story.person("ben"), story.person("ann")
    told = ben.command("/sends settings").visible_text
    assert "It is for the admins of Sendwatch" in told
    assert not ben.has_modal
    with story.bot.database.read() as session:
        [line] = [one for one in audit.lines(session) if one.action == "refused"]
    assert (line.actor, line.detail["wanted"]) == ("U02BEN", "settings")

    permissions = opened(ann, "Permissions")
    ann.press(permissions, "Change who may: Resolve an alert")
    form = ann.modal("Who may").fill("Who may", []).fill("These people", ["dee"])
    preview = look(ann, form)
    assert "Resolve an alert: @Dee Novak" in preview.visible_text
    put_into_force(ann, preview)
    assert "only" not in ben.press(story.only_alert(), "Resolve").visible_text
    story.deliver()
    assert "Resolved" not in story.only_alert().latest().visible_text
    story.person("dee").press(story.only_alert(), "Resolve")
    story.deliver()
    assert "Resolved" in story.only_alert().latest().visible_text


def test_nobody_named_is_a_mistake_and_settings_can_be_given_to_another(story: World) -> None:
    ann, ben = story.person("ann"), story.person("ben")
    permissions = opened(ann, "Permissions")
    permissions.press("Show more")
    ann.press(shows(ann, "Change these settings"), "Change who may: Change these settings")
    form = ann.modal("Who may").fill("Who may", [])
    assert "names nobody" in form.submit_refused()["Who may"]
    put_into_force(ann, look(ann, form.fill("These people", ["ben"])))
    ben.command("/sends settings")
    assert ben.modal("Settings").buttons.count("Change") == 8
    # Ann is an admin and may still; Ben could give it away.
    ben.press(ben.modal("Settings"), "Change: Permissions")
    ben.press(ben.modal("Permissions"), "Show more")
    ben.press(shows(ben, "Change these settings"), "Change who may: Change these settings")
    form = ben.modal("Who may").fill("Who may", ["The admins of Sendwatch"]).fill("These people", [])
    assert "You yourself could not change the settings any more" in look(ben, form).visible_text


def test_two_admins_at_once(tmp_path: Path, now: datetime) -> None:
    with world(tmp_path, now, admin_users=("U01ANN", "U02BEN")) as story:
        story.configure(FIRST)
        ann, ben = story.person("ann"), story.person("ben")
        for person in (ann, ben):
            opened(person, "Routes")
            person.choose(person.modal("Routes"), "setting_do.0", "Edit")
        form = ann.modal("Edit route").fill("Name", "europe")
        put_into_force(ann, look(ann, form))
        ben.modal("Edit route").fill("Senders", ["*@partner.example"]).submit()
        told = shows(ben, "has changed “Routes” meanwhile")
        assert "@Ann" in told.visible_text
        # What was "emea" is "europe" now, so that it would be added; what Ben filled in is still there.
        assert "put into force, it would be added anew" in told.visible_text
        preview = look(ben, told)
        assert "3. emea: team EMEA, sender " in preview.visible_text
        put_into_force(ben, preview)
        with story.bot.database.read() as session:
            assert [one.name for one in in_force(session).document.routes] == ["europe", "big gifts", "emea"]


def test_a_change_that_was_changed_since_is_not_taken_back(tmp_path: Path, now: datetime) -> None:
    with world(tmp_path, now, admin_users=("U01ANN", "U02BEN")) as story:
        ann, ben = story.person("ann"), story.person("ben")
        done = []
        for person, name in ((ann, "one"), (ben, "two")):
            opened(person, "Routes").press("Add a route")
            form = person.modal("New route").fill("Name", name).fill("Teams", [name])
            done.append(put_into_force(person, look(person, form)))
        done[0].press("Undo")
        told = shows(ann, "So this was not taken back").visible_text
        assert "@Ben Okafor has changed “Routes” meanwhile" in told
        ann.command("/sends settings")
        ann.modal("Settings").press("Recent changes")
        history = ann.modal("Recent changes")
        assert history.buttons.count("Undo") == 1
        assert "Changed again since" in history.visible_text
        history.press("Undo")
        assert "Taken back" in shows(ann, "Taken back").visible_text
        with story.bot.database.read() as session:
            assert [one.name for one in in_force(session).document.routes] == ["one"]


def test_a_policy_on_which_a_route_rests_cannot_be_removed(story: World) -> None:
    story.configure("""
        policies: {urgent: {repeat: 4h}}
        routes: [{name: big, when: {amount_from: 100 USD}, policy: urgent}]
    """)
    ann = story.person("ann")
    policies = opened(ann, "Repeats, quiet hours")
    assert "urgent\nTold again every 4 hours while nobody acts" in policies.visible_text
    ann.choose(policies, "setting_do.1", "Remove")
    assert '"urgent" is no policy' in shows(ann, "is no policy").visible_text


def test_who_is_called_when_nobody_acts(story: World) -> None:
    ann = story.person("ann")
    ann.choose(opened(ann, "Repeats, quiet hours"), "setting_do.0", "When nobody acts …")
    form = ann.modal("When nobody acts").fill("Step 1: when nobody has acted for", "1d")
    assert "it does nothing" in form.submit_refused()["Step 1: when nobody has acted for"]
    form.fill("Call these people in its thread", ["chi"])
    preview = look(ann, form)
    assert "If nobody acts, after 1 day it calls @Chi" in preview.visible_text
    put_into_force(ann, preview)
    add(story, "Processing", days=8, name="Jane Doe")
    story.tick()
    story.later(days=1)
    story.tick()
    assert any("Jane Doe" in ping.visible_text for ping in story.person("chi").pings)


def test_a_budget(story: World) -> None:
    ann = story.person("ann")
    opened(ann, "Message budgets").press("Add a channel")
    form = ann.modal("New budget").fill("Channel", ["#sales"]).fill("Messages a day", "10")
    put_into_force(ann, look(ann, form)).close()
    assert "#sales: at most 10 messages a day, 9 within 10 minutes" in shows(ann, "#sales").visible_text
    ann.modal("Message budgets").press("Add a channel")
    form = ann.modal("New budget").fill("Channel", ["#sales"]).fill("Messages a day", "20")
    assert "has a line already" in form.submit_refused()["Channel"]


def test_a_digest_is_set_previewed_comes_and_is_taken_back(anyhow: World) -> None:
    story = anyhow
    story.configure(FIRST)
    add(story, "Shipped", days=3, name="Jane Doe", team="EMEA")
    add(story, "Shipped", days=3, name="Max Roe", team="APAC")
    ann = story.person("ann")
    digests = opened(ann, "Digests")
    assert "None yet" in digests.visible_text
    digests.press("Add a digest")
    form = ann.modal("New digest").fill("How often", "Every day").fill("At", time(7, 30))
    assert form.options("Only sends of this route", "EM") == ["emea"]
    form.fill("Only sends of this route", ["emea"]).fill("On", ["Monday", "Tuesday"])
    preview = look(ann, form)
    seen = preview.visible_text
    assert "Daily, Monday and Tuesday at 07:30 (America/Los_Angeles): sends of the route “emea” → #sales" in seen
    # It is seven o'clock on a Monday, ten by Ann's clock; the last one was to come on a Tuesday.
    assert "Comes next: Today at 10:30 AM by your clock, about 17 to 22 Nov 2026." in seen
    assert "The last one, about Monday 16 Nov 2026, would have told of nothing at all" in seen
    done = put_into_force(ann, preview)
    [digest] = read(exported(story)).document.digests
    assert (digest.at, digest.days, digest.route) == (time(7, 30), frozenset({0, 1}), "emea")
    done.close()
    assert "Comes next" in shows(ann, "Comes next").visible_text
    story.later(minutes=30)
    story.tick()
    assert "Only the route “emea”." in story.playground.channel("#sales").expect("📊 Gifts").visible_text
    ann.choose(ann.modal("Digests"), "setting_do.0", "Remove")
    gone = put_into_force(ann, shows(ann, "It does not come any more"))
    gone.press("Undo")
    assert "as it was before" in shows(ann, "Taken back").visible_text
    assert "route: emea" in exported(story)
    assert [section for section, _ in recorded(story) if section == "digests"] == ["digests"] * 3


def test_digests_that_cannot_be_and_odd_ones(story: World) -> None:
    story.configure(FIRST + "digests: [{every: week}]")
    ann = story.person("ann")
    opened(ann, "Digests").press("Add a digest")
    form = ann.modal("New digest")
    assert "Is the same as digest number 1; keep one of the two." in form.submit_refused()["How often"]
    form.fill("On", ["Monday", "Friday"])
    assert "a weekly digest comes on one day" in form.submit_refused()["On"]
    preview = look(ann, form.fill("On", ["Friday"]).fill("Channel", ["#gifting-alerts"]))
    assert "Perhaps not meant: there is another digest of the same sends" in preview.visible_text
    # A route on which a digest rests cannot be taken away, and the digest says so.
    story.configure(FIRST + "digests: [{every: week, route: emea}]")
    ann.command("/sends settings")
    ann.press(ann.modal("Settings"), "Change: Routes")
    ann.choose(ann.modal("Routes"), "setting_do.0", "Remove")
    assert "“emea” is no route" in shows(ann, "is no route").visible_text.replace('"emea"', "“emea”")
    assert "Digest number 1" in ann.modal().visible_text


def test_two_admins_at_one_digest(tmp_path: Path, now: datetime) -> None:
    with world(tmp_path, now, admin_users=("U01ANN", "U02BEN")) as story:
        story.configure("digests: [{every: week}]")
        ann, ben = story.person("ann"), story.person("ben")
        for person in (ann, ben):
            person.choose(opened(person, "Digests"), "setting_do.0", "Edit")
        put_into_force(ann, look(ann, ann.modal("Edit digest").fill("At", time(10))))
        ben.modal("Edit digest").fill("And", ["A picture hangs in its thread"]).submit()
        told = shows(ben, "has changed “Digests” meanwhile")
        assert "Weekly, Monday at 10:00" in told.visible_text
        preview = look(ben, told)
        assert "also when there is nothing to tell" in preview.visible_text
        put_into_force(ben, preview)
        [digest] = read(exported(story)).document.digests
        # Ben's form had the hour that he saw, and it counts because he has looked at it once more.
        assert (digest.at, digest.skip_empty) == (time(9), False)
