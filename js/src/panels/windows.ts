import {
  endsOf,
  type Levels,
  levelsOf,
  percentiles,
  type WindowCurve,
} from "../geometry/windowing.ts";
import type { Preset } from "../link/wire.ts";
import { type GreyRange, greyRangeOf } from "../render/picture.ts";
import { PLAIN, type Tone } from "../render/tone.ts";
import type { Pane } from "./pane.ts";
import type { Room } from "./room.ts";

/** A window that can be chosen by name. */
export interface WindowChoice {
  readonly name: string;
  /** Where its numbers come from. */
  readonly source: string;
  readonly group: "own" | "preset" | "file";
  readonly levels: Levels;
  readonly curve: WindowCurve;
  readonly table: readonly number[] | null;
}

/** What a notebook wants of scans at first. */
export interface WantedWindow {
  readonly name: string;
  readonly level?: number;
  readonly width?: number;
  readonly modality?: string | null;
}

/**
 * In which tone each pane shows its picture. That of photographs is one for all; a scan keeps its
 * own while its slices go by, and is shown with it where it is opened again.
 */
export class Windows {
  /** What the notebook asked for. */
  wanted: WantedWindow | null = null;
  private readonly kept = new Map<string, Tone>();

  constructor(private readonly room: Room) {}

  /** A picture is about to be shown: take the tone that it has. */
  prepare(pane: Pane): void {
    const { item } = this.room.panes.of(pane);
    const known = item && (this.kept.get(`${pane.id} ${item.id}`) ?? this.kept.get(item.id));
    const tone = item?.volume ? (known ?? this.first(pane)) : this.room.state.tone.value;
    put(pane, tone);
  }

  /** A scan without a window of its own is shown by the first slice that there is, all through. */
  settle(pane: Pane): void {
    if (this.room.panes.of(pane).item?.volume && !pane.tone.value.window) this.auto(pane);
  }

  use(pane: Pane, tone: Tone): void {
    const { panes, state } = this.room;
    const { item } = panes.of(pane);
    if (item?.volume) {
      const { all } = panes;
      // Linked, all panes of a scan are seen alike.
      const alike = state.linked.value
        ? all.value.filter((one) => panes.of(one).item?.id === item.id)
        : [pane];
      this.kept.set(item.id, tone);
      for (const one of alike) {
        this.kept.set(`${one.id} ${item.id}`, tone);
        put(one, tone);
      }
      return;
    }
    state.tone.value = tone;
    for (const one of panes.all.value) if (!panes.of(one).item?.volume) put(one, tone);
  }

  /** As it was when it was opened. */
  reset(pane: Pane): void {
    const scan = this.room.panes.of(pane).item?.volume;
    this.use(pane, scan ? this.first(pane) : PLAIN);
    this.settle(pane);
  }

  /** The values of the picture that a pane shows, null for photographs. */
  range(pane: Pane): GreyRange | null {
    return greyRangeOf(pane.viewport.image.shown);
  }

  /** The window that is shown in words of level and width; null for photographs. */
  levels(pane: Pane): Levels | null {
    const range = this.range(pane);
    const { window, curve } = pane.tone.value;
    return range && levelsOf(window ?? [range.low, range.high], curve);
  }

  setLevels(pane: Pane, levels: Levels): void {
    const { tone } = pane;
    const { curve } = tone.value;
    this.use(pane, { ...tone.value, window: endsOf(levels, curve) });
  }

  choose(pane: Pane, { levels, curve, table }: WindowChoice): void {
    this.use(pane, { ...pane.tone.value, window: endsOf(levels, curve), curve, table });
  }

  /** From the 0.1 to the 99.9 percentile of the picture that is shown. */
  auto(pane: Pane): void {
    const { width, height } = pane.viewport.imageSize;
    const box = { minX: 0, minY: 0, maxX: width, maxY: height };
    const range = this.range(pane);
    if (!range) return;
    const found = percentiles(pane.viewport.image.values(box)?.values ?? []);
    const window = found ?? ([range.low, range.high] as const);
    this.use(pane, { ...pane.tone.value, window, curve: "LINEAR_EXACT", table: null });
  }

  invert(pane: Pane): void {
    const { tone } = pane;
    this.use(pane, { ...tone.value, invert: !tone.value.invert });
  }

  /** All that can be chosen: those that everybody knows first, so that their keys stay. */
  choices(pane: Pane): readonly WindowChoice[] {
    if (!this.range(pane)) return [];
    const volume = this.room.panes.of(pane).item?.volume;
    const own = (this.room.state.ontology.value.windows ?? [])
      .filter(({ modality }) => !modality || !volume || modality === volume.modality)
      .map((one) => choiceOf({ source: "the ontology", ...one }, "own"));
    const presets = (volume?.presets ?? []).map((one) => choiceOf(one, "preset"));
    const file = (volume?.windows ?? []).map((one) => choiceOf(one, "file"));
    return [...presets, ...own, ...file];
  }

  /** The choice that is shown, if it is one. */
  chosen(pane: Pane): WindowChoice | null {
    const { window, curve, table } = pane.tone.value;
    if (!window) return null;
    const is = (one: WindowChoice) => {
      const ends = endsOf(one.levels, one.curve);
      return (
        one.curve === curve && one.table === table && ends[0] === window[0] && ends[1] === window[1]
      );
    };
    return this.choices(pane).find(is) ?? null;
  }

  /** The tone that a scan is opened in: as the notebook wants it, else by its file. */
  private first(pane: Pane): Tone {
    const volume = this.room.panes.of(pane).item?.volume;
    const plain = volume?.inverted ? { ...PLAIN, invert: true } : PLAIN;
    const { wanted } = this;
    const fits = !wanted?.modality || wanted.modality === volume?.modality;
    if (wanted && fits) {
      if (wanted.level === undefined || wanted.width === undefined) return plain;
      const window = endsOf({ level: wanted.level, width: wanted.width }, "LINEAR_EXACT");
      return { ...plain, window };
    }
    const [file] = volume?.windows ?? [];
    if (!file) return plain;
    const { levels, curve, table } = choiceOf(file, "file");
    return { ...plain, window: endsOf(levels, curve), curve, table };
  }
}

function put(pane: Pane, tone: Tone): void {
  if (pane.tone.value === tone) return;
  pane.tone.value = tone;
  pane.viewport.image.useTone(tone);
  pane.viewport.repaint();
}

function choiceOf(
  { name, level, width, source, curve = "LINEAR_EXACT", table }: Preset,
  group: WindowChoice["group"],
): WindowChoice {
  return { name, source, group, levels: { level, width }, curve, table: table ?? null };
}
