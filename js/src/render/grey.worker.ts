import type { GreyOrder } from "./grey_painter.ts";
import { GreyPyramid } from "./grey_pyramid.ts";
import { toneTable } from "./tone.ts";

const scope = self as unknown as {
  onmessage: (event: MessageEvent<GreyOrder>) => void;
  postMessage(message: unknown, transfer: Transferable[]): void;
};

let pyramid: GreyPyramid | null = null;
scope.onmessage = async ({ data }) => {
  if (data.type === "load") {
    pyramid = new GreyPyramid(data.width, data.height, data.numbers, data.gaps);
    return;
  }
  if (!pyramid) return;
  const table = toneTable(65536, data.low, data.high, data.tone);
  const bitmap = await createImageBitmap(pyramid.paint(data.halvings, table));
  scope.postMessage({ request: data.request, bitmap }, [bitmap]);
};
