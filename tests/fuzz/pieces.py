"""What mails are made of, to be put together in orders that no program writes."""

MAIL = (
    b"From: ", b"To: ", b"Subject: ", b"Date: ", b"Content-Type: multipart/mixed; boundary=b\n", b"\n",
    b"\r\n\r\n", b"--b", b"--b--", b"Content-Type: text/html\n", b"Content-Transfer-Encoding: base64\n",
    b"=?utf-8?q?", b"?=", b"=?utf-8?b?", b"<a@b.example>", b'"', b"(", b"begin 644 a\n", b"end\n",
    b"=ybegin name=a\n", b"Content-Type: message/delivery-status\n",
    b"Final-Recipient: rfc822;a@b.example\n", b"Status: 5.1.1\n", b"Content-Type: application/ms-tnef\n",
    b"Content-Disposition: attachment; filename*0*=", b"utf-8''%C3", b"\0", b"\xff",
    b"Content-Type: application/pkcs7-mime\n", b"0\x80", b"On 5 Mar 2024 a@b.example wrote:\n", b"> q\n",
    b"-- \n", b"<div class=gmail_quote>", b"charset=utf-7", b"+2AA-", b"Mar 2024 10:00", b"format=flowed",
    b"-----BEGIN PGP SIGNED MESSAGE-----\n", b"; ", b"name=",
)  # fmt: skip
TEXT = (
    b"> ", b">", b"\n", b"\t", b" ", b"-- \n", b"___________\n", b"From: a\nSent: b\nTo: c\nSubject: d\n",
    b"On 5 Mar 2024, Ada wrote:\n",
    b"Am 5.3.2024 um 10:00 schrieb Ada:\n", b"Le 5 mars 2024 \xc3\xa0 10:00, Ada a \xc3\xa9crit :\n", b"Regards,\n",
    b"-----Original Message-----\n", b"Sent from my phone\n", b"\xe2\x80\x8b", b"\xc2\xa0", b"\xe2\x80\xae",
    b"\xf0\x9f\x98\x80",
    b"a@b.example", b"<mailto:a@b.example>", b"[cid:1]", b"wrote:", b"wrote:\n", b"https://example.com/",
)  # fmt: skip
MARKUP = (
    b"<p>", b"</p>", b"<div>", b"<blockquote>", b"</blockquote>", b"<table><tr><td>", b"<!--", b"-->", b"<a href='",
    b"'>", b"<b", b"&#", b"&amp",
    b"<style>", b"</style>", b"<script>", b"</script>", b"<svg>", b"<math>", b"<img src=x onerror=alert(1)>",
    b"style='position:fixed;",
    b"url(", b"javascript:", b"data:text/html,", b"cid:1", b"<textarea>", b"<noscript>", b"<template>", b"<select>",
    b"<![CDATA[", b"<?", b"\0",
    b"<li>", b"<ol start=99999999999999999999>", b"colspan=99999999", b"<font size=", b"<base href=//x>",
    b"<meta http-equiv=refresh>",
)  # fmt: skip
CHARSETS = (
    b"utf-8", b"utf-7", b"utf-16", b"utf-32", b"us-ascii", b"iso-8859-1", b"windows-1251", b"koi8-r",
    b"iso-2022-jp", b"iso-2022-kr", b"hz-gb-2312",
    b"gb18030", b"big5", b"shift_jis", b"euc-kr", b"idna", b"punycode", b"unicode_escape", b"raw_unicode_escape",
    b"base64", b"zlib", b"rot13",
    b"undefined", b"mbcs", b"x-user-defined", b"../../etc", b"",
)  # fmt: skip
ENCODINGS = (b"7bit", b"8bit", b"binary", b"base64", b"quoted-printable", b"x-uuencode", b"x-yenc", b"none", b"")
TYPES = (
    b"text/plain", b"text/html", b"text/calendar", b"text/enriched", b"multipart/mixed", b"multipart/alternative",
    b"multipart/digest",
    b"multipart/report", b"multipart/signed", b"multipart/encrypted", b"message/rfc822", b"message/delivery-status",
    b"message/partial",
    b"message/feedback-report", b"message/disposition-notification", b"application/ms-tnef",
    b"application/pkcs7-mime", b"image/png", b"a", b"/",
)  # fmt: skip
VOUCHING = (
    b"Authentication-Results: mx.example.com; dkim=pass header.d=example.org; spf=fail smtp.mailfrom=a@b.example; dmarc=pass\n",
    b"Authentication-Results: mx.example.com 1;\n\tdmarc=fail (p=reject) header.from=", b"Authentication-Results: ;;;=()\n",
    b"Received: from mail.example.org (mail.example.org [192.0.2.1]) by mx.example.com; Thu, 5 Mar 2026 10:00:00 +0000\n",
    b"Received-SPF: pass client-ip=2001:db8::1\n", b"ARC-Seal: i=1; a=rsa-sha256; cv=none; d=x.example; s=s; b=AAAA\n",
    b"ARC-Message-Signature: i=1; a=rsa-sha256; d=x.example; s=s; h=from; bh=AAAA; b=AAAA\n",
    b"ARC-Authentication-Results: i=1; mx.example.com; dmarc=pass header.from=example.org\n",
    b"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=s1; t=1; x=2; l=99999999999; h=From:From; bh=AA; b=AA\n",
    b"DKIM-Signature: v=1; a=ed25519-sha256; d=", b"; s=..; h=; bh=; b=\n", b"From: a@x.example, b@y.example\n", b"; ", b"=", b"(", b"\n",
)  # fmt: skip
RECORDS = (
    b"", b"!", b"v=spf1 include:a.example include:b.example -all", b"v=spf1 redirect=%{d}", b"v=spf1 exists:%{i}.%{l1r-}.x.example ~all",
    b"v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/129 a:%{ mx ptr all", b"v=DMARC1; p=reject; sp=none; pct=200; adkim=s",
    b"v=DMARC1; p=", b"v=DKIM1; p=",
    b"v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQ", b"v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
    b"192.0.2.1", b"2001:db8::1", b"mail.example.org", b".", b"x" * 300,
)  # fmt: skip
FILE_NAMES = (
    b"",
    b".exe",
    b"invoice.pdf",
    b".zip",
    b"\xe2\x80\xae",
    b" ",
    b".",
    b"../",
    b"con",
    b".tar.gz",
    b".docm",
    b"a",
    b"\0",
    b".js",
)
DOCUMENT = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n', b'<clientConfig version="1.1"><emailProvider id="example.com">',
    b"<domain>example.com</domain>",
    b'<incomingServer type="imap"><hostname>imap.example.com</hostname><port>993</port><socketType>SSL</socketType>',
    b"<username>%EMAILADDRESS%</username><authentication>password-cleartext</authentication></incomingServer>",
    b'<outgoingServer type="smtp"><hostname>smtp.%EMAILDOMAIN%</hostname><port>587</port><socketType>STARTTLS</socketType>',
    b"<username>%EMAILLOCALPART%</username><authentication>OAuth2</authentication></outgoingServer>", b"<port>9e9</port>",
    b"<port>\xd9\xa3</port>",
    b"<!DOCTYPE x [<!ENTITY a 'b'>]>", b"&a;", b"<![CDATA[", b"</emailProvider></clientConfig>",
)  # fmt: skip
HIDDEN = (
    b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\n", b"BEGIN:VTIMEZONE\r\nTZID:x\r\n", b"BEGIN:STANDARD\r\nDTSTART:16010101T030000\r\n",
    b"TZOFFSETTO:+0100\r\n", b"RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10;UNTIL=9\r\n", b"END:STANDARD\r\n", b"END:VTIMEZONE\r\n",
    b"BEGIN:VEVENT\r\nSUMMARY:a\\,\\n\r\n b\r\n", b'DTSTART;TZID="x":20260305T100000\r\n', b"DTEND;VALUE=DATE:20260305\r\n",
    b"DTSTART:00010101T000000Z\r\n", b"DTSTART;TZID=Asia/Tokyo:99991231T235959\r\n", b"DURATION:PT9999999S\r\n", b"ORGANIZER;CN=a:mailto:",
    b"END:VEVENT\r\n", b"END:VCALENDAR\r\n", b"{\\rtf1\\ansi\\ansicpg1251\\fromhtml1 ", b"{\\*\\htmltag84 <p>}",
    b"\\htmlrtf ", b"\\htmlrtf0 ",
    b"{\\fonttbl{\\f0\\fcharset204 x;}}", b"\\f0 ", b"\\'cf", b"\\u-10179?", b"\\uc9 ", b"\\bin5 ", b"{", b"}", b"\\", b"\\par ",
    b"\x78\x9f\x3e\x22\x01\x00", b"LZFu", b"\x10\0\0\0\x10\0\0\0LZFu\0\0\0\0", b"\x02\x03\x90\x06\0\x20\0\0\0",
    b"\x01\0\0\0\x02\x01\x09\x10",
    b"\x0d\0\x01\x37\x01\0\0\0",
)  # fmt: skip
