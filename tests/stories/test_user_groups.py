"""An admin names a user group in the settings: by its name, and by its id where Slack does not tell names."""

from __future__ import annotations

from dataclasses import replace

from bot.playground.modal import Modal
from bot.playground.person import Person
from tests.stories.test_settings import exported, look, opened, put_into_force, shows
from tests.stories.world import World

GROUPS = "Everybody in these user groups"


def form(ann: Person) -> Modal:
    ann.press(opened(ann, "Permissions"), "Change who may: Resolve an alert")
    return ann.modal("Who may")


def chosen(modal: Modal, field: str) -> list[str]:
    """What stands in a field when its window opens."""
    return [one["text"]["text"] for one in modal.seen.field(field)[1].get("initial_options", ())]


def test_a_group_is_found_by_name_handle_or_id_and_shown_by_name(story: World) -> None:
    ann = story.person("ann")
    who = form(ann)
    assert who.options(GROUPS, "OPS") == ["Gifting Ops (@gifting-ops)", "Revenue Ops (@revenue-ops)"]
    assert who.options(GROUPS, "@field") == ["Field Marketing (@field-marketing)"]
    assert who.options(GROUPS, "s02rev") == ["Revenue Ops (@revenue-ops)"]
    assert who.options(GROUPS, "S09OTHER") == ["S09OTHER"]
    preview = look(ann, who.fill("Who may", []).fill(GROUPS, ["Revenue Ops (@revenue-ops)"]))
    assert "Resolve an alert: @revenue-ops" in preview.visible_text
    put_into_force(ann, preview)
    assert "resolve: [S02REVOPS]" in exported(story)
    assert chosen(form(ann), GROUPS) == ["Revenue Ops (@revenue-ops)"]


def test_without_the_scope_it_is_said_what_to_do_and_ids_work(story: World) -> None:
    app = story.playground.slack.app
    assert app.scopes is not None
    story.playground.slack.app = replace(app, scopes=app.scopes - {"usergroups:read"})
    ann = story.person("ann")
    who = form(ann)
    assert "the scope usergroups:read is missing. Add it to the app at api.slack.com/apps" in who.visible_text
    assert who.options(GROUPS, "gift") == []
    preview = look(ann, who.fill("Who may", []).fill(GROUPS, ["S01GIFTOPS"]))
    # What is to be done is still said while the change is looked at.
    assert "the scope usergroups:read is missing" in preview.visible_text
    put_into_force(ann, preview)
    assert "resolve: [S01GIFTOPS]" in exported(story)
    story.playground.slack.app = app
    who = form(ann)
    assert "Type a part of the name" in who.visible_text
    assert chosen(who, GROUPS) == ["Gifting Ops (@gifting-ops)"]


def test_slack_is_asked_once_in_ten_minutes_and_what_it_said_stands_while_it_is_silent(story: World) -> None:
    ann = story.person("ann")
    story.playground.faults.add("usergroups.list", "internal_error")
    assert "Slack does not say just now which groups there are" in form(ann).visible_text
    form(ann)
    story.playground.group("gifting-ops").name = "Gift Helpers"
    assert "Gifting Ops (@gifting-ops)" in form(ann).options(GROUPS, "")
    story.later(minutes=11)
    assert "Gift Helpers (@gifting-ops)" in form(ann).options(GROUPS, "")
    story.later(minutes=11)
    story.playground.faults.add("usergroups.list", "internal_error")
    assert "Gift Helpers (@gifting-ops)" in form(ann).options(GROUPS, "")


def test_groups_are_called_when_nobody_acts(story: World) -> None:
    ann = story.person("ann")
    ann.choose(opened(ann, "Repeats, quiet hours"), "setting_do.0", "When nobody acts …")
    steps = ann.modal("When nobody acts").fill("Step 1: when nobody has acted for", "1d")
    put_into_force(ann, look(ann, steps.fill("Call these user groups", ["Field Marketing (@field-marketing)"])))
    assert "mention: [S03FIELD]" in exported(story)
    ann.choose(opened(ann, "Repeats, quiet hours"), "setting_do.0", "When nobody acts …")
    shows(ann, "Step 2")
    assert chosen(ann.modal("When nobody acts"), "Call these user groups") == ["Field Marketing (@field-marketing)"]
