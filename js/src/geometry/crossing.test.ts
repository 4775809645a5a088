import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Ring, XY } from "../document/types.ts";
import { contact, crossing, segmentsMeet, withoutRepeats } from "./crossing.ts";

const point = (max: number): fc.Arbitrary<XY> =>
  fc.tuple(fc.integer({ min: 0, max }), fc.integer({ min: 0, max }));

const cross = (a: XY, b: XY): number => a[0] * b[1] - a[1] * b[0];
const dot = (a: XY, b: XY): number => a[0] * b[0] + a[1] * b[1];
const minus = (a: XY, b: XY): XY => [a[0] - b[0], a[1] - b[1]];
const equal = (a: XY, b: XY): boolean => a[0] === b[0] && a[1] === b[1];

/** What two segments share, solved for the place along either: nothing, a point, or more. */
function common(a: XY, b: XY, c: XY, d: XY): "nothing" | "point" | "more" {
  const [r, s, q] = [minus(b, a), minus(d, c), minus(c, a)];
  const turn = cross(r, s);
  if (turn !== 0) {
    const [t, u] = [cross(q, s) * Math.sign(turn), cross(q, r) * Math.sign(turn)];
    const full = Math.abs(turn);
    return t >= 0 && t <= full && u >= 0 && u <= full ? "point" : "nothing";
  }
  if (cross(q, r) !== 0) return "nothing";
  const [from, to] = [dot(q, r), dot(minus(d, a), r)].sort((x, y) => x - y) as [number, number];
  const [low, high] = [Math.max(0, from), Math.min(dot(r, r), to)];
  return low > high ? "nothing" : low === high ? "point" : "more";
}

/** Every pair of edges against every other, by the definition. */
function bruteForce(line: Ring, closed: boolean): boolean {
  const points: XY[] = [];
  for (const p of line) if (!points.length || !equal(points.at(-1) as XY, p)) points.push(p);
  while (closed && points.length > 1 && equal(points[0] as XY, points.at(-1) as XY)) points.pop();
  const n = points.length;
  const edges: [XY, XY][] = [];
  for (let i = 0; i < (closed && n > 1 ? n : n - 1); i++)
    edges.push([points[i] as XY, points[(i + 1) % n] as XY]);
  for (let i = 0; i < edges.length; i++) {
    for (let j = i + 1; j < edges.length; j++) {
      const shared = common(...(edges[i] as [XY, XY]), ...(edges[j] as [XY, XY]));
      const neighbours = j === i + 1 || (closed && i === 0 && j === edges.length - 1);
      if (shared === "more" || (shared === "point" && !neighbours)) return true;
    }
  }
  return false;
}

describe("segments", () => {
  it("meet just where arithmetic says so", () => {
    fc.assert(
      fc.property(point(6), point(6), point(6), point(6), (a, b, c, d) => {
        fc.pre(!equal(a, b) && !equal(c, d));
        const shared = common(a, b, c, d);
        expect(segmentsMeet(a, b, c, d)).toBe(shared !== "nothing");
        expect(segmentsMeet(c, d, b, a)).toBe(shared !== "nothing");
        if (shared === "more") expect(contact(a, b, c, d)).toBe("cross");
      }),
      { numRuns: 1000 },
    );
  });

  it("touch in an end, cross elsewhere", () => {
    expect(contact([0, 0], [4, 0], [2, 0], [2, 3])).toEqual([2, 0]);
    expect(contact([0, 0], [4, 0], [4, 0], [5, 3])).toEqual([4, 0]);
    expect(contact([0, 0], [4, 0], [4, 0], [6, 0])).toEqual([4, 0]);
    expect(contact([0, 0], [4, 0], [3, 0], [6, 0])).toBe("cross");
    expect(contact([0, 0], [4, 0], [2, -1], [2, 1])).toBe("cross");
    expect(contact([0, 0], [4, 0], [5, 0], [6, 0])).toBe("apart");
    expect(contact([0, 0], [4, 0], [0, 1], [4, 1])).toBe("apart");
  });
});

describe("crossing", () => {
  it("finds what comparing all edges finds, on a grid full of coincidences", () => {
    const ring = fc.array(point(4), { minLength: 1, maxLength: 7, size: "max" });
    fc.assert(
      fc.property(ring, fc.boolean(), (points, closed) => {
        expect(crossing(points, closed) !== null).toBe(bruteForce(points, closed));
      }),
      { numRuns: 3000 },
    );
  });

  it("finds what comparing all edges finds, on longer lines", () => {
    const ring = fc.array(point(200), { minLength: 3, maxLength: 14, size: "max" });
    fc.assert(
      fc.property(ring, fc.boolean(), (points, closed) => {
        expect(crossing(points, closed) !== null).toBe(bruteForce(points, closed));
      }),
      { numRuns: 1000 },
    );
  });

  it("finds none in a ring around a point, whatever its start and direction", () => {
    const reaches = fc.array(fc.integer({ min: 20, max: 1000 }), { minLength: 3, maxLength: 40 });
    fc.assert(
      fc.property(reaches, fc.nat(40), fc.boolean(), (distances, start, back) => {
        const around = distances.map((reach, i): XY => {
          const angle = (2 * Math.PI * i) / distances.length;
          return [500 + reach * Math.cos(angle), 500 + reach * Math.sin(angle)];
        });
        const first = start % around.length;
        const ring = [...around.slice(first), ...around.slice(0, first)];
        expect(crossing(back ? ring.reverse() : ring, true)).toBeNull();
      }),
    );
  });

  it("says which edges", () => {
    const bow: Ring = [
      [0, 0],
      [4, 4],
      [4, 0],
      [0, 4],
    ];
    expect(crossing(bow, true)).toEqual([0, 2]);
    expect(crossing(bow.slice(0, 3), false)).toBeNull();
    expect(crossing(bow, false)).toEqual([0, 2]);
  });

  it("takes a line of one point or none as simple", () => {
    expect(crossing([], true)).toBeNull();
    expect(crossing([], false)).toBeNull();
    expect(crossing([[1, 1]], true)).toBeNull();
    expect(
      crossing(
        [
          [1, 1],
          [1, 1],
        ],
        true,
      ),
    ).toBeNull();
  });
});

describe("withoutRepeats", () => {
  it("keeps one of points in a row, and of first and last only in a ring", () => {
    const line: Ring = [
      [0, 0],
      [0, 0],
      [1, 0],
      [1, 1],
      [1, 1],
      [0, 0],
    ];
    expect(withoutRepeats(line, false)).toEqual([
      [0, 0],
      [1, 0],
      [1, 1],
      [0, 0],
    ]);
    expect(withoutRepeats(line, true)).toHaveLength(3);
  });
});
