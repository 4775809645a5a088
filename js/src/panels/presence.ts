import type { Annotation } from "../document/types.ts";
import { isThere, nearestThere } from "../geometry/track_standing.ts";
import { middleSlice } from "../geometry/volume_patch.ts";
import type { Room } from "./room.ts";
import { seenAt } from "./seen.ts";

/** On which pictures of a group, slices of a scan or frames of a video a label is. */
export class Presence {
  constructor(private readonly room: Room) {}

  /** Is it on the picture of the active pane? */
  isHere(annotation: Annotation, shown = this.room.frame): boolean {
    const { geometry } = annotation;
    const frame = shown ?? 0;
    if (geometry.type === "track") return isThere(geometry, frame);
    if (geometry.type === "interval") return geometry.first <= frame && frame <= geometry.last;
    return seenAt(annotation, shown) !== null;
  }

  /** The picture of the group on which a label that is not here is to be seen. */
  frameOf({ geometry, frame }: Annotation): number {
    const there =
      geometry.type === "volumemask"
        ? middleSlice(geometry)
        : geometry.type === "track"
          ? nearestThere(geometry, this.room.frame ?? 0)
          : geometry.type === "interval"
            ? geometry.first
            : frame;
    return there ?? 0;
  }

  /** Go to the picture of the group that an object is on, and select it there. */
  goTo(id: string): void {
    const annotation = this.room.labels?.document.get(id);
    if (!annotation || this.isHere(annotation)) return;
    this.room.panes.showFrame(this.frameOf(annotation));
    this.room.selection.select([id]);
  }
}
