import type { ObjectClass } from "../document/types.ts";
import { Icon } from "./icons.tsx";
import { isEventClass, isTag } from "./offer.ts";
import type { Room } from "./room.ts";

interface Props {
  readonly room: Pick<Room, "state" | "labels">;
  readonly choose: (name: string) => void;
  /** Nothing is drawn here: only what is said of the image as a whole can be chosen. */
  readonly tagsOnly?: boolean;
}

/** The classes, with what each has on this picture. */
export function Classes({ room, choose, tagsOnly = false }: Props) {
  const { state } = room;
  void state.version.value;
  const counts = new Map<string, number>();
  for (const annotation of room.labels?.objects() ?? []) {
    const name = annotation.class_name ?? "";
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const every = (state.ontology.value.classes ?? []).filter((made) => !tagsOnly || isTag(made));
  // Digits are for questions, where there are any.
  const numbered = !tagsOnly || (state.ontology.value.image_attributes ?? []).length === 0;
  const classes = every.filter((made) => !made.retired);
  // Those no longer offered are named where this picture has some.
  const retired = every.filter((made) => made.retired && counts.has(made.name));
  if (classes.length + retired.length === 0) return null;
  return (
    <section class="lw-section" aria-label="Classes">
      <h3>{tagsOnly ? "Tags" : "Classes"}</h3>
      <ul class="lw-classes">
        {classes.map((made, index) => (
          <li key={made.name}>
            <button
              type="button"
              class="lw-class"
              aria-pressed={
                isTag(made)
                  ? (counts.get(made.name) ?? 0) > 0
                  : state.className.value === made.name &&
                    (state.tool.value !== "select" || isEventClass(made))
              }
              data-current={state.className.value === made.name}
              title={titleOf(made, numbered ? index : 9)}
              onClick={() => choose(made.name)}
            >
              <kbd>{numbered && index < 9 ? index + 1 : ""}</kbd>
              <i class="lw-swatch" style={{ background: made.color }} />
              <span class="lw-name">{made.name}</span>
              {made.hotkey && <kbd class="lw-hotkey">{made.hotkey}</kbd>}
              {isTag(made) ? (
                <span class="lw-count">
                  {counts.get(made.name) ? <Icon name="saved" size={14} /> : "–"}
                </span>
              ) : (
                <span class="lw-count">{counts.get(made.name) ?? 0}</span>
              )}
            </button>
          </li>
        ))}
        {retired.map((made) => (
          <li key={made.name} class="lw-class lw-retired" title={`${made.name}: no longer offered`}>
            <kbd />
            <i class="lw-swatch" style={{ background: made.color }} />
            <span class="lw-name">{made.name}</span>
            <span class="lw-count">retired, {counts.get(made.name) ?? 0}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function titleOf(made: ObjectClass, index: number): string {
  const keys = [...(index < 9 ? [`${index + 1}`] : []), ...(made.hotkey ? [made.hotkey] : [])];
  const name = made.hotkey ? `${made.name} (${keys.join(", ")})` : made.name;
  return made.description ? `${name}: ${made.description}` : name;
}
