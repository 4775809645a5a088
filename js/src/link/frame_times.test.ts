import fc from "fast-check";
import { expect, test } from "vitest";
import { FrameTimes } from "./frame_times.ts";

const videos = fc
  .record({
    first: fc.bigInt(-(2n ** 40n), 2n ** 40n),
    steps: fc.array(fc.integer({ min: 1, max: 5000 }), { maxLength: 40 }),
    base: fc.constantFrom<[number, number]>([1, 90000], [1, 1000], [1001, 30000], [1, 12800]),
  })
  .map(({ first, steps, base }) => {
    const pts = [first];
    for (const step of steps) pts.push((pts.at(-1) as bigint) + BigInt(step));
    return new FrameTimes({ pts: BigInt64Array.from(pts), timeBase: base });
  });

test("a frame is the one that is seen at its own time, whatever the rate and the beginning", () => {
  fc.assert(
    fc.property(videos, (times) => {
      for (let frame = 0; frame < times.count; frame++) {
        expect(times.at(times.seconds(frame))).toBe(frame);
        expect(times.upTo(times.pts(frame))).toBe(frame);
      }
    }),
  );
});

test("before the first frame the first one is seen, and after the last one the last", () => {
  fc.assert(
    fc.property(videos, (times) => {
      expect(times.at(-5)).toBe(0);
      expect(times.at(1e9)).toBe(times.count - 1);
    }),
  );
});
