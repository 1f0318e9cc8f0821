"""What an editor may set about reading: the topics."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, field_validator

from analysis.lexicon import parse_terms


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TermGroup(_Frozen):
    """Terms that mean the same for a topic, such as all the names of data centres."""

    name: str = Field(description="What the terms have in common; shown as evidence.")
    terms: tuple[str, ...] = Field(default=(), description="Terms looked for in every text.")
    de: tuple[str, ...] = Field(default=(), description="Terms looked for in German texts only.")
    en: tuple[str, ...] = Field(default=(), description="Terms looked for in English texts only.")

    @field_validator("terms", "de", "en")
    @classmethod
    def _readable(cls, written: tuple[str, ...]) -> tuple[str, ...]:
        parse_terms(written)
        return written


class LexiconSettings(_Frozen):
    """The words by which a topic is known: one strong term, or something of every group."""

    strong: tuple[str, ...] = Field(default=(), description="Terms of which one is enough.")
    groups: tuple[TermGroup, ...] = Field(
        default=(), description="Groups of terms; a text needs something of every one of them."
    )
    exclude: tuple[str, ...] = Field(
        default=(), description="Terms that speak against the topic; term^0.5 halves the score."
    )

    @field_validator("strong", "exclude")
    @classmethod
    def _readable(cls, written: tuple[str, ...]) -> tuple[str, ...]:
        parse_terms(written)
        return written


class TopicSettings(_Frozen):
    """A topic the press is watched for."""

    key: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", description="Short name for searches and files.")
    name: str = Field(min_length=1, description="Name that readers see.")
    lexicon: LexiconSettings = Field(default=LexiconSettings(), description="The words that make the topic.")
    examples: tuple[str, ...] = Field(default=(), description="Headlines that belong to the topic.")
    counter_examples: tuple[str, ...] = Field(
        default=(), description="Headlines that look alike and do not belong to it."
    )
    threshold: float = Field(
        default=0.5, ge=0, le=1, description="Score from which a text counts as relevant (0 to 1)."
    )
