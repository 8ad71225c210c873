"""Files: uploaded in three steps as the SDK does it, shared, looked up and downloaded."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.playground.clock import PlayClock
from bot.playground.server import Playground

GIFTING, OPS, ANN = "C01GIFTING", "C04OPS", "D01ANN"
CSV = b"name,gift\nJane,Tea\n"
AS_FORM = (
    b'--xyz\r\nContent-Disposition: form-data; name="file"; filename="late.csv"\r\n'
    b"Content-Type: text/csv\r\n\r\n" + CSV + b"\r\n--xyz--\r\n"
)


@pytest.fixture
def http() -> Iterator[httpx2.Client]:
    with httpx2.Client(trust_env=False, timeout=5) as client:
        yield client


def refused(call: Callable[..., Any], **args: object) -> str:
    with pytest.raises(SlackApiError) as caught:
        call(**args)
    return str(caught.value.response["error"])


def uploaded(web: WebClient, http: httpx2.Client, content: bytes = CSV, name: str = "late.csv") -> str:
    """A file whose bytes are there, still unshared."""
    announced = web.files_getUploadURLExternal(filename=name, length=len(content))
    assert http.post(announced["upload_url"], content=content).text == f"OK - {len(content)}"
    return str(announced["file_id"])


def complete(web: WebClient, file: str, channel: str = GIFTING, **more: Any) -> Any:  # noqa: ANN401 - as the SDK has it
    return web.files_completeUploadExternal(files=[{"id": file, "title": "Late sends"}], channel_id=channel, **more)


def test_a_file_stands_in_its_channel_with_words_and_bytes(web: WebClient, playground: Playground) -> None:
    answer = web.files_upload_v2(
        channel=GIFTING, content=CSV, filename="late.csv", title="Late sends", initial_comment="Who is *late*",
    )  # fmt: skip
    [message] = playground.channel(GIFTING).messages
    [file] = message.files
    assert (file.name, file.title, file.bytes, file.id) == ("late.csv", "Late sends", CSV, answer["file"]["id"])
    assert message.visible_text == "Who is late\n[file: Late sends]"
    assert answer["file"]["shares"]["public"][GIFTING][0]["ts"] == message.ts
    [stored] = web.conversations_history(channel=GIFTING)["messages"]
    assert (stored["files"][0]["id"], stored["files"][0]["mimetype"]) == (file.id, "text/csv")
    assert stored["upload"]
    info = web.files_info(file=file.id)["file"]
    assert (info["shares"], info["channels"]) == (answer["file"]["shares"], [GIFTING])


def test_a_file_in_a_thread_and_in_a_direct_message(
    web: WebClient, http: httpx2.Client, playground: Playground
) -> None:
    parent = web.chat_postMessage(channel=GIFTING, text="parent")["ts"]
    file = uploaded(web, http)
    assert refused(web.files_completeUploadExternal, files=[{"id": file}], channel_id=GIFTING, thread_ts="1.1") == (
        "thread_not_found"
    )
    [shared] = complete(web, file, thread_ts=parent)["files"]
    assert shared["shares"]["public"][GIFTING][0]["thread_ts"] == parent
    [reply] = playground.channel(GIFTING).messages[0].replies
    assert reply.files[0].title == "Late sends"
    direct = web.conversations_open(users="U01ANN")["channel"]["id"]
    [shared] = complete(web, uploaded(web, http), direct)["files"]
    assert [*shared["shares"]["private"]] == [ANN] == shared["ims"]
    assert playground.person("ann").dm().messages[0].files[0].bytes == CSV


def test_several_files_in_several_channels_and_one_that_stays_private(
    web: WebClient, http: httpx2.Client, playground: Playground
) -> None:
    files: list[dict[str, str | None]] = [{"id": uploaded(web, http)}, {"id": uploaded(web, http, b"\0\1", "up.png")}]
    web.files_completeUploadExternal(files=files, channels=[GIFTING, "U01ANN"], blocks='[{"type": "divider"}]')
    for channel in (GIFTING, ANN):
        [message] = playground.channel(channel.replace(ANN, "U01ANN")).messages
        assert [file.name for file in message.files] == ["late.csv", "up.png"]
        assert (message.blocks[0]["type"], message.text) == ("divider", "")
    private = uploaded(web, http)
    [form] = web.files_completeUploadExternal(files=[{"id": private}])["files"]
    assert (form["shares"], form["title"]) == ({}, "late.csv")
    many = [f"C{number}" for number in range(101)]
    assert refused(web.files_completeUploadExternal, files=[{"id": private}], channels=many) == "invalid_channel"


def test_what_cannot_be_announced(web: WebClient) -> None:
    ask = web.files_getUploadURLExternal
    assert refused(ask, filename="x.csv", length=0) == "missing_argument"
    assert refused(ask, filename="", length=5) == "missing_argument"
    assert refused(ask, filename="x.csv", length="many") == "invalid_arguments"
    assert refused(ask, filename="x.csv", length=10**10) == "file_upload_size_restricted"
    assert refused(ask, filename="x.csv", length=10**7, snippet_type="csv") == "snippet_too_large"
    assert refused(ask, filename="x.png", length=5, alt_txt="x" * 1001) == "alt_txt_too_large"


def test_where_a_file_cannot_be_shared(web: WebClient, http: httpx2.Client, playground: Playground) -> None:
    file = uploaded(web, http)

    def share(channel: str) -> str:
        return refused(web.files_completeUploadExternal, files=[{"id": file}], channel_id=channel)

    assert share("C0NONE") == "channel_not_found"
    assert share(OPS) == "not_in_channel"
    assert share("#sales") == "invalid_arguments"
    playground.channel("#sales").archive()
    assert share("C02SALES") == "is_archived"
    with pytest.raises(SlackApiError) as caught:
        complete(web, file, "U01ANN")
    assert caught.value.response["response_metadata"]["messages"] == [
        "[ERROR] input must match regex pattern: ^[CGDZ][A-Z0-9]{8,}$ [json-pointer:/channel_id]",
    ]
    assert not playground.channel(GIFTING).messages


def test_what_cannot_be_completed(web: WebClient, playground: Playground) -> None:
    def finish(files: object) -> str:
        return refused(web.api_call, api_method="files.completeUploadExternal", json={"files": files})

    announced = web.files_getUploadURLExternal(filename="late.csv", length=5)["file_id"]
    assert finish([{"id": announced}]) == finish([{"id": "F0NONE"}]) == "file_not_found"
    assert finish([]) == finish([{"title": "x"}]) == finish("[") == "invalid_arguments"
    assert refused(web.files_info, file=announced) == refused(web.files_info, file="F0NONE") == "file_not_found"


def test_a_file_that_is_completed_twice_stands_there_twice(
    web: WebClient, http: httpx2.Client, playground: Playground
) -> None:
    file = uploaded(web, http)
    complete(web, file)
    [again] = complete(web, file)["files"]
    stamps = [message.ts for message in playground.channel(GIFTING).messages]
    assert [share["ts"] for share in again["shares"]["public"][GIFTING]] == stamps
    playground.slack.files.once = True
    assert refused(web.files_completeUploadExternal, files=[{"id": file}], channel_id=GIFTING) == "file_not_found"


def test_a_file_may_be_shared_only_some_time_after_it_was_completed(
    web: WebClient, http: httpx2.Client, playground: Playground, clock: PlayClock
) -> None:
    playground.slack.files.share_after = 5
    file = uploaded(web, http)
    assert complete(web, file)["files"][0]["shares"] == {}
    assert not web.conversations_history(channel=GIFTING)["messages"]
    clock.advance(timedelta(seconds=5))
    shares = web.files_info(file=file)["file"]["shares"]
    [message] = web.conversations_history(channel=GIFTING)["messages"]
    assert shares["public"][GIFTING][0]["ts"] == message["ts"]


def test_scopes_of_files(http: httpx2.Client) -> None:
    manifest = {"oauth_config": {"scopes": {"bot": ["chat:write"]}}}
    with Playground(manifest=manifest) as playground:
        web = WebClient(playground.bot_token, base_url=playground.api_url, retry_handlers=[], timeout=5)
        assert refused(web.files_getUploadURLExternal, filename="x", length=1) == "missing_scope"
        assert refused(web.files_completeUploadExternal, files=[{"id": "F0"}]) == "missing_scope"
        assert refused(web.files_info, file="F0") == "missing_scope"


@pytest.mark.parametrize("content", [CSV, os.urandom(100_000), b"\r\n--xyz\r\n"])
def test_bytes_come_as_they_are(web: WebClient, http: httpx2.Client, playground: Playground, content: bytes) -> None:
    file = web.files_info(file=uploaded(web, http, content))["file"]
    known = {"Authorization": f"Bearer {playground.bot_token}"}
    assert http.get(file["url_private"], headers=known).content == content
    assert http.get(file["url_private"]).status_code == 403
    page = http.get(f"{playground.url}/play/files/{file['id']}")
    assert page.content == content
    assert page.headers["content-disposition"].startswith("attachment")
    assert http.get(f"{playground.url}/play/files/F0NONE").status_code == 404


def test_bytes_may_come_as_a_form(web: WebClient, http: httpx2.Client, playground: Playground) -> None:
    announced = web.files_getUploadURLExternal(filename="late.csv", length=len(CSV))
    form = {"Content-Type": 'multipart/form-data; boundary="xyz"'}
    assert http.post(announced["upload_url"], content=AS_FORM, headers=form).status_code == 200
    complete(web, announced["file_id"])
    assert playground.channel(GIFTING).messages[0].files[0].bytes == CSV


def test_an_upload_must_be_announced_with_its_length(
    web: WebClient, http: httpx2.Client, playground: Playground
) -> None:
    announced = web.files_getUploadURLExternal(filename="late.csv", length=5)
    assert http.post(announced["upload_url"], content=CSV).status_code == 400
    assert http.post(f"{playground.url}/upload/v1/none", content=CSV).status_code == 404


@pytest.mark.parametrize(
    ("kind", "status", "stored"),
    [
        ("429", 429, False),
        ("500", 500, False),
        ("500_after", 500, True),
        ("internal_error_after", 500, True),
        ("drop", None, False),
        ("drop_after", None, True),
        ("timeout", None, False),
        ("timeout_after", None, True),
    ],
)
def test_an_upload_that_goes_wrong(
    web: WebClient, http: httpx2.Client, playground: Playground, kind: str, status: int | None, stored: bool
) -> None:
    announced = web.files_getUploadURLExternal(filename="late.csv", length=len(CSV))
    playground.faults.add("upload", kind, seconds=0.05)
    web.auth_test()
    if status is None:
        with pytest.raises(httpx2.TransportError):
            http.post(announced["upload_url"], content=CSV)
    else:
        assert http.post(announced["upload_url"], content=CSV).status_code == status
    assert (playground.slack.files.get(announced["file_id"]).content == CSV) is stored  # type: ignore[union-attr]
    [call] = playground.calls.of("upload")
    assert (call.fault, call.args) == (kind, {"file": announced["file_id"]})
    assert http.post(announced["upload_url"], content=CSV).status_code == 200


def test_a_slow_upload(web: WebClient, http: httpx2.Client, playground: Playground) -> None:
    playground.faults.delay(0.01, "upload")
    assert uploaded(web, http)


@pytest.mark.parametrize("kind", ["internal_error_after", "500_after", "drop_after", "not_json_after"])
def test_a_completion_that_was_done_although_it_seems_to_have_failed(
    web: WebClient, http: httpx2.Client, playground: Playground, kind: str
) -> None:
    file = uploaded(web, http)
    playground.faults.add("files.completeUploadExternal", kind)
    with pytest.raises((SlackApiError, OSError)):
        complete(web, file)
    [message] = playground.channel(GIFTING).messages
    assert web.files_info(file=file)["file"]["shares"]["public"][GIFTING][0]["ts"] == message.ts


def test_what_the_page_gets_of_a_file(web: WebClient, http: httpx2.Client, playground: Playground) -> None:
    table = "\n".join(f"{row},{'x' * 100}" + ",y" * 8 for row in range(20)).encode()
    complete(web, uploaded(web, http, table, "many.csv"))
    picture = web.files_getUploadURLExternal(filename="chart.png", length=3, alt_txt="A chart")
    http.post(picture["upload_url"], content=b"png")
    complete(web, picture["file_id"])
    messages = http.get(f"{playground.url}/play/state").json()["messages"][GIFTING]
    [csv_file], [image] = (message["files"] for message in messages)
    rows = csv_file["preview"]["rows"]
    assert (len(rows), len(rows[0]), len(rows[0][1])) == (6, 8, 80)
    assert (csv_file["preview"]["more"], csv_file["preview"]["lines"]) == (True, 20)
    assert (image["image"], image["alt_text"], image["preview"]) == (True, "A chart", None)
    shown = http.get(f"{playground.url}/play/files/{image['id']}")
    assert shown.headers["content-disposition"].startswith("inline")
    assert playground.channel(GIFTING).messages[1].files[0].alt_text == "A chart"


def test_a_file_that_only_looks_like_a_table(web: WebClient, http: httpx2.Client, playground: Playground) -> None:
    complete(web, uploaded(web, http, b'"' + b"x" * 200_000, "odd.csv"))
    [message] = http.get(f"{playground.url}/play/state").json()["messages"][GIFTING]
    assert message["files"][0]["preview"]["more"]
