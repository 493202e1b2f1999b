"""The states of remembered members as bytes: only a redelivery or a correction reads them.

In:  states, the members made of them. Out: the same states, equal to the byte.

What a member holds anyway, its features and its sketch, is left out and put back when the state is read. The rest is compressed with
the first state as the dictionary, since states resemble each other.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

import msgspec

from newsmon.codec import decode, encode
from newsmon.records import StoryState
from processors.features.sketch import Sketch
from processors.stories.remembered import StoryMember

_LEVEL = 1  # 4 is a sixth smaller, for 30 µs
_DICTIONARY_BYTES = 32_768  # as far back as zlib looks
_WHOLE, _WITHOUT_FEATURES = b"w", b"f"


class KeptStates:
    """Compressed states by match id, in the order in which they were kept."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}
        self._dictionary = b""

    def __len__(self) -> int:
        return len(self._kept)

    def __contains__(self, match_id: str) -> bool:
        """True for a state that is kept."""
        return match_id in self._kept

    def __iter__(self) -> Iterator[str]:
        """Iterate over the match ids."""
        return iter(self._kept)

    def keep(self, state: StoryState, member: StoryMember, sketch: Sketch | None) -> None:
        """Keep a state whose member and sketch are remembered as long as it is."""
        flat = member.features.flat()
        rest = {kind: keys for kind, keys in state.features.items() if kind not in flat}
        is_whole = list((flat | rest).items()) != list(state.features.items())  # of a copy, and of an older version
        has_digest = sketch is None or sketch.text() != state.digest
        features, digest = state.features if is_whole else rest, state.digest if has_digest else ""
        raw = encode(msgspec.structs.replace(state, features=features, digest=digest))
        if not self._dictionary:
            self._dictionary = raw[:_DICTIONARY_BYTES]
        packer = zlib.compressobj(_LEVEL, zdict=self._dictionary)
        self._kept[state.match_id] = (_WHOLE if is_whole else _WITHOUT_FEATURES) + packer.compress(raw) + packer.flush()

    def state(self, member: StoryMember, sketch: Sketch | None) -> StoryState:
        """Return the state of a member as it was given."""
        kept = self._kept[member.match_id]
        unpacker = zlib.decompressobj(zdict=self._dictionary)
        state = decode(unpacker.decompress(kept[1:]) + unpacker.flush(), StoryState)
        features = state.features if kept[:1] == _WHOLE else member.features.flat() | state.features
        digest = state.digest if state.digest or sketch is None else sketch.text()
        return msgspec.structs.replace(state, features=features, digest=digest)

    def drop(self, match_id: str) -> None:
        """Forget a state; one that is not kept is no error."""
        self._kept.pop(match_id, None)
