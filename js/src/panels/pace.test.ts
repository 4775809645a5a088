import { expect, test } from "vitest";
import { FrameTimes } from "../link/frame_times.ts";
import { Pace } from "./pace.ts";

/** Frames that stay for so many milliseconds each. */
function film(...steps: number[]): FrameTimes {
  let at = 0n;
  const pts = [at];
  for (const step of steps) {
    at += BigInt(step);
    pts.push(at);
  }
  return new FrameTimes({ pts: BigInt64Array.from(pts), timeBase: [1, 1000] });
}

test("frames are due by their own timestamps", () => {
  const pace = new Pace(film(40, 40, 400, 40), 1);
  pace.begin(0, 1000);
  expect([1000, 1039, 1041, 1081, 1470, 1481, 9999].map((now) => pace.due(now))).toEqual([
    0, 0, 1, 2, 2, 3, 4,
  ]);
});

test("twice as fast is half as late, and a change of speed goes on from where it is", () => {
  const pace = new Pace(film(...new Array(100).fill(40)), 2);
  pace.begin(10, 0);
  expect(pace.due(100)).toBe(15);
  pace.use(0.1, 100);
  expect(pace.due(100)).toBe(15);
  expect(pace.due(490)).toBe(15);
  expect(pace.due(510)).toBe(16);
});

test("what is left out is counted, but for what no screen shows", () => {
  const times = film(...new Array(20).fill(40));
  expect(new Pace(times, 1).dropped(3, 4)).toBe(0);
  expect(new Pace(times, 1).dropped(3, 7)).toBe(3);
  expect(new Pace(times, 4).dropped(3, 7)).toBe(0);
});

test("a frame is late from when the next one is due", () => {
  const pace = new Pace(film(40, 40, 40), 0.5);
  pace.begin(0, 0);
  expect(pace.late(0, 80)).toBeCloseTo(0);
  expect(pace.late(0, 180)).toBeCloseTo(0.1);
});
