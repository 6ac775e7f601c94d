"""Pictures as rows of pixels: PNG (8 bits, grey or colours, not interlaced) and binary PPM. The standard library alone."""
import struct
import zlib


def _unfilter(data, width, height, size):
    """The rows of a PNG: each byte is stored less what its neighbours say."""
    rows, before, at = [], bytearray(width * size), 0
    for _ in range(height):
        kind, row = data[at], bytearray(data[at + 1:at + 1 + width * size])
        at += 1 + width * size
        for i in range(len(row)):
            left = row[i - size] if i >= size else 0
            up, corner = before[i], before[i - size] if i >= size else 0
            if kind == 1:
                row[i] = (row[i] + left) & 255
            elif kind == 2:
                row[i] = (row[i] + up) & 255
            elif kind == 3:
                row[i] = (row[i] + (left + up) // 2) & 255
            elif kind == 4:
                guess = left + up - corner
                a, b, c = abs(guess - left), abs(guess - up), abs(guess - corner)
                row[i] = (row[i] + (left if a <= b and a <= c else up if b <= c else corner)) & 255
        rows.append(row)
        before = row
    return rows


class Picture:
    """at(x, y) is (red, green, blue)."""

    def __init__(self, data):
        if data[:2] == b"P6":
            head = data.split(maxsplit=4)
            self.width, self.height, self.size = int(head[1]), int(head[2]), 3
            body = data[len(data) - self.width * self.height * 3:]
            self.rows = [body[y * self.width * 3:(y + 1) * self.width * 3] for y in range(self.height)]
            return
        assert data[:8] == b"\x89PNG\r\n\x1a\n", data[:8]
        at, packed = 8, b""
        while at < len(data):
            n, kind = struct.unpack(">I4s", data[at:at + 8])
            body = data[at + 8:at + 8 + n]
            assert zlib.crc32(kind + body) == struct.unpack(">I", data[at + 8 + n:at + 12 + n])[0], kind
            if kind == b"IHDR":
                self.width, self.height, bits, colour, _, _, interlaced = struct.unpack(">IIBBBBB", body)
                assert bits == 8 and not interlaced
                self.size = {0: 1, 2: 3, 4: 2, 6: 4}[colour]
            elif kind == b"IDAT":
                packed += body
            at += 12 + n
        self.rows = _unfilter(zlib.decompress(packed), self.width, self.height, self.size)

    def at(self, x, y):
        row, i = self.rows[y], x * self.size
        return tuple(row[i:i + 3]) if self.size >= 3 else (row[i],) * 3

    def rows_like(self, x, colour, most=60):
        """The rows of a column that have about this colour."""
        return [y for y in range(self.height) if max(abs(a - b) for a, b in zip(self.at(x, y), colour)) <= most]
