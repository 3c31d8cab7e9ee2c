// The kernel as an ELF file. QEMU starts one directly through its PVH entry; the compressed kernel has to unpack
// itself inside the guest first, which takes seconds under emulation.
import { gunzipSync, zstdDecompressSync } from 'node:zlib'

const ELF = Buffer.from('\x7fELF', 'latin1')
const LZ4_LEGACY = Buffer.from([0x02, 0x21, 0x4c, 0x18])

/** The kernel inside a bzImage; undefined when it is packed in a way that is not known here. */
export function unpackKernel(bzImage: Buffer): Buffer | undefined {
  // Fields of the x86 boot protocol: setup sectors, then offset and length of the payload behind them.
  const protectedMode = ((bzImage[0x1f1] ?? 0) + 1) * 512
  const start = protectedMode + bzImage.readUInt32LE(0x248)
  const payload = bzImage.subarray(start, start + bzImage.readUInt32LE(0x24c))
  const unpackedBytes = payload.readUInt32LE(payload.length - 4)
  const kernel = unpack(payload.subarray(0, -4), unpackedBytes)
  return kernel?.subarray(0, 4).equals(ELF) ? kernel : undefined
}

function unpack(packed: Buffer, unpackedBytes: number): Buffer | undefined {
  const magic = packed.subarray(0, 4)
  if (magic.equals(LZ4_LEGACY)) return unpackLz4(packed, unpackedBytes)
  if (magic[0] === 0x1f && magic[1] === 0x8b) return gunzipSync(packed)
  if (magic.readUInt32LE() === 0xfd2fb528) return zstdDecompressSync(packed)
  return undefined
}

/** LZ4's legacy frame: after the magic, blocks that each start with their packed length. */
function unpackLz4(packed: Buffer, unpackedBytes: number): Buffer {
  const out = Buffer.alloc(unpackedBytes)
  let written = 0
  for (let at = 4; at + 4 < packed.length && written < unpackedBytes; ) {
    const length = packed.readUInt32LE(at)
    written = unpackLz4Block(packed.subarray(at + 4, at + 4 + length), out, written)
    at += 4 + length
  }
  return out
}

/** A block is a row of sequences: literal bytes, then a copy of what was written some way back. */
function unpackLz4Block(block: Buffer, out: Buffer, from: number): number {
  let read = 0
  let written = from
  const byte = () => block[read++] ?? 0
  const extended = (length: number) => {
    if (length < 15) return length
    for (let more = 255, total = length; ; total += more) {
      more = byte()
      if (more < 255) return total + more
    }
  }
  while (read < block.length) {
    const token = byte()
    const literals = extended(token >> 4)
    block.copy(out, written, read, read + literals)
    read += literals
    written += literals
    if (read >= block.length) break // the last sequence has no copy
    const back = byte() | (byte() << 8)
    const end = written + extended(token & 15) + 4
    for (; written < end; written++) out[written] = out[written - back] ?? 0 // byte by byte: a copy may overlap itself
  }
  return written
}
