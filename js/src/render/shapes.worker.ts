import { ShapesLoop } from "./shapes_loop.ts";
import type { Order } from "./shapes_protocol.ts";

const scope = self as unknown as {
  onmessage: (event: MessageEvent<Order>) => void;
  postMessage(message: unknown, transfer: Transferable[]): void;
};

const loop = new ShapesLoop((painted) => scope.postMessage(painted, [painted.bitmap]));
scope.onmessage = (event) => loop.take(event.data);
