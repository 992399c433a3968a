"""Bulk messages of our own making."""

import io

import pytest
from lxml import etree

from broker.catalogue.catalogue import Catalogue
from broker.generate import BULK_DEFINITIONS, write_bulk
from broker.law import folder


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    """Give the definitions."""
    return Catalogue(folder("schemas/iso20022"))


@pytest.mark.parametrize("definition", BULK_DEFINITIONS)
@pytest.mark.parametrize("transactions", [1, 250, 251])
def test_a_bulk_message_is_valid_and_the_same_again(catalogue: Catalogue, definition: str, transactions: int) -> None:
    """It has as many transactions as asked for, in one document, and equal arguments give equal bytes."""
    files = io.BytesIO(), io.BytesIO()
    sizes = {write_bulk(catalogue, definition, transactions, 9, file) for file in files}
    one, again = (file.getvalue() for file in files)
    root = etree.fromstring(one)
    assert one == again
    assert sizes == {len(one)}
    assert catalogue.validator(definition).validate(root)
    items = [item for tag in ("CdtTrfTxInf", "DrctDbtTxInf", "Ntry") for item in root.iterfind(f".//{{*}}{tag}")]
    assert len(items) == transactions
