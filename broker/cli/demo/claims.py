"""What the demo claims, each held against what was found; one that does not hold makes the exit code 1."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Claim:
    """One sentence, what was expected and what was found."""

    text: str
    expected: object
    found: object

    @property
    def holds(self) -> bool:
        """Whether what was found is what was expected."""
        return self.expected == self.found


@dataclass(slots=True)
class Claims:
    """The claims made so far."""

    made: list[Claim] = field(default_factory=list)

    def add(self, text: str, expected: object, found: object) -> None:
        """Make a claim."""
        self.made.append(Claim(text, expected, found))

    @property
    def hold(self) -> bool:
        """Whether all hold, and there are any."""
        return bool(self.made) and all(each.holds for each in self.made)
