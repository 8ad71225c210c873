"""The table of names, made anew: `TABLE` itself is made when the module is loaded."""

from __future__ import annotations

from bot.statuses import names
from bot.statuses.aliases import AMBIGUOUS, OFFICIAL, PEOPLE
from bot.statuses.catalogue import Status
from bot.statuses.names import Name
from bot.statuses.words import without_fillers, words

MADE = names._named()  # noqa: SLF001 - the table that everything else reads is made of it once


def named() -> dict[tuple[str, ...], Name]:
    return names._named()  # noqa: SLF001 - as above


def test_the_table_is_what_is_made() -> None:
    assert named() == names.TABLE == MADE


def test_what_people_may_mean_several_statuses_by_is_not_sure() -> None:
    table = named()
    for phrase, statuses in AMBIGUOUS.items():
        assert table[words(phrase)] == Name(statuses=statuses, sure=False, official=False)


def test_sendosos_names_and_ids_are_sure_and_official() -> None:
    table = named()
    for status, phrases in OFFICIAL.items():
        for phrase in (*phrases, str(status)):
            assert table[words(phrase)] == Name(statuses=(status,), sure=True, official=True)


def test_peoples_names_are_sure_and_give_way_to_sendosos() -> None:
    table = named()
    official = {words(phrase) for status, phrases in OFFICIAL.items() for phrase in (*phrases, str(status))}
    for status, phrases in PEOPLE.items():
        for phrase in phrases:
            is_official = words(phrase) in official
            assert table[words(phrase)] == Name(statuses=(status,), sure=True, official=is_official)


def test_a_name_is_known_without_its_fillers_where_more_than_a_word_is_left() -> None:
    table = named()
    assert table["out", "stock"] == Name(statuses=(Status.OUT_OF_STOCK,), sure=True, official=True)
    assert table["on", "hold"].statuses
    assert not table["hold",].sure
    full = [typed for typed in table if len(without_fillers(typed)) > 1]
    assert all(without_fillers(typed) in table for typed in full)
    spelt = {
        words(phrase) for group in (OFFICIAL, PEOPLE) for status, phrases in group.items()
        for phrase in (*phrases, str(status))
    } | {words(phrase) for phrase in AMBIGUOUS}
    assert all(len(typed) > 1 for typed in table.keys() - spelt)
