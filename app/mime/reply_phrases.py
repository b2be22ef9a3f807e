"""What mail programs write around a quoted mail, in many languages: tables, and the patterns made of them.

Languages: en de fr es it pt nl pl el ru uk cs sk sv da nb fi tr hu ro bg hr sl lt lv et he ar ja zh ko vi id ca.
Tables are looked up, which costs the same for any number of languages; patterns are linear and are given single
lines of bounded length.
"""

from __future__ import annotations

import re


def _phrases(text: str) -> frozenset[str]:
    return frozenset(text.split("|"))


# "… wrote:" — the verb of the line above a quote.
VERBS = _phrases(
    "wrote|writes|said|schrieb|schrieben|schreibt|geschrieben|hat geschrieben|a écrit|a ecrit|écrivait|"
    "écrit|escribió|escribio|escribe|ha escrito|va escriure|ha scritto|scrive|scriveva|scrisse|escreveu|"
    "escreve|schreef|heeft geschreven|napisał|napisała|napisał(a)|napisal|napisal(a)|napísal|napísal(a)|"
    "pisze|napsal|napsala|napísala|píše|piše|je napisao|je napisal|έγραψε|écrivit|написал|написала|написал(а)|"
    "пишет|писал|писала|написав|написав(-ла)|пише|написа|skrev|skriver|følgende|kirjoitti|kirjoittaa|"
    "yazdı|şunu yazdı|şunları yazdı|yazmış|ezt írta|írta|a scris|rašė|parašė|rakstīja|kirjutas|כתב|כתבה|"
    "كتب|さんは書きました|さんからのメッセージ|さんのメール|のメッセージ|書きました|"
    "写道|寫道|来信|作成|작성|님이 작성|썼습니다|đã viết|menulis"
)
VERB = re.compile(  # for text in small letters
    rf"(?<![^\W_])(?:{'|'.join(sorted(map(re.escape, VERBS), key=len, reverse=True))})(?![^\W_])"
    r"|写道|寫道|작성|書きました|のメール"
)
VERB_ENDINGS = frozenset(verb.rpartition(" ")[2] for verb in VERBS)

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
STRONG_LEAD = re.compile(
    r"[\s*_|«\"'-]*(?:on|am|le|el|il|em|op|w dniu|dnia|dne|dňa|den|στις|in data|no dia|"
    r"a)\b",
    re.I,
)
ADDRESS = re.compile(r"[^\s<>()\[\]\",;:@]{1,100}@[^\s<>()\[\]\",;:@]{1,200}")
DATE_OR_TIME = re.compile(
    r"\b\d{1,2}[:.h]\d\d\b|\b[^\W\d]{3,9}\.? \d{1,2}\b|\b(?:19|20)\d\d\b|"
    r"\b\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b|\d+[年월日]|\b\d{1,2}\.? \w{3,12}\b"
)

# Lines that announce an older mail below, between dashes or with a colon.
ORIGINALS = _phrases(
    "original message|original appointment|forwarded message|begin forwarded message|reply message|"
    "original email|reply above this line|ursprüngliche nachricht|originalnachricht|original-nachricht|"
    "weitergeleitete nachricht|anfang der weitergeleiteten nachricht|urspr. nachricht|message d'origine|"
    "message original|message d’origine|message transféré|message transmis|début du message transféré|"
    "début du message réexpédié|mail original|e-mail d'origine|courriel original|mensaje original|"
    "mensaje reenviado|inicio del mensaje reenviado|mensaje de origen|messaggio originale|"
    "messaggio originario|messaggio inoltrato|inizio messaggio inoltrato|mensagem original|"
    "mensagem encaminhada|mensagem reencaminhada|início da mensagem encaminhada|"
    "início da mensagem reencaminhada|oorspronkelijk bericht|origineel bericht|doorgestuurd bericht|"
    "begin doorgestuurd bericht|oorspronkelijke bericht|wiadomość oryginalna|oryginalna wiadomość|"
    "wiadomość przekazana|treść przekazanej wiadomości|αρχικό μήνυμα|προωθημένο μήνυμα|"
    "исходное сообщение|пересылаемое сообщение|пересланное сообщение|оригинальное сообщение|"
    "начало пересылаемого сообщения|конец пересылаемого сообщения|вихідне повідомлення|"
    "переслане повідомлення|оригінальне повідомлення|пересилання повідомлення|původní zpráva|"
    "přeposlaná zpráva|původní e-mail|pôvodná správa|preposlaná správa|ursprungligt meddelande|"
    "originalmeddelande|vidarebefordrat meddelande|vidarebefordrat brev|oprindelig meddelelse|"
    "oprindelig besked|videresendt meddelelse|videresendt besked|original meddelelse|opprinnelig melding|"
    "videresendt melding|original melding|alkuperäinen viesti|edelleenlähetetty viesti|välitetty viesti|"
    "orijinal mesaj|özgün ileti|iletilen mesaj|iletilmiş mesaj|orijinal ileti|eredeti üzenet|"
    "továbbított üzenet|mesaj original|mesaj redirecționat|originalna poruka|izvirno sporočilo|"
    "pradinis pranešimas|sākotnējais ziņojums|algne kiri|"
    "元のメッセージ|転送されたメッセージ|転送メッセージ|原始邮件|原始郵件|转发邮件|轉寄郵件|"
    "转发的邮件|원본 메시지|원본 메일|전달된 메시지|tin nhắn gốc|pesan asli"
)
ORIGINAL_BEGINNINGS = (
    "forwarded by",
    "weitergeleitet von",
    "original message processed by",
)

# The header lines that mail programs repeat above an older mail.
FROM_LABELS = _phrases(
    "from|von|absender|de|da|od|van|från|fra|afsender|avsändare|lähettäjä|kimden|gönderen|от|отправитель|"
    "від|відправник|από|差出人|送信者|发件人|發件人|寄件者|보낸 사람|보낸사람|feladó|mittente|expéditeur|remitente|remetente|"
    "afzender|nadawca|odesílatel|odesilatel|odosielateľ|expeditor|de la|pošiljatelj|šalje|nuo|no|saatja|"
    "kirjoittaja|מאת|من|từ|dari"
)
WHEN_LABELS = _phrases(
    "sent|date|sent at|gesendet|datum|gesendet am|envoyé|envoye|envoyé le|date d'envoi|le|enviado|"
    "enviado el|enviada em|enviado em|enviada|fecha|inviato|inviato il|data|data invio|verzonden|"
    "verstuurd|wysłano|wysłane|data wysłania|odesláno|dátum|skickat|skickat den|sendt|dato|lähetetty|"
    "päivämäärä|päiväys|gönderilme tarihi|gönderildi|tarih|отправлено|дата|надіслано|отправлен|надійшло|"
    "στάλθηκε|εστάλη|ημερομηνία|αποστολή|送信日時|日時|日付|发送时间|發送時間|时间|日期|寄件日期|보낸 날짜|날짜|küldve|elküldve|trimis|"
    "poslano|poslata|odoslané|išsiųsta|nosūtīts|saadetud|נשלח|تاريخ|ngày|tanggal"
)
TO_LABELS = _phrases(
    "to|an|à|a|para|naar|aan|do|komu|till|til|vastaanottaja|kime|alıcı|кому|προς|宛先|收件人|收件者|받는 사람|받는사람|"
    "címzett|către|za|prima|kam|kellele|destinataire|destinatario|destinatário|cc|kopie|copie|kopia|kopi|"
    "kopio|bilgi|копия|копія|κοιν|reply-to|antwort an|odpověď komu|réponse à|אל|إلى|đến|kepada|抄送|副本|참조"
)
SUBJECT_LABELS = _phrases(
    "subject|betreff|objet|asunto|oggetto|assunto|onderwerp|temat|předmět|predmet|ämne|emne|aihe|konu|"
    "тема|θέμα|件名|主题|主旨|主題|제목|tárgy|subiect|zadeva|tema|temats|teema|importance|priority|wichtigkeit|"
    "priorität|נושא|الموضوع|chủ đề|subjek|attachments|anlagen|pièces jointes"
)
