import { machineBpf, viewOf } from "./elf-object.ts";
import { addressOf } from "./place.ts";

/**
 * A program as the loader takes it: an ELF of sBPF v3 (SIMD-0178, SIMD-0179, SIMD-0189), which is a header and two
 * segments, without sections.
 */
const sbpfVersion = 3;
const headerSize = 64;
const segmentHeaderSize = 56;
const sharedObject = 3;
const loadable = 1;
const segmentFlag = { executable: 1, readable: 4 } as const;

interface Segment {
  readonly flags: number;
  readonly offset: number;
  readonly address: number;
  readonly size: number;
}

export function imageOf(code: Uint8Array, data: Uint8Array, entryOffset: number): Uint8Array {
  const dataAt = headerSize + 2 * segmentHeaderSize;
  const codeAt = dataAt + data.length;
  const image = new Uint8Array(codeAt + code.length);
  const view = viewOf(image);
  writeHeader(view, addressOf.code + entryOffset);
  const segments: Segment[] = [
    { flags: segmentFlag.readable, offset: dataAt, address: addressOf.data, size: data.length },
    { flags: segmentFlag.executable, offset: codeAt, address: addressOf.code, size: code.length },
  ];
  for (const [i, segment] of segments.entries()) writeSegment(view, headerSize + i * segmentHeaderSize, segment);
  image.set(data, dataAt);
  image.set(code, codeAt);
  return image;
}

function writeHeader(view: DataView, entry: number): void {
  view.setUint32(0, 0x7f454c46);
  // 64-bit, little-endian, ELF version 1.
  for (const [i, value] of [2, 1, 1].entries()) view.setUint8(4 + i, value);
  view.setUint16(16, sharedObject, true);
  view.setUint16(18, machineBpf, true);
  view.setUint32(20, 1, true);
  view.setBigUint64(24, BigInt(entry), true);
  view.setBigUint64(32, BigInt(headerSize), true);
  view.setUint32(48, sbpfVersion, true);
  view.setUint16(52, headerSize, true);
  view.setUint16(54, segmentHeaderSize, true);
  view.setUint16(56, 2, true);
}

function writeSegment(view: DataView, at: number, { flags, offset, address, size }: Segment): void {
  view.setUint32(at, loadable, true);
  view.setUint32(at + 4, flags, true);
  const alignment = 8;
  for (const [i, value] of [offset, address, address, size, size, alignment].entries()) {
    view.setBigUint64(at + 8 + i * 8, BigInt(value), true);
  }
}
