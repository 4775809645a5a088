import fc from "fast-check";
import type { Draft } from "../document/document.ts";
import type {
  Annotation,
  Changed,
  Fields,
  Geometry,
  Mask,
  MaskPatch,
  VolumeMask,
  VolumePatch,
} from "../document/types.ts";
import { rleOf, runsFromBitmap } from "../geometry/runs.ts";

const coordinate = fc.integer({ min: 0, max: 50 });
const extent = fc.integer({ min: 1, max: 50 });

const bitmap = (width: number, height: number) =>
  fc
    .uint8Array({ min: 0, max: 1, minLength: width * height, maxLength: width * height })
    .map((data) => rleOf(runsFromBitmap(data, width, height)));

/** Mostly of one size, so that patches fit. */
export const mask: fc.Arbitrary<Mask> = fc
  .constantFrom([7, 6] as const, [7, 6] as const, [7, 6] as const, [4, 9] as const)
  .chain(([width, height]) => bitmap(width, height))
  .map((rle) => ({ type: "mask", rle }));

/** Now and then beyond the mask that it is for. */
export const patch: fc.Arbitrary<MaskPatch> = fc
  .record({
    x: fc.nat(4),
    y: fc.nat(4),
    rle: fc
      .tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 }))
      .chain((size) => bitmap(...size)),
  })
  .map((one) => ({ type: "maskpatch", ...one }));

const index = fc.nat(4).map(String);

/** Mostly of slices of one size, so that patches fit. */
export const volumeMask: fc.Arbitrary<VolumeMask> = fc
  .constantFrom([5, 4] as const, [5, 4] as const, [5, 4] as const, [3, 2] as const)
  .chain(([width, height]) => fc.dictionary(index, bitmap(width, height), { maxKeys: 4 }))
  .map((slices) => ({ type: "volumemask", slices: { ...slices } }));

/** Now and then of another size than the volume mask that it is for. */
export const volumePatch: fc.Arbitrary<VolumePatch> = fc
  .constantFrom([5, 4] as const, [5, 4] as const, [5, 4] as const, [3, 2] as const)
  .chain(([width, height]) =>
    fc.dictionary(index, fc.option(bitmap(width, height)), { minKeys: 1, maxKeys: 3 }),
  )
  .map((slices) => ({ type: "volumepatch", slices: { ...slices } }));

export const geometry: fc.Arbitrary<Geometry> = fc.oneof(
  fc.record({
    type: fc.constant("rectangle" as const),
    x: coordinate,
    y: coordinate,
    width: extent,
    height: extent,
  }),
  fc.record({ type: fc.constant("point" as const), x: coordinate, y: coordinate }),
  mask,
  volumeMask,
);

const className = fc.constantFrom("car", "bus", "tram");
const answers = fc.constantFrom<NonNullable<Fields["attributes"]>>(
  {},
  { colour: "red" },
  { colour: "blue", doors: ["left", "right"] },
);

/** A few names, so that what is drawn, changed, deleted and brought back is often the same thing. */
export const NAMES = ["a0", "a1", "a2", "a3"] as const;
const name = fc.constantFrom(...NAMES);

const origin = fc.constantFrom<NonNullable<Fields["origin"]>>(
  {},
  { kind: "tool", name: "wand", version: "1", parameters: { tolerance: 8 } },
);

const change: fc.Arbitrary<Changed> = fc.oneof(
  fc.record({ geometry }),
  fc.record({ geometry: patch }),
  fc.record({ geometry: volumePatch }),
  fc.record({ geometry: fc.oneof(patch, mask), origin }),
  fc.record({ class_name: className }),
  fc.record({ attributes: answers }),
  fc.record({ class_name: className, attributes: answers }),
  fc.record({ state: fc.constantFrom("editable" as const, "locked" as const) }),
  fc.record({ frame: fc.option(fc.nat(9)), track_id: fc.option(fc.constantFrom("t1", "t2")) }),
);

export const draft: fc.Arbitrary<Draft> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("create" as const),
      annotation: name,
      after: fc
        .tuple(className, geometry, fc.option(answers, { nil: undefined }))
        .map(([class_name, shape, attributes]) => ({
          class_name,
          geometry: shape,
          ...(attributes ? { attributes } : {}),
        })),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant("update" as const),
      annotation: name,
      after: change,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("delete" as const), annotation: name }),
  },
);

export const drafts: fc.Arbitrary<Draft[]> = fc.array(draft, { minLength: 1, maxLength: 4 });

/** What an annotation says, defaults filled in, without the count of its edits. */
export function content(annotation: Annotation): Record<string, unknown> {
  const { revision: _, ...fields } = annotation;
  const defaults = { attributes: {}, frame: null, pts: null, track_id: null, state: "editable" };
  return { ...defaults, confidence: null, origin: {}, ...fields };
}

export function contents(annotations: Iterable<Annotation>): Record<string, unknown> {
  return Object.fromEntries([...annotations].map((one) => [one.id, content(one)]));
}
