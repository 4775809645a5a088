import { expect, test } from "vitest";
import { FrameTimes } from "../link/frame_times.ts";
import { frameFor, timeText } from "./go_to.ts";

// 25 frames a second in ticks of 1/12800, from timestamp 1024 on; the last frame stays away long.
const ticks = [0, 512, 1024, 1536, 2048, 20480].map((tick) => BigInt(tick + 1024));
const times = new FrameTimes({ pts: BigInt64Array.from(ticks), timeBase: [1, 12800] });

test("a number is that of the counter, and one with # an index from 0", () => {
  expect(frameFor("1", times)).toEqual({ frame: 0 });
  expect(frameFor(" 6 ", times)).toEqual({ frame: 5 });
  expect(frameFor("#0", times)).toEqual({ frame: 0 });
});

test("a time is the frame that is seen then, written down in any way", () => {
  expect(frameFor("0:00.12", times)).toEqual({ frame: 3 });
  expect(frameFor("0.119s", times)).toEqual({ frame: 2 });
  expect(frameFor("0:0,16", times)).toEqual({ frame: 4 });
  expect(frameFor("0:00:01", times)).toEqual({ frame: 4 });
  expect(frameFor("1.6 s", times)).toEqual({ frame: 5 });
});

test("a timestamp is that of the stream", () => {
  expect(frameFor("pts 1024", times)).toEqual({ frame: 0 });
  expect(frameFor("PTS=2560", times)).toEqual({ frame: 3 });
});

test("what is no frame is told why", () => {
  expect(frameFor("0", times)).toEqual({ error: "Frames go from 1 to 6." });
  expect(frameFor("#6", times)).toEqual({ error: "Indices of frames go from 0 to 5." });
  expect(frameFor("1:00", times)).toEqual({ error: "The video ends at 0:01.920." });
  expect(frameFor("pts 1025", times)).toEqual({
    error: "No frame has the timestamp 1025. Near it are 1024 (frame 1) and 1536 (frame 2).",
  });
  for (const text of ["", "abc", "-1", "1.5.2", "pts", "pts 1.5"])
    expect(frameFor(text, times)).toHaveProperty("error");
});

test("times are written in minutes, and in hours where there are any", () => {
  expect([0, 59.9996, 61.5, 3725.25].map(timeText)).toEqual([
    "0:00.000",
    "1:00.000",
    "1:01.500",
    "1:02:05.250",
  ]);
});
