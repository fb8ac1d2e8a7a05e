"""The countries of ISO 3166-1, and the regions whose public holidays are known.

Country codes and names: the `iso3166.tab` of the time zone database, spelled out. Regions: the
subdivisions of the `holidays` library. Both are kept here because importing that library costs
half a second, which a check of the settings must not.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

# alpha-2, alpha-3, name
_COUNTRIES = """
AD AND Andorra; AE ARE United Arab Emirates; AF AFG Afghanistan; AG ATG Antigua and Barbuda;
AI AIA Anguilla; AL ALB Albania; AM ARM Armenia; AO AGO Angola; AQ ATA Antarctica;
AR ARG Argentina; AS ASM American Samoa; AT AUT Austria; AU AUS Australia; AW ABW Aruba;
AX ALA Åland Islands; AZ AZE Azerbaijan; BA BIH Bosnia and Herzegovina; BB BRB Barbados;
BD BGD Bangladesh; BE BEL Belgium; BF BFA Burkina Faso; BG BGR Bulgaria; BH BHR Bahrain;
BI BDI Burundi; BJ BEN Benin; BL BLM Saint Barthélemy; BM BMU Bermuda; BN BRN Brunei;
BO BOL Bolivia; BQ BES Caribbean NL; BR BRA Brazil; BS BHS Bahamas; BT BTN Bhutan;
BV BVT Bouvet Island; BW BWA Botswana; BY BLR Belarus; BZ BLZ Belize; CA CAN Canada;
CC CCK Cocos Islands; CD COD Democratic Republic of the Congo; CF CAF Central African Republic;
CG COG Congo; CH CHE Switzerland; CI CIV Ivory Coast; CK COK Cook Islands; CL CHL Chile;
CM CMR Cameroon; CN CHN China; CO COL Colombia; CR CRI Costa Rica; CU CUB Cuba;
CV CPV Cape Verde; CW CUW Curaçao; CX CXR Christmas Island; CY CYP Cyprus; CZ CZE Czech Republic;
DE DEU Germany; DJ DJI Djibouti; DK DNK Denmark; DM DMA Dominica; DO DOM Dominican Republic;
DZ DZA Algeria; EC ECU Ecuador; EE EST Estonia; EG EGY Egypt; EH ESH Western Sahara;
ER ERI Eritrea; ES ESP Spain; ET ETH Ethiopia; FI FIN Finland; FJ FJI Fiji;
FK FLK Falkland Islands; FM FSM Micronesia; FO FRO Faroe Islands; FR FRA France; GA GAB Gabon;
GB GBR United Kingdom; GD GRD Grenada; GE GEO Georgia; GF GUF French Guiana; GG GGY Guernsey;
GH GHA Ghana; GI GIB Gibraltar; GL GRL Greenland; GM GMB Gambia; GN GIN Guinea;
GP GLP Guadeloupe; GQ GNQ Equatorial Guinea; GR GRC Greece; GS SGS South Georgia;
GT GTM Guatemala; GU GUM Guam; GW GNB Guinea-Bissau; GY GUY Guyana; HK HKG Hong Kong;
HM HMD Heard Island and McDonald Islands; HN HND Honduras; HR HRV Croatia; HT HTI Haiti;
HU HUN Hungary; ID IDN Indonesia; IE IRL Ireland; IL ISR Israel; IM IMN Isle of Man;
IN IND India; IO IOT British Indian Ocean Territory; IQ IRQ Iraq; IR IRN Iran; IS ISL Iceland;
IT ITA Italy; JE JEY Jersey; JM JAM Jamaica; JO JOR Jordan; JP JPN Japan; KE KEN Kenya;
KG KGZ Kyrgyzstan; KH KHM Cambodia; KI KIR Kiribati; KM COM Comoros;
KN KNA Saint Kitts and Nevis; KP PRK North Korea; KR KOR South Korea; KW KWT Kuwait;
KY CYM Cayman Islands; KZ KAZ Kazakhstan; LA LAO Laos; LB LBN Lebanon; LC LCA Saint Lucia;
LI LIE Liechtenstein; LK LKA Sri Lanka; LR LBR Liberia; LS LSO Lesotho; LT LTU Lithuania;
LU LUX Luxembourg; LV LVA Latvia; LY LBY Libya; MA MAR Morocco; MC MCO Monaco; MD MDA Moldova;
ME MNE Montenegro; MF MAF Saint Martin; MG MDG Madagascar; MH MHL Marshall Islands;
MK MKD North Macedonia; ML MLI Mali; MM MMR Myanmar; MN MNG Mongolia; MO MAC Macau;
MP MNP Northern Mariana Islands; MQ MTQ Martinique; MR MRT Mauritania; MS MSR Montserrat;
MT MLT Malta; MU MUS Mauritius; MV MDV Maldives; MW MWI Malawi; MX MEX Mexico; MY MYS Malaysia;
MZ MOZ Mozambique; NA NAM Namibia; NC NCL New Caledonia; NE NER Niger; NF NFK Norfolk Island;
NG NGA Nigeria; NI NIC Nicaragua; NL NLD Netherlands; NO NOR Norway; NP NPL Nepal; NR NRU Nauru;
NU NIU Niue; NZ NZL New Zealand; OM OMN Oman; PA PAN Panama; PE PER Peru;
PF PYF French Polynesia; PG PNG Papua New Guinea; PH PHL Philippines; PK PAK Pakistan;
PL POL Poland; PM SPM Saint Pierre and Miquelon; PN PCN Pitcairn; PR PRI Puerto Rico;
PS PSE Palestine; PT PRT Portugal; PW PLW Palau; PY PRY Paraguay; QA QAT Qatar; RE REU Réunion;
RO ROU Romania; RS SRB Serbia; RU RUS Russia; RW RWA Rwanda; SA SAU Saudi Arabia;
SB SLB Solomon Islands; SC SYC Seychelles; SD SDN Sudan; SE SWE Sweden; SG SGP Singapore;
SH SHN Saint Helena; SI SVN Slovenia; SJ SJM Svalbard and Jan Mayen; SK SVK Slovakia;
SL SLE Sierra Leone; SM SMR San Marino; SN SEN Senegal; SO SOM Somalia; SR SUR Suriname;
SS SSD South Sudan; ST STP Sao Tome and Principe; SV SLV El Salvador; SX SXM Sint Maarten;
SY SYR Syria; SZ SZW Eswatini; TC TCA Turks and Caicos Islands; TD TCD Chad;
TF ATF French Southern Territories; TG TGO Togo; TH THA Thailand; TJ TJK Tajikistan;
TK TKL Tokelau; TL TLS East Timor; TM TKM Turkmenistan; TN TUN Tunisia; TO TON Tonga;
TR TUR Turkey; TT TTO Trinidad and Tobago; TV TUV Tuvalu; TW TWN Taiwan; TZ TZA Tanzania;
UA UKR Ukraine; UG UGA Uganda; UM UMI US Minor Outlying Islands; US USA United States;
UY URY Uruguay; UZ UZB Uzbekistan; VA VAT Vatican City; VC VCT Saint Vincent; VE VEN Venezuela;
VG VGB British Virgin Islands; VI VIR US Virgin Islands; VN VNM Vietnam; VU VTU Vanuatu;
WF WLF Wallis and Futuna; WS WSM Samoa; XK XKK Kosovo; YE YEM Yemen; YT MYT Mayotte;
ZA ZAF South Africa; ZM ZMB Zambia; ZW ZWE Zimbabwe
"""
# ISO 3166-2 without the country, and a few cities with a holiday of their own
_REGIONS = """
AD: 02 03 04 05 06 07 08
AM: AG AR AV ER GR KT LO SH SU TV VD
AR: A B C D E F G H J K L M N P Q R S T U V W X Y Z
AT: 1 2 3 4 5 6 7 8 9
AU: ACT NSW NT QLD SA TAS VIC WA
BA: BIH BRC SRP
BE: Flemish French German
BO: B C H L N O P S T
BQ: BON SAB STA
BR: AC AL AM AP BA CE DF ES GO MA MG MS MT PA PB PE PI PR RJ RN RO RR RS SC SE SP TO
BT: 11 12 13 14 15 21 22 23 24 31 32 33 34 41 42 43 44 45 GA TY
CA: AB BC MB NB NL NS NT NU ON PE QC SK YT
CH: AG AI AR BE BL BS FR GE GL GR JU LU NE NW OW SG SH SO SZ TG TI UR VD VS ZG ZH
CL: AI AN AP AR AT BI CO LI LL LR MA ML NB RM TA VS
CV: BR BV CA CF CR MA MO PA PN PR RB RG RS SD SF SL SM SO SS SV TA TS
DE: Augsburg BB BE BW BY HB HE HH MV NI NW RP SH SL SN ST TH
ES: AN AR AS Barcelona CB CE CL CM CN CT EX GA IB MC MD ML NC PV RI VC
FI: 01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16 17 18 19
FM: KSA PNI TRK YAP
FR: 57 6AE 971 972 973 974 976 BL MF NC PF PM TF WF
GB: ENG NIR SCT WLS
GQ: AN BN BS CS DJ KN LI WN
IN: AN AP AR AS BR CG CH DH DL GA GJ HP HR JH JK KA KL LA LD MH ML MN MP MZ NL OD PB PY RJ SK TN
    TR TS UK UP WB
IT: AG AL AN AO AP AQ AR AT AV Andria BA BG BI BL BN BO BR BS BT BZ Barletta CA CB CE CH CL CN CO
    CR CS CT CZ Cesena EN FC FE FG FI FM FR Forli GE GO GR IM IS KR LC LE LI LO LT LU MB MC ME MI
    MN MO MS MT NA NO NU OR PA PC PD PE PG PI PN PO PR PT PU PV PZ Pesaro RA RC RE RG RI RM RN RO
    SA SI SO SP SR SS SU SV TA TE TN TO TP TR TS TV Trani UD Urbino VA VB VC VE VI VR VT VV
MO: I M
MY: 01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16
NI: AN AS BO CA CI CO ES GR JI LE MD MN MS MT NS RI SJ
NL: Midden Noord Zuid
NO: 03 11 15 18 21 22 31 32 33 34 39 40 42 46 50 55 56
NZ: AUK BOP CAN CIT GIS HKB MBH MWT NSN NTL OTA STL TAS TKI WGN WKO WTC
PL: 02 04 06 08 10 12 14 16 18 20 22 24 26 28 30 32
PT: 01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16 17 18 20 30
SB: CE CH CT GU IS MK ML RB TE WE
SH: AC HL TA
ST: 01 02 03 04 05 06 P
SV: AH CA CH CU LI MO PA SA SM SO SS SV UN US
TV: FUN NIT NKF NKL NMA NMG NUI VAI
US: AK AL AR AS AZ CA CO CT DC DE FL GA GU HI IA ID IL IN KS KY LA MA MD ME MI MN MO MP MS MT NC
    ND NE NH NJ NM NV NY OH OK OR PA PR RI SC SD TN TX UM UT VA VI VT WA WI WV WY
"""


# Codes that people and other standards use for a country (European Union, internet domains).
ALIASES: Mapping[str, str] = {"EL": "GR", "UK": "GB"}


@cache
def country_names() -> Mapping[str, str]:
    """alpha-2 code -> English name."""
    return {row.split()[0]: " ".join(row.split()[2:]) for row in _COUNTRIES.split(";")}


@cache
def long_codes() -> Mapping[str, str]:
    """alpha-3 code -> alpha-2 code."""
    return {row.split()[1]: row.split()[0] for row in _COUNTRIES.split(";")}


@cache
def regions() -> Mapping[str, tuple[str, ...]]:
    """alpha-2 code -> its regions, in order; only countries that have any."""
    found: dict[str, tuple[str, ...]] = {}
    for line in _REGIONS.replace("\n    ", " ").strip().splitlines():
        country, _, codes = line.partition(": ")
        found[country] = tuple(codes.split())
    return found
