"""The second opinion of a theme: weights learned from labelled articles, kept as a file beside the theme.

In: the bytes of `NAME.opinion.json`. Out: `Opinion`, or problems.

The weights are whole numbers over the whole steps of an article's vectors, so an opinion says the same of an article on every
machine. `newsmon themes train` writes the file; without it a theme's rules decide alone.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from newsmon.errors import Problem

SUFFIX = ".opinion.json"
WEIGHT_BYTES = 2 * 1024  # two bytes for each component of the two vectors


class OpinionFile(BaseModel):
    """The file as written."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    theme: str = Field(min_length=1)
    wanted: int = Field(ge=1, description="labelled articles it was trained on that belong to the theme")
    unwanted: int = Field(ge=1, description="and those that do not")
    scale: float = Field(gt=0, allow_inf_nan=False)
    bias: float = Field(allow_inf_nan=False)
    least: float = Field(allow_inf_nan=False, description="articles that score less are vetoed")
    weights: str = Field(description="1,024 signed whole numbers of two bytes, the lower first, in base 64")


@dataclass(frozen=True, slots=True)
class Opinion:
    """What was learned about one theme; `weights` are signed whole numbers of two bytes each."""

    theme_id: str
    wanted: int
    unwanted: int
    scale: float
    bias: float
    least: float
    weights: bytes

    def to_json(self) -> str:
        """The content of its file."""
        return json.dumps(
            {
                "theme": self.theme_id, "wanted": self.wanted, "unwanted": self.unwanted, "scale": self.scale, "bias": self.bias,
                "least": self.least, "weights": base64.b64encode(self.weights).decode(),
            },
            indent=1,
        )  # fmt: skip


def read_opinion(name: str, raw: bytes, problems: list[Problem]) -> Opinion | None:
    """The opinion in a file; None, with a problem noted, if it is not valid."""
    try:
        file = OpinionFile.model_validate_json(raw)
        weights = base64.b64decode(file.weights, validate=True)
    except ValidationError as error:
        first = error.errors()[0]
        problems.append(Problem(name + "".join(f":{key}" for key in first["loc"]), str(first["msg"])))
        return None
    except ValueError:  # binascii.Error, or a letter that is not ASCII
        problems.append(Problem(f"{name}:weights", "is not base 64"))
        return None
    if len(weights) != WEIGHT_BYTES:
        problems.append(Problem(f"{name}:weights", "is for another encoder; run `newsmon themes train` again"))
        return None
    return Opinion(file.theme, file.wanted, file.unwanted, file.scale, file.bias, file.least, weights)
