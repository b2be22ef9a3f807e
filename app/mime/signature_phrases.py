"""The words of signatures in many languages: sign-offs, the last lines of phones, disclaimers.

Tables are looked up, which costs the same for any number of languages; patterns are linear and are tried only on
short lines that begin like one of them.
"""

from __future__ import annotations

import re


def _phrases(text: str) -> frozenset[str]:
    return frozenset(text.split("|"))


# A greeting at the end.
SIGN_OFFS = _phrases(
    "regards|wishes|best wishes|warm wishes|with best wishes|best regards|kind regards|kindest regards|"
    "warm regards|warmest regards|many regards|with regards|with kind regards|with best regards|"
    "with warm regards|with kindest regards|very best regards|my best regards|best warm regards|"
    "warmest wishes|kind wishes|very best wishes|best and kind regards|rgds|brgds|cheers|sincerely|"
    "sincerely yours|yours sincerely|yours truly|yours faithfully|yours|cordially|respectfully|"
    "thanks and regards|thanks & regards|thanks and best regards|all the best|take care|br|kr|"
    "with gratitude|with appreciation|mit freundlichen grüßen|mit freundlichen grüssen|"
    "mit freundlichem gruß|mit freundlichem gruss|mfg|freundliche grüße|freundliche grüsse|"
    "freundlichen gruß|beste grüße|beste grüsse|viele grüße|viele grüsse|liebe grüße|liebe grüsse|"
    "lieben gruß|herzliche grüße|herzliche grüsse|schöne grüße|schönen gruß|viele liebe grüße|"
    "mit besten grüßen|mit besten grüssen|mit besten wünschen|grüße|grüsse|gruß|gruss|lg|vg|"
    "danke und gruß|hochachtungsvoll|vielen dank und viele grüße|vielen dank und freundliche grüße|"
    "vielen dank und beste grüße|vielen dank und grüße|cordialement|bien cordialement|très cordialement|"
    "salutations|meilleures salutations|sincères salutations|bien à vous|bien à toi|cdlt|"
    "respectueusement|saludos|un saludo|saludos cordiales|un cordial saludo|atentamente|cordialmente|"
    "cordiali saluti|distinti saluti|saluti|un saluto|un cordiale saluto|atenciosamente|cumprimentos|"
    "com os melhores cumprimentos|melhores cumprimentos|abraços|um abraço|att|met vriendelijke groet|"
    "met vriendelijke groeten|vriendelijke groet|vriendelijke groeten|groeten|groet|mvg|hartelijke groet|"
    "hartelijke groeten|pozdrawiam|z poważaniem|z wyrazami szacunku|serdecznie pozdrawiam|με εκτίμηση|"
    "φιλικά|с уважением|с наилучшими пожеланиями|з повагою|s pozdravem|s přátelským pozdravem|"
    "s pozdravom|med vänlig hälsning|med vänliga hälsningar|vänliga hälsningar|vänlig hälsning|"
    "hälsningar|mvh|bästa hälsningar|med venlig hilsen|venlig hilsen|venlige hilsner|bedste hilsner|"
    "hilsen|vh|med vennlig hilsen|vennlig hilsen|beste hilsen|ystävällisin terveisin|terveisin|"
    "parhain terveisin|saygılarımla|saygılar|iyi çalışmalar|selamlar|üdvözlettel|köszönettel|cu stimă|"
    "cu respect|lep pozdrav|lijep pozdrav|pagarbiai|ar cieņu|lugupidamisega|よろしくお願いします|よろしくお願いいたします|"
    "宜しくお願い致します|此致|祝好|trân trọng"
)

# A word of thanks ends a mail too, but it is a signature only when a name follows.
THANKS = _phrases(
    "thanks|thank you|many thanks|thanks again|thank you again|thanks in advance|thank you in advance|"
    "thx|tia|thanks a lot|thanks so much|thank you very much|danke|vielen dank|besten dank|danke schön|"
    "danke im voraus|vielen dank im voraus|merci|merci d'avance|merci beaucoup|merci par avance|gracias|"
    "muchas gracias|gracias de antemano|grazie|grazie mille|obrigado|obrigada|bedankt|alvast bedankt|"
    "dziękuję|dzięki|ευχαριστώ|спасибо|дякую|děkuji|díky|ďakujem|tack|tack på förhand|mange tak|takk|"
    "kiitos|teşekkürler|谢谢|謝謝|감사합니다|best|love|以上|have a nice day|have a nice weekend|have a nice one|"
    "have a great day|have a great weekend|have a great one|have a good day|have a good weekend|"
    "have a good one"
)

# The first words of lines that may be one of those above or below: all other lines are passed over quickly.
_SENT_FROM_WORDS = (
    "sent posted written typed get download do please excuse von gesendet diese outlook holen envoyé télécharger "
    "obtenir provenance enviado enviada obtener obtenha descarga inviato scarica ottieni verzonden verstuurd wysłane "
    "wysłano pobierz odesláno odoslané poslano získejte skickat skickades sendt hämta hent få lähetetty hanki "
    "отправлено отправлен отправлена скачать надіслано відправлено στάλθηκε εστάλη küldve trimis gửi iphone ipad"
)
_DISCLAIMER_WORDS_FIRST = (
    "legal email e-mail disclaimer confidentiality important privacy caution notice haftungsausschluss rechtlicher avis "
    "aviso avvertenza this the diese die ce les este esta questo questa le dit deze de ta niniejsza tato tento это "
    "настоящее цей denna detta denne tämä bu"
)
DISCLAIMER_FIRST = frozenset(_DISCLAIMER_WORDS_FIRST.split())
SENT_FROM_FIRST = frozenset(_SENT_FROM_WORDS.split())
SIGNATURE_FIRST = SENT_FROM_FIRST | {phrase.split(" ")[0] for phrase in SIGN_OFFS | THANKS}
SENT_FROM_ENDINGS = ("から送信", "에서 보냄", "gönderildi", "gönderildi.")
# The last line that a phone or a program adds.
SENT_FROM = re.compile(
    r"[\s*_|\[-]*(?:"
    r"(?:sent|posted|written|typed) (?:from|via|by|with|on|using) (?:my|an?|the|your|yahoo|outlook|mail|gmail|proton|"
    r"samsung|iphone|ipad|android|blackberry|windows|mailbox|spark|nine|k-9|fairmail|airmail|mobile|aol|"
    r"huawei|xiaomi|"
    r"bluemail|mailspring|tutanota|front|superhuman|zoho|surface|nokia|htc|motorola|sony|lg|galaxy)\b"
    r"|sent from \S+ (?:mail|mobile|email)|sent from \S{2,40}\s*(?:<[^<>]*>)?\Z|get outlook for|"
    r"get (?:the )?(?:yahoo|aol|gmail|bluemail|mailspring)"
    r"|download outlook|do you yahoo|please excuse (?:brevity|typos|my brevity)|excuse my brevity"
    r"|von meinem .{2,40} gesendet|von .{2,40} gesendet|gesendet von|gesendet mit|gesendet über|gesendet aus"
    r"|diese nachricht wurde von mein|outlook für (?:ios|android)|holen sie sich outlook"
    r"|envoyé (?:de|depuis|à partir d[e'’]|avec|par|via) ?(?:mon|ma|un|une|l|yahoo|outlook|mon)|envoyé d['’]un|"
    r"télécharger outlook|obtenir outlook|provenance : courrier"
    r"|enviado (?:desde|de|do|a partir do|via|pelo|con|com) |enviada do|obtener outlook|obtenha o outlook|"
    r"descarga outlook"
    r"|inviato (?:da|dal|con|tramite) |scarica outlook|ottieni outlook"
    r"|verzonden (?:vanaf|vanuit|met|via) |verstuurd (?:vanaf|vanuit|met|via) |outlook voor (?:ios|android)"
    r"|wysłane? z |wysłano z |wysłano przez |pobierz outlook|odesláno z|odoslané z|poslano z|získejte outlook"
    r"|skickat från|skickades från|sendt fra|sendt med|hämta outlook|hent outlook|få outlook"
    r"|lähetetty .{2,30}(?:sta|stä|lta|ltä|lla|llä)\b|hanki outlook|.{2,30}mdan gönderildi|.{2,20}(?:'dan|"
    r"'den|umdan|imden) gönderildi"
    r"|отправлено (?:с|из|через|от) |отправлен[оа]? .{0,20}(?:iphone|ipad|android)|скачать outlook|надіслано з|"
    r"відправлено з|στάλθηκε από|εστάλη από|küldve |trimis de pe|iphone ?から送信|ipad ?から送信|.{2,20}から送信|"
    r"发自我的|從我的|从我的|來自我的|来自我的|나의 .{2,20}에서 보냄|.{2,20}에서 보냄|gửi từ"
    r").{0,120}\Z",
    re.I,
)

POSTSCRIPT = re.compile(r"\s*(?:p\.? ?s\b|pps\b|n\.?b\.|nota bene)", re.I)
_DISCLAIMER_WORDS = (
    r"confidential|intended (?:only|solely|for|recipient)|privileged|vertraulich|confidentiel|confidencial|riservat|"
    r"poufn|důvěrn|dôvern|конфиденциальн|конфіденційн|εμπιστευτικ|luottamuksel|konfidenti|fortrolig|"
    r"vertrouwelijk|gizli"
)
DISCLAIMER = re.compile(
    rf"{_DISCLAIMER_WORDS}|disclaimer|virus|environment before printing|mailing list|unsubscribe", re.I
)
# The beginning of a text that lawyers and scanners put below a mail.
DISCLAIMER_BEGINS = re.compile(
    r"[\s*_>\"'-]*(?:(?:legal |email |e-mail )?disclaimer|(?:confidentiality|legal|important|"
    r"privacy) notice|caution|notice|"
    r"haftungsausschluss|rechtlicher hinweis|avis de confidentialité|aviso legal|aviso de confidencialidad|"
    r"avvertenza)"
    r"\s*[:.*_-]*\Z"
    r"|[\s*_>\"'-]*(?:this (?:e-?mail|message|communication|transmission|electronic)|the (?:information|contents?) "
    r"(?:contained )?(?:in|of) this|diese (?:e-?mail|nachricht)|die(?:se)? in dieser|ce (?:message|courriel|mail)|"
    r"les informations contenues|este (?:mensaje|correo|e-?mail)|esta mensagem|questo (?:messaggio|documento)|"
    r"questa (?:e-?mail|comunicazione)|le informazioni contenute|dit bericht|deze e-?mail|de informatie|"
    r"ta wiadomość|niniejsza wiadomość|tato zpráva|tento e-?mail|это сообщение|настоящее сообщение|цей лист|"
    r"denna e-?post|detta (?:meddelande|mail)|denne (?:e-?mail|e-?post)|tämä (?:viesti|sähköposti)|"
    r"bu (?:e-?posta|mesaj))"
    rf".{{0,300}}?(?:{_DISCLAIMER_WORDS})",
    re.I,
)
