import { crc32 } from 'node:zlib';
import { Packr, RESERVE_START_SPACE } from 'msgpackr';

/**
 * The bytes of a row:
 *
 *     0       format, now 1
 *     1…4     crc32 of bytes 5 and on, big endian
 *     5…6     table version that wrote the row, big endian
 *     7…      the row, msgpack (msgpackr's records, so that Map, Set and plain objects stay apart)
 *
 * The version is under the checksum: a row with a flipped version would go through the wrong lens.
 */
const FORMAT = 1;
const CHECKED_FROM = 5;
const HEADER_BYTES = 7;

/** What is read in place of a row that fails its checksum, is cut short, or has an unknown format. */
export const DAMAGED: unique symbol = Symbol('damaged row');

const packr = new Packr({ moreTypes: true, copyBuffers: true, useBigIntExtension: true });

export function encodeRow(version: number, row: object): Buffer {
  const bytes = packr.pack(row, RESERVE_START_SPACE | HEADER_BYTES);
  bytes[0] = FORMAT;
  bytes[5] = version >>> 8;
  bytes[6] = version;
  bytes.writeUInt32BE(crc32(bytes.subarray(CHECKED_FROM)), 1);
  return bytes;
}

/**
 * Decodes for one open table. `version` is that of the row decoded last, 0 if damaged: a property and not a result,
 * so that a read allocates nothing but the row. With `headerOnly` rows are neither checked nor decoded.
 */
export class RowDecoder {
  version = 0;
  headerOnly = false;
  readonly #span = { start: HEADER_BYTES, end: 0 };

  /** `bytes.length` is what counts: lmdb-js reads small rows into a larger buffer and sets its length. */
  decode(bytes: Uint8Array): unknown {
    const end = bytes.length;
    this.version = 0;
    if (end < HEADER_BYTES || bytes[0] !== FORMAT) return DAMAGED;
    const version = (byte(bytes, 5) << 8) | byte(bytes, 6);
    if (this.headerOnly) {
      this.version = version;
      return undefined;
    }
    const checked = new Uint8Array(bytes.buffer, bytes.byteOffset + CHECKED_FROM, end - CHECKED_FROM);
    if (crc32(checked) !== storedSum(bytes)) return DAMAGED;
    this.#span.end = end;
    const row: unknown = packr.unpack(bytes, this.#span);
    this.version = version;
    return row;
  }
}

const byte = (bytes: Uint8Array, at: number): number => bytes[at] ?? 0;

const storedSum = (bytes: Uint8Array): number =>
  ((byte(bytes, 1) << 24) | (byte(bytes, 2) << 16) | (byte(bytes, 3) << 8) | byte(bytes, 4)) >>> 0;
