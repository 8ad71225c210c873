from __future__ import annotations

import json

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.config.document import SECTIONS, Document
from bot.config.reading import read
from bot.config.writing import ABOUT, write
from tests.bot.config.documents import documents


@settings(deadline=None)  # the first country asked for takes its time
@given(documents, documents)
def test_what_is_written_is_read_as_the_same_whatever_was_in_force(document: Document, base: Document) -> None:
    reading = read(write(document), base)
    assert [str(problem) for problem in reading.problems] == []
    assert reading.document == document
    assert reading.given == SECTIONS


@settings(deadline=None)
@given(documents)
def test_what_is_stored_is_plain_json_and_read_as_the_same(document: Document) -> None:
    assert Document.model_validate(json.loads(json.dumps(document.plain()))) == document


@settings(deadline=None)
@given(documents)
def test_writing_is_stable_and_any_yaml_reader_takes_it(document: Document) -> None:
    text = write(document)
    assert write(read(text).document) == text
    assert list(yaml.safe_load(text)) == list(SECTIONS)


def test_what_is_told_once_only_is_written_as_in_the_manual() -> None:
    text = write(read("policies: {once: {repeat: never}, nothing: {repeat: []}}").document)
    assert "repeat: []" not in text
    assert {name: one["repeat"] for name, one in yaml.safe_load(text)["policies"].items()} == {
        "default": Document().plain()["policies"]["default"]["repeat"], "nothing": "never", "once": "never",
    }
    assert write(read(text).document) == text


@given(st.text())
def test_a_name_of_any_letters_comes_back_or_is_refused(name: str) -> None:
    reading = read(json.dumps({"routes": [{"name": name, "channel": "C0123"}]}))
    if not reading.problems:
        assert read(write(reading.document)).document == reading.document


def test_every_section_is_explained_with_an_example_that_works() -> None:
    assert set(ABOUT) == set(SECTIONS)
    examples = ""
    for section in SECTIONS:
        _, example = ABOUT[section].split("# Example:\n")
        examples += f"{section}:\n" + "".join(f"{line.removeprefix('#')}\n" for line in example.splitlines())
    reading = read(examples)
    assert [str(problem) for problem in reading.problems] == []
    for section in SECTIONS:
        assert getattr(reading.document, section) != getattr(Document(), section)


def test_lines_are_no_longer_than_a_screen() -> None:
    assert max(map(len, write(Document()).splitlines())) <= 120
