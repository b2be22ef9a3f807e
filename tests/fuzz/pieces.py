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
