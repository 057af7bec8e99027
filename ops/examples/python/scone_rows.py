"""The rows of a table, from bytes to numbers, as `RowType` in scone/v1/row.proto lays them out."""

import struct

from scone.v1 import row_pb2

INT4_GROUP = 32  # values that share a scale
INT4_ZERO = 8  # what stands for 0


def decode(row_format, rows):
    """Returns the rows of a reply, a list of `dim` floats each.

    Raises ValueError where the bytes are no whole number of rows, or of a type that is not known here.
    """
    if row_format.type not in _DECODERS:
        raise ValueError(f"rows of type {row_format.type}, which this client does not know")
    if row_format.row_bytes == 0 or len(rows) % row_format.row_bytes:
        raise ValueError(f"{len(rows)} bytes are no rows of {row_format.row_bytes} bytes")
    row_of = _DECODERS[row_format.type]
    starts = range(0, len(rows), row_format.row_bytes)
    return [row_of(rows[start : start + row_format.row_bytes], row_format.dim) for start in starts]


def _f32(row, dim):
    return list(struct.unpack(f"<{dim}f", row))


def _f16(row, dim):
    return list(struct.unpack(f"<{dim}e", row))


def _bf16(row, dim):
    """A bfloat16 is the upper half of a binary32."""
    halves = struct.unpack(f"<{dim}H", row)
    return list(struct.unpack(f"<{dim}f", struct.pack(f"<{dim}I", *(half << 16 for half in halves))))


def _int8(row, dim):
    (scale,) = struct.unpack_from("<f", row, dim)
    return [quantized * scale for quantized in struct.unpack_from(f"<{dim}b", row)]


def _int4(row, dim):
    """Two values a byte, the low half first; then the scales."""
    groups = -(-dim // INT4_GROUP)
    packed = -(-dim // 2)
    scales = _bf16(row[packed:], groups)
    halves = [half for byte in row[:packed] for half in (byte & 15, byte >> 4)]
    return [(halves[i] - INT4_ZERO) * scales[i // INT4_GROUP] for i in range(dim)]


_DECODERS = {
    row_pb2.ROW_TYPE_F32: _f32,
    row_pb2.ROW_TYPE_F16: _f16,
    row_pb2.ROW_TYPE_BF16: _bf16,
    row_pb2.ROW_TYPE_INT8: _int8,
    row_pb2.ROW_TYPE_INT4: _int4,
}
