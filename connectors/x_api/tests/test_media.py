"""Fetching files: from X's servers only, and only so many bytes."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.errors import Rejected, Unavailable
from connectors.x_api import XClient, best_address, direct_message_path, download, read_post


def test_pictures_and_the_best_form_of_a_video_are_fetched(client: XClient, fake_x: Any, session: Any) -> None:
    fake_x.mention(fake_x.add_person(), "See", media=[fake_x.picture(b"PIC"), fake_x.video(b"FILM")])
    (document,) = client.mentions(fake_x.account.id).documents
    origins = {"pbs.twimg.com": fake_x.address, "video.twimg.com": fake_x.address}
    files = [download(session, best_address(one), most_bytes=100, origins=origins) for one in read_post(document).media]
    assert [(one.content, one.content_type) for one in files] == [(b"PIC", "image/png"), (b"FILM", "video/mp4")]


@pytest.mark.parametrize(
    "url",
    [
        "http://pbs.twimg.com/a.png",
        "https://pbs.twimg.com.evil.test/a.png",
        "https://ada:pw@pbs.twimg.com/a.png",
        "https://pbs.twimg.com:8443/a.png",
        "https://127.0.0.1/a.png",
        "file:///etc/passwd",
        "https://[pbs.twimg.com/",
        "",
    ],
)
def test_other_addresses_are_not_asked(session: Any, url: str) -> None:
    with pytest.raises(Rejected) as caught:
        download(session, url, most_bytes=100)
    assert caught.value.code == "host_not_allowed"


def test_a_file_may_be_too_large_or_gone(fake_x: Any, session: Any) -> None:
    large, origins = fake_x.picture(b"x" * 200), {"pbs.twimg.com": fake_x.address}
    with pytest.raises(Rejected) as caught:
        download(session, large.url, most_bytes=100, origins=origins)
    assert caught.value.code == "too_big"
    with pytest.raises(Rejected) as caught:
        download(session, "https://pbs.twimg.com/media/none.png", most_bytes=100, origins=origins)
    assert caught.value.code == 404
    with fake_x.fault("server_trouble"), pytest.raises(Unavailable):
        download(session, large.url, most_bytes=1000, origins=origins)


def test_files_of_direct_messages_have_a_path_in_the_api(client: XClient, fake_x: Any) -> None:
    media = fake_x.picture(b"PRIVATE", of_message=True)
    path = direct_message_path(media.url)
    assert path.startswith("/2/dm_conversations/media/")
    assert client.file_of_direct_message(path, 100).content == b"PRIVATE"
    with pytest.raises(Rejected):
        client.file_of_direct_message(path, 3)
    for other in (
        "https://pbs.twimg.com/1.1/ton/data/dm/1/2/a.jpg",
        "https://ton.twitter.com/1.1/ton/data/dm/1/x/",
        "",
    ):
        assert direct_message_path(other) == ""
