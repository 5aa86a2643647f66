import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concatBytes } from "./bytes.ts";
import { encodeFrame, type Frame, FrameReader, frameTypes, payloadBytesMax } from "./tunnel.ts";

const frame: fc.Arbitrary<Frame> = fc.record({
  type: fc.constantFrom(...frameTypes),
  channel: fc.nat(),
  payload: fc.uint8Array({ maxLength: 300 }),
});

describe("frames", () => {
  it("come back as they were sent, whatever pieces they come in", () => {
    fc.assert(
      fc.property(fc.array(frame), fc.infiniteStream(fc.integer({ min: 1, max: 200 })), (sent, sizes) => {
        const bytes = concatBytes(...sent.map(({ type, channel, payload }) => encodeFrame(type, channel, payload)));
        const reader = new FrameReader();
        const got: Frame[] = [];
        for (let at = 0; at < bytes.length; ) {
          const size = sizes.next().value;
          got.push(...(reader.push(bytes.subarray(at, at + size)) as Frame[]));
          at += size;
        }
        expect(got.map((each) => ({ ...each, payload: [...each.payload] }))).toEqual(
          sent.map((each) => ({ ...each, payload: [...each.payload] })),
        );
      }),
    );
  });

  it("that are none are told, before anything is kept for them", () => {
    const tooLong = encodeFrame("data", 1, new Uint8Array(0));
    new DataView(tooLong.buffer).setUint32(0, payloadBytesMax + 1);
    expect(new FrameReader().push(tooLong)).toBeNull();
    const unknown = encodeFrame("data", 1, new Uint8Array(0));
    unknown[4] = frameTypes.length;
    expect(new FrameReader().push(unknown)).toBeNull();
    expect(new FrameReader().push(new TextEncoder().encode("GET / HTTP/1.1\r\n"))).toBeNull();
  });
});
