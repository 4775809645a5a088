import { brush, eraser } from "./brush.ts";
import { crosshair } from "./crosshair.ts";
import { cuboid } from "./cuboid.ts";
import { ellipse } from "./ellipse.ts";
import { fill } from "./fill.ts";
import { freehand } from "./freehand.ts";
import { keypoints } from "./keypoints.ts";
import { lasso } from "./lasso.ts";
import { livewire } from "./livewire.ts";
import { magnify } from "./magnify.ts";
import { measure } from "./measure.ts";
import { angle, bidirectional, ruler } from "./measuring.ts";
import { point } from "./point.ts";
import { polygon } from "./polygon.ts";
import { polyline } from "./polyline.ts";
import { rectangle } from "./rectangle.ts";
import { sculptor } from "./sculptor.ts";
import { select } from "./select.ts";
import { split } from "./split.ts";
import { superpixel } from "./superpixel.ts";
import { threshold } from "./threshold.ts";
import type { Tool } from "./tool.ts";
import { windowing } from "./windowing.ts";

/** A tool whose state is its own affair. */
// biome-ignore lint/suspicious/noExplicitAny: each tool keeps a state of its own type
export type AnyTool = Tool<any>;

/** The tools that work without the kernel, in the order of the rail. */
export const TOOLS: readonly AnyTool[] = [
  select,
  rectangle,
  ellipse,
  polygon,
  freehand,
  sculptor,
  split,
  polyline,
  livewire,
  point,
  keypoints,
  cuboid,
  brush,
  eraser,
  lasso,
  fill,
  superpixel,
  threshold,
  ruler,
  angle,
  bidirectional,
  measure,
  magnify,
  windowing,
  crosshair,
];
