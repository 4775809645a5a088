import { describe, expect, it } from "vitest";
import golden from "../../../tests/golden/tracks.json";
import type { Shape, Track } from "../document/types.ts";
import { type Sight, sightAt } from "./track.ts";

interface Case {
  readonly track: Track;
  readonly seen: Readonly<Record<string, Sight | null>>;
}

/** As JSON has it: the code of a mask is written when it is read. */
const plain = (sight: Sight | null) => JSON.parse(JSON.stringify(sight)) as Sight | null;
const typeOf = ({ track }: Case) =>
  Object.values(track.keyframes).find((one) => one.geometry)?.geometry?.type as Shape["type"];

describe("what is seen of a track", () => {
  const cases = (golden.tracks as unknown as Case[]).map((one) => [typeOf(one), one] as const);
  it.each(cases)("is what the kernel sees, to the last digit: %s", (_, { track, seen }) => {
    for (const [frame, wanted] of Object.entries(seen))
      expect(plain(sightAt(track, Number(frame))), `frame ${frame}`).toEqual(wanted);
  });
});
