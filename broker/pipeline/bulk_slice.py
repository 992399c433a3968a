"""What is found in one slice of a bulk message, and what the rules remember from slice to slice.

Of a document that its schema refuses the rules are not asked, and of many findings the last one only counts. Where bad
transactions are parked alone neither may hide one behind another: then what the schema refuses is left out, and what
stands between is looked at again.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from broker.catalogue import Catalogue
from broker.message.finding import Finding
from broker.parse import Parsed
from broker.parse.stream import Slice
from broker.pipeline.bulk_place import ItemPaths
from broker.validate import validate
from broker.validate.rules import Run, Seen


@dataclass(frozen=True, slots=True)
class Found:
    """A finding in the transaction of a slice with this ``number``, from 0, ``rest`` of the way on; None: around."""

    finding: Finding
    number: int | None
    rest: str = ""


class SliceCheck:
    """Checks the slices of one message, in their order and each of them once."""

    def __init__(self, catalogue: Catalogue, definition: str, paths: ItemPaths, slice_bytes: int) -> None:
        """``definition`` says by which schema; ``slice_bytes`` is the most that a slice can have been."""
        self._catalogue = catalogue
        self._definition = definition
        self._paths = paths
        self._bytes = slice_bytes
        self._run = Run(seen=Seen(), sliced=True)

    def whole(self, taken: Slice) -> list[Found]:
        """Give what is found in a slice as it is."""
        return self._validated(taken, range(len(taken.items)))

    def alone(self, taken: Slice, most: int) -> list[Found]:
        """Give what is found in each transaction of a slice as if the others were good, and around them.

        With more than ``most`` bad ones the message is refused, so from there on some may be missing.
        """
        return list(self._between(taken, range(len(taken.items)), most))

    def _between(self, taken: Slice, numbers: range, most: int) -> Iterator[Found]:
        found = self._validated(taken, numbers)
        refused = sorted({each.number for each in found if each.number is not None and _by_schema(each)})
        if not refused or len(refused) > most:
            yield from found
            return
        first = numbers.start
        for number in (*refused, numbers.stop):
            if first < number:
                yield from self._between(taken, range(first, number), most)
            self._run.payments += number < numbers.stop  # the one left out is counted all the same
            first = number + 1
        yield from (each for each in found if each.number in refused)

    def _validated(self, taken: Slice, numbers: Sequence[int]) -> list[Found]:
        self._run.created = None
        subject = Parsed(taken.document, self._definition, self._bytes)
        holder = taken.items[0].getparent()
        assert holder is not None
        at = len(holder) - len(taken.items)
        if some := len(numbers) < len(taken.items):
            holder[at:] = [taken.items[number] for number in numbers]
        findings = validate(subject, self._catalogue, self._run)
        if some:
            holder[at:] = taken.items
        return [self._placed(each, numbers) for each in findings]

    def _placed(self, finding: Finding, numbers: Sequence[int]) -> Found:
        inside = self._paths.inside(finding)
        if inside is None:
            return Found(finding, None)
        number, rest = inside
        return Found(finding, numbers[number - 1], rest)


def _by_schema(found: Found) -> bool:
    return found.finding.rule.startswith("schema.")
