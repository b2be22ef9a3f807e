"""Whatever senders and their domains write, there is a judgement."""

from hypothesis import given, settings
from hypothesis import strategies as st

from app.mime.authentication import Trail, judge, read_trail
from app.mime.authentication.spf import check_spf

VERDICTS = {"pass", "fail", "softfail", "neutral", "none", "temperror", "permerror"}
WORDS = st.sampled_from(
    [
        "from", "by", "with", "(", ")", "[192.0.2.7]", "[2001:db8::1]", "mx.test", "helo=x", ";", "=", '"', "dkim=pass", "dmarc=fail",
        "header.from=example.com", "spf=pass", "smtp.mailfrom=@", "v=spf1", "include:example.com", "a/0", "a//999", "mx:%{i}",
        "exists:%{p}", "-all", "redirect=%{d9r}", "ip4:192.0.2.7/33", "%", "v=DMARC1", "p=reject", ";sp=", "psd=y", "t=y", "\0", "ä", " ",
    ]
)  # fmt: skip
TEXT = st.one_of(st.lists(WORDS, max_size=14).map(" ".join), st.text(max_size=60))
TAGS = st.sampled_from(["v", "a", "b", "bh", "d", "h", "s", "c", "i", "l", "q", "t", "x", "z"])
VALUES = st.one_of(
    st.sampled_from(["1", "rsa-sha256", "example.com", "from", "relaxed/relaxed", "eA==", ""]), st.text(max_size=12)
)
NAMES = st.sampled_from(["received", "authentication-results", "return-path", "from", "dkim-signature", "arc-seal"])
DOMAIN = st.one_of(
    st.sampled_from(["example.com", "a.example.com", "", ".", "com", "xn--a.test", "x" * 300]), st.text(max_size=20)
)


@settings(max_examples=300, deadline=2000)
@given(header=st.lists(st.tuples(NAMES, TEXT), max_size=8), trusted=st.lists(st.sampled_from(["mx.test", "*", "[", "192.*"]), max_size=2),
       authors=st.lists(DOMAIN, max_size=3), records=st.lists(TEXT, max_size=3), body=st.binary(max_size=200))  # fmt: skip
def test_every_mail_is_judged(header, trusted, authors, records, body):
    raw = b"".join(f"{name}: {value}\r\n".encode("utf-8", "replace") for name, value in header) + b"\r\n" + body
    trail = read_trail(header, trusted)
    judged = judge(raw, authors, trail, trusted, lambda name, kind: tuple(records) if kind == "TXT" else ())

    assert {judged.spf, judged.dkim, judged.dmarc, judged.arc} <= VERDICTS


@settings(max_examples=300, deadline=2000)
@given(record=TEXT, sender=TEXT, helo=TEXT, ip=st.ip_addresses().map(str))
def test_every_record_has_a_verdict(record, sender, helo, ip):
    verdict, _ = check_spf(
        ip, f"{sender}@example.com", helo, lambda name, kind: (f"v=spf1 {record}",) if kind == "TXT" else (ip,)
    )

    assert verdict in VERDICTS


@settings(max_examples=200, deadline=2000)
@given(tags=st.lists(st.tuples(TAGS, VALUES), max_size=10), key=TEXT)
def test_every_signature_has_a_verdict(tags, key):
    value = "; ".join(f"{name}={said}" for name, said in tags)
    raw = f"DKIM-Signature: {value}\r\nFrom: a@example.com\r\n\r\nx\r\n".encode("utf-8", "replace")
    judged = judge(raw, ["example.com"], Trail(), (), lambda name, kind: (f"p={key}",))

    assert judged.dkim in VERDICTS - {"pass"}
