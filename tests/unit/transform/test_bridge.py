"""What becomes of each member of a message in another version: small definitions of our own, one question each."""

from collections.abc import Callable

import pytest

from broker.catalogue.model import (
    AmountType,
    AnyContent,
    ChoiceGroup,
    ChoiceType,
    Element,
    Schema,
    SequenceType,
    SimpleType,
    Type,
)
from broker.transform.bridge.agreements import Agreement, Agreements
from broker.transform.bridge.plan import compile_plan
from broker.transform.bridge.walking import Walk

TEXT = SimpleType("Text", "string", max_length=10)
SHORT = SimpleType("Text", "string", max_length=4)
CODE = SimpleType("Code", "string", enumeration=("AAAA", "BBBB"))
FEWER = SimpleType("Code", "string", enumeration=("AAAA",))
DATE = SimpleType("Date", "date")
YEAR = SimpleType("Date", "gYear")
NUMBER = SimpleType("Number", "decimal", total_digits=5, fraction_digits=2)
CURRENCY = SimpleType("Currency", "string", patterns=("[A-Z]{3}",))
MONEY = AmountType("Money", "Number", "Currency")
SCALARS = (TEXT, CODE, DATE, NUMBER, CURRENCY, MONEY)

NONE = Agreements(())
ANY = {"Message", "Holder", "Held", "Either", "Party", "Record"}
"""Every type there is in these tests, as lines are used in them."""

Losses = list[tuple[str, str]]


def schema(*particles: Element | ChoiceGroup, more: tuple[Type, ...] = (), name: str = "Msg") -> Schema:
    """A definition whose message has these particles; ``more`` are types beside or instead of the usual scalars."""
    root = SequenceType("Document", (Element(name, "Message"),))
    types = {each.name: each for each in (*SCALARS, root, SequenceType("Message", particles), *more)}
    return Schema("demo.001.001.02", "urn:demo", Element("Document", "Document"), types)


def optional(tag: str, kind: str = "Text", most: int | None = 1) -> Element:
    """An element that may be left out."""
    return Element(tag, kind, 0, most)


def taken(old: Schema, new: Schema, message: dict[str, object], agreed: Agreements | None = None) -> object:
    """What a message becomes and what is lost: ``(content, [(path below the message, rule), …])``."""
    walk = Walk(new.definition)
    (name,) = (each.tag for each in _message(old))
    made = compile_plan(old, new, agreed or NONE)({name: message}, (None, "Document", 0), walk)
    assert isinstance(made, dict)
    ((_, content),) = made.items()
    losses = [each.loss() for each in walk.lost]
    assert all(each.text for each in losses)
    return content, [(each.path.removeprefix(f"/Document/{name}/"), each.rule) for each in losses]


def _message(given: Schema) -> tuple[Element, ...]:
    root = given.types["Document"]
    assert isinstance(root, SequenceType)
    return tuple(each for each in root.particles if isinstance(each, Element))


def test_what_both_have_is_shared_not_walked() -> None:
    """A subtree whose type admits everything as it stands is the same object in the result."""
    inner = SequenceType("Inner", (optional("Id"), optional("Nb", "Number", None)))
    old, new = (schema(optional("In", "Inner"), more=(inner,)) for _ in range(2))
    value: dict[str, object] = {"Id": "x", "Nb": ["1.00", "2"]}
    walk = Walk(new.definition)
    made = compile_plan(old, new, NONE)({"Msg": {"In": value}}, (None, "Document", 0), walk)
    assert made == {"Msg": {"In": value}}
    assert isinstance(made, dict)
    assert made["Msg"]["In"] is value


def test_a_message_element_of_another_name_is_the_same_element() -> None:
    """The first versions call it by the definition's name."""
    old, new = schema(optional("Id"), name="demo.001.001.01"), schema(optional("Id"), name="Msg")
    assert taken(old, new, {"Id": "x"}) == ({"Id": "x"}, [])


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (SHORT, [("abcd", None), ("abcde", "json.length")]),
        (FEWER, [("AAAA", None), ("BBBB", "json.enumeration")]),
        (YEAR, [("2024", None), ("2024-01-01", "json.form")]),
    ],
)
def test_a_value_is_checked_where_the_target_admits_less(
    kind: SimpleType, values: list[tuple[str, str | None]]
) -> None:
    """What fits is taken, what does not is lost by the rule it breaks; a lost value never shows."""
    old, new = schema(optional("V", kind.name)), schema(optional("V", kind.name), more=(kind,))
    for value, rule in values:
        expected = ({"V": value}, []) if rule is None else ({}, [("V", rule)])
        assert taken(old, new, {"V": value}) == expected


@pytest.mark.parametrize(
    ("amount", "lost"),
    [
        ({"amt": "999.99", "Ccy": "EUR"}, []),
        ({"amt": "1000", "Ccy": "EUR"}, [("V", "json.digits")]),
        ({"amt": "1", "Ccy": "USD"}, [("V", "json.enumeration")]),
    ],
)
def test_an_amount_is_one_value(amount: dict[str, object], lost: Losses) -> None:
    """Number and currency are checked, and lost together."""
    narrow = (
        SimpleType("Number", "decimal", total_digits=3, fraction_digits=2)
        if lost and lost[0][1] == "json.digits"
        else NUMBER,
        SimpleType("Currency", "string", enumeration=("EUR",)),
    )
    old, new = schema(optional("V", "Money")), schema(optional("V", "Money"), more=narrow)
    assert taken(old, new, {"V": amount}) == ({} if lost else {"V": amount}, lost)


def test_a_single_value_that_may_repeat_there_is_no_loss_nor_is_the_only_one_of_several() -> None:
    """One item is one item, in a list or not."""
    one, several = schema(optional("V")), schema(optional("V", most=None))
    assert taken(one, several, {"V": "x"}) == ({"V": ["x"]}, [])
    assert taken(several, one, {"V": ["x"]}) == ({"V": "x"}, [])


def test_more_than_the_target_takes_are_lost_by_their_number() -> None:
    """The first ones stay, in their order."""
    several, two = schema(optional("V", most=None)), schema(optional("V", most=2))
    expected = {"V": ["a", "b"]}, [("V[3]", "json.occurs"), ("V[4]", "json.occurs")]
    assert taken(several, two, {"V": ["a", "b", "c", "d"]}) == expected


def test_an_item_that_does_not_fit_leaves_its_place_to_the_next() -> None:
    """Only what was taken counts."""
    several, two = schema(optional("V", most=None)), schema(optional("V", most=2), more=(SHORT,))
    assert taken(several, two, {"V": ["a", "too long", "c"]}) == ({"V": ["a", "c"]}, [("V[2]", "json.length")])


def test_every_leaf_without_a_place_is_named_in_its_order() -> None:
    """Amounts are one leaf, an element without content is one, items have numbers where there are several."""
    deep = SequenceType("Deep", (optional("A", "Money"), optional("B", most=None), optional("C", "Deep")))
    old, new = schema(optional("X", "Deep"), optional("Id"), more=(deep,)), schema(optional("Id"))
    message: dict[str, object] = {"X": {"A": {"amt": "1", "Ccy": "EUR"}, "B": ["1", "2"], "C": {}}, "Id": "x"}
    lost = [(path, "mapping.not-representable") for path in ("X/A", "X/B[1]", "X/B[2]", "X/C")]
    assert taken(old, new, message) == ({"Id": "x"}, lost)


def test_foreign_content_is_taken_whole_or_not_at_all() -> None:
    """An element of another language has no members to look at."""
    foreign = SequenceType("Foreign", (AnyContent("##any", "lax"),))
    old = schema(optional("V", "Foreign"), more=(foreign,))
    assert taken(old, old, {"V": "<a/>"}) == ({"V": "<a/>"}, [])
    assert taken(old, schema(optional("V", "Text")), {"V": "<a/>"}) == ({}, [("V", "mapping.not-representable")])
    other = schema(optional("V", "Foreign"), more=(SequenceType("Foreign", (optional("Id"),)),))
    assert taken(old, other, {"V": "<a/>"}) == ({}, [("V", "mapping.not-representable")])


def test_a_type_inside_itself_is_compiled_once() -> None:
    """Recursion ends, with an equal type and with a narrower one."""
    deep = SequenceType("Deep", (optional("Id"), optional("In", "Deep")))
    old = schema(optional("In", "Deep"), more=(deep,))
    message: dict[str, object] = {"In": {"Id": "a", "In": {"In": {"Id": "too long"}}}}
    assert taken(old, old, message) == (message, [])
    narrower = schema(optional("In", "Deep"), more=(deep, SHORT))
    assert taken(old, narrower, message) == ({"In": {"Id": "a"}}, [("In/In/In/Id", "json.length")])


RENAMED = Agreements([Agreement(("BIC",), ("BICFI",), types=ANY)])


def test_another_name_is_no_loss() -> None:
    """What a mapping line says to be the same goes there, and comes back."""
    old, new = schema(optional("BIC")), schema(optional("BICFI"))
    assert taken(old, new, {"BIC": "x"}, RENAMED) == ({"BICFI": "x"}, [])
    assert taken(new, old, {"BICFI": "x"}, RENAMED) == ({"BIC": "x"}, [])


def test_another_name_counts_only_where_no_version_has_both() -> None:
    """Where one version has both they are two things, and neither is put in the other's place."""
    both, one = schema(optional("BIC"), optional("BICFI")), schema(optional("BICFI"))
    expected = {"BICFI": "y"}, [("BIC", "mapping.not-representable")]
    assert taken(both, one, {"BIC": "x", "BICFI": "y"}, RENAMED) == expected


def test_a_place_takes_one() -> None:
    """Of two that would go there by other names the first does, and the second is lost by name."""
    agreed = Agreements([Agreement((tag,), ("BICFI",), types=ANY) for tag in ("BIC", "BEI")])
    lost = [("BEI", "mapping.not-representable")]
    both: dict[str, object] = {"BIC": "x", "BEI": "y"}
    assert taken(schema(optional("BIC"), optional("BEI")), schema(optional("BICFI")), both, agreed) == (
        {"BICFI": "x"},
        lost,
    )


def test_another_name_counts_only_in_types_in_which_the_line_is_used() -> None:
    """What a part says of one thing is not said of another that happens to have the same tags."""
    elsewhere = Agreements([Agreement(("BIC",), ("BICFI",), types={"Bank"})])
    lost = [("BIC", "mapping.not-representable")]
    assert taken(schema(optional("BIC")), schema(optional("BICFI")), {"BIC": "x"}, elsewhere) == ({}, lost)


MOVED = Agreements([Agreement(("TtlAmt",), ("Ttl", "Amt"), types=ANY)])


def test_what_moved_inwards_comes_back() -> None:
    """A path of several tags is followed both ways; what stands beside it inside is lost by name."""
    inner = SequenceType("Inner", (optional("Amt"), optional("Sgn")))
    old, new = schema(optional("TtlAmt")), schema(optional("Ttl", "Inner"), more=(inner,))
    assert taken(old, new, {"TtlAmt": "1"}, MOVED) == ({"Ttl": {"Amt": "1"}}, [])
    expected = {"TtlAmt": "1"}, [("Ttl/Sgn", "mapping.not-representable")]
    assert taken(new, old, {"Ttl": {"Amt": "1", "Sgn": "+"}}, MOVED) == expected


HELD = Agreements(
    [
        Agreement(("Cd",), (), types=ANY),
        Agreement(("Prtry",), (), types=ANY),
        Agreement(("Dt",), (), around="Dt", types=ANY),
    ]
)


def test_a_bare_value_goes_into_the_one_element_that_admits_all_of_it() -> None:
    """A code is a code and free text is not, whatever the text says."""
    new = schema(optional("V", "Held"), more=(ChoiceType("Held", (Element("Cd", "Code"), Element("Prtry", "Text"))),))
    assert taken(schema(optional("V", "Code")), new, {"V": "AAAA"}, HELD) == ({"V": {"Cd": "AAAA"}}, [])
    assert taken(schema(optional("V", "Text")), new, {"V": "AAAA"}, HELD) == ({"V": {"Prtry": "AAAA"}}, [])


def test_what_came_from_a_bare_value_comes_back_and_its_alternative_does_not() -> None:
    """Only the element a bare value would be put into is taken out again."""
    old = schema(optional("V", "Held"), more=(ChoiceType("Held", (Element("Cd", "Code"), Element("Prtry", "Text"))),))
    new = schema(optional("V", "Code"))
    assert taken(old, new, {"V": {"Cd": "AAAA"}}, HELD) == ({"V": "AAAA"}, [])
    assert taken(old, new, {"V": {"Prtry": "AAAA"}}, HELD) == ({}, [("V/Prtry", "mapping.not-representable")])


def test_of_several_held_values_a_bare_element_takes_the_first() -> None:
    """The others are lost by their number."""
    old = schema(optional("V", "Held"), more=(SequenceType("Held", (optional("Cd", "Code", None),)),))
    expected = {"V": "AAAA"}, [("V/Cd[2]", "json.occurs")]
    assert taken(old, schema(optional("V", "Code")), {"V": {"Cd": ["AAAA", "BBBB"]}}, HELD) == expected
    assert taken(schema(optional("V", "Code")), old, {"V": "AAAA"}, HELD) == ({"V": {"Cd": ["AAAA"]}}, [])


def test_a_bare_value_is_not_put_where_more_is_demanded() -> None:
    """Nothing is invented: an element that needs a type beside the date does not take a date alone."""
    typed = schema(optional("V", "Held"), more=(SequenceType("Held", (Element("Tp", "Text"), Element("Cd", "Code"))),))
    lost = [("V", "mapping.not-representable")]
    assert taken(schema(optional("V", "Code")), typed, {"V": "AAAA"}, HELD) == ({}, lost)


def test_a_held_value_comes_out_alone_where_there_is_no_room_for_more() -> None:
    """What stood beside it is lost by name."""
    typed = schema(optional("V", "Held"), more=(SequenceType("Held", (Element("Tp", "Text"), Element("Cd", "Code"))),))
    expected = {"V": "AAAA"}, [("V/Tp", "mapping.not-representable")]
    assert taken(typed, schema(optional("V", "Code")), {"V": {"Tp": "t", "Cd": "AAAA"}}, HELD) == expected


def test_a_holder_may_be_said_of_one_element_alone() -> None:
    """``RltdDt/Dt | RltdDt`` says nothing of a date elsewhere."""
    holder = SequenceType("Holder", (optional("Dt", "Date"),))
    for tag, expected in (("Dt", {"Dt": {"Dt": "2024-01-01"}}), ("Other", {})):
        old, new = schema(optional(tag, "Date")), schema(optional(tag, "Holder"), more=(holder,))
        content, losses = _pair(taken(old, new, {tag: "2024-01-01"}, HELD))
        assert (content, bool(losses)) == (expected, not expected)


def _pair(found: object) -> tuple[object, Losses]:
    assert isinstance(found, tuple)
    content, losses = found
    return content, losses


WRAPPED = Agreements(
    [
        Agreement(("Mtd",), ("OldMtd",), types=ANY),
        Agreement(("Pty",), (), elements=True, types=ANY),
        Agreement(("Rcrd",), (), elements=True, types=ANY),
    ]
)
PARTY = SequenceType("Party", (optional("Nm"), optional("Id")))


def test_elements_may_stand_in_one_of_their_own() -> None:
    """A party becomes the party of a party or agent, and comes back; an agent does not become a party."""
    either = ChoiceType("Either", (Element("Pty", "Party"), Element("Agt", "Party")))
    bare, held = schema(optional("W", "Party"), more=(PARTY,)), schema(optional("W", "Either"), more=(PARTY, either))
    party: dict[str, object] = {"Nm": "n", "Id": "i"}
    assert taken(bare, held, {"W": party}, WRAPPED) == ({"W": {"Pty": party}}, [])
    assert taken(held, bare, {"W": {"Pty": party}}, WRAPPED) == ({"W": party}, [])
    assert taken(held, bare, {"W": {"Pty": {}}}, WRAPPED) == ({}, [("W/Pty", "mapping.not-representable")])
    lost = [("W/Agt/Nm", "mapping.not-representable"), ("W/Agt/Id", "mapping.not-representable")]
    assert taken(held, bare, {"W": {"Agt": party}}, WRAPPED) == ({}, lost)


def test_what_moves_into_an_element_may_change_its_name_and_leave_others_where_they_are() -> None:
    """What both versions have beside it stays beside it; the wrapper is made once, as the list it is."""
    flat = SequenceType("Holder", (optional("Ttl"), optional("OldMtd"), optional("Nm")))
    record = SequenceType("Record", (optional("Mtd"), optional("Nm")))
    listed = SequenceType("Holder", (optional("Ttl"), optional("Rcrd", "Record", None)))
    old, new = schema(optional("H", "Holder"), more=(flat,)), schema(optional("H", "Holder"), more=(record, listed))
    one: dict[str, object] = {"H": {"Ttl": "t", "OldMtd": "m", "Nm": "n"}}
    other: dict[str, object] = {"H": {"Ttl": "t", "Rcrd": [{"Mtd": "m", "Nm": "n"}]}}
    assert taken(old, new, one, WRAPPED) == (other, [])
    assert taken(new, old, other, WRAPPED) == (one, [])
    several: dict[str, object] = {"H": {"Ttl": "t", "Rcrd": [{"Nm": "n"}, {"Nm": "o"}]}}
    assert taken(new, old, several, WRAPPED) == ({"H": {"Ttl": "t", "Nm": "n"}}, [("H/Rcrd[2]/Nm", "json.occurs")])


def test_several_elements_become_one_with_a_list_and_again_several() -> None:
    """Charges by the record: in one version the element repeats, in the other the record in it."""
    holder = SequenceType("Holder", (optional("Ttl"), optional("Rcrd", "Party", None)))
    old = schema(optional("H", "Party", None), more=(PARTY,))
    new = schema(optional("H", "Holder"), more=(PARTY, holder))
    many: dict[str, object] = {"H": [{"Nm": "a"}, {"Nm": "b"}]}
    one: dict[str, object] = {"H": {"Rcrd": [{"Nm": "a"}, {"Nm": "b"}]}}
    assert taken(old, new, many, WRAPPED) == (one, [])
    assert taken(new, old, one, WRAPPED) == (many, [])
    total: dict[str, object] = {"H": {"Ttl": "t", "Rcrd": [{"Nm": "a"}]}}
    assert taken(new, old, total, WRAPPED) == ({"H": [{"Nm": "a"}]}, [("H/Ttl", "mapping.not-representable")])


def test_of_several_elements_one_of_their_own_holds_the_first() -> None:
    """Where it is no list that could hold them all."""
    either = ChoiceType("Either", (Element("Pty", "Party"), Element("Agt", "Party")))
    bare, held = (
        schema(optional("W", "Party", None), more=(PARTY,)),
        schema(optional("W", "Either"), more=(PARTY, either)),
    )
    expected = {"W": {"Pty": {"Nm": "a"}}}, [("W[2]/Nm", "json.occurs")]
    assert taken(bare, held, {"W": [{"Nm": "a"}, {"Nm": "b"}]}, WRAPPED) == expected


def test_what_comes_out_of_an_element_does_not_take_the_place_of_another() -> None:
    """What stands there already stays."""
    holder = SequenceType("Holder", (optional("OldMtd"), optional("Rcrd", "Record")))
    record, flat = SequenceType("Record", (optional("Mtd"),)), SequenceType("Holder", (optional("Mtd"),))
    old, new = schema(optional("H", "Holder"), more=(holder, record)), schema(optional("H", "Holder"), more=(flat,))
    expected = {"H": {"Mtd": "m"}}, [("H/Rcrd/Mtd", "mapping.not-representable")]
    assert taken(old, new, {"H": {"OldMtd": "m", "Rcrd": {"Mtd": "n"}}}, WRAPPED) == expected


def test_a_text_is_no_amount() -> None:
    """The same tag with another kind of value is another place."""
    lost = [("V", "mapping.not-representable")]
    assert taken(schema(optional("V")), schema(optional("V", "Money")), {"V": "1"}) == ({}, lost)


def demanding(kind: Callable[[], Type]) -> Schema:
    """A definition with an optional element of a type."""
    return schema(optional("Id"), optional("In", "Inner"), more=(kind(),))


LOOSE = SequenceType("Inner", (optional("A"), optional("B")))


@pytest.mark.parametrize(
    "kind",
    [
        SequenceType("Inner", (optional("A"), Element("B", "Text"))),
        SequenceType("Inner", (Element("A", "Text"), Element("C", "Text"))),
        ChoiceType("Inner", (Element("B", "Text"), Element("C", "Text"))),
    ],
)
def test_an_element_that_would_lack_what_it_must_have_is_lost_whole(kind: Type) -> None:
    """Where the target may do without it; the leaves are named once, whichever of them had a place."""
    old, new = demanding(lambda: LOOSE), demanding(lambda: kind)
    content, losses = _pair(taken(old, new, {"Id": "x", "In": {"A": "a"}}))
    assert content == {"Id": "x"}
    assert [path for path, _ in losses] == ["In/A"]


def test_an_element_of_two_that_exclude_each_other_is_lost_whole() -> None:
    """Nobody is asked to guess which of them was meant."""
    new = demanding(lambda: ChoiceType("Inner", (Element("A", "Text"), Element("B", "Text"))))
    lost = [("In/A", "json.missing"), ("In/B", "json.missing")]
    assert taken(demanding(lambda: LOOSE), new, {"In": {"A": "a", "B": "b"}}) == ({}, lost)


def test_what_lacks_something_takes_what_must_hold_it_along_but_never_an_item_of_a_list() -> None:
    """A mandatory element cannot be left out of the one around it; a transaction is not dropped for what it lacks."""
    strict = SequenceType("Inner", (Element("A", "Text"), Element("B", "Text")))
    around = SequenceType("Around", (Element("In", "Inner"),))
    for most, expected in ((1, ({}, ["X/In/A"])), (None, ({"X": [{"In": {"A": "a"}}]}, []))):
        old, new = (schema(optional("X", "Around", most), more=(around, inner)) for inner in (LOOSE, strict))
        inner: object = {"In": {"A": "a"}}
        content, losses = _pair(taken(old, new, {"X": inner if most else [inner]}))
        assert (content, [path for path, _ in losses]) == expected


def test_a_mandatory_element_that_loses_everything_stays_where_it_may_be_empty() -> None:
    """An optional one is left out."""
    inner, other = SequenceType("Inner", (optional("A"),)), SequenceType("Inner", (optional("B"),))
    left: dict[int, dict[str, object]] = {1: {"In": {}}, 0: {}}
    for least, expected in left.items():
        old, new = (schema(Element("In", "Inner", least), more=(each,)) for each in (inner, other))
        assert taken(old, new, {"In": {"A": "a"}}) == (expected, [("In/A", "mapping.not-representable")])
