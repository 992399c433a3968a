"""The pure rooms joined, for work on messages and files: catalogue, mappings, pipeline and the plan of each channel."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from broker import law
from broker.catalogue.catalogue import Catalogue
from broker.parse import Limits
from broker.parse.stream import StreamLimits
from broker.pipeline.bulk import Bulk
from broker.pipeline.bulk_check import CheckLimits
from broker.pipeline.channel import Asked, ChannelPlan, PipelineLimits, makeable, message_root, narrowing, speaking
from broker.pipeline.forwarding import Forwarding
from broker.pipeline.inbound import Inbound
from broker.pipeline.outbound import Outbound
from broker.pipeline.pipeline import Pipeline
from broker.queues import subscriptions
from broker.settings import Settings
from broker.store.subscriptions import Wanted
from broker.transform.bridge import Bridge
from broker.transform.canonical.registry import EVENTS
from broker.transform.mapping import Mappings
from broker.transport.directory.topic import matches


@dataclass(frozen=True)
class Workbench:
    """The pure rooms, compiled once on first use."""

    settings: Settings
    _laid: dict[Path, Mappings] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def catalogue(self) -> Catalogue:
        """The definitions."""
        return Catalogue(self.settings.schemas_folder or law.folder("schemas/iso20022"))

    @cached_property
    def mappings(self) -> Mappings:
        """The mappings of all channels, checked against the catalogue: the broker's, and the bank's laid over them."""
        checked = law.packaged("mappings") and self.settings.schemas_folder is None
        ours, folder = Mappings(law.folder("mappings"), self.catalogue, checked=checked), self.settings.mappings_folder
        return ours if folder is None else Mappings(folder, self.catalogue, ours)

    def mappings_of(self, channel: str) -> Mappings:
        """The mappings of one channel; channels that name the same folder share them."""
        folder = self.settings.channels[channel].mappings_folder
        if folder is None:
            return self.mappings
        if folder not in self._laid:
            self._laid[folder] = Mappings(folder, self.catalogue, self.mappings)
        return self._laid[folder]

    @cached_property
    def limits(self) -> Limits:
        """The bounds of parsing."""
        given = self.settings.limits
        return Limits(given.message_bytes, given.elements, given.attributes, given.depth, given.text_characters)

    @cached_property
    def plans(self) -> dict[str, ChannelPlan]:
        """Every channel's rules, by its name."""
        return {name: self._plan(name) for name in self.settings.channels}

    @cached_property
    def asked(self) -> Asked:
        """Which events go out with RA JSON: as the settings ask, until it is said anew."""
        return Asked(asked_keys(self.settings))

    @cached_property
    def bulk(self) -> Bulk:
        """The way of bulk messages."""
        given, ordinary = self.settings.bulk, self.settings.limits
        whole = Limits(given.bytes, given.elements, ordinary.attributes, ordinary.depth, given.text_characters)
        stream = StreamLimits(whole, given.slice_bytes, given.slice_transactions, given.part_bytes, given.groups)
        return Bulk(self.catalogue, self.mappings, CheckLimits(stream, given.transactions, given.parked))

    @cached_property
    def pipeline(self) -> Pipeline:
        """Both ways of a message, with every channel's plan."""
        given = self.settings
        limits = PipelineLimits(given.limits.message_bytes, given.limits.events, given.queues.reply_prefix)
        if any(each.forward for each in self.plans.values()):
            self.mappings.whole()  # the bridge asks for all of them at its first message
        forwarding = Forwarding(self.catalogue, Bridge(self.catalogue, self.mappings), self.limits, self.plans)
        return Pipeline(
            Inbound(self.catalogue, self.mappings, self.limits, limits.events, forwarding),
            Outbound(self.catalogue, self.mappings, limits, self.limits),
            self.plans,
            limits,
        )

    def _plan(self, name: str) -> ChannelPlan:
        channel = self.settings.channels[name]
        mappings = self.mappings_of(name)
        versions = speaking(channel.speaks, self.catalogue)
        spoken = sorted(versions.values())
        return ChannelPlan(
            accepts=frozenset(channel.accepts) or None,
            lenient=channel.mode == "lenient",
            bulk=channel.bulk,
            partial=channel.partial,
            guidelines=narrowing(channel.guidelines, self.catalogue),
            roots={message_root(each, self.catalogue): each for each in spoken},
            events=makeable(spoken, mappings.outward),
            mappings=mappings,
            asked=self.asked,
            lossy=channel.on_loss == "report",
            versions=versions,
            forward=channel.forward,
            sender=channel.sender,
            receiver=channel.receiver,
            business_service=channel.business_service,
            header=channel.header,
            wrapper=channel.wrapper,
        )


def asked_keys(settings: Settings, wanted: Sequence[Wanted] = ()) -> frozenset[str]:
    """The routing keys of events that a subscription asks for with RA JSON beside them."""
    patterns = {pattern for each in subscriptions(settings, wanted) for pattern in each.with_ra_json}
    tenants = {channel.tenant for channel in settings.channels.values()}
    keys = (f"{tenant}.{event_type}" for tenant in tenants for event_type in EVENTS)
    return frozenset(key for key in keys if any(matches(pattern, key) for pattern in patterns))
