"""What the headers of tables mean, in the languages of those who send them.

Words only: whether a column holds what its header says is for `cases/columns.py` to look at. All
spellings are compared without accents, capitals, blanks and signs; in a list of words, commas part
them.
"""

import re
import unicodedata
from collections.abc import Iterable

LONGEST_HEADER = 60
_MOST_DIGITS = 3
"""Digits of a header (`E.164`, `Phone 2`); with more it may be a number itself."""

# What heads a column of numbers

_CARRIERS = "phone number, phone numbers"
"""The header of carriers' files, which is believed unseen."""
_SURE = (
    # English, and names of the trade
    "telephone number, telephone numbers, telephone no, phone no, phone nos, phone nr, tel no, "
    "tel number, contact number, contact numbers, contact phone, dial in number, dialled number, "
    "calling number, direct dial number, direct number, directory number, assigned number, "
    "service number, subscriber number, e164, e164 number, msisdn, line uri, tel uri, did, dids, "
    "did number, did numbers, ddi, ddis, ddi number, ddi numbers, tn, tns",
    # German
    "Rufnummer, Rufnummern, Telefonnummer, Telefonnummern, Telefonnr, Tel Nr, Telnr, Rufnr, "
    "Durchwahlnummer, Durchwahlnummern, Anschlussnummer, Festnetznummer, Servicerufnummer, "
    "Telefon Nummer",
    # French
    "numéro de téléphone, numéros de téléphone, numéro téléphone, numéro téléphonique, "
    "numéros téléphoniques, numéro de tél, numéro tél, n° de téléphone, n° téléphone, n° de tél, "
    "n° tél, n° SDA, n° d'appel, num tél, no de téléphone, no téléphone, SDA, numéro SDA, "
    "numéros SDA, numéro d'appel, numéro de ligne, numéro de SDA, numéro à porter, "
    "numéros à porter, ND, NDI, numéro direct, nr de téléphone",
    # Spanish, Catalan
    "número de teléfono, números de teléfono, número teléfono, número telefónico, "
    "números telefónicos, n° de teléfono, n° teléfono, nro de teléfono, nro teléfono, "
    "núm de teléfono, núm teléfono, número de línea, número a portar, número de telèfon",
    # Italian
    "numero di telefono, numeri di telefono, numero telefono, numero telefonico, "
    "numeri telefonici, n° di telefono, n° telefono, n telefono, num telefono, nr telefono, "
    "numero di linea, recapito telefonico, utenza telefonica",
    # Dutch
    "telefoonnummer, telefoonnummers, telefoonnr, telnummer, doorkiesnummer, doorkiesnummers, "
    "aansluitnummer, telefoon nummer",
    # Portuguese
    "número de telefone, números de telefone, número telefone, número telefónico, "
    "número telefônico, n° de telefone, n° telefone, nº do telefone, número do telefone, "
    "número de linha",
    # Polish
    "numer telefonu, numery telefonu, numery telefonów, nr telefonu, nr tel, numer tel, "
    "numer abonencki, numer DDI",
    # Swedish, Danish, Norwegian, Icelandic
    "telefonnummer, telefonnumre, telefonnumret, telefonnr, tlf nr, tlfnr, tlf nummer, "
    "tlf, direktnummer, direkte nummer, abonnentnummer, símanúmer",
    # Finnish, Estonian
    "puhelinnumero, puhelinnumerot, puhelinnro, puh nro, suoranumero, telefoninumber",
    # Czech, Slovak, Slovenian, Croatian
    "telefonní číslo, telefonní čísla, číslo telefonu, čísla telefonů, telefónne číslo, "
    "telefónne čísla, telefonska številka, telefonske številke, telefonski broj, "
    "telefonski brojevi, broj telefona, brojevi telefona",
    # Hungarian
    "telefonszám, telefonszámok, telefonos szám, hívószám, hívószámok",
    # Romanian
    "număr de telefon, numere de telefon, număr telefon, numărul de telefon, nr telefon, "
    "nr de telefon",
    # Baltic
    "tālruņa numurs, telefona numurs, telefono numeris, telefono nr",
    # Greek
    "αριθμός τηλεφώνου, αριθμοί τηλεφώνου, αριθμοί τηλεφώνων, τηλεφωνικός αριθμός, αρ τηλεφώνου, "
    "αριθμός κλήσης",
    # Turkish
    "telefon numarası, telefon numaraları, telefon no, tel no, hat numarası",
    # Russian, Ukrainian, Bulgarian
    "номер телефона, номера телефонов, телефонный номер, телефонные номера, № телефона, "
    "номер телефону, телефонний номер, телефонен номер, тел номер",
    # Japanese, Chinese, Korean
    "電話番号, 電話番號, お電話番号, ダイヤルイン番号, 電話號碼, 电话号码, 電話号碼, 直线号码, "
    "전화번호, 전화 번호",
    # Hebrew, Arabic
    "מספר טלפון, رقم الهاتف, رقم هاتف",
)
"""Nothing else is called so; the column must not be empty, though."""
_LIKELY = (
    "telephone, telephones, phone, phones, tel, business phone, business phones, office phone, "
    "work phone, main phone, desk phone, direct phone, direct line, direct dial, dial in, "
    "phone direct, landline, main number, published number",
    "Telefon, Tel, Fon, Telefone, Festnetz, Telefon geschäftlich, Telefon dienstlich, Anschluss",
    "téléphone, téléphones, tél, ligne fixe, fixe, ligne directe, téléphone fixe, "
    "téléphone professionnel, contact téléphonique, n° de ligne, n° ligne, no de ligne",
    "teléfono, teléfonos, tfno, tlfno, telf, teléfono fijo, teléfono directo, línea directa",
    "telefono, telefoni, telefono fisso, telefono diretto, recapito",
    "telefoon, telefoons, doorkies, vaste lijn",
    "telefone, telefones, telefone fixo, telef",
    "telefony, telefon stacjonarny",
    "telefoner, telefonnummer arbete, puhelin, puhelimet, puh",
    "telefony, telefonok, telefoane, telefonas, tālrunis, sími",
    "τηλέφωνο, τηλέφωνα, τηλ, телефон, телефоны, тел, телефони",
    "電話, 电话, TEL, 전화, טלפון, هاتف",
)
_VAGUE = (
    "number, numbers, mobile, mobiles, mobile phone, mobile number, cell, cell phone, "
    "cell number, cellphone, fax, fax number, line, lines, cli, resource, contact",
    "Nummer, Nummern, Durchwahl, Durchwahlen, Mobil, Mobiltelefon, Mobilnummer, Handy, "
    "Handynummer, Mobilfunknummer, Leitung, Faxnummer, Telefax",
    "numéro, numéros, n°, portable, ligne, lignes, mobile, téléphone portable, "
    "numéro de portable, accès, télécopie",
    "número, números, móvil, teléfono móvil, línea, líneas, celular, contacto",
    "numero, numeri, cellulare, linea, linee, utenza, utenze, numerazione, numerazioni",
    "nummers, mobiel, mobiele nummer, gsm, lijn, lijnen",
    "telemóvel, linha, linhas",
    "numer, numery, komórka, telefon komórkowy, linia",
    "nummer, numre, mobil, mobilnummer, mobilnr, linje",
    "numero, numerot, matkapuhelin, kännykkä, liittymä",
    "číslo, čísla, mobil, linka, szám, számok, mobilszám, vonal, număr, numere, linie",
    "αριθμός, αριθμοί, κινητό, γραμμή, numara, numaralar, cep telefonu",
    "номер, номера, мобильный, линия, 番号, 号码, 號碼, 携帯, 携帯番号, 回線, 手机, 手机号, "
    "手机号码, 번호, 휴대폰",
)
"""So much else is a number that the column must look like telephone numbers."""

CARRIERS, SURE, LIKELY, VAGUE = range(4)
"""How surely a header heads telephone numbers."""

# Ends and sizes of ranges

_START = (
    "start, starts, starting, first, from, begin, beginning, lower, low, lowest",
    "von, ab, Anfang, Beginn, erste, erster, Start, Startnummer, Startrufnummer",
    "de, du, depuis, début, premier, première, départ, initial",
    "desde, inicio, primero, primer, primera, inicial",
    "da, dal, dalla, inizio, primo, prima, iniziale",
    "van, begin, eerste, beginnummer, vanaf",
    "início, primeiro, do, od, początek, pierwszy, początkowy",
    "från, fra, første, första, startnummer, alku, ensimmäinen, alkaen",
    "počátek, začátek, první, első, kezdő, kezdet, început, primul, prima",
    "από, αρχή, πρώτος, başlangıç, ilk, с, от, начало, первый, начальный",
    "開始, 開始番号, 先頭番号, 起始, 起始号码, 开始号码, 开始, 시작, 시작번호",
)
_END = (
    "end, ends, ending, last, to, until, thru, through, upper, high, highest, stop, finish",
    "bis, Ende, letzte, letzter, Endnummer, Endrufnummer",
    "à, au, fin, dernier, dernière, jusqu, final",
    "hasta, a, al, fin, final, último, última",
    "a, al, alla, fine, ultimo, ultima, finale",
    "tot, einde, laatste, eindnummer, eind, t/m, tm",
    "até, ao, fim, último, do, koniec, ostatni, końcowy",
    "till, til, slut, slutt, sista, sidste, siste, slutnummer, sluttnummer, loppu, viimeinen, "
    "asti, päättyen",
    "konec, poslední, do, vége, utolsó, záró, sfârșit, ultimul, până",
    "έως, ως, μέχρι, τέλος, τελευταίος, bitiş, son, по, до, конец, последний, конечный",
    "終了, 終了番号, 末尾番号, 结束, 结束号码, 끝, 종료, 끝번호, 종료번호",
)
_SIZE = (
    "quantity, quantities, qty, count, counts, amount of numbers, total, size, how many, "
    "number of numbers, number of ddis, number of dids, number of lines, no of numbers, length",
    "Anzahl, Menge, Stück, Stückzahl, Größe, Umfang",
    "nombre, nb, nbre, quantité, qté, taille, total",
    "cantidad, cant, tamaño, quantità, qtà, q tà, aantal, hoeveelheid, quantidade, qtd, qtde",
    "ilość, liczba, szt, sztuk, antal, antall, stk, määrä, lukumäärä, kpl, počet, ks",
    "darab, darabszám, db, mennyiség, cantitate, buc, ποσότητα, πλήθος, adet, miktar, sayı",
    "количество, кол во, кол, 数量, 個数, 件数, 本数, 个数, 수량, 개수",
)
_RANGE = (
    "range, ranges, block, blocks, number block, number range, numberrange, numberblock, series",
    "Block, Bereich, Rufnummernblock, Nummernblock, Rufnummernbereich, Nummernbereich, "
    "Rufnummernkreis, Nummernkreis, Durchwahlbereich, Durchwahlblock",
    "plage, plages, bloc, blocs, tranche, tranches, rango, rangos, bloque, bloques",
    "intervallo, blocco, arco, reeks, blok, nummerblok, nummerreeks, intervalo, faixa, bloco",
    "zakres, blok, serie, nummerserie, nummerblock, nummerområde, sarja, lohko, rozsah",
    "tartomány, blokk, interval, interval, bloc, εύρος, μπλοκ, aralık, blok, диапазон, блок",
    "範囲, 番号範囲, 范围, 号段, 범위, 대역",
)
_NUMBER = (
    "number, numbers, no, nr, nos, num, tn, tns, did, dids, ddi, ddis, phone, telephone, tel, line",
    "nummer, nummern, rufnummer, rufnummern, telefonnummer, telefonnummern, durchwahl, telefon",
    "n, numéro, numéros, sda, téléphone, tél, ligne, número, números, teléfono, numeri, telefono",
    "telefoonnummer, telefoonnummers, nummers, telefone, numer, numery, telefonu, telefonnumre",
    "numre, puhelinnumero, numero, numerot, číslo, čísla, telefonszám, szám, telefon, număr",
    "αριθμός, numara, numarası, номер, номера, телефона",
)
"""What else may stand in a header that says which end of a range it is."""
_AREA = (
    "area code, city code, dialling code, dialing code, std code, npa, prefix, local code, "
    "Vorwahl, Ortsvorwahl, Ortsnetz, Ortsnetzkennzahl, ONKZ, indicatif, indicatif régional, "
    "préfixe, prefijo, código de área, indicativo, prefisso, prefisso locale, netnummer, kengetal, "
    "prefixo, DDD, código de área, kierunkowy, numer kierunkowy, riktnummer, områdesnummer, "
    "suuntanumero, předvolba, körzetszám, prefix, κωδικός περιοχής, alan kodu, код города, "
    "市外局番, 区号, 區號, 지역번호"
)
_STEM = (
    "stem, base number, trunk number, root number, Stammnummer, Kopfnummer, Rumpfnummer, "
    "Stammrufnummer, Basisnummer, Basisrufnummer, Kopfrufnummer, Stamm, Durchwahlstamm, "
    "Anlagenrufnummer, Anlagenanschluss, Hauptrufnummer ohne Durchwahl"
)
_DIRECT = (
    "durchwahl, durchwahlen, dw, nst, nebenstelle, nebenstellen, durchwahlblock, "
    "durchwahlbereich, ddi, doorkies"
)
"""What stands in the header of direct dials that go behind a number."""
_EXCHANGE = "nxx, exchange, prefix nxx, central office code, co code"
_LINE = "line, line number, station, xxxx, last four, last 4, subscriber"
"""The last two of the three parts that a number has in North America."""
_COUNTRY = (
    "country code, calling code, international code, Landesvorwahl, Ländervorwahl, Länderkennzahl, "
    "Landeskennzahl, indicatif pays, indicatif international, prefijo internacional, "
    "código de país, prefisso internazionale, landnummer, landcode, código do país, "
    "kod kraju, landsnummer, landskod, landekode, maakoodi, předvolba země, országkód, "
    "ülke kodu, код страны, 国番号, 国家代码, 國碼, 국가번호"
)
_LINKS = (
    "of, the, in, de, du, des, d, l, la, le, les, del, los, el, di, dei, do, da, dos, das, der, "
    "die, van, het, w, av, af, i"
)

# What is no telephone number

_FOREIGN = (
    "customer, client, account, acct, invoice, order, contract, date, badge, employ, staff, "
    "amount, price, cost, postal, postcode, reference, serial, ticket, licen, subscription, "
    "extension, password, asset, purchase, project, quote, barcode, article",
    "Kunde, Rechnung, Auftrag, Bestell, Vertrag, Datum, Betrag, Preis, Kosten, Postleitzahl, "
    "Mitarbeiter, Personal, Referenz, Seriennummer, Steuer, Konto, Nebenstelle, Beleg, Artikel, "
    "Projekt, Angebot, Mandant, Debitor, Vorgang, Ausweis, Liegenschaft",
    "facture, commande, contrat, compte, montant, prix, matricule, référence, badge, dossier, "
    "poste, siret, siren, devis, adhérent, dossier, abonnement",
    "cliente, factura, pedido, contrato, cuenta, fecha, importe, precio, referencia, empleado, "
    "expediente, identificac",
    "codice, fattura, ordine, contratto, conto, importo, prezzo, riferimento, matricola, "
    "dipendente, partita, fiscale, pratica",
    "klant, factuur, bestelling, contract, rekening, bedrag, prijs, medewerker, personeel, "
    "toestel, dossier, debiteur",
    "fatura, encomenda, conta, preço, funcionário, processo",
    "klient, faktur, zamówieni, umow, kwota, cena, pracowni, regon, pesel, konto",
    "kund, faktura, avtal, belopp, pris, konto, ordre, beløb, aftale, medarbejder, ansatt, "
    "organisationsnummer, personnummer, beløp, avtale",
    "asiakas, lasku, tilaus, sopimus, summa, hinta, päivä, työntekijä, viite",
    "zákazn, objednáv, smlouv, částka, zaměstnan, variabiln, ügyfél, számla, megrendel, rendelés, "
    "szerződés, összeg, dátum, adószám, comand, client, contract, factur, sumă, preț",
    "πελάτ, τιμολόγ, παραγγελ, σύμβασ, ποσό, ημερομηνία, müşteri, fatura, sipariş, sözleşme, "
    "tutar, fiyat, tarih, vergi, sicil",
    "клиент, заказ, договор, сумм, цена, дата, табельн, счет, счёт, лицевой, инн",
    "顧客, 請求, 注文, 契約, 日付, 金額, 社員, 客户, 客戶, 订单, 訂單, 合同, 日期, 金额, 员工, "
    "发票, 고객, 주문, 계약, 날짜, 금액, 사번",
)
"""What a word of the header begins with."""
_FOREIGN_WORDS = (
    "id, ids, uid, guid, key, index, idx, pos, row, item, zip, pin, puk, ip, mac, sim, "
    "imei, imsi, iccid, eid, ext, vat, tax, ssn, ein, iban, bic, swift, po, ref, sn, code, time, "
    "timestamp, nif, cif, dni, nie, nip, krs, ico, dic, tva, ust, ustid, iva, piva, cf, "
    "cnpj, cpf, kvk, btw, cvr, orgnr, plz, cp, cap, cep, day, kod, código, cod, kundnr, "
    "tarif, age, year, month, data, dato, betr, summe"
)
"""What a word of it is."""
_BESIDE_PHONES = "extension, poste, nebenstelle, toestel"
"""Of these words, those that stand beside telephone numbers too."""
_OF_PEOPLE = (
    "staff, employ, price, cost, project, quote, article, mitarbeiter, personal, preis, projekt, "
    "prix, cena, precio, prezzo, pris, medewerker, personeel, medarbejder, ansatt, hinta, preço, "
    "day, cap, mac, sim, eid, po, age, code, key, item, time, year, month"
)
"""Of these words, those that may be a person's name or a department's, unless a number is said."""
_FILES = "kd, kdnr, kto, ktonr, rg, rgnr, umsatzsteuer, ustidnr, acc, cust, inv, case, crn, csr"
"""Further words of what is filed under a number."""
_IDENTIFIERS = (
    "siret, siren, nif, cif, dni, nip, krs, regon, pesel, vat, tva, iva, iban, ssn, ein, imei, "
    "imsi, iccid, ust, ustid, ustidnr, cnpj, cpf, kvk, btw, cvr, orgnr, kdnr, ktonr, rgnr, adószám"
)
"""Words that are the name of such a number."""
_COUNTER = (
    "number, numbers, no, nos, nr, nrs, num, n, nummer, nummern, numéro, numéros, número, nro, "
    "numero, numer, numery, číslo, čísla, broj, szám, száma, numărul, număr, αριθμός, numara, "
    "numarası, номер, номера, id, ids, code, codice, código, reference, ref, kod"
)
"""What is said of anything that is filed under a number."""
_COUNTER_ENDS = (
    "nummer",
    "nummern",
    "number",
    "nr",
    "szám",
    "szama",
    "番号",
    "号码",
    "號碼",
    "번호",
)
_INFLECTED = 4
"""Letters that a word may have behind its stem."""
_DEPARTMENTS = ("ing", "ant", "ants")
"""Ends of words that are not the thing itself: `Accounting`."""
_TOTAL = (
    "total, totals, totaal, totale, totali, totaux, totalt, totalul, subtotal, sous total, sum, "
    "suma, summe, summa, somme, somma, gesamt, gesamtzahl, gesamtsumme, zwischensumme, razem, "
    "ogółem, łącznie, celkem, spolu, összesen, yhteensä, sammanlagt, i alt, σύνολο, toplam, итого, "
    "всего, усього, общо, kokku, kopā, iš viso, ukupno, skupaj, 合計, 合计, 总计, 總計, 합계, סהכ"
)
"""What stands in front of the sum of a table."""

_USAGE = (
    "usage, use, usagetype, numberusage, type, numbertype, assignment, capability, utilisation, "
    "type d'utilisation, type de numéro, usage du numéro, affectation"
)
"""What heads the column that says what a number is used for."""


# Words as they are compared

_FOLDED = str.maketrans("ıº", "i°")
"""What people type for each other: Turkish letters, and the signs of `N°`."""
_TWO_WORDS = re.compile(r"(?<=[a-z])(?=[A-Z])")
_ASIDE = re.compile(r"[(\[].*")
_COUNTED = re.compile(r"\d{1,2}$")


def bare(text: str) -> str:
    """Return the letters and digits of a text, small and without accents."""
    letters = unicodedata.normalize("NFKD", text.casefold().translate(_FOLDED))
    return "".join(sign for sign in letters if sign.isalnum())


def _tokens(header: str) -> list[str]:
    """Return the words of a header, each bare; `RangeStart` is two."""
    parted = re.split(r"[\W_]+", _TWO_WORDS.sub(" ", unicodedata.normalize("NFC", header)))
    return [word for part in parted if (word := bare(part))]


def _bares(lists: Iterable[str]) -> frozenset[str]:
    return frozenset(bare(word) for words in lists for word in words.split(","))


_RANKS = {
    word: rank
    for rank, lists in reversed(list(enumerate(((_CARRIERS,), _SURE, _LIKELY, _VAGUE))))
    for word in _bares(lists)
}
_LONG, _LONG_SIGNS = 8, 4
"""Letters, or signs that are words, of what is about numbers in any compound."""
_STEMS = tuple(
    word
    for word in _bares((_CARRIERS, *_SURE))
    if len(word) >= (_LONG if word.isascii() else _LONG_SIGNS)
)
_STARTS, _ENDS, _SIZES = map(_bares, (_START, _END, _SIZE))
_RANGES, _LINKED = _bares(_RANGE), _bares((_LINKS,))
_NOUNS = _RANGES | _bares(_NUMBER)
_STEM_WORDS, _DIRECTS = _bares((_STEM,)), _bares((_DIRECT,))
_EXCHANGES, _LINES = _bares((_EXCHANGE,)), _bares((_LINE,))
_AREAS, _COUNTRIES = _bares((_AREA,)), _bares((_COUNTRY,))
_FOREIGN_STEMS = tuple(_bares(_FOREIGN))
_FOREIGN_EXACT = _bares((_FOREIGN_WORDS,))
_USAGES = _bares((_USAGE,))
_FILED_STEMS = tuple(set(_FOREIGN_STEMS) - _bares((_BESIDE_PHONES,)))
_FILED_WORDS = _FOREIGN_EXACT | _bares((_FILES, _IDENTIFIERS))
_COUNTERS = _bares((_COUNTER,))
_NAMED_NUMBERS = _bares((_IDENTIFIERS,))
_PEOPLE_STEMS = tuple(_bares((_OF_PEOPLE,)))
_SUMMED = re.compile(
    rf"\W*(?:{'|'.join(re.escape(word.strip()) for word in _TOTAL.split(','))})(?![^\W\d_])",
    re.IGNORECASE,
)


# What a header says


def _is_short(header: str) -> bool:
    return len(header) <= LONGEST_HEADER and sum(map(str.isdigit, header)) <= _MOST_DIGITS


def rank(header: str) -> int | None:
    """Return how surely a text heads telephone numbers, `CARRIERS` to `VAGUE`; none if not."""
    if not _is_short(header):
        return None
    for text in (header, _ASIDE.sub("", header)):
        word = bare(text)
        found = _RANKS.get(word, _RANKS.get(_COUNTED.sub("", word)))
        if found is not None:
            return found
    return None


def close_rank(header: str) -> int | None:
    """Return the rank of a text in a header: a longer one may be about numbers as well."""
    found = rank(header)
    if found is not None or not _is_short(header) or is_size(header):
        return found
    if is_start(header) or is_range(header):
        return VAGUE
    word = bare(header)
    return LIKELY if word.endswith(_STEMS) or word.startswith(_STEMS) else None


def series(header: str) -> str:
    """Return what the headers of several alike have in common: `Phone` of `Phone 1`."""
    return _COUNTED.sub("", bare(header))


def _said(header: str) -> list[str]:
    """Return what a header says of a number or a range."""
    if not _is_short(header):
        return []
    said = [word for word in _tokens(header) if word not in _NOUNS]
    return [word for word in said if word not in _LINKED] or said


def _is_all(header: str, words: frozenset[str]) -> bool:
    said = _said(header)
    # `De` is an end of a range; `Numéro de ligne` is none.
    linked = set(said) <= _LINKED and _tokens(header)[-1:] != said[-1:]
    return bool(said) and words.issuperset(said) and not linked


def is_start(header: str) -> bool:
    """Return whether a header heads the first numbers of ranges."""
    return rank(header) is None and _is_all(header, _STARTS)


def is_end(header: str) -> bool:
    """Return whether a header heads the last numbers of ranges."""
    return rank(header) is None and _is_all(header, _ENDS)


def is_range(header: str) -> bool:
    """Return whether a header heads ranges or blocks."""
    words = set(_tokens(header)) if _is_short(header) else set()
    return bool(words & _RANGES) and words <= _NOUNS | _LINKED


def is_size(header: str) -> bool:
    """Return whether a header heads how many numbers there are from each on."""
    return _is_all(header, _SIZES) or bare(header[:LONGEST_HEADER]) in _SIZES


def is_foreign(header: str) -> bool:
    """Return whether a header heads something else: customers, dates, amounts."""
    if close_rank(header) is not None:
        return False
    words = _tokens(header[:LONGEST_HEADER])
    return any(word in _FOREIGN_EXACT or word.startswith(_FOREIGN_STEMS) for word in words)


def is_filed(label: str) -> bool:
    """Return whether a label says nothing but that a number is a customer's, an invoice's, ...

    `Kundennummer` and `Invoice no.` do; `Customer service` and `Account manager` do not.
    """
    words = _tokens(label[:LONGEST_HEADER]) if close_rank(label) is None else []
    said = [word for word in words if word not in _COUNTERS and word not in _LINKED]
    own = [word for word in words if word in _FILED_WORDS]
    return bool(said or own) and all(map(_is_filed_word, said))


def _is_filed_word(word: str) -> bool:
    if word in _FILED_WORDS:
        return True
    stems = (stem for stem in _FILED_STEMS if word.startswith(stem))
    return any(_inflects(word.removeprefix(stem)) for stem in stems)


def _inflects(rest: str) -> bool:
    """Return whether a word is still what it is about, with such an end behind its stem."""
    return rest.endswith(_COUNTER_ENDS) or (len(rest) <= _INFLECTED and rest not in _DEPARTMENTS)


def is_of_file(label: str) -> bool:
    """Return whether a label says that it is the number of what it names, as `Acct #` does."""
    words = _tokens(label[:LONGEST_HEADER])
    counted = _COUNTERS | _NAMED_NUMBERS
    said = any(word in counted or word.endswith(_COUNTER_ENDS) for word in words)
    return said or any(sign in label for sign in "#°№º")


def may_be_a_name(label: str) -> bool:
    """Return whether a label of what is filed may be a person's or a department's name as well."""
    return any(word.startswith(_PEOPLE_STEMS) for word in _tokens(label[:LONGEST_HEADER]))


def is_total(text: str) -> bool:
    """Return whether a text says that it sums up what is above it."""
    return len(text) <= LONGEST_HEADER and _SUMMED.match(text) is not None


def is_area(header: str) -> bool:
    """Return whether a header heads what is dialled before the numbers."""
    return bare(header[:LONGEST_HEADER]) in _AREAS


def is_exchange(header: str) -> bool:
    """Return whether a header heads the second part of American numbers."""
    return bare(header[:LONGEST_HEADER]) in _EXCHANGES


def is_line(header: str) -> bool:
    """Return whether a header may head the third part of American numbers."""
    return bare(header[:LONGEST_HEADER]) in _LINES


def is_stem(header: str) -> bool:
    """Return whether a header heads what direct dials go behind."""
    return bare(header[:LONGEST_HEADER]) in _STEM_WORDS


def is_direct(header: str) -> bool:
    """Return whether a header heads direct dials."""
    return bool(_DIRECTS.intersection(_tokens(header[:LONGEST_HEADER])))


def is_country(header: str) -> bool:
    """Return whether a header heads calling codes."""
    return bare(header[:LONGEST_HEADER]) in _COUNTRIES


def is_usage(header: str) -> bool:
    """Return whether a header heads what numbers are used for."""
    return bare(header[:LONGEST_HEADER]) in _USAGES
