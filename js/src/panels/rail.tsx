import { TOOLS } from "../tools/index.ts";
import { Icon, type IconName } from "./icons.tsx";
import { COMMANDS } from "./keys.ts";
import type { Room } from "./room.ts";

const NAMES: Readonly<Record<string, string>> = {
  select: "Select and edit",
  rectangle: "Rectangle",
  polygon: "Polygon",
};

/** The tools of this ontology. */
export function Rail({ room }: { room: Room }) {
  const { state } = room;
  // Read so that the rail is drawn again with another ontology.
  void state.ontology.value;
  return (
    <div class="lw-rail" role="toolbar" aria-label="Tools" aria-orientation="vertical">
      {room.toolNames.map((name) => {
        const key = COMMANDS.find((command) => command.id === `tool.${name}`)?.key ?? "";
        return (
          <button
            type="button"
            key={name}
            class="lw-tool"
            aria-pressed={(state.readOnly.value ? "select" : state.tool.value) === name}
            aria-label={NAMES[name] ?? name}
            aria-keyshortcuts={key}
            data-key={key}
            disabled={state.readOnly.value && name !== "select"}
            title={`${NAMES[name] ?? name} (${key}). ${TOOLS[name]?.hint ?? ""}`}
            onClick={() => room.chooseTool(name)}
          >
            <Icon name={name as IconName} size={18} />
          </button>
        );
      })}
      <span class="lw-spring" />
      <button
        type="button"
        class="lw-tool"
        aria-label="Fit the picture"
        data-key="0"
        title="Fit the picture (0)"
        onClick={() => room.viewport.fit()}
      >
        <Icon name="fit" size={18} />
      </button>
    </div>
  );
}
