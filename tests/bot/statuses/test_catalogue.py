from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest

from bot.statuses.catalogue import (
    MEANINGS,
    NEEDS_ACTION,
    Meaning,
    Source,
    Status,
    is_final,
    meanings,
    rank,
    title,
)
from bot.statuses.kinds import Kind
from bot.statuses.limits import LATE_IN, NEEDS, SUPPORT_IN, late_in_warehouse

EGIFT = ["initiated", "sent", "opened", "clicked", "redeemed", "expired", "refunded"]
PHYSICAL = [
    "initiated", "confirming_address", "confirmation_canceled", "order_received", "fulfilling", "shipped",
    "delivered", "fulfillment_issue", "undeliverable", "canceled", "amazon_fulfilling", "amazon_shipped", "refunded",
    "failed",
]
ANY = ["insufficient_funds", "invalid_email", "suspicious_email", "pending_approval", "pending_sendoso_approval"]
ELSEWHERE = [("bounced", "egift"), ("blocked", "egift"), ("email_blacklist", "egift"), ("out_of_stock", "physical")]
FINAL = {
    "redeemed", "expired", "refunded", "canceled", "delivered", "confirmation_canceled", "failed", "invalid_email",
}


def ids(entry: Meaning) -> str:
    return f"{entry.status}-{entry.kind}"


@pytest.mark.parametrize(
    ("status", "kind"),
    [*((name, "egift") for name in EGIFT), *((name, "physical") for name in PHYSICAL), *ELSEWHERE],
)
def test_every_status_of_the_article_is_explained_for_its_kind_of_send(status: str, kind: str) -> None:
    assert [entry.kind for entry in meanings(status, kind)] == [kind]


@pytest.mark.parametrize("status", ANY)
@pytest.mark.parametrize("kind", [None, *Kind])
def test_what_stops_any_send_means_the_same_for_all(status: str, kind: Kind | None) -> None:
    assert [entry.kind for entry in meanings(status, kind)] == ["any"]


@pytest.mark.parametrize("status", ["initiated", "refunded", "expired", "canceled", "failed"])
@pytest.mark.parametrize("kind", [None, Kind.UNKNOWN, Kind.CHOICE])
def test_a_status_that_differs_is_explained_for_both_while_the_kind_is_open(status: str, kind: Kind | None) -> None:
    entries = meanings(status, kind)
    assert {entry.kind for entry in entries} == {Kind.EGIFT, Kind.PHYSICAL}
    assert len({entry.meaning for entry in entries}) == 2


def test_offer_sent_is_explained_as_the_one_waiting_state() -> None:
    for kind in (None, Kind.PHYSICAL, Kind.CHOICE):
        (entry,) = meanings("confirming_address", kind)
        for word in ("Offer Sent", "address", "size", "Choice"):
            assert word in entry.meaning
        assert "Offer Sent" in entry.title


def test_a_status_of_another_kind_is_still_explained() -> None:
    assert [entry.kind for entry in meanings("sent", Kind.PHYSICAL)] == [Kind.EGIFT]
    assert [entry.kind for entry in meanings("shipped", Kind.EGIFT)] == [Kind.PHYSICAL]
    assert len(meanings("confirming_address", Kind.EGIFT)) == 1


def test_what_is_no_status_is_answered_as_unknown() -> None:
    assert [entry.status for entry in meanings("gone fishing")] == [Status.UNKNOWN]
    assert title("gone fishing") == "Unknown status"
    assert rank("gone fishing") == rank("unknown")


def test_every_status_is_explained() -> None:
    assert {entry.status for entry in MEANINGS} == set(Status)
    assert len({(entry.status, entry.kind) for entry in MEANINGS}) == len(MEANINGS)


@pytest.mark.parametrize("entry", MEANINGS, ids=ids)
def test_every_entry_says_all_there_is_to_say(entry: Meaning) -> None:
    for text in (entry.title, entry.emoji, entry.meaning, entry.next_actor, entry.advice, entry.threshold):
        assert text.strip() == text
        assert text
    for sentence in (entry.meaning, entry.advice, entry.threshold, entry.source):
        assert sentence.endswith(".")
        assert sentence[0].isupper()
    assert not set("*_`<>|") & set(entry.title + entry.meaning + entry.advice + entry.next_actor + entry.threshold)


@pytest.mark.parametrize("entry", MEANINGS, ids=ids)
def test_every_statement_names_its_source(entry: Meaning) -> None:
    for origin in (
        entry.meaning_source, entry.next_actor_source, entry.advice_source, entry.final_source, entry.threshold_source,
    ):
        assert any(source in origin for source in Source)
        assert ";" not in origin, "which parts the sources in the combined line"
    for statement in ("meaning", "next actor", "advice", "final or not", "threshold"):
        assert statement in entry.source.lower()


def test_sources_stand_together_and_point_to_their_page() -> None:
    (entry,) = meanings("order_received")
    assert entry.source.startswith("Meaning, advice: Send Tracker article; ")
    assert "threshold: SLA article for 3 business days" in entry.source
    for source in Source:
        if source is Source.OURS:
            assert source.link is None
        else:
            assert urlsplit(source.link or "").hostname in {
                "support.sendoso.com", "developer.sendoso.com", "sendoso.zendesk.com",
            }


def test_what_only_we_decided_says_so() -> None:
    for status in ("shipped", "initiated", "amazon_fulfilling", "clicked"):
        assert all("our judgement" in entry.threshold_source for entry in meanings(status))


def test_the_articles_own_numbers_are_told_with_their_source() -> None:
    (received,) = meanings("order_received")
    (issue,) = meanings("fulfillment_issue")
    assert "Contact Support after 7 days" in received.threshold
    assert "Contact Support after 3 days" in issue.threshold
    assert Source.TRACKER in received.threshold_source
    assert Source.TRACKER in issue.threshold_source


@pytest.mark.parametrize("entry", MEANINGS, ids=ids)
def test_the_words_of_a_threshold_tell_the_numbers_that_are_used(entry: Meaning) -> None:
    late = late_in_warehouse("") if entry.status == Status.ORDER_RECEIVED else LATE_IN.get(entry.status)
    assert ("Late after" in entry.threshold) == (late is not None)
    if late:
        assert f"Late after {late.words}" in entry.threshold
    support = SUPPORT_IN.get(entry.status)
    assert ("Contact Support" in entry.threshold) == (support is not None)
    if support:
        assert support.words in entry.threshold
    assert entry.needs_action == ("Reported at once" in entry.threshold and entry.status not in {
        Status.EXPIRED, Status.CONFIRMATION_CANCELED,
    })


def test_final_statuses() -> None:
    for status in Status:
        for kind in (None, *Kind):
            assert is_final(status, kind) == (status in FINAL)


def test_what_needs_somebody() -> None:
    assert set(NEEDS) == set(NEEDS_ACTION) == {
        "failed", "undeliverable", "insufficient_funds", "invalid_email", "suspicious_email", "fulfillment_issue",
        "bounced", "blocked", "email_blacklist", "out_of_stock",
    }


@pytest.mark.parametrize(
    "path",
    [
        ["unknown", "initiated", "sent", "opened", "clicked", "redeemed"],
        ["sent", "opened", "clicked", "expired", "refunded"],
        ["sent", "bounced", "refunded"],
        ["initiated", "insufficient_funds", "sent"],
        ["initiated", "confirming_address", "order_received", "fulfilling", "shipped", "delivered"],
        ["order_received", "fulfilling", "fulfillment_issue", "shipped", "undeliverable"],
        ["confirming_address", "amazon_fulfilling", "amazon_shipped", "order_received"],
        ["confirming_address", "sent"],
        ["confirming_address", "confirmation_canceled", "refunded"],
        ["order_received", "canceled", "refunded"],
    ],
)
def test_ranks_follow_the_ways_a_send_goes(path: list[str]) -> None:
    ranks = [rank(status) for status in path]
    assert ranks == sorted(ranks)
    assert len(set(ranks)) == len(path)


def test_the_texts_are_our_own() -> None:
    """No run of seven words of the article's explanations, which are not ours to copy."""
    theirs = (
        "The Send was initiated by the Sender or integration",
        "The recipient has not opened the email at this point",
        "The recipient has not selected their eGift at this point",
        "they have not confirmed their email address to receive the eGift code",
        "this does not indicate when the user used the eGift only that they generated the code",
        "When an eGift offer is no longer available to redeem",
        "Waiting for the recipient to confirm update their mailing address and select their gift if applicable",
        "The order has been submitted to our warehouse team for processing",
        "Sendoso is packaging your gift and it will be shipped shortly",
        "Your Send Tracker should update with a link to the tracking information",
        "Amazon is preparing to ship order to Sendoso",
        "The order has been canceled and funds have been credited back",
        "Reach out to Support with the order or tracking number for assistance",
    )

    def runs(text: str) -> set[tuple[str, ...]]:
        words = re.findall(r"\w+", text.lower())
        return {tuple(words[start:start + 7]) for start in range(len(words) - 6)}

    copied = set().union(*map(runs, theirs))
    for entry in MEANINGS:
        assert not runs(f"{entry.meaning} {entry.advice}") & copied
