import type { Annotation, Geometry, Ontology, XY } from "../document/types.ts";
import { bounds } from "../geometry/bounds.ts";
import { measuredWords, wordsAt } from "../geometry/measured_words.ts";
import type { Picture } from "../render/picture.ts";
import type { Viewport } from "../render/viewport.ts";

const MEASURING = new Set(["ruler", "angle", "bidirectional"]);

/** What the picture is like that measurements are on. */
export interface Scale {
  readonly spacing: XY | null;
  /** Of the values; null where the picture is no scan. */
  readonly unit: string | null;
}

/** The words beside measurements; those of a shape and a picture that stay are kept. */
export class Measured {
  private tools: ReadonlyMap<string, string> = new Map();
  private readonly kept = new WeakMap<Geometry, { picture: Picture | null; words: string }>();

  constructor(private readonly viewport: () => Viewport) {}

  paintWith(ontology: Ontology): void {
    this.tools = new Map((ontology.classes ?? []).map((made) => [made.name, made.tool ?? ""]));
  }

  /** Does it have words beside it? Ellipses do where they lie on values. */
  has(annotation: Pick<Annotation, "class_name" | "geometry">, { unit }: Scale): boolean {
    if (annotation.geometry.type === "ellipse") return unit !== null;
    return MEASURING.has(this.tools.get(annotation.class_name ?? "") ?? "");
  }

  /** `here`: it lies on the picture that is shown, so that its values are known. */
  words(
    { class_name }: Annotation,
    geometry: Geometry,
    { spacing, unit }: Scale,
    here = true,
  ): string {
    const { image } = this.viewport();
    const picture = here ? image.shown : null;
    const known = this.kept.get(geometry);
    if (known && known.picture === picture) return known.words;
    const box = geometry.type === "ellipse" ? bounds(geometry) : null;
    const pixels = box && picture && unit !== null ? image.values(box) : null;
    const values = pixels?.channels === 1 ? pixels : null;
    const kind = this.tools.get(class_name ?? "") ?? "";
    const words = measuredWords(kind, geometry, spacing, values, unit ?? "");
    this.kept.set(geometry, { picture, words });
    return words;
  }

  /** The words and where they stand. */
  label(
    annotation: Annotation,
    geometry: Geometry,
    scale: Scale,
  ): { readonly at: XY; readonly text: string } | null {
    const at = wordsAt(geometry);
    const text = at && this.words(annotation, geometry, scale);
    return at && text ? { at, text } : null;
  }
}
