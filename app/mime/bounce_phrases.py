"""The words by which servers say that a mail was not delivered, and what they mean in terms of RFC 3463."""

from __future__ import annotations

import re

# Senders that are mail servers; compare with text in small letters.
DAEMON = re.compile(
    r"mailer[-_ ]?daemon|mail[-_ ]?(?:delivery|daemon|system|router|administrator)|post[-_]?master|"
    r"post[-_]?office|maildaemon|"
    r"mdaemon|bounce|majordomo|microsoft ?exchange|system ?administrator|systemadministrator|administrator@|"
    r"non-?delivery|undeliver|^<?root@|no_?reply@|mailadmin",
)
# Pieces of which every subject below has one; looked for before the pattern is tried.
FAILURE_STEMS = (
    "deliver", "fail", "return", "bounce", "reject", "mailbox", "unknown user", "user unknown", "could not", "unable",
    "cannot", "can't", "error", "warning", "status", "zustell", "échec", "remis", "no se", "entreg", "devuelto",
    "devolvid", "mancata", "impossibile", "falha", "onbestelbaar", "bezorgd", "dostarczon", "zwrot", "nedoruč",
    "доставлен", "не удалось", "leveres", "toimitus", "teslim", "配信", "送信", "届き", "不達", "エラー", "退", "投递",
)  # fmt: skip
FAILURE_SUBJECT = re.compile(
    r"undeliver|unzustellbar|non[ -]?deliver|not (?:be )?delivered|delivery (?:status|fail|problem|report|"
    r"error|notif|has|incomplete|delayed|"
    r"of your|attempt)|delivery.{0,30}(?:failed|failure|delayed|unsuccessful)|failed (?:delivery|mail|"
    r"to deliver)|failure (?:notice|delivery|notification)|"
    r"fail(?:ure|ed).{0,20}deliver|deliver.{0,40}fail|mail (?:delivery|failure|system error|could not|"
    r"error)|returned (?:mail|to sender|message)|"
    r"return(?:ed|ing)? (?:message|mail|e-?mail)|message (?:status|undeliverable|delivery|delayed|rejected|"
    r"not delivered|you sent)|"
    r"undelivered|warning: (?:could not|message)|could not (?:be )?(?:deliver|send)|unable to deliver|"
    r"cannot (?:be )?deliver|can't deliver|"
    r"rejected|mailbox (?:full|unavailable|not found)|user unknown|unknown user|bounce|error (?:sending|"
    r"delivering|while)|nondeliverable|"
    r"nicht zugestellt|zustellung|échec|non remis|remise impossible|no se (?:ha )?(?:pudo|podido)|"
    r"no entregado|devuelto|mancata consegna|"
    r"impossibile|falha|não entregue|devolvid|onbestelbaar|niet bezorgd|nie dostarczon|zwrot|nedoruč|"
    r"не доставлен|недоставлен|"
    r"не удалось|olevererbar|kunne ikke leveres|toimitus|teslim edilemedi|配信|送信でき|届き|不達|エラー|退信|退回|无法投递|系统退信",
    re.I,
)
# A server that has not given up yet; it says so because nobody is to do anything.
STILL_TRYING = re.compile(
    r"(?:has|have) (?:been|not yet been) delayed|not yet been delivered|delivery (?:is |was |has been )?(?:delayed|deferred)|"
    r"delayed (?:mail|message|delivery)|will (?:continue|keep|be|go on)(?: to| being)? (?:try|retry|retri|attempt|re-?sen)\w*|"
    r"(?:still|keep|continue|go on) (?:trying|to try)|will (?:retry|try again)|do not need to re-?send|no action is required|"
    r"this is a warning message only|verzögert|weiter(?:e|hin)? (?:zustell)?versuch|noch nicht zugestellt|retardée?|"
    r"nouvelles tentatives|retrasad|seguir[áa] intentando|ritardat|in ritardo|vertraagd|op[óo]źnion|отложен|задерж|遅延|延迟",
    re.I,
)
FAILURE_TEXT = re.compile(
    r"undeliver|could ?n[o']t be deliver|not (?:be |been )?(?:able to )?(?:deliver|relay|send|reach)|"
    r"(?:unable|failed|impossible) to (?:be )?(?:deliver|relay|send|reach)|"
    r"delivery (?:to the following|failed|has failed|attempt|status|error|fail|delay)|did not reach|"
    r"has not (?:yet )?been delivered|"
    r"(?:user|mailbox|recipient|address|account|host|domain)s? (?:is |was |are )?(?:unknown|not found|"
    r"does not exist|doesn't exist|unavailable|"
    r"inactive|disabled|full|rejected|invalid|suspended|over quota)|unknown (?:user|recipient|host|address|"
    r"mailbox)|no such (?:user|recipient|mailbox|address|host)|"
    r"over ?quota|quota exceeded|permanent (?:fatal )?error|fatal errors|returned (?:to sender|mail|message|"
    r"below|to you)|being returned|"
    r"was rejected|message rejected|rejected (?:by|your)|refused (?:by|to)|retry time|retries|"
    r"will (?:be )?ret(?:ry|ried)|"
    r"relay(?:ing)? denied|access denied|mail (?:loop|delivery)|bounced|invalid recipient|"
    r"following (?:address|recipient)s?|"
    r"\b5\d\d[ -]\d\.\d\.\d|\b55[0-4][ -]|said: [45]\d\d|smtp error|"
    r"nicht zugestellt|konnte nicht|n'a pas pu|n'a pu|no se (?:ha )?(?:pudo|podido)|impossibile|não (?:pôde|"
    r"foi)|niet worden|nie (?:można|udało)|"
    r"не (?:удалось|может|был|доставлен)|недоступ|kunde inte|kunne ikke|ei voitu|配信|送信|届け|宛先|投递|无法",
    re.I,
)
# Subjects of machine mail that only looks like a bounce.
OTHER_REPORTS = re.compile(
    r"\b(?:read|gelesen|lu|leído)\s*:|report domain:|dmarc|tls-?rpt|\[tlsrpt\]|virus (?:found|detected)"
)
# Where the returned mail begins in a report that is one text.
QUOTED_MAIL = re.compile(
    r"^[-=_*+ \t>]*(?:(?:(?:this is|below(?: this line)? is) a copy of (?:the|your) (?:original )?(?:message|mail)|"
    r"(?:the )?(?:original|returned|undelivered|unsent|failed|bounced|rejected) (?:message|mail|"
    r"e-?mail)(?:'s)?(?: text| headers?| follows| below| is)?(?! was| could| has)\b|"
    r"(?:the )?(?:headers?|text|first .{1,30}) of (?:the|your) (?:original |returned )?(?:message|mail|"
    r"e-?mail)|message headers? follow|"
    r"unsent message (?:below|follows)|copy of the message|your message headers|included (?:below|message)|"
    r"return(?:ed)? message|"
    r"message (?:header|text) (?:follows|is)|original headers?|here is your|ursprüngliche|元のメール|原始).{0,80}$"
    r"|received: from |return-path: <|x-originating-ip: )",
    re.I | re.M,
)


def _reason(status: str, words: str) -> tuple[str, re.Pattern[str]]:
    return status, re.compile(words, re.I)


# In this order: what is said first in this table is the more certain.
REASONS = [
    _reason("5.1.8",
            r"sender (?:address )?(?:was |is )?(?:rejected|refused|denied|blocked)|domain of sender|"
            r"sender (?:domain|verify)|bad sender"),
    _reason("5.2.2",
            r"quota|mailbox (?:is )?full|full mailbox|mailfolder is full|too much mail|"
            r"exceed.{1,30}(?:storage|space|limit)|storage (?:limit|exceeded)|"
            r"insufficient (?:disk|space|storage)|disk full|no space left|over.?quota|voll\b|容量"),
    _reason("5.1.1",
            r"user unknown|unknown user|no such (?:user|recipient|mailbox|local|address|person|account)|"
            r"unknown (?:local|recipient|address|account|mailbox)|"
            r"(?:user|recipient|mailbox|address|account|addressee)\s?(?:<.{1,80}>)?\s?(?:was |is |does |"
            r"could |has )?(?:not (?:be )?(?:found|exist|known|valid|a known|listed|recogni|local)|"
            r"unknown|invalid|doesn't|unavailable|inactive|deactivated)|"
            r"not a valid (?:user|mailbox|recipient|address)|invalid (?:recipient|user|address|mailbox)|"
            r"does ?n.t exist|does not exist|no longer (?:valid|available|active|exists)|not our customer|"
            r"not listed in|no mailbox here|no account|there is no (?:user|one|such|mailbox|account)|"
            r"user doesn't|bad destination|unrouteable address|unroutable|no valid recipient|"
            r"benutzer|unbekannt|inconnu|desconocid|sconosciut|nieznan|неизвест|не найден|宛先不明|存在しない|不存在|"
            r"could not be found"),
    _reason("5.1.2",
            r"host(?:name)?\s?(?:<?[\w.-]{1,80}>?)? ?(?:is |was )?(?:unknown|not found|"
            r"or domain name not found)|unknown (?:host|domain)|no such (?:host|domain)|name (?:service|"
            r"server) error|"
            r"domain (?:name )?(?:does not|doesn't|not found|is not)|couldn't find any host|illegal host|"
            r"mx (?:record|points)|domain.{1,20}lookup fail|nxdomain|unrouteable mail domain|no route to|"
            r"unresolvable"),
    _reason("5.3.4",
            r"too (?:large|big)|size (?:limit|exceed)|exceed.{1,30}size|larger than|message (?:length|size) exceed"),
    _reason("5.7.1",
            r"relay(?:ing)? (?:denied|not|prohibit)|not permitted|spam|blacklist|blocklist|blocked|"
            r"access denied|denied|polic(?:y|ies)|prohibited|unsolicited|"
            r"not allowed|not authori[sz]ed|authentication required|reputation|rejected by|listed (?:at|in|"
            r"by)|banned|spf|dkim|dmarc|virus|junk|content|filter|refused"),
    _reason("5.4.6",
            r"mail loop|loop(?:ing)? (?:detected|back)|too many hops|hop count"),
    _reason("4.4.7",
            r"timed? ?out|expired|retry (?:time|timeout)|too long|time limit|giving up|gave up|delayed|"
            r"has not yet|still (?:being|trying)|will (?:be )?retr|temporar|try again|deferred|"
            r"max(?:imum)? (?:retry|time)|4 hours|queue|days?\b.{0,30}undeliver"),
    _reason("4.4.1",
            r"connection (?:refused|reset|closed|dropped|failed|lost)|could not connect|cannot connect|"
            r"unable to connect|no answer|unreachable|network|not responding|not available|busy"),
]  # fmt: skip
