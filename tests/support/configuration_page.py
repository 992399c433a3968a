"""Writes ``docs/configuration.md`` from the settings model and ``docs/observability.md`` from the names of events.

Run it as ``python -m tests.support.configuration_page``.
The prose stands here; keys, defaults, meanings and names come from the code alone.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel

from broker.observability.names import LogEvent, Metric, SpanName
from broker.settings import Channel, Group, Settings, Subscription, variable
from tests.support.tree import ROOT

_CONFIGURATION = """\
# Configuration

Sources, the later over the earlier: the defaults below, a TOML file (`BROKER_CONFIG`, else `broker.toml` in the
working folder), environment variables. `broker config` prints what is in effect, `broker config --describe` this table.
An unknown key is an error that names the nearest known one. Units stand last in names: `_s` seconds, `_ms`
milliseconds, `_mb` megabytes.

This page is made from the settings model with `python -m tests.support.configuration_page`.
"""

_OBSERVABILITY = """\
# Logs, traces, metrics

Logs are JSON lines on standard error. Each message has one canonical line, `message`, with its id, tenant, channel,
direction, outcome (`accepted`, `rejected`, `duplicate`, `conflict`, `redriven`), failure code, definition and size. No
line, span or metric carries a payload, a name or an account number.

Traces and metrics go to an OpenTelemetry collector where `telemetry.otlp_endpoint` names one; else there are none. A
message's span continues the `traceparent` header it came with, and its events carry on from there.

The names are a contract: they never change their meaning. This page is made from `broker/observability/names.py` with
`python -m tests.support.configuration_page`.
"""


def pages() -> dict[Path, str]:
    """Give each page with its text."""
    return {ROOT / "docs" / "configuration.md": _configuration(), ROOT / "docs" / "observability.md": _observability()}


def _configuration() -> str:
    sections = [_CONFIGURATION, *_tables(Settings, ())]
    return "\n".join(sections)


def _tables(model: type[BaseModel], before: tuple[str, ...]) -> Iterator[str]:
    rows, later = [], []
    for name, field in model.model_fields.items():
        path = (*before, name)
        if isinstance(field.annotation, type) and issubclass(field.annotation, Group):
            later.append((field.annotation, path))
            continue
        default = field.get_default(call_default_factory=True, validated_data={})
        shown = "" if isinstance(default, dict) else _default(default)
        rows.append(f"| `{'.'.join(path)}` | `{variable(path)}` | {shown} | {field.description} |")
    if rows:
        yield (
            f"{_heading(model, before)}\n\n| setting | variable | default | meaning |\n|---|---|---|---|\n"
            + "\n".join(rows)
        )
        yield ""
    if not before:
        yield from _tables(Channel, ("channels", "<name>"))
        yield from _tables(Subscription, ("subscriptions", "<name>"))
    for annotation, path in later:
        yield from _tables(annotation, path)


def _heading(model: type[BaseModel], path: tuple[str, ...]) -> str:
    title = ".".join(path) or "At the top"
    return f"## {title}\n\n{' '.join((model.__doc__ or '').split())}"


def _default(value: object) -> str:
    if value is None or value == ():
        return ""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value}`" if not isinstance(value, tuple) else f"`{list(value)}`"


def _observability() -> str:
    parts = [_OBSERVABILITY]
    for title, names in (("Log events", LogEvent), ("Spans", SpanName), ("Metrics", Metric)):
        parts.append(f"## {title}\n\n" + "\n".join(f"- `{each.value}`" for each in names) + "\n")
    return "\n".join(parts)


def variables_in(text: str) -> set[str]:
    """Give the environment variables that a text names."""
    return set(re.findall(r"\bBROKER_[A-Z_]+[A-Z]\b", text))


if __name__ == "__main__":
    for page, text in pages().items():
        page.write_text(text, encoding="utf-8")
