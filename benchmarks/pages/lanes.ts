import type { Annotation, Keyframe } from "../../js/src/document/types.ts";
import { Density } from "../../js/src/geometry/density.ts";
import { type LaneRow, rowsOf } from "../../js/src/geometry/lanes.ts";
import { laneOf } from "../../js/src/geometry/spans.ts";
import { placeOf, type TimeWindow, wholeOf } from "../../js/src/geometry/time_window.ts";
import { LANE, type LanesScene, paintLanes, STRIP } from "../../js/src/render/lanes_painter.ts";

// Lanes of many tracks, and how long it takes to work them out and to paint them.

const [WIDTH, HEIGHT] = [1200, 240];
const LOOK = { accent: "#1976d2", line: "#e0e0e0", text: "#1c1c1c", surface: "#ffffff" };
const box = { type: "rectangle", x: 1, y: 2, width: 30, height: 40 } as const;

function made(tracks: number, frames: number, keyframes: number): Annotation[] {
  let seed = 6;
  const random = () => {
    seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
    return seed / 0x7fffffff;
  };
  return Array.from({ length: tracks }, (_, i) => {
    const keys = new Set<number>();
    while (keys.size < keyframes) keys.add(Math.floor(random() * frames));
    const entries = [...keys].map((key): [string, Keyframe] => [
      String(key),
      { geometry: box, outside: random() < 0.1, occluded: random() < 0.2 },
    ]);
    const geometry = { type: "track", keyframes: Object.fromEntries(entries) } as const;
    return { id: `t${i}`, class_name: "car", geometry, revision: 1 };
  });
}

function milliseconds(run: () => void): number {
  const begin = performance.now();
  run();
  return performance.now() - begin;
}

function median(many: number, run: (i: number) => void): number {
  const all = Array.from({ length: many }, (_, i) => milliseconds(() => run(i)));
  return all.sort((a, b) => a - b)[many >> 1] as number;
}

/** Each keyframe in sight a diamond, each frame in sight counted: as one would begin. */
function paintAll(context: CanvasRenderingContext2D, scene: LanesScene): void {
  const { window, width, rows } = scene;
  context.clearRect(0, 0, width, HEIGHT);
  for (let frame = Math.floor(window.start); frame < window.end; frame++) {
    const tall = (scene.density.counts[frame] as number) / scene.density.most;
    context.fillRect(placeOf(window, width, frame), STRIP * (1 - tall), 1, STRIP * tall);
  }
  rows.slice(0, Math.ceil((HEIGHT - STRIP) / LANE)).forEach((row: LaneRow, i) => {
    if (row.kind !== "track") return;
    for (const key of laneOf(row.annotation.geometry).keys) {
      const x = placeOf(window, width, key + 0.5);
      const y = STRIP + i * LANE + LANE / 2;
      context.beginPath();
      context.moveTo(x, y - 5);
      context.lineTo(x + 5, y);
      context.lineTo(x, y + 5);
      context.lineTo(x - 5, y);
      context.closePath();
      context.fill();
      context.stroke();
    }
  });
}

async function measure(tracks: number, frames: number, keyframes: number) {
  const all = made(tracks, frames, keyframes);
  const density = new Density(frames);
  let rows: LaneRow[] = [];
  const build = milliseconds(() => {
    rows = rowsOf(all, []);
    density.update(all);
    void density.counts;
  });
  const changed = median(9, (i) => {
    const [first, ...others] = all as [Annotation, ...Annotation[]];
    const geometry = { type: "track", keyframes: { [i]: { geometry: box } } } as const;
    rows = rowsOf([{ ...first, geometry }, ...others], []);
    density.update([{ ...first, geometry }, ...others]);
    void density.counts;
  });
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [WIDTH, HEIGHT];
  const holder = document.createElement("div");
  const playhead = document.createElement("i");
  playhead.style.cssText = "position:absolute;width:2px;height:240px;background:red";
  holder.append(canvas, playhead);
  document.body.append(holder);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("There is no canvas.");
  const scene = (window: TimeWindow): LanesScene => ({
    rows,
    density,
    window,
    width: WIDTH,
    height: HEIGHT,
    top: 0,
    selection: new Set(["t3"]),
    hidden: new Set(),
    colorOf: () => "#1b9e77",
  });
  // Pixels are read, so that what was only asked for is painted too.
  const done = () => context.getImageData(0, 0, 1, 1);
  const whole = wholeOf(frames);
  const paint = (window: TimeWindow) =>
    median(15, () => {
      paintLanes(context, scene(window), LOOK);
      done();
    });
  const near = { start: frames / 2, end: frames / 2 + 300 };
  const found = {
    build,
    changed,
    whole: paint(whole),
    near: paint(near),
    plain: median(3, () => {
      paintAll(context, scene(whole));
      done();
    }),
    playhead: median(99, (i) => {
      playhead.style.transform = `translateX(${placeOf(whole, WIDTH, i * 100)}px)`;
      playhead.getBoundingClientRect();
    }),
  };
  holder.remove();
  return found;
}

Object.assign(globalThis, { measureLanes: measure });
