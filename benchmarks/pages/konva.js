import { COLORS, photo, script, shapes } from "./scene.js";

// `layers=1`: all shapes on one layer; `layers=2`: the dragged one goes to a layer of its own.
export async function start(root, asked) {
  await script("node_modules/konva/konva.min.js");
  const { Konva } = window;
  const width = Number(asked.get("width"));
  const [image, rings] = await Promise.all([photo(width), shapes(asked)]);
  const scale = width / image.naturalWidth;
  const container = document.createElement("div");
  container.dataset.picture = "yes";
  container.style.width = `${width}px`;
  root.append(container);
  const stage = new Konva.Stage({ container, width, height: image.naturalHeight * scale });
  const size = { width: image.naturalWidth * scale, height: image.naturalHeight * scale };
  const ground = new Konva.Layer({ listening: false });
  ground.add(new Konva.Image({ image, ...size }));
  const layer = new Konva.Layer({ scaleX: scale, scaleY: scale });
  const lifted = new Konva.Layer({ scaleX: scale, scaleY: scale });
  // What Konva's own guide advises for many shapes.
  const fast = {
    strokeWidth: 1.5,
    fill: "transparent", // or the shape could only be grabbed by its line
    strokeScaleEnabled: false,
    perfectDrawEnabled: false,
    shadowForStrokeEnabled: false,
    draggable: true,
  };
  let last;
  for (const [number, ring] of rings.entries()) {
    const stroke = COLORS[number % COLORS.length];
    const [x, y] = ring[0];
    last =
      asked.get("kind") === "box"
        ? new Konva.Rect({ ...fast, x, y, width: ring[2][0] - x, height: ring[2][1] - y, stroke })
        : new Konva.Line({ ...fast, points: ring.flat(), closed: true, stroke });
    layer.add(last);
  }
  stage.add(ground, layer);
  if (asked.get("layers") === "2") {
    stage.add(lifted);
    stage.on("dragstart", (event) => event.target.moveTo(lifted));
    stage.on("dragend", (event) => event.target.moveTo(layer));
  }
  window.where = () => last.x();
}
