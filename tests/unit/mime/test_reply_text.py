"""What stays of a reply: the words of the person, whatever language and program put around them."""

import time

import pytest

from app.mime import parse_message, split_reply

ANSWER = "The lamp works again.\nMany words of praise for your shop!"

# One introduction of a quote for each language, as the big mail programs write it.
INTRODUCTIONS = {
    "en gmail": "On Tue, Mar 5, 2024 at 10:00 AM Help Desk <help@example.com> wrote:",
    "en apple": "On 5 Mar 2024, at 10:00, Help Desk <help@example.com> wrote:",
    "en thunderbird": "On 05/03/2024 10:00, Help Desk wrote:",
    "en folded": "On Tue, Mar 5, 2024 at 10:00 AM Help Desk of the Very Long Name\n<help@example.com> wrote:",
    "de gmail": "Am Di., 5. März 2024 um 10:00 Uhr schrieb Help Desk <help@example.com>:",
    "de thunderbird": "Am 05.03.2024 um 10:00 schrieb Help Desk:",
    "de apple": "Am 05.03.2024 um 10:00 hat Help Desk <help@example.com> geschrieben:",
    "fr gmail": "Le mar. 5 mars 2024 à 10:00, Help Desk <help@example.com> a écrit :",
    "es gmail": "El mar, 5 mar 2024 a las 10:00, Help Desk (<help@example.com>) escribió:",
    "it gmail": "Il giorno mar 5 mar 2024 alle ore 10:00 Help Desk <help@example.com> ha scritto:",
    "pt gmail": "Em ter., 5 de mar. de 2024 às 10:00, Help Desk <help@example.com> escreveu:",
    "nl gmail": "Op di 5 mrt 2024 om 10:00 schreef Help Desk <help@example.com>:",
    "pl gmail": "wt., 5 mar 2024 o 10:00 Help Desk <help@example.com> napisał(a):",
    "pl thunderbird": "W dniu 5.03.2024 o 10:00, Help Desk pisze:",
    "el gmail": "Στις Τρί 5 Μαρ 2024 στις 10:00 π.μ., ο χρήστης Help Desk <help@example.com> έγραψε:",
    "ru gmail": "вт, 5 мар. 2024 г. в 10:00, Help Desk <help@example.com>:",
    "ru thunderbird": "05.03.2024 10:00, Help Desk пишет:",
    "uk gmail": "вт, 5 бер. 2024 р. о 10:00 Help Desk <help@example.com> пише:",
    "cs gmail": "út 5. 3. 2024 v 10:00 odesílatel Help Desk <help@example.com> napsal:",
    "sv gmail": "Den tis 5 mars 2024 kl 10:00 skrev Help Desk <help@example.com>:",
    "da gmail": "Den tirs. 5. mar. 2024 kl. 10.00 skrev Help Desk <help@example.com>:",
    "nb gmail": "tir. 5. mars 2024 kl. 10:00 skrev Help Desk <help@example.com>:",
    "fi gmail": "ti 5. maalisk. 2024 klo 10.00 Help Desk (help@example.com) kirjoitti:",
    "tr gmail": "Help Desk <help@example.com>, 5 Mar 2024 Sal, 10:00 tarihinde şunu yazdı:",
    "ja gmail": "2024年3月5日(火) 10:00 Help Desk <help@example.com>:",
    "zh gmail": "Help Desk <help@example.com> 于2024年3月5日周二 10:00写道：",
    "zh tw gmail": "Help Desk <help@example.com> 於 2024年3月5日 週二 上午10:00寫道：",
    "ko gmail": "2024년 3월 5일 (화) 오전 10:00, Help Desk <help@example.com>님이 작성:",
    "hu gmail": "Help Desk <help@example.com> ezt írta (időpont: 2024. márc. 5., K, 10:00):",
}

# The header block that Outlook puts above the older mail: from, sent, to, subject.
HEADER_BLOCKS = {
    "en": ("From", "Sent", "To", "Subject"),
    "de": ("Von", "Gesendet", "An", "Betreff"),
    "fr": ("De", "Envoyé", "À", "Objet"),
    "es": ("De", "Enviado el", "Para", "Asunto"),
    "it": ("Da", "Inviato", "A", "Oggetto"),
    "pt": ("De", "Enviado", "Para", "Assunto"),
    "nl": ("Van", "Verzonden", "Aan", "Onderwerp"),
    "pl": ("Od", "Wysłano", "Do", "Temat"),
    "el": ("Από", "Στάλθηκε", "Προς", "Θέμα"),
    "ru": ("От", "Отправлено", "Кому", "Тема"),
    "uk": ("Від", "Надіслано", "Кому", "Тема"),
    "cs": ("Od", "Odesláno", "Komu", "Předmět"),
    "sv": ("Från", "Skickat", "Till", "Ämne"),
    "da": ("Fra", "Sendt", "Til", "Emne"),
    "nb": ("Fra", "Sendt", "Til", "Emne"),
    "fi": ("Lähettäjä", "Lähetetty", "Vastaanottaja", "Aihe"),
    "tr": ("Kimden", "Gönderildi", "Kime", "Konu"),
    "ja": ("差出人", "送信日時", "宛先", "件名"),
    "zh": ("发件人", "发送时间", "收件人", "主题"),
    "ko": ("보낸 사람", "보낸 날짜", "받는 사람", "제목"),
}

PHONE_LINES = {
    "en": "Sent from my iPhone",
    "en outlook": "Get Outlook for Android<https://aka.ms/x>",
    "en yahoo": "Sent from Yahoo Mail on Android",
    "de": "Von meinem iPhone gesendet",
    "de gmx": "Diese Nachricht wurde von meinem Android Mobiltelefon mit GMX Mail gesendet.",
    "fr": "Envoyé de mon iPhone",
    "es": "Enviado desde mi iPhone",
    "it": "Inviato da iPhone",
    "pt": "Enviado do meu iPhone",
    "nl": "Verstuurd vanaf mijn iPhone",
    "pl": "Wysłane z iPhone'a",
    "ru": "Отправлено с iPhone",
    "uk": "Надіслано з iPhone",
    "cs": "Odesláno z iPhonu",
    "sv": "Skickat från min iPhone",
    "da": "Sendt fra min iPhone",
    "fi": "Lähetetty iPhonesta",
    "tr": "iPhone'umdan gönderildi",
    "ja": "iPhoneから送信",
    "zh": "发自我的iPhone",
    "ko": "나의 iPhone에서 보냄",
}

ORIGINALS = [
    "-----Original Message-----", "-----Ursprüngliche Nachricht-----", "-----Message d'origine-----",
    "-----Mensaje original-----", "-----Messaggio originale-----", "-----Mensagem original-----",
    "-----Oorspronkelijk bericht-----", "-----Wiadomość oryginalna-----", "-----Исходное сообщение-----",
    "-----Původní zpráva-----", "-----Ursprungligt meddelande-----", "-----Oprindelig meddelelse-----",
    "-----Alkuperäinen viesti-----", "-----元のメッセージ-----", "---------- Forwarded message ---------",
    "Begin forwarded message:",
]  # fmt: skip


@pytest.mark.parametrize("introduction", INTRODUCTIONS.values(), ids=INTRODUCTIONS)
def test_reply_ends_above_the_introduction_of_a_marked_quote(introduction):
    text = f"{ANSWER}\n\n{introduction}\n\n> How is the lamp?\n> It was old.\n"
    parts = split_reply(text)
    assert parts.reply == ANSWER
    assert "How is the lamp?" in parts.rest


@pytest.mark.parametrize("introduction", INTRODUCTIONS.values(), ids=INTRODUCTIONS)
def test_reply_ends_above_the_introduction_of_an_unmarked_quote(introduction):
    assert split_reply(f"{ANSWER}\n\n{introduction}\n\nHow is the lamp?\nIt was old.\n").reply == ANSWER


@pytest.mark.parametrize("labels", HEADER_BLOCKS.values(), ids=HEADER_BLOCKS)
@pytest.mark.parametrize("rule", ["", "________________________________\n"], ids=["plain", "ruled"])
def test_reply_ends_above_the_header_of_the_older_mail(labels, rule):
    sender, sent, to, subject = labels
    block = (
        f"{rule}{sender}: Help Desk <help@example.com>\n{sent}: 05.03.2024 10:00\n"
        f"{to}: Ada <ada@example.com>\n{subject}: Your lamp\n\nHow is the lamp?"
    )
    assert split_reply(f"{ANSWER}\n\n{block}").reply == ANSWER


@pytest.mark.parametrize("line", ORIGINALS)
def test_reply_ends_above_a_separator(line):
    assert split_reply(f"{ANSWER}\n\n{line}\nHow is the lamp?").reply == ANSWER


@pytest.mark.parametrize("line", PHONE_LINES.values(), ids=PHONE_LINES)
def test_reply_leaves_out_what_the_phone_adds(line):
    assert split_reply(f"{ANSWER}\n\n{line}\n").reply == ANSWER


@pytest.mark.parametrize(
    "signature",
    [
        "-- \nAda Lovelace\nAnalyst",
        "--\nAda",
        "Best regards,\nAda Lovelace\n+44 20 1234 567",
        "Kind regards, Ada",
        "Mit freundlichen Grüßen\n\nAda Lovelace\nVertrieb",
        "Cordialement,\nAda",
        "Un saludo,\nAda",
        "Met vriendelijke groet,\nAda",
        "С уважением,\nАда",
        "Med vänlig hälsning\nAda",
        "Thanks,\nAda",
        "Cheers 🎉\nAda",
        "___________\nAda Lovelace\nada@example.com",
        "Ada Lovelace\nAnalyst, Example Ltd",
    ],
)
def test_reply_leaves_out_the_signature(signature):
    assert split_reply(f"{ANSWER}\n\n{signature}\n", sender_name="Ada Lovelace").reply == ANSWER


def test_reply_leaves_out_a_disclaimer():
    text = f"{ANSWER}\n\nThis e-mail and its attachments are confidential and intended solely for the addressee."
    assert split_reply(text).reply == ANSWER


@pytest.mark.parametrize(
    "text",
    [
        "On the other hand, it could be the bulb.\nOn Monday I will look again.",
        "I need to know where it is from: the shop or the factory?\nFrom: what I see, the shop.",
        "Thanks for the quick answer!\nIt works.",
        "This is the list:\n- one\n- two\n- three",
        "The letter was sent from my office last week, and nobody answered.",
        "With regards to the payment: it is done.",
        "Key points\n----\n1. The price is too high for us at the moment.\n2. The colour should be red instead.",
        "The old one was better.\n\nPlease send the invoice to ada@example.com today.",
        "My colleague wrote: this is broken.",
    ],
)
def test_reply_keeps_sentences_that_only_look_like_marks(text):
    assert split_reply(text).reply == text


def test_reply_keeps_answers_between_the_quotes():
    text = "> Red or blue?\nRed, please.\n\n> And the size?\nLarge.\n"
    assert split_reply(text).reply == "Red, please.\n\nLarge."


def test_reply_keeps_a_postscript():
    text = "It works.\n\nBest regards,\nAda\n\nP.S. Could you also send a bulb?"
    assert "Could you also send a bulb?" in split_reply(text).reply


@pytest.mark.parametrize("text", ["> only a quote", "-- \nAda", "On 5 Mar 2024 Ada wrote:\n> hello", "x", " . "])
def test_reply_is_never_empty_when_the_text_is_not(text):
    assert split_reply(text).reply


def test_rest_holds_what_the_reply_leaves_out():
    parts = split_reply("Yes.\n\n-- \nAda\n\nOn 5 Mar 2024, at 10:00, Ben wrote:\n> Is it done?")
    assert parts.reply == "Yes."
    for left_out in ("Ada", "Ben wrote", "Is it done?"):
        assert left_out in parts.rest


HTML_REPLIES = {
    "gmail": '<div dir="ltr">It works.</div><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">'
    'On Tue, Mar 5, 2024 at 10:00 AM Help &lt;<a href="mailto:help@example.com">help@example.com</a>&gt; wrote:<br>'
    '</div><blockquote class="gmail_quote">How is the lamp?</blockquote></div>',
    "outlook desktop": '<div class="WordSection1"><p class="MsoNormal">It works.</p><div><div style="border:none;'
    'border-top:solid #E1E1E1 1.0pt"><p class="MsoNormal"><b>From:</b> Help &lt;help@example.com&gt;<br><b>Sent:</b>'
    " Tuesday, March 5, 2024 10:00 AM<br><b>To:</b> Ada<br><b>Subject:</b> Lamp</p></div></div>"
    '<p class="MsoNormal">How is the lamp?</p></div>',
    "outlook web": '<div>It works.</div><div id="appendonsend"></div><hr><div id="divRplyFwdMsg" dir="ltr"><b>From:</b>'
    " Help &lt;help@example.com&gt;<br><b>Sent:</b> Tuesday, March 5, 2024<br><b>To:</b> Ada<br><b>Subject:</b> Lamp"
    "</div><div>How is the lamp?</div>",
    "apple": '<div>It works.</div><div><br><blockquote type="cite"><div>On 5 Mar 2024, at 10:00, Help '
    "&lt;help@example.com&gt; wrote:</div><div>How is the lamp?</div></blockquote></div>",
    "thunderbird": '<p>It works.</p><div class="moz-cite-prefix">Am 05.03.2024 um 10:00 schrieb Help:<br></div>'
    '<blockquote type="cite">How is the lamp?</blockquote><pre class="moz-signature">-- \nAda</pre>',
    "yahoo": '<div>It works.</div><div id="yahoo_quoted_1" class="yahoo_quoted"><div>On Tuesday, March 5, 2024, Help '
    "&lt;help@example.com&gt; wrote:</div><div>How is the lamp?</div></div>",
    "proton": '<div>It works.</div><div class="protonmail_quote">On Tuesday Help wrote:<blockquote>How is the lamp?'
    "</blockquote></div>",
}


@pytest.mark.parametrize("html", HTML_REPLIES.values(), ids=HTML_REPLIES)
def test_reply_is_read_from_html(html):
    raw = b"From: Ada <ada@example.com>\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + html.encode()
    assert parse_message(raw).reply_text == "It works."


def test_html_helps_where_the_text_shows_no_quote():
    text = "It works.\n\nHow is the lamp?"
    assert split_reply(text, HTML_REPLIES["gmail"]).reply == "It works."


@pytest.mark.parametrize(
    "piece",
    [
        "> quoted\n",
        "On Mon, 5 Mar 2024 a b <c@d.example>\n",
        "On 5 Mar 2024 x@y.example wrote:\n",
        "From: a@b.example\n",
        "-----Original\n",
        "--\n",
        "Best regards,\n",
        "a: " * 50 + "\n",
        "x@" * 100 + "\n",
        "On ",
        "-",
        " ",
        ">",
    ],
)
def test_reply_takes_linear_time(piece):
    def seconds(count):
        text = "Hello\n" + piece * count
        best = []
        for _ in range(3):
            start = time.thread_time()
            split_reply(text)
            best.append(time.thread_time() - start)
        return min(best)

    size = 4_000
    assert seconds(8 * size) < 32 * max(seconds(size), 0.0005)
