"""The five severities: OCSF's numbers, their words, and the risk score each stands for."""

INFORMATIONAL, LOW, MEDIUM, HIGH, CRITICAL = 1, 2, 3, 4, 5

WORDS: dict[int, str] = {
    INFORMATIONAL: "informational",
    LOW: "low",
    MEDIUM: "medium",
    HIGH: "high",
    CRITICAL: "critical",
}
NUMBERS: dict[str, int] = {word: number for number, word in WORDS.items()}

# 21, 47, 73 and 99 are the scores of Elastic's published detection rules for the four upper words.
RISK_SCORES: dict[int, float] = {INFORMATIONAL: 5.0, LOW: 21.0, MEDIUM: 47.0, HIGH: 73.0, CRITICAL: 99.0}


def word(number: int) -> str:
    """The word of a severity number. Raises KeyError outside 1 to 5."""
    return WORDS[number]


def clamp(number: int) -> int:
    """The nearest valid severity number."""
    return max(INFORMATIONAL, min(CRITICAL, number))
