"""The currencies in use, by ISO 4217 (list one, 1 January 2026), and names that people write.

Funds, metals and codes for tests are left out: nobody is paid in them.
"""

from __future__ import annotations

from atsbridge.model.suggestions import suggest

_CODES = """
AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD
CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS
GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW
KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR
MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR
SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX
USD UYU UZS VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG
"""
CURRENCIES = frozenset(_CODES.split())
_SIGNS = {"€": "EUR", "£": "GBP", "₹": "INR", "₺": "TRY", "₩": "KRW", "₪": "ILS", "₴": "UAH"}
_NAMES = {
    "EURO": "EUR",
    "EUROS": "EUR",
    "DOLLAR": "USD",
    "DOLLARS": "USD",
    "US$": "USD",
    "US": "USD",
    "POUND": "GBP",
    "POUNDS": "GBP",
    "STG": "GBP",
    "UKP": "GBP",
    "FRANKEN": "CHF",
    "SFR": "CHF",
    "YEN": "JPY",
    "RMB": "CNY",
    "ZLOTY": "PLN",
    "BGN": "EUR",
    "HRK": "EUR",
    "DEM": "EUR",
}


def is_currency(code: str) -> bool:
    """Whether this is the code of a currency in use, in capitals."""
    return code in CURRENCIES


def suggest_currency(text: str) -> str:
    """The code that was probably meant, in capitals; "EUR" where nothing is near.

    >>> suggest_currency("euros"), suggest_currency("usd"), suggest_currency("EUT")
    ('EUR', 'USD', 'EUR')
    """
    plain = text.strip().upper()
    if plain in CURRENCIES:
        return plain
    codes = sorted(CURRENCIES, key=_by_use)
    swapped = next((code for code in codes if sorted(code) == sorted(plain)), None)
    return _SIGNS.get(plain) or _NAMES.get(plain) or swapped or suggest(plain, codes, 0.6) or "EUR"


def _by_use(code: str) -> tuple[bool, str]:
    """Of equally near codes the ones that most people mean come first."""
    return code not in ("EUR", "USD", "GBP", "CHF", "INR", "JPY", "CAD", "AUD"), code
