import type { Answer, NamedArray, Prompt } from "../tools/kernel_call.ts";
import type { Settings } from "../tools/option.ts";
import { bytesOf, type Kernel } from "./kernel.ts";

const VIEWS = {
  uint8: Uint8Array,
  uint16: Uint16Array,
  int16: Int16Array,
  uint32: Uint32Array,
  int32: Int32Array,
  float32: Float32Array,
  float64: Float64Array,
} as const;

/** What a tool is to look at, and what its answer has to be. */
export interface Question {
  readonly item: string;
  readonly frame?: number | null;
  readonly tool: string;
  readonly prompt: Prompt;
  readonly parameters: Settings;
  /** The geometry that masks are turned into. */
  readonly as: string;
  /** The class that is selected. */
  readonly class?: string | null;
}

/** Ask a tool in the kernel; given up on by the signal. */
export async function compute(
  kernel: Kernel,
  question: Question,
  signal?: AbortSignal,
  hear: (done: number) => void = () => undefined,
): Promise<Answer> {
  const { message, buffers } = await kernel.ask(
    { type: "compute", ...question },
    ["computed"],
    signal,
    (heard) => heard.type === "progress" && hear(heard.done),
  );
  const arrays = message.arrays.map(({ name, dtype, shape }, index): [string, NamedArray] => {
    const bytes = bytesOf(buffers[index]);
    const View = VIEWS[dtype];
    // Buffers of messages start anywhere, and numbers only at multiples of their size.
    const values = new View(bytes.slice().buffer);
    return [name, { dtype, shape, values }];
  });
  const { tool, version, parameters, shapes, note, marks = [] } = message;
  return { tool, version, parameters, shapes, note, marks, arrays: Object.fromEntries(arrays) };
}
