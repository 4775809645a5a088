import type { Annotation, Interval, Track } from "../document/types.ts";

type Of<G> = Annotation & { readonly geometry: G };

/** The lane of a track. */
export interface TrackLane {
  readonly kind: "track";
  readonly annotation: Of<Track>;
  /** As the list of objects counts. */
  readonly number: number;
}

/** The intervals of a class, as far as they do not overlap; others lie on its lanes below. */
export interface EventLane {
  readonly kind: "events";
  readonly className: string;
  readonly level: number;
  /** In the order of time. */
  readonly events: readonly Of<Interval>[];
}

export type LaneRow = TrackLane | EventLane;

/**
 * The lanes from top to bottom: those of events, one for each class at least, then those of tracks in
 * the order of the list of objects.
 */
export function rowsOf(objects: readonly Annotation[], eventClasses: readonly string[]): LaneRow[] {
  const tracks: TrackLane[] = [];
  const events = new Map<string, Of<Interval>[]>(eventClasses.map((name) => [name, []]));
  objects.forEach((annotation, i) => {
    if (isOfTrack(annotation)) tracks.push({ kind: "track", annotation, number: i + 1 });
    if (!isEvent(annotation)) return;
    const name = annotation.class_name ?? "";
    const same = events.get(name);
    if (same) same.push(annotation);
    else events.set(name, [annotation]);
  });
  const stacks = [...events].flatMap(([className, all]) =>
    stacked(all).map(
      (some, level): EventLane => ({ kind: "events", className, level, events: some }),
    ),
  );
  return [...stacks, ...tracks];
}

/** Intervals in so few stacks that none of a stack overlap. */
function stacked(events: readonly Of<Interval>[]): Of<Interval>[][] {
  const sorted = [...events].sort(
    (a, b) => a.geometry.first - b.geometry.first || a.geometry.last - b.geometry.last,
  );
  const stacks: Of<Interval>[][] = [[]];
  for (const event of sorted) {
    const free = stacks.find((all) => (all.at(-1)?.geometry.last ?? -1) < event.geometry.first);
    if (free) free.push(event);
    else stacks.push([event]);
  }
  return stacks;
}

export function isOfTrack(annotation: Annotation): annotation is Of<Track> {
  return annotation.geometry.type === "track";
}

export function isEvent(annotation: Annotation): annotation is Of<Interval> {
  return annotation.geometry.type === "interval";
}

/** The lane that shows an annotation, -1 for none. */
export function rowWith(rows: readonly LaneRow[], id: string): number {
  return rows.findIndex((row) =>
    row.kind === "track" ? row.annotation.id === id : row.events.some((event) => event.id === id),
  );
}
