"""Domains of the large providers where anybody gets an address: who shares such a domain shares nothing else. Pure."""

__all__ = ["SHARED_DOMAINS"]

SHARED_DOMAINS = frozenset({
    "126.com", "163.com", "aim.com", "alice.it", "aol.com", "aol.de", "att.net", "bk.ru", "bluewin.ch", "bol.com.br",
    "btinternet.com", "centrum.cz", "comcast.net", "cox.net", "daum.net", "email.com", "email.de", "etik.com", "fastmail.com",
    "fastmail.fm", "fastmail.net", "fastmail.org", "foxmail.com", "free.fr", "freenet.de", "gmail.com", "gmx.at", "gmx.ch",
    "gmx.co.uk", "gmx.com", "gmx.de", "gmx.es", "gmx.eu", "gmx.fr", "gmx.info", "gmx.net", "gmx.org", "gmx.us", "googlemail.com",
    "hanmail.net", "hey.com", "hotmail.co.uk", "hotmail.com", "hotmail.de", "hotmail.es", "hotmail.fr", "hotmail.it", "icloud.com",
    "ik.me", "ikmail.com", "inbox.ru", "interia.pl", "laposte.net", "libero.it", "list.ru", "live.co.uk", "live.com", "live.de",
    "live.fr", "mac.com", "magenta.de", "mail.com", "mail.ru", "mailbox.org", "me.com", "msn.com", "naver.com", "o2.pl", "onet.pl",
    "online.de", "onlinehome.de", "orange.fr", "outlook.com", "outlook.de", "outlook.es", "outlook.fr", "outlook.it", "pm.me",
    "posteo.de", "posteo.eu", "posteo.net", "posteo.org", "proton.me", "protonmail.com", "qq.com", "rambler.ru", "rediffmail.com",
    "rocketmail.com", "sbcglobal.net", "sent.com", "seznam.cz", "sfr.fr", "sina.com", "sky.com", "t-online.de", "telia.com",
    "terra.com.br", "tiscali.it", "tuta.com", "tuta.io", "tutanota.com", "tutanota.de", "ukr.net", "uol.com.br", "verizon.net",
    "virgilio.it", "virginmedia.com", "wanadoo.fr", "web.de", "wp.pl", "ya.ru", "yahoo.ca", "yahoo.co.in", "yahoo.co.jp",
    "yahoo.co.uk", "yahoo.com", "yahoo.com.br", "yahoo.de", "yahoo.es", "yahoo.fr", "yahoo.it", "yandex.by", "yandex.com",
    "yandex.kz", "yandex.ru", "ymail.com", "zoho.com", "zoho.eu", "zohomail.com", "zohomail.eu",
})  # fmt: skip
