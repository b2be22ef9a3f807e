"""What mail programs and people write around a reply, in many languages: tables and the patterns made of them.

Languages: en de fr es it pt nl pl el ru uk cs sk sv da nb fi tr hu ro bg hr sl lt lv et he ar ja zh ko vi id ca.
Every pattern is linear: no nested repetition, and callers give it single lines of bounded length.
"""

from __future__ import annotations

import re

# "… wrote:" — the verb of the line above a quote.
_VERBS = (
    "wrote|writes|said|schrieb|schrieben|schreibt|geschrieben|hat geschrieben|a écrit|a ecrit|écrivait|écrit|"
    "escribió|escribio|escribe|ha escrito|va escriure|ha scritto|scrive|scriveva|scrisse|escreveu|escreve|"
    "schreef|heeft geschreven|napisał|napisała|napisał\\(a\\)|napisal|napisal\\(a\\)|napísal|napísal\\(a\\)|"
    "pisze|naps[aá]l[a]?|píše|piše|je napisao|je napisal|έγραψε|écrivit|написал|написала|написал\\(а\\)|пишет|"
    "писал|писала|написав|написала|написав\\(-ла\\)|пише|написа|skrev|skriver|følgende|kirjoitti|kirjoittaa|"
    "yazdı|şunu yazdı|şunları yazdı|yazmış|ezt írta|írta|a scris|rašė|parašė|rakstīja|kirjutas|כתב|כתבה|كتب|"
    "さんは書きました|さんからのメッセージ|さんのメール|wrote \\(.{1,40}\\)|のメッセージ|書きました|写道|寫道|"
    "来信|作成|작성|님이 작성|썼습니다|đã viết|menulis"
)
VERB = re.compile(rf"(?<![^\W_])(?:{_VERBS})(?:\(a\)|\(а\))?(?![^\W_])|写道|寫道|작성|書きました|のメール", re.I)

# How the line above a quote begins: "On …", "Am …", a weekday, a date.
_LEADS = (
    "on|am|le|el|en|il|in data|in date|em|no dia|na|a|op|w dniu|dnia|dne|dňa|den|d\\.|el día|στις|в|on the|"
    "kl|tarihinde|la|pe|ve|v|"
    "mon|tue|wed|thu|fri|sat|sun|monday|tuesday|wednesday|thursday|friday|saturday|sunday|"
    "mo|di|mi|do|fr|sa|so|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag|"
    "lun|mar|mer|jeu|ven|sam|dim|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|"
    "mié|mie|jue|vie|sáb|sab|dom|lunes|martes|miércoles|jueves|viernes|sábado|domingo|"
    "gio|lunedì|martedì|mercoledì|giovedì|venerdì|sabato|domenica|"
    "seg|ter|qua|qui|sex|segunda|terça|quarta|quinta|sexta|ma|wo|vr|za|zo|maandag|dinsdag|woensdag|donderdag|"
    "vrijdag|zaterdag|zondag|pon|wt|śr|czw|pt|sob|niedz|ndz|po|út|st|čt|pá|ne|"
    "пн|вт|ср|чт|пт|сб|вс|нд|понедельник|вторник|среда|четверг|пятница|суббота|воскресенье|"
    "понеділок|вівторок|середа|четвер|п.ятниця|субота|неділя|"
    "mån|tis|ons|tors|tor|fre|lör|sön|måndag|tisdag|onsdag|torsdag|fredag|lördag|söndag|tir|lør|søn|mandag|tirsdag|"
    "lørdag|søndag|ti|ke|to|pe|la|su|maanantai|tiistai|keskiviikko|torstai|perjantai|lauantai|sunnuntai|"
    "δευ|τρί|τετ|πέμ|παρ|σάβ|κυρ|pzt|sal|çar|per|cum|cmt|paz|vào|pada"
)
LEAD = re.compile(rf"[\s*_>|«\"'-]*(?:(?:{_LEADS})(?:[\s,.:(]|$)|\d|\d{{4}}年|\[?\d{{1,2}}[./-])", re.I)
STRONG_LEAD = re.compile(r"[\s*_|«\"'-]*(?:on|am|le|el|il|em|op|w dniu|dnia|dne|dňa|den|στις|in data|no dia|a)\b", re.I)
ADDRESS = re.compile(r"[^\s<>()\[\]\",;:@]{1,100}@[^\s<>()\[\]\",;:@]{1,200}")
DATE_OR_TIME = re.compile(
    r"\b\d{1,2}[:.h]\d\d\b|\b[^\W\d]{3,9}\.? \d{1,2}\b|\b(?:19|20)\d\d\b|\b\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b|\d+[年월日]|\b\d{1,2}\.? \w{3,12}\b"
)

# Lines that announce an older mail below.
_ORIGINAL = (
    "original message|original appointment|forwarded message|forwarded by .{1,100}|begin forwarded message|"
    "reply message|original email|reply above this line|"
    "ursprüngliche nachricht|originalnachricht|original-nachricht|weitergeleitete nachricht|"
    "anfang der weitergeleiteten nachricht|weitergeleitet von .{1,100}|urspr. nachricht|"
    "message d'origine|message original|message d’origine|message transféré|message transmis|"
    "début du message (?:transféré|réexpédié)|mail original|e-mail d'origine|courriel original|"
    "mensaje original|mensaje reenviado|inicio del mensaje reenviado|mensaje de origen|"
    "messaggio originale|messaggio originario|messaggio inoltrato|inizio messaggio inoltrato|"
    "mensagem original|mensagem encaminhada|mensagem reencaminhada|início da mensagem (?:encaminhada|reencaminhada)|"
    "oorspronkelijk bericht|origineel bericht|doorgestuurd bericht|begin doorgestuurd bericht|oorspronkelijke bericht|"
    "wiadomość oryginalna|oryginalna wiadomość|wiadomość przekazana|treść przekazanej wiadomości|"
    "αρχικό μήνυμα|προωθημένο μήνυμα|исходное сообщение|пересылаемое сообщение|пересланное сообщение|"
    "оригинальное сообщение|начало пересылаемого сообщения|конец пересылаемого сообщения|"
    "вихідне повідомлення|переслане повідомлення|оригінальне повідомлення|пересилання повідомлення|"
    "původní zpráva|přeposlaná zpráva|původní e-mail|pôvodná správa|preposlaná správa|"
    "ursprungligt meddelande|originalmeddelande|vidarebefordrat meddelande|vidarebefordrat brev|"
    "oprindelig meddelelse|oprindelig besked|videresendt meddelelse|videresendt besked|original meddelelse|"
    "opprinnelig melding|videresendt melding|original melding|"
    "alkuperäinen viesti|edelleenlähetetty viesti|välitetty viesti|orijinal mesaj|özgün ileti|iletilen mesaj|"
    "iletilmiş mesaj|orijinal ileti|eredeti üzenet|továbbított üzenet|mesaj original|mesaj redirecționat|"
    "originalna poruka|izvirno sporočilo|pradinis pranešimas|sākotnējais ziņojums|algne kiri|"
    "元のメッセージ|転送されたメッセージ|転送メッセージ|原始邮件|原始郵件|转发邮件|轉寄郵件|转发的邮件|"
    "원본 메시지|원본 메일|전달된 메시지|tin nhắn gốc|pesan asli"
)
ORIGINAL = re.compile(
    rf"[\s>*_|]*(?:[-–—_=*]{{2,}}\s*(?:{_ORIGINAL})\s*:?\s*(?:[-–—_=*]+)?|(?:{_ORIGINAL})\s*:|original message processed by .{{1,60}})\s*\Z",
    re.I,
)

# The header lines that mail programs repeat above an older mail.
_FROM = (
    "from|von|absender|de|da|od|van|från|fra|afsender|avsändare|lähettäjä|kimden|gönderen|от|отправитель|від|"
    "відправник|από|差出人|送信者|发件人|發件人|寄件者|보낸 사람|보낸사람|feladó|mittente|expéditeur|remitente|"
    "remetente|afzender|nadawca|odesílatel|odesilatel|odosielateľ|expeditor|de la|pošiljatelj|šalje|nuo|no|saatja|"
    "kirjoittaja|מאת|من|từ|dari"
)
_WHEN = (
    "sent|date|sent at|gesendet|datum|gesendet am|envoyé|envoye|envoyé le|date d'envoi|le|enviado|enviado el|"
    "enviada em|enviado em|enviada|fecha|inviato|inviato il|data|data invio|verzonden|verstuurd|wysłano|wysłane|"
    "data wysłania|odesláno|dátum|skickat|skickat den|sendt|dato|lähetetty|päivämäärä|päiväys|gönderilme tarihi|"
    "gönderildi|tarih|отправлено|дата|надіслано|отправлен|надійшло|στάλθηκε|εστάλη|ημερομηνία|αποστολή|送信日時|"
    "日時|日付|发送时间|發送時間|时间|日期|寄件日期|보낸 날짜|날짜|küldve|elküldve|trimis|poslano|poslata|odoslané|"
    "išsiųsta|nosūtīts|saadetud|נשלח|تاريخ|ngày|tanggal"
)
_TO = (
    "to|an|à|a|para|naar|aan|do|komu|till|til|vastaanottaja|kime|alıcı|кому|προς|宛先|收件人|收件者|받는 사람|"
    "받는사람|címzett|către|za|prima|kam|kellele|destinataire|destinatario|destinatário|cc|kopie|copie|kopia|kopi|"
    "kopio|bilgi|копия|копія|κοιν|reply-to|antwort an|odpověď komu|réponse à|אל|إلى|đến|kepada|抄送|副本|참조"
)
_SUBJECT = (
    "subject|betreff|objet|asunto|oggetto|assunto|onderwerp|temat|předmět|predmet|ämne|emne|aihe|konu|тема|θέμα|"
    "件名|主题|主旨|主題|제목|tárgy|subiect|zadeva|tema|temats|teema|importance|priority|wichtigkeit|priorität|"
    "נושא|الموضوع|chủ đề|subjek|attachments|anlagen|pièces jointes"
)
_LABEL_LINE = r"[\s>*_|]*(?P<label>{})[*_]*\s*[:：][*_]*(?P<value>.*)"
HEADER_LABEL = re.compile(
    _LABEL_LINE.format(f"(?P<from>{_FROM})|(?P<when>{_WHEN})|(?P<to>{_TO})|(?P<subject>{_SUBJECT})").replace(
        "(?P<label>", "(?:"
    ),
    re.I,
)
FROM_LABEL = re.compile(_LABEL_LINE.format(_FROM), re.I)
WHEN_LABEL = re.compile(_LABEL_LINE.format(_WHEN), re.I)
TO_LABEL = re.compile(_LABEL_LINE.format(_TO), re.I)
SUBJECT_LABEL = re.compile(_LABEL_LINE.format(_SUBJECT), re.I)

# The last line that a phone or a program adds.
SENT_FROM = re.compile(
    r"[\s*_|\[-]*(?:"
    r"(?:sent|posted|written|typed) (?:from|via|by|with|on|using) (?:my|an?|the|your|yahoo|outlook|mail|gmail|proton|"
    r"samsung|iphone|ipad|android|blackberry|windows|mailbox|spark|nine|k-9|fairmail|airmail|mobile|aol|huawei|xiaomi|"
    r"bluemail|mailspring|tutanota|front|superhuman|zoho|surface|nokia|htc|motorola|sony|lg|galaxy)\b"
    r"|sent from \S+ (?:mail|mobile|email)|sent from \S{2,40}\s*(?:<[^<>]*>)?\Z|get outlook for|get (?:the )?(?:yahoo|aol|gmail|bluemail|mailspring)"
    r"|download outlook|do you yahoo|please excuse (?:brevity|typos|my brevity)|excuse my brevity"
    r"|von meinem .{2,40} gesendet|von .{2,40} gesendet|gesendet von|gesendet mit|gesendet über|gesendet aus"
    r"|diese nachricht wurde von mein|outlook für (?:ios|android)|holen sie sich outlook"
    r"|envoyé (?:de|depuis|à partir d[e'’]|avec|par|via) ?(?:mon|ma|un|une|l|yahoo|outlook|mon)|envoyé d['’]un|"
    r"télécharger outlook|obtenir outlook|provenance : courrier"
    r"|enviado (?:desde|de|do|a partir do|via|pelo|con|com) |enviada do|obtener outlook|obtenha o outlook|descarga outlook"
    r"|inviato (?:da|dal|con|tramite) |scarica outlook|ottieni outlook"
    r"|verzonden (?:vanaf|vanuit|met|via) |verstuurd (?:vanaf|vanuit|met|via) |outlook voor (?:ios|android)"
    r"|wysłane? z |wysłano z |wysłano przez |pobierz outlook|odesláno z|odoslané z|poslano z|získejte outlook"
    r"|skickat från|skickades från|sendt fra|sendt med|hämta outlook|hent outlook|få outlook"
    r"|lähetetty .{2,30}(?:sta|stä|lta|ltä|lla|llä)\b|hanki outlook|.{2,30}mdan gönderildi|.{2,20}(?:'dan|'den|umdan|imden) gönderildi"
    r"|отправлено (?:с|из|через|от) |отправлен[оа]? .{0,20}(?:iphone|ipad|android)|скачать outlook|надіслано з|"
    r"відправлено з|στάλθηκε από|εστάλη από|küldve |trimis de pe|iphone ?から送信|ipad ?から送信|.{2,20}から送信|"
    r"发自我的|從我的|从我的|來自我的|来自我的|나의 .{2,20}에서 보냄|.{2,20}에서 보냄|gửi từ"
    r").{0,120}\Z",
    re.I,
)

_SIGN_OFFS = (
    "(?:(?:best|kind|kindest|warm|warmest|many|with|my|very best) )*(?:regards|wishes)|regards|rgds|brgds|"
    "cheers|sincerely|sincerely yours|yours sincerely|yours truly|yours faithfully|yours|cordially|respectfully|"
    "thanks and regards|thanks & regards|thanks and best regards|"
    "with kind regards|with best regards|all the best|take care|br|kr|"
    "with (?:gratitude|appreciation)|"
    "mit freundlichen grüßen|mit freundlichen grüssen|mit freundlichem gruß|mit freundlichem gruss|mfg|"
    "freundliche grüße|freundliche grüsse|freundlichen gruß|beste grüße|beste grüsse|viele grüße|viele grüsse|"
    "liebe grüße|liebe grüsse|lieben gruß|herzliche grüße|herzliche grüsse|schöne grüße|schönen gruß|viele liebe grüße|"
    "mit besten grüßen|mit besten grüssen|mit besten wünschen|grüße|grüsse|gruß|gruss|lg|vg|"
    "danke und gruß|hochachtungsvoll|vielen dank und (?:viele |freundliche |beste )?grüße|"
    "cordialement|bien cordialement|très cordialement|salutations|meilleures salutations|sincères salutations|"
    "bien à vous|bien à toi|cdlt|respectueusement|"
    "saludos|un saludo|saludos cordiales|un cordial saludo|atentamente|cordialmente|"
    "cordiali saluti|distinti saluti|saluti|un saluto|un cordiale saluto|"
    "atenciosamente|cumprimentos|com os melhores cumprimentos|melhores cumprimentos|abraços|um abraço|att|"
    "met vriendelijke groet|met vriendelijke groeten|vriendelijke groet|vriendelijke groeten|groeten|groet|mvg|"
    "hartelijke groet|hartelijke groeten|"
    "pozdrawiam|z poważaniem|z wyrazami szacunku|serdecznie pozdrawiam|"
    "με εκτίμηση|φιλικά|с уважением|с наилучшими пожеланиями|з повагою|"
    "s pozdravem|s přátelským pozdravem|s pozdravom|"
    "med vänlig hälsning|med vänliga hälsningar|vänliga hälsningar|vänlig hälsning|hälsningar|mvh|bästa hälsningar|"
    "med venlig hilsen|venlig hilsen|venlige hilsner|bedste hilsner|hilsen|vh|"
    "med vennlig hilsen|vennlig hilsen|beste hilsen|"
    "ystävällisin terveisin|terveisin|parhain terveisin|"
    "saygılarımla|saygılar|iyi çalışmalar|selamlar|"
    "üdvözlettel|köszönettel|cu stimă|cu respect|lep pozdrav|lijep pozdrav|pagarbiai|ar cieņu|lugupidamisega|"
    "よろしくお願いします|よろしくお願いいたします|宜しくお願い致します|此致|祝好|trân trọng"
)
# A word of thanks ends a mail too, but it is a signature only when a name follows.
_THANKS = (
    "thanks|thank you|many thanks|thanks again|thank you again|thanks in advance|thank you in advance|thx|tia|"
    "thanks a lot|thanks so much|thank you very much|danke|vielen dank|besten dank|danke schön|danke im voraus|"
    "vielen dank im voraus|merci|merci d['’]avance|merci beaucoup|merci par avance|gracias|muchas gracias|"
    "gracias de antemano|grazie|grazie mille|obrigado|obrigada|bedankt|alvast bedankt|dziękuję|dzięki|ευχαριστώ|"
    "спасибо|дякую|děkuji|díky|ďakujem|tack|tack på förhand|mange tak|takk|kiitos|teşekkürler|谢谢|謝謝|감사합니다|"
    "best|love|以上|have a (?:nice|great|good) (?:day|weekend|one)"
)
SIGN_OFF = re.compile(rf"[\s*_-]*(?:{_SIGN_OFFS}|{_THANKS})[\s,.!;:*_–—-]*(?P<name>.{{0,60}})\Z", re.I)
SIGN_OFF_ALONE = re.compile(rf"[\s*_-]*(?:{_SIGN_OFFS})[\s,.!;:*_–—\W-]*\Z", re.I)
THANKS_ALONE = re.compile(rf"[\s*_-]*(?:{_THANKS})[\s,.!;:*_–—\W-]*\Z", re.I)

POSTSCRIPT = re.compile(r"\s*(?:p\.? ?s\b|pps\b|n\.?b\.|nota bene)", re.I)
_DISCLAIMER_WORDS = (
    r"confidential|intended (?:only|solely|for|recipient)|privileged|vertraulich|confidentiel|confidencial|riservat|"
    r"poufn|důvěrn|dôvern|конфиденциальн|конфіденційн|εμπιστευτικ|luottamuksel|konfidenti|fortrolig|vertrouwelijk|gizli"
)
DISCLAIMER = re.compile(
    rf"{_DISCLAIMER_WORDS}|disclaimer|virus|environment before printing|mailing list|unsubscribe", re.I
)
# The beginning of a text that lawyers and scanners put below a mail.
DISCLAIMER_BEGINS = re.compile(
    r"[\s*_>\"'-]*(?:(?:legal |email |e-mail )?disclaimer|(?:confidentiality|legal|important|privacy) notice|caution|notice|"
    r"haftungsausschluss|rechtlicher hinweis|avis de confidentialité|aviso legal|aviso de confidencialidad|avvertenza)"
    r"\s*[:.*_-]*\Z"
    r"|[\s*_>\"'-]*(?:this (?:e-?mail|message|communication|transmission|electronic)|the (?:information|contents?) "
    r"(?:contained )?(?:in|of) this|diese (?:e-?mail|nachricht)|die(?:se)? in dieser|ce (?:message|courriel|mail)|"
    r"les informations contenues|este (?:mensaje|correo|e-?mail)|esta mensagem|questo (?:messaggio|documento)|"
    r"questa (?:e-?mail|comunicazione)|le informazioni contenute|dit bericht|deze e-?mail|de informatie|"
    r"ta wiadomość|niniejsza wiadomość|tato zpráva|tento e-?mail|это сообщение|настоящее сообщение|цей лист|"
    r"denna e-?post|detta (?:meddelande|mail)|denne (?:e-?mail|e-?post)|tämä (?:viesti|sähköposti)|bu (?:e-?posta|mesaj))"
    rf".{{0,300}}?(?:{_DISCLAIMER_WORDS})",
    re.I,
)
