"""Identifiers have right check digits, by arithmetic of the tests' own and known values."""

import random
from uuid import UUID

import pytest

from broker.generate.facts import Facts, working_day
from broker.generate.identifiers import creditor_identifier, iban, lei, uetr, with_check_digits
from broker.generate.people import BANKS

LENGTHS = {"AT": 20, "BE": 16, "CH": 21, "DE": 22, "GB": 22, "IE": 22, "LU": 20, "NL": 18}


def remainder(text: str) -> int:
    """ISO 7064 MOD 97-10, digit by digit."""
    rest = 0
    for letter in text:
        for digit in str(int(letter, 36)):
            rest = (rest * 10 + int(digit)) % 97
    return rest


@pytest.mark.parametrize("bank", BANKS, ids=lambda bank: bank.bic)
def test_accounts_have_the_form_of_their_country(bank: object) -> None:
    """An IBAN has its country's length and check digits, and begins with the bank's code."""
    one = next(one for one in BANKS if one is bank)
    rng = random.Random(1)

    for _ in range(50):
        made = iban(one.country, one.code, rng)

        assert len(made) == LENGTHS[one.country]
        assert made.startswith(one.country)
        assert made[4:].startswith(one.code)
        assert remainder(made[4:] + made[:4]) == 1
        if one.country == "BE":
            assert int(made[4:14]) % 97 in {int(made[14:]), int(made[14:]) - 97}


def test_a_creditor_is_identified_with_check_digits_that_leave_the_business_code_out() -> None:
    """Country, check digits over the national part and country, ZZZ, national part; as of the scheme's own example."""
    rng = random.Random(2)

    for _ in range(50):
        made = creditor_identifier("DE", rng)

        assert (made[:2], made[4:7], len(made)) == ("DE", "ZZZ", 18)
        assert remainder(made[7:] + made[:4]) == 1
    assert remainder("09999999999" + "DE98") == 1


def test_known_check_digits_come_out() -> None:
    """The example accounts of the IBAN registry get the check digits printed there."""
    assert with_check_digits("DE", "370400440532013000") == "DE89370400440532013000"
    assert with_check_digits("GB", "NWBK60161331926819") == "GB29NWBK60161331926819"


@pytest.mark.parametrize("bank", BANKS, ids=lambda bank: bank.bic)
def test_banks_have_test_codes_of_their_country(bank: object) -> None:
    """A BIC is a test code, of the bank's country."""
    one = next(one for one in BANKS if one is bank)

    assert len(one.bic) in {8, 11}
    assert one.bic[4:6] == one.country
    assert one.bic[7] == "0"


def test_entity_identifiers_are_checkable() -> None:
    """An LEI has 20 characters and right check digits."""
    made = lei(random.Random(1))

    assert len(made) == 20
    assert remainder(made) == 1


def test_a_uetr_is_a_version_4_uuid_in_lower_case() -> None:
    """A UETR reads as the standard demands."""
    made = uetr(random.Random(1))

    assert UUID(made).version == 4
    assert made == made.lower()


def test_references_never_repeat() -> None:
    """References of one stream differ and fit in 35 characters."""
    facts = Facts(random.Random(1))
    day = facts.moment().date()

    made = [facts.reference("E", day) for _ in range(1_000)]

    assert len(set(made)) == 1_000
    assert max(map(len, made)) <= 35


def test_working_days_skip_weekends() -> None:
    """From a Friday the next working day is Monday; five on is a week; a Saturday begins on Monday."""
    friday = Facts(random.Random(1)).moment().date().replace(month=1, day=10)

    assert [working_day(friday, days).isoformat() for days in (0, 1, 5)] == ["2025-01-10", "2025-01-13", "2025-01-17"]
    assert working_day(friday.replace(day=11), 0).isoformat() == "2025-01-13"
    assert all(working_day(friday.replace(day=day), 3).weekday() < 5 for day in range(1, 31))
