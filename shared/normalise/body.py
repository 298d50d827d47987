"""The body of a stored event: document and original in one zstd frame, with a dictionary trained on such pairs.

The record is nearly whole in the document too, so the second of them costs next to nothing; the dictionary
halves what is left, because a single event is too short to teach a compressor its own words.
"""

import threading
from functools import cached_property

import zstandard

from shared.errors import Damaged
from shared.normalise import dictionaries
from shared.normalise.event import MAX_DOCUMENT_BYTES, MAX_RECORD_BYTES

_PREFIX_BYTES = 4
MAX_CONTENT_BYTES = _PREFIX_BYTES + MAX_DOCUMENT_BYTES + MAX_RECORD_BYTES


class _Tools(threading.local):
    """A thread's own compressor and decompressors: making one costs more than using it, sharing it is not safe."""

    def __init__(self) -> None:
        self.decompressors: dict[int, zstandard.ZstdDecompressor] = {}

    @cached_property
    def compressor(self) -> zstandard.ZstdCompressor:
        """Packs with the newest dictionary."""
        return zstandard.ZstdCompressor(level=dictionaries.LEVEL, dict_data=dictionaries.newest())

    def decompressor(self, number: int) -> zstandard.ZstdDecompressor:
        """For frames made with that dictionary; 0 is none. Raises FileNotFoundError for one we do not have."""
        if number not in self.decompressors:
            dictionary = dictionaries.load(number) if number else None
            self.decompressors[number] = zstandard.ZstdDecompressor(dict_data=dictionary)
        return self.decompressors[number]


_TOOLS = _Tools()


def pack_body(document: bytes, original: bytes) -> bytes:
    """One frame of the document's length (4 bytes, big-endian), the document, and the record as received."""
    return _TOOLS.compressor.compress(len(document).to_bytes(_PREFIX_BYTES, "big") + document + original)


def unpack_body(body: bytes) -> tuple[bytes, bytes]:
    """The (document, original) that `pack_body` was given, with whichever dictionary the frame names.

    Raises Damaged when the frame is damaged, is larger than any event may be, or names an unknown dictionary.
    """
    content = _decompress(body)
    ends_at = _PREFIX_BYTES + int.from_bytes(content[:_PREFIX_BYTES], "big")
    if len(content) < max(_PREFIX_BYTES, ends_at):
        raise Damaged("the body is shorter than it says", code="body_unreadable")
    return content[_PREFIX_BYTES:ends_at], content[ends_at:]


def _decompress(body: bytes) -> bytes:
    try:
        frame = zstandard.get_frame_parameters(body)
        # The library trusts the size in the frame, so it is checked before anything is allocated.
        if not 0 <= frame.content_size <= MAX_CONTENT_BYTES:
            raise Damaged("the body is larger than any event", code="body_too_large")
        return _TOOLS.decompressor(frame.dict_id).decompress(body, allow_extra_data=False)
    except zstandard.ZstdError as error:
        raise Damaged(f"the body is no zstd frame of ours: {error}", code="body_unreadable") from error
    except FileNotFoundError as error:
        raise Damaged("the body needs a dictionary we do not have", code="dictionary_missing") from error
