"""Every object that comes home to a notebook has a card that reads well, and hides no markup."""

import dataclasses
import html.parser
import re

import matplotlib.pyplot as plt
import pandas as pd
import pytest

import musictools as mt
from musictools._card import Card
from musictools._figures import chance, figure, rows, shown
from musictools._result import Result
from tests import cards

PLANTED = "<script>alert(1)</script> & $x$"
KINDS = cards.kinds()
#: Fields that are one of a few words of ours, by which other words are looked up.
CODES = {"method", "model", "shape", "state", "kind", "verdict", "format", "before", "binding"}
#: Columns of the same sort.
CODED = {"kind", "severity", "state", "model", "where", "format", "platform", "setting", "tier"}
VOID = {"br", "hr", "img"}


class Reader(html.parser.HTMLParser):
    """Text of a page, and a complaint where elements do not close in order."""

    def __init__(self):
        super().__init__()
        self.open, self.text = [], []

    def handle_starttag(self, tag, attrs):
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"twice the same attribute in {tag}"
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def read(page):
    reader = Reader()
    reader.feed(page)
    reader.close()
    assert not reader.open
    return " ".join("".join(reader.text).split())


def planted(value):
    """The same with markup in each text that a reader's own names may come to."""
    if isinstance(value, pd.DataFrame):
        texts = [c for c in value if value[c].dtype == object and c not in CODED]
        return value.assign(
            **{c: [PLANTED if isinstance(v, str) else v for v in value[c]] for c in texts}
        )
    if isinstance(value, str):
        return PLANTED
    if isinstance(value, dict):
        return {name: planted(part) for name, part in value.items()}
    if isinstance(value, tuple) and value and all(isinstance(part, str) for part in value):
        return (PLANTED,) * len(value)
    return value


@pytest.mark.parametrize("kind", KINDS, ids=lambda k: k.__name__)
def test_a_card_reads_well(kind):
    made = cards.one(kind)
    page, text = made._repr_html_(), repr(made)
    told = read(page)
    assert " object at 0x" not in page + text
    assert len(text) < 3_000
    assert max(map(len, text.splitlines())) <= 600
    assert "\n0 " not in text, "a table is dumped"
    first = (made._verdict().splitlines() or [""])[0]
    assert " ".join(first.split()) in told
    assert "color:inherit" in page
    assert "<style" not in page, "some viewers drop it"
    assert not re.search(r"(?<!-)\bnan\b", told)


@pytest.mark.parametrize("kind", KINDS, ids=lambda k: k.__name__)
def test_a_card_hides_no_markup(kind):
    made = cards.one(kind)
    if dataclasses.is_dataclass(made):
        left = [f for f in dataclasses.fields(made) if f.init and f.name not in CODES]
        new = {f.name: planted(getattr(made, f.name)) for f in left if f.name != "provenance"}
        made = dataclasses.replace(made, **new)
    page = made._repr_html_()
    read(page)
    assert "<script" not in page
    assert not re.search(r"\$x\$", page), "a formula"


RESULTS = [kind for kind in KINDS if issubclass(kind, Result)]


def says(axis):
    """Tell whether an axis has a label, or names at its ticks."""
    names = "".join(tick.get_text() for tick in axis.get_ticklabels())
    return bool(axis.get_label_text()) or any(letter.isalpha() for letter in names)


@pytest.mark.parametrize("kind", RESULTS, ids=lambda k: k.__name__)
def test_a_result_is_drawn_with_labels(kind):
    picture, ax = plt.subplots()
    assert cards.one(kind).plot(ax) is ax
    assert says(ax.xaxis)
    assert says(ax.yaxis)
    plt.close(picture)


def test_what_is_planted_comes_through():
    """The test above would say nothing if no name came to the card."""
    made = cards.one(next(k for k in KINDS if k.__name__ == "Split"))
    page = dataclasses.replace(made, payees={PLANTED: made.gross})._repr_html_()
    assert "&lt;script&gt;" in page
    assert "<span>$</span>x<span>$</span>" in page


def test_options_reach_the_picture():
    made = cards.one(next(k for k in KINDS if k.__name__ == "Decay"))
    with pytest.raises(TypeError, match="colour_of_the_sea"):
        made.plot(plt.figure().gca(), colour_of_the_sea=1)
    plt.close("all")


@pytest.mark.parametrize(
    ("value", "name", "text"),
    [
        (1234.5, "", "1,234"),
        (-0.00001, "", "-1e-05"),
        (float("inf"), "", "\N{INFINITY}"),
        (float("nan"), "", "\N{EN DASH}"),
        (2024, "year", "2024"),
        (2024, "plays", "2,024"),
        (0.0000002, "p_value", "below 0.001"),
        (True, "", "yes"),
        (pd.Timestamp("2025-03-01"), "", "2025-03-01"),
        (pd.NaT, "", "\N{EN DASH}"),
        (None, "", "\N{EN DASH}"),
    ],
)
def test_figures(value, name, text):
    assert figure(value, name) == text


def test_intervals_stand_beside_their_number():
    got = rows({"effect_pct": 1.5, "lo_90": -1, "hi_90": 4.0, "skill": 0.2, "skill_lo": 0,
                "skill_hi": 0.4}, 80)  # fmt: skip
    assert got == {"Effect (%)": "1.5 (90 %: -1 to 4)", "Skill": "0.2 (80 %: 0 to 0.4)"}
    frame = pd.DataFrame({"total": [1.0, 2.5], "lo_90": [0.5, None], "hi_90": [2.0, None]})
    table, columns = shown(frame, None)
    assert [head for head, _ in columns.values()] == ["Total", "90 % interval"]
    assert list(table["lo_90"]) == ["0.5 to 2", "\N{EN DASH}"]
    assert columns["total"][1](2.5) == "2.50"


def test_long_tables_are_cut_and_say_so():
    class Long(Card):
        def _tables(self):
            return [("Plays", pd.DataFrame({f"c{i}": range(1200) for i in range(12)}))]

    page = Long()._repr_html_()
    assert "Plays; the first of 1,200 rows and 12 columns" in page
    assert page.count("<tr>") == 11


@pytest.mark.parametrize(
    ("p_value", "text"),
    [
        (0.0, "p < 0.001"),
        (0.00099, "p < 0.001"),
        (0.001, "p = 0.001"),
        (float("nan"), "no p-value"),
    ],
)
def test_no_chance_is_zero(p_value, text):
    assert chance(p_value) == text


@pytest.mark.parametrize("kind", KINDS, ids=lambda k: k.__name__)
def test_sentences_write_numbers_to_be_read(kind):
    told = " ".join([*cards.one(kind)._verdict().splitlines(), *cards.one(kind)._notes()])
    assert not re.search(r"\de\+\d|p = 0\.000|\bnan\b", told)


#: What the sentence of each says: what was found, how sure it is, and under which condition.
SAID = {
    "AttackProfit": ["pays by 0 of 1 rule:", "for a cost of 0.00", "went undetected"],
    "Breakouts": ["in 1 series: 1 up, 0 down", "of a from 30 on: 2.987 times", "standard errors"],
    "Decay": ["single falls to a half within 8 steps", "90 % interval 8 to 8, by the exponential"],
    "Diffusion": ["800 will ever come to a (90 % interval 800 to 800)", "100% of them have"],
    "FarmProfit": ["by pro_rata from 20 plays of each on, by user_centric at any size"],
    "HawkesResponse": ["brings 151.3 to a in all (90 % interval 132 to 173.2), 101.2 of it"],
    "Hazards": ["No covariate is seen to matter", "by 0.7437 (90 % interval 0.5134 to 1.077, p = "],
    "Scenarios": ["3,600.00 is to be expected", "-8,000.00 to 50,000.00", "probability of 80%"],
    "Survival": ["longer than 4 weeks (90 % interval 1 to \N{INFINITY})", "of 5 it was seen how 3"],
    "Tornado": ["streams matters most", "from 3,500 to 14,000, beside 7,000"],
    "Typicality": ["a similarity of 0.86", "0.78 to 0.90", "Of 400 songs, 154"],
    "Valuation": ["worth 8,801.", "1.8 years", "90 % interval 8,789.", " to 8,812."],
}


def made(name):
    return cards.one(next(kind for kind in KINDS if kind.__name__ == name))


@pytest.mark.parametrize("name", SAID)
def test_a_sentence_says_what_was_found(name):
    told = made(name)._verdict()
    assert [part for part in SAID[name] if part not in told] == [], told


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("Decay", "median half-life of 2 series is 8 steps"),
        ("Diffusion", "in the median of 2 series"),
        ("HawkesResponse", "brings 151.3 in all in the median of 2 series"),
    ],
)
def test_many_series_are_told_together(name, told):
    one = made(name)
    numbers = [c for c in one.table if one.table[c].dtype.kind == "f"]
    lost = one.table.assign(**dict.fromkeys(numbers, float("nan")))
    many = dataclasses.replace(one, table=pd.concat([one.table, one.table, lost]))
    assert told in many._verdict()
    assert "1 more could not be" in many._verdict()
    assert re.search(r"^No |no series", dataclasses.replace(one, table=lost)._verdict())


@pytest.mark.parametrize(("p_value", "told"), [(0.0002, "p < 0.001"), (0.4, "No difference")])
def test_groups_are_compared(p_value, told):
    one = made("Survival")
    groups = pd.concat([one.groups, one.groups.assign(group="b", median=9.0)])
    said = dataclasses.replace(one, groups=groups, p_value=p_value)._verdict()
    assert told in said
    assert ("4 in all, 9 in b" in said) == (p_value < 0.1)


def test_a_ratio_that_changes_is_no_one_number():
    one = made("Hazards")
    table = one.table.assign(p_value=0.01, proportional_p=0.01)
    said = dataclasses.replace(one, table=table)._verdict()
    assert "1 of 1 covariates are seen to matter" in said
    assert "does not tell it for playlisted" in said


@pytest.mark.parametrize(
    ("multiple", "told"),
    [(10, "nothing of how sure"), ((8, 10, 12), "800.00 to 1,200.00 by the range")],
)
def test_a_multiple_is_no_interval(multiple, told):
    assert told in mt.economics.value_by_multiple(100, multiple)._verdict()


@pytest.mark.parametrize("name", ["AttackProfit", "Scenarios", "Valuation"])
def test_money_is_told_alike_in_sentences_rows_and_tables(name):
    one = made(name)
    page = read(one._repr_html_())
    told = set(re.findall(r"-?[\d,]+\.\d\d\b", one._verdict()))
    assert told
    assert [amount for amount in told if page.count(amount) < 2] == []


def test_what_is_called_net_may_be_no_money():
    net = made("Cannibalisation")._rows()["Net"]
    assert re.fullmatch(r"[\d,]+", net)


@pytest.mark.parametrize("name", ["Backtest", "Forecast"])
def test_skill_tells_the_level_of_its_interval(name):
    assert re.search(r"\(90 %: \S+ to \S+\)", made(name)._rows()["Skill"])
    assert "(90 % interval " in made(name)._verdict()


@pytest.mark.parametrize("kind", RESULTS, ids=lambda k: k.__name__)
def test_nothing_private_is_shown(kind):
    assert [row for row in cards.one(kind)._rows() if not row.strip() or row != row.strip()] == []


def test_only_a_field_is_the_level_of_intervals():
    assert list(rows({"level": 90.0}, None)) == ["Level of the intervals (%)"]
    assert shown(pd.DataFrame({"level": [7307.0]}), None)[1]["level"][0] == "Level"
