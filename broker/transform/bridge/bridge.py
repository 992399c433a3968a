"""``Bridge``: a message of one version as a message of another, with what is lost named.

Owns the two steps: RA JSON of the one as RA JSON of the other, then XML in the header and wrapper it came in. Whether
losses are let go, and whether general rules hold, is for the caller.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from broker.catalogue.catalogue import Catalogue
from broker.errors import ConfigurationError
from broker.message.finding import Finding
from broker.transform.bridge.agreements import Agreements, agreements
from broker.transform.bridge.envelope import SIGNATURE_RULE, in_its_envelope, is_signed
from broker.transform.bridge.plan import compile_plan
from broker.transform.bridge.walking import Convert, Walk
from broker.transform.loss import Loss, LossReport
from broker.transform.mapping import Mappings
from broker.transform.ra_json import to_xml

if TYPE_CHECKING:
    from broker.transform.ra_json import Readable

_SIGNATURE = Loss("/AppHdr/Sgntr", SIGNATURE_RULE, "it signs the message as it was received, and no other")


@dataclass(frozen=True, slots=True)
class Bridged:
    """A message in its new version as RA JSON, without header and not checked, and what it no longer says."""

    ra: dict[str, object]
    report: LossReport


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A message in its new version as XML, schema-valid, and what it no longer says.

    ``xml`` is None where the target demands what nothing supplies; ``findings`` say what, with paths in the target.
    """

    xml: bytes | None
    report: LossReport
    findings: tuple[Finding, ...] = ()


class Bridge:
    """Converts between versions; a pair of definitions is compiled when first met and then kept."""

    def __init__(self, catalogue: Catalogue, mappings: Mappings) -> None:
        """``mappings`` say what is the same under another name."""
        self._catalogue = catalogue
        self._mappings = mappings
        self._plans: dict[tuple[str, str], Convert] = {}

    def convert(self, ra: Mapping[str, object], source: str, target: str) -> Bridged:
        """Give a valid message of ``source`` as RA JSON of ``target``; parts of it are shared with ``ra``.

        Losses name each leaf of the source that is not in the result, in the order of the source. Raises
        ConfigurationError where the two are not versions of one message, CatalogueError for one that is unknown.
        """
        plan = self._plans.get((source, target)) or self._compile(source, target)
        old, new = self._catalogue.schema(source).root.tag, self._catalogue.schema(target).root.tag
        walk = Walk(target)
        made = plan(ra[old], (None, old, 0), walk)
        return Bridged({new: made}, LossReport(source, target, tuple(each.loss() for each in walk.lost)))

    def rewrite(self, parsed: "Readable", ra: Mapping[str, object], target: str) -> Rewritten:
        """Give a valid message as XML of ``target``, its header and wrapper as they came but for the version's name.

        ``ra`` is RA JSON of ``parsed``, which is left as it is. A signature in the header is lost: it holds for the
        received message only. Same message, same bytes.
        """
        bridged = self.convert(ra, parsed.definition, target)
        report = bridged.report
        if is_signed(parsed.header):
            report = LossReport(report.source, target, (_SIGNATURE, *report.losses))
        xml = to_xml(bridged.ra, target, self._catalogue)
        if not isinstance(xml, bytes):
            return Rewritten(None, report, xml)
        return Rewritten(in_its_envelope(parsed, xml, target), report)

    @cached_property
    def _agreements(self) -> Agreements:
        return agreements(self._mappings, self._catalogue)

    def _compile(self, source: str, target: str) -> Convert:
        if family(source) != family(target):
            raise ConfigurationError(f"{target} is not a version of {family(source)}, which {source} is")
        plan = compile_plan(self._catalogue.schema(source), self._catalogue.schema(target), self._agreements)
        self._plans[source, target] = plan
        return plan


def family(definition: str) -> str:
    """Business area and functionality, of dialects and usage guidelines too: ``pacs.008``."""
    return ".".join(definition.split(".")[:2])
