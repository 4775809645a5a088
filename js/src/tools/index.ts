import { polygon } from "./polygon.ts";
import { rectangle } from "./rectangle.ts";
import { select } from "./select.ts";
import type { Tool } from "./tool.ts";

/** Every drawing tool, by name; the name of one that draws is that of the geometry it makes. */
// biome-ignore lint/suspicious/noExplicitAny: each tool keeps a state of its own type
export const TOOLS: Readonly<Record<string, Tool<any>>> = { select, rectangle, polygon };
