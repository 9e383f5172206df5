"""Markets by name: what statements write, and its code of ISO 3166."""

from functools import cache

#: Codes of ISO 3166-1, each with its English short name and what statements write in its place.
_NAMES = """
AD Andorra|AE United Arab Emirates;UAE|AF Afghanistan|AG Antigua and Barbuda;Antigua & Barbuda
AI Anguilla|AL Albania|AM Armenia|AO Angola|AQ Antarctica|AR Argentina|AS American Samoa|AT Austria
AU Australia|AW Aruba|AX Aland Islands;Åland Islands|AZ Azerbaijan|BA Bosnia and Herzegovina;Bosnia & Herzegovina;Bosnia
BB Barbados|BD Bangladesh|BE Belgium|BF Burkina Faso|BG Bulgaria|BH Bahrain|BI Burundi|BJ Benin
BL Saint Barthelemy;Saint Barthélemy;St. Barthélemy|BM Bermuda|BN Brunei Darussalam;Brunei
BO Bolivia;Bolivia, Plurinational State of;Bolivia (Plurinational State of)|BQ Bonaire, Sint Eustatius and Saba;Caribbean Netherlands
BR Brazil|BS Bahamas;The Bahamas|BT Bhutan|BV Bouvet Island|BW Botswana|BY Belarus|BZ Belize|CA Canada
CC Cocos (Keeling) Islands|CD Congo, The Democratic Republic of the;Congo, Democratic Republic of the;Democratic Republic of the Congo;Congo - Kinshasa
CF Central African Republic|CG Congo;Republic of the Congo;Congo - Brazzaville|CH Switzerland
CI Cote d'Ivoire;Côte d'Ivoire;Ivory Coast|CK Cook Islands|CL Chile|CM Cameroon|CN China;China mainland;Mainland China
CO Colombia|CR Costa Rica|CU Cuba|CV Cabo Verde;Cape Verde|CW Curacao;Curaçao|CX Christmas Island|CY Cyprus
CZ Czechia;Czech Republic|DE Germany|DJ Djibouti|DK Denmark|DM Dominica|DO Dominican Republic|DZ Algeria
EC Ecuador|EE Estonia|EG Egypt|EH Western Sahara|ER Eritrea|ES Spain|ET Ethiopia|FI Finland|FJ Fiji
FK Falkland Islands (Malvinas);Falkland Islands|FM Micronesia, Federated States of;Micronesia|FO Faroe Islands|FR France
GA Gabon|GB United Kingdom;UK;Great Britain;United Kingdom of Great Britain and Northern Ireland|GD Grenada|GE Georgia
GF French Guiana|GG Guernsey|GH Ghana|GI Gibraltar|GL Greenland|GM Gambia;The Gambia|GN Guinea|GP Guadeloupe
GQ Equatorial Guinea|GR Greece|GS South Georgia and the South Sandwich Islands|GT Guatemala|GU Guam|GW Guinea-Bissau
GY Guyana|HK Hong Kong;Hong Kong SAR China;Hong Kong, China|HM Heard Island and McDonald Islands|HN Honduras|HR Croatia|HT Haiti
HU Hungary|ID Indonesia|IE Ireland|IL Israel|IM Isle of Man|IN India|IO British Indian Ocean Territory|IQ Iraq
IR Iran, Islamic Republic of;Iran;Iran (Islamic Republic of)|IS Iceland|IT Italy|JE Jersey|JM Jamaica|JO Jordan|JP Japan|KE Kenya
KG Kyrgyzstan|KH Cambodia|KI Kiribati|KM Comoros|KN Saint Kitts and Nevis;St. Kitts & Nevis;St. Kitts and Nevis
KP Korea, Democratic People's Republic of;North Korea|KR Korea, Republic of;South Korea;Korea;Republic of Korea|KW Kuwait
KY Cayman Islands|KZ Kazakhstan|LA Lao People's Democratic Republic;Laos|LB Lebanon|LC Saint Lucia;St. Lucia|LI Liechtenstein
LK Sri Lanka|LR Liberia|LS Lesotho|LT Lithuania|LU Luxembourg|LV Latvia|LY Libya|MA Morocco|MC Monaco
MD Moldova, Republic of;Moldova;Republic of Moldova|ME Montenegro|MF Saint Martin (French part);St. Martin|MG Madagascar|MH Marshall Islands
MK North Macedonia;Macedonia;Macedonia, the former Yugoslav Republic of|ML Mali|MM Myanmar;Myanmar (Burma)|MN Mongolia|MO Macao;Macau;Macao SAR China
MP Northern Mariana Islands|MQ Martinique|MR Mauritania|MS Montserrat|MT Malta|MU Mauritius|MV Maldives|MW Malawi|MX Mexico|MY Malaysia
MZ Mozambique|NA Namibia|NC New Caledonia|NE Niger|NF Norfolk Island|NG Nigeria|NI Nicaragua|NL Netherlands;The Netherlands;Holland
NO Norway|NP Nepal|NR Nauru|NU Niue|NZ New Zealand|OM Oman|PA Panama|PE Peru|PF French Polynesia|PG Papua New Guinea
PH Philippines|PK Pakistan|PL Poland|PM Saint Pierre and Miquelon|PN Pitcairn|PR Puerto Rico
PS Palestine, State of;Palestine;Palestinian Territories;Palestinian Territory, Occupied|PT Portugal|PW Palau|PY Paraguay|QA Qatar
RE Reunion;Réunion|RO Romania|RS Serbia|RU Russian Federation;Russia|RW Rwanda|SA Saudi Arabia|SB Solomon Islands|SC Seychelles
SD Sudan|SE Sweden|SG Singapore|SH Saint Helena, Ascension and Tristan da Cunha;Saint Helena|SI Slovenia|SJ Svalbard and Jan Mayen
SK Slovakia;Slovak Republic|SL Sierra Leone|SM San Marino|SN Senegal|SO Somalia|SR Suriname|SS South Sudan
ST Sao Tome and Principe;São Tomé and Príncipe;São Tomé & Príncipe|SV El Salvador|SX Sint Maarten (Dutch part);Sint Maarten
SY Syrian Arab Republic;Syria|SZ Eswatini;Swaziland|TC Turks and Caicos Islands;Turks & Caicos Islands|TD Chad|TF French Southern Territories
TG Togo|TH Thailand|TJ Tajikistan|TK Tokelau|TL Timor-Leste;East Timor|TM Turkmenistan|TN Tunisia|TO Tonga
TR Turkey;Türkiye;Turkiye|TT Trinidad and Tobago;Trinidad & Tobago|TV Tuvalu|TW Taiwan;Taiwan, Province of China;Taiwan, China
TZ Tanzania, United Republic of;Tanzania|UA Ukraine|UG Uganda|UM United States Minor Outlying Islands
US United States;United States of America;USA;U.S.;U.S.A.|UY Uruguay|UZ Uzbekistan|VA Holy See (Vatican City State);Holy See;Vatican City
VC Saint Vincent and the Grenadines;St. Vincent & Grenadines;St. Vincent and the Grenadines|VE Venezuela, Bolivarian Republic of;Venezuela
VG Virgin Islands, British;British Virgin Islands|VI Virgin Islands, U.S.;U.S. Virgin Islands;US Virgin Islands
VN Viet Nam;Vietnam|VU Vanuatu|WF Wallis and Futuna|WS Samoa|XK Kosovo|YE Yemen|YT Mayotte|ZA South Africa|ZM Zambia|ZW Zimbabwe
"""  # noqa: E501 - a table
#: The largest markets in German, French, Spanish and Italian, where that differs.
_ABROAD = """
DE Deutschland;Allemagne;Alemania;Germania|AT Österreich;Autriche|CH Schweiz;Suisse;Suiza;Svizzera
FR Frankreich;Francia|IT Italien;Italie;Italia|ES Spanien;Espagne;España;Spagna|PT Portogallo
GB Vereinigtes Königreich;Großbritannien;Royaume-Uni;Reino Unido;Regno Unito
IE Irland;Irlande;Irlanda
US Vereinigte Staaten;Vereinigte Staaten von Amerika;États-Unis;Estados Unidos;EE. UU.;Stati Uniti
NL Niederlande;Pays-Bas;Países Bajos;Paesi Bassi|BE Belgien;Belgique;Bélgica;Belgio|LU Luxemburg
DK Dänemark;Danemark;Dinamarca;Danimarca|SE Schweden;Suède;Suecia;Svezia|NO Norwegen;Norvège;Noruega
FI Finnland;Finlande;Finlandia|PL Polen;Pologne;Polonia|CZ Tschechien;Tchéquie;Chequia;Cechia
HU Ungarn;Hongrie;Hungría;Ungheria|RO Rumänien;Roumanie;Rumania|GR Griechenland;Grèce;Grecia
TR Türkei;Turquie;Turquía;Turchia|CA Kanada;Canadá|MX Mexiko;Mexique;México;Messico
BR Brasilien;Brésil;Brasil;Brasile|AR Argentinien;Argentine|CL Chili;Cile|CO Kolumbien;Colombie
AU Australien;Australie|NZ Neuseeland;Nouvelle-Zélande;Nueva Zelanda;Nuova Zelanda
JP Japon;Japón;Giappone|KR Südkorea;Corée du Sud;Corea del Sur;Corea del Sud|CN Chine;Cina
IN Indien;Inde|ID Indonesien;Indonésie|ZA Südafrika;Afrique du Sud;Sudáfrica;Sudafrica
"""


@cache
def country_names() -> dict[str, str]:
    """Give names and codes as statements write them, in lower case, with their codes."""
    found: dict[str, str] = {}
    for entry in (_NAMES.rstrip() + _ABROAD).replace("\n", "|").strip("|").split("|"):
        code, _, names = entry.partition(" ")
        found[code.lower()] = code
        found |= {name.casefold(): code for name in names.split(";")}
    # Either apostrophe is written.
    found |= {name.replace("'", "\u2019"): code for name, code in found.items()}
    # The European Union's own code for the United Kingdom is no code of ISO 3166, but common.
    return found | {"uk": "GB", "el": "GR"}


def country_join(raw: str, alias: str) -> str:
    """Write the join that finds a market's code, as ``alias.code``.

    A list or a map of constants is copied for each row, and a cast to an enumeration is slow where
    it fails: a join takes a hundredth of their time.
    """

    def text(value: str) -> str:
        return "'" + value.replace("'", "''") + "'"

    rows = ", ".join(f"({text(name)}, {text(code)})" for name, code in country_names().items())
    return f"LEFT JOIN (VALUES {rows}) AS {alias}(name, code) ON {alias}.name = lower({raw})"
