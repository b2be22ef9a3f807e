"""The languages a form can be written in, under their own names."""

__all__ = ["LANGUAGE_NAMES", "known_language", "languages_by_name", "own_name"]

LANGUAGE_NAMES = {
    "ar": "العربية",
    "bg": "Български",
    "bs": "Bosanski",
    "ca": "Català",
    "cs": "Čeština",
    "cy": "Cymraeg",
    "da": "Dansk",
    "de": "Deutsch",
    "el": "Ελληνικά",
    "en": "English",
    "es": "Español",
    "et": "Eesti",
    "eu": "Euskara",
    "fa": "فارسی",
    "fi": "Suomi",
    "fr": "Français",
    "ga": "Gaeilge",
    "gl": "Galego",
    "he": "עברית",
    "hi": "हिन्दी",
    "hr": "Hrvatski",
    "hu": "Magyar",
    "id": "Bahasa Indonesia",
    "is": "Íslenska",
    "it": "Italiano",
    "ja": "日本語",
    "ka": "ქართული",
    "ko": "한국어",
    "lt": "Lietuvių",
    "lv": "Latviešu",
    "mk": "Македонски",
    "mt": "Malti",
    "nb": "Norsk bokmål",
    "nl": "Nederlands",
    "pl": "Polski",
    "pt": "Português",
    "pt-BR": "Português (Brasil)",
    "ro": "Română",
    "ru": "Русский",
    "sk": "Slovenčina",
    "sl": "Slovenščina",
    "sq": "Shqip",
    "sr": "Српски",
    "sv": "Svenska",
    "th": "ไทย",
    "tr": "Türkçe",
    "uk": "Українська",
    "ur": "اردو",
    "vi": "Tiếng Việt",
    "zh-Hans": "简体中文",
    "zh-Hant": "繁體中文",
}


def own_name(code: str) -> str:
    """ "el" → "Ελληνικά"; a code that nobody put into the list is its own name."""
    return LANGUAGE_NAMES.get(code) or LANGUAGE_NAMES.get(code.partition("-")[0], code)


def languages_by_name() -> tuple[tuple[str, str], ...]:
    """(code, own name) of all, for a choice."""
    return tuple(sorted(LANGUAGE_NAMES.items(), key=lambda one: one[1].casefold()))


def known_language(code: str) -> str:
    """A language that forms can be written in: the one that is asked for, its base, else English."""
    return next((one for one in (code, code.partition("-")[0]) if one in LANGUAGE_NAMES), "en")
