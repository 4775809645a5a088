import { paintFrame } from "./frame_paint.ts";
import type { FrameOrder } from "./frame_painter.ts";

const scope = self as unknown as {
  onmessage: (event: MessageEvent<FrameOrder>) => void;
  postMessage(message: unknown, transfer?: Transferable[]): void;
};

scope.onmessage = ({ data }) => {
  const { order, turned, size } = data;
  const bitmap = paintFrame(turned, size);
  turned.frame.close();
  scope.postMessage({ order, bitmap }, [bitmap]);
};
