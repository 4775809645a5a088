import type { Millimetres } from "./space.ts";

/** Towards which side of the patient a direction goes: LPS is left, back (posterior) and head. */
const SIDES = [
  ["R", "L"],
  ["A", "P"],
  ["F", "H"],
] as const;
/** A part of a direction that is smaller than this is not worth a letter. */
const LEAST = 0.2;

/** The letters of a direction, the strongest first, such as "L" or "PH"; empty for none. */
export function lettersOf(direction: Millimetres): string {
  const length = Math.hypot(...direction);
  if (!(length > 0)) return "";
  return direction
    .map((part, axis) => ({ part: part / length, side: SIDES[axis as 0 | 1 | 2] }))
    .filter(({ part }) => Math.abs(part) >= LEAST)
    .sort((a, b) => Math.abs(b.part) - Math.abs(a.part))
    .map(({ part, side }) => side[part > 0 ? 1 : 0])
    .join("");
}

/** A place of the patient in words: how far to which side of the origin. */
export function placeInWords(place: Millimetres): string {
  return place
    .map((part, axis) => {
      const side = SIDES[axis as 0 | 1 | 2][part < 0 ? 0 : 1];
      return `${side} ${Math.abs(part).toFixed(1)}`;
    })
    .join("  ");
}
