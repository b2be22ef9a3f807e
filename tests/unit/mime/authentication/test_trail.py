"""What is believed of a mail's way: only what the own servers put on top, whatever a sender wrote below it."""

import time

import pytest

from app.mime.authentication import Trail, read_trail
from app.mime.authentication.results import parse_results

RECEIVED = "from mail.example.org (rdns.example.org [192.0.2.7]) by mx.example.com (Postfix) with ESMTPS id A1; Mon, 2 Mar 2026"
RESULTS = "mx.example.com; dkim=pass header.d=example.org; dmarc=pass (p=reject) header.from=example.org"
FORGED = "mx.example.com; dmarc=pass header.from=bank.test"
LMTP = "from mx.example.com by mx.example.com with LMTP id B2 for <help@example.com>"


def header(*fields):
    return [(name, value) for name, value in (field.split(": ", 1) for field in fields)]


def test_what_stands_above_the_topmost_received_is_the_own_servers_word():
    trail = read_trail(
        header("return-path: <ada@example.org>", f"authentication-results: {RESULTS}", f"received: {RECEIVED}", "from: x"), ()
    )  # fmt: skip

    assert trail == Trail((RESULTS,), ("192.0.2.7", "mail.example.org"), "ada@example.org")


def test_what_stands_below_it_is_the_senders():
    assert read_trail(header(f"received: {RECEIVED}", f"authentication-results: {FORGED}", "from: x"), ()).results == ()


def test_a_mail_without_a_way_is_believed_nothing():
    assert read_trail(header(f"authentication-results: {FORGED}", "return-path: <a@b.test>"), ()) == Trail()
    assert read_trail(header(f"authentication-results: {FORGED}"), ["mx.example.com"]) == Trail()


def test_handing_over_inside_of_one_machine_is_looked_through():
    trail = read_trail(header(f"received: {LMTP}", f"authentication-results: {RESULTS}", f"received: {RECEIVED}"), ())

    assert trail.border == ("192.0.2.7", "mail.example.org")
    assert trail.results == (RESULTS,)


GMAIL = header(
    "delivered-to: help@example.com",
    "received: by 2002:a05:6a10:b5c8:b0:1 with SMTP id x1; Mon, 2 Mar 2026 00:00:00 -0800 (PST)",
    "return-path: <ada@example.org>",
    "received: from mail.example.org (mail.example.org. [192.0.2.7]) by mx.google.com with ESMTPS id x2 for <help@example.com>",
    "received-spf: pass (google.com: domain of ada@example.org designates 192.0.2.7)",
    "authentication-results: mx.google.com; dkim=pass header.i=@example.org; dmarc=pass (p=NONE sp=NONE dis=NONE) header.from=example.org",
    "dkim-signature: v=1; d=example.org",
    "authentication-results: mx.google.com; dmarc=pass header.from=bank.test",
    "received: from evil by mx.google.com with ESMTP id x3",
    "authentication-results: mx.google.com; dmarc=pass header.from=bank.test",
)


def test_of_a_trusted_host_only_the_topmost_word_below_its_own_line_counts():
    trail = read_trail(GMAIL, ["mx.google.com", "2002:a05:*"])

    assert [parse_results(one).results[1].properties["header.from"] for one in trail.results] == ["example.org"]
    assert trail.border == ("192.0.2.7", "mail.example.org")
    assert trail.return_path == "ada@example.org"


def test_below_the_line_of_a_named_server_that_writes_none_there_stand_a_senders_words():
    way = header(f"received: {RECEIVED}", f"authentication-results: {FORGED}", "from: x")
    in_google_s_name = header(
        f"received: {RECEIVED}", "authentication-results: mx.google.com; dmarc=pass header.from=bank.test"
    )

    assert read_trail(way, ["mx.example.com"]).results == ()
    assert read_trail(in_google_s_name, ["mx.example.com", "mx.google.com"]).results == ()
    assert read_trail([*way[1:], *way], ["mx.example.com"]).results == (FORGED,), "what stands above it is believed"


def test_a_way_that_begins_elsewhere_is_not_believed():
    assert read_trail(GMAIL, ["mx.example.com"]) == Trail()


def test_results_without_a_name_are_of_the_server_below():
    microsoft = header(
        "received: from a.prod.outlook.com (2603:10a6::1) by b.prod.outlook.com with HTTPS; x",
        "authentication-results: spf=pass (sender IP is 192.0.2.7) smtp.mailfrom=example.org; dmarc=pass header.from=example.org",
        "received: from mail.example.org (192.0.2.7) by c.mail.protection.outlook.com (10.1.1.1) with Microsoft SMTP Server; x",
        "authentication-results: dmarc=pass header.from=bank.test",
    )
    trail = read_trail(microsoft, ["*.outlook.com", "2603:10*"])

    assert len(trail.results) == 1
    assert "smtp.mailfrom=example.org" in trail.results[0]
    assert trail.border == ("192.0.2.7", "mail.example.org")


@pytest.mark.parametrize(
    ("received", "border"),
    [
        ("from [192.0.2.9] (port=1 helo=mail.example.org) by mx.example.com with esmtps (Exim 4.96)", ("192.0.2.9", "mail.example.org")),
        ("from mail.example.org ([192.0.2.9]) by mx.example.com with esmtp (Exim 4.96)", ("192.0.2.9", "mail.example.org")),
        ("from [10.9.9.9] (unknown [192.0.2.9]) by mx.example.com (Postfix) with SMTP", ("192.0.2.9", "[10.9.9.9]")),
        ("from unknown (HELO [10.9.9.9]) (192.0.2.9) by mx.example.com with SMTP", ("192.0.2.9", "unknown")),
        ("from x (x [IPv6:2001:db8::7]) by mx.example.com with ESMTPS", ("2001:db8::7", "x")),
        ("from x (x [::ffff:192.0.2.9]) by mx.example.com with ESMTPS", ("192.0.2.9", "x")),
        ("from laptop (home.example.org [192.0.2.9]) by mx.example.com with ESMTPSA id 1", ("", "")),
        ("from laptop (home.example.org [192.0.2.9]) by mx.example.com with esmtpa id 1", ("", "")),
        ("from app by mx.example.com with local", ("", "")),
        ("by mx.example.com; date", ("", "")),
        ("", ("", "")),
    ],
)  # fmt: skip
def test_the_other_server_is_read_as_the_own_one_saw_it(received, border):
    assert read_trail(header(f"received: {received}"), ["mx.example.com"]).border == border


def test_own_servers_hand_on_to_one_another():
    trail = read_trail(
        header("received: from filter.example.com (f [10.0.0.5]) by mx.example.com", f"received: {RECEIVED}"),
        ["*.example.com"],
    )

    assert trail.border == ("192.0.2.7", "mail.example.org")


def test_a_sender_who_borrows_the_name_of_an_own_server_stays_a_stranger():
    trail = read_trail(
        header(
            "received: from filter.example.com (evil.test [198.51.100.6]) by mx.example.com (Postfix) with ESMTP id A1",
            f"authentication-results: {FORGED}",
            "return-path: <boss@bank.test>",
            "received: from mail.bank.test (mail.bank.test [192.0.2.7]) by mx.example.com with ESMTP id A2",
        ),
        ["mx.example.com", "*.example.com"],
    )

    assert trail.border == ("198.51.100.6", "filter.example.com")


@pytest.mark.parametrize(
    ("received", "is_inside"),
    [
        ("from helo (filter.example.com [198.51.100.6]) by mx.example.com", True),
        ("from helo (filter.example.com. [198.51.100.6]) by mx.example.com", True),
        ("from filter.example.com (198.51.100.6) by mx.example.com", False),
        ("from filter.example.com ([198.51.100.6]) by mx.example.com", False),
        ("from filter.example.com (HELO filter.example.com) (198.51.100.6) by mx.example.com", False),
        ("from x (filter.example.com [198.51.100.6] (may be forged)) by mx.example.com", False),
        ("from x (filter.example.com.evil.test [198.51.100.6]) by mx.example.com", False),
        ("from x (203.0.113.9) by mx.example.com", True),
    ],
)
def test_own_servers_are_known_by_the_name_that_was_looked_up_or_by_their_address(received, is_inside):
    trail = read_trail(header(f"received: {received}", f"received: {RECEIVED}"), ["*.example.com", "203.0.113.*"])

    assert (trail.border[0] == "192.0.2.7") is is_inside


def test_a_sender_writes_no_results_of_their_own_by_their_address():
    quoted = r'mx.example.com; spf=pass smtp.mailfrom="\"a; dmarc=pass header.from=bank.test; b\"@evil.test" x=1'
    bare = 'mx.example.com; spf=pass smtp.mailfrom="x smtp.mailfrom=a@bank.test "@evil.test'
    noted = r"mx.example.com; spf=pass (domain of a\); dmarc=pass header.from=bank.test \(@evil.test) smtp.mailfrom=b@evil.test"

    for value in (quoted, bare, noted):
        [only] = parse_results(value).results
        assert (only.method, only.verdict) == ("spf", "pass")
        assert only.properties["smtp.mailfrom"].endswith("@evil.test")


def test_results_are_read_in_every_form():
    read = parse_results(
        'mx.example.com 1; dkim=pass (2048-bit key; "x;y") reason="good (really)" header.d=example.org;'
        "spf = softfail\n smtp.mailfrom=a@b.test;"
        "dmarc/1=FAIL(p=REJECT sp=NONE) header.from=Example.org; none"
    )

    assert read.host == "mx.example.com"
    assert [(one.method, one.verdict) for one in read.results] == [
        ("dkim", "pass"),
        ("spf", "softfail"),
        ("dmarc", "fail"),
    ]
    assert read.results[2].comment == "p=REJECT sp=NONE"
    assert read.results[1].properties == {"smtp.mailfrom": "a@b.test"}


@pytest.mark.parametrize(
    "value",
    [
        "",
        ";",
        "(((((",
        '"',
        "a=b",
        "=;=;=",
        ")" * 9,
        "x; (" + "(" * 15_000,
        "= " * 9_000,
        "a " * 90_000,
        "\0",
        "a" * 90_000,
        '"' * 9_001,
        "\\" * 90_000,
        "a" + " " * 90_000,
    ],
)
def test_no_value_is_too_odd_or_slow(value):
    started = time.perf_counter()
    parse_results(value)
    read_trail([("received", value), ("authentication-results", value), ("received", value)] * 40, ["mx.example.com"])

    assert time.perf_counter() - started < 2


def test_very_many_results_of_a_sender_cost_little():
    forged = [("authentication-results", "mx.example.com; " + "dkim=pass header.d=bank.test; " * 500)] * 2_000
    started = time.perf_counter()
    trail = read_trail([*header(f"received: {RECEIVED}"), *forged], ["mx.example.com"])

    assert len(trail.results) <= 1
    assert time.perf_counter() - started < 1
