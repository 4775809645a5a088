import { COLORS, photo, script, shapes } from "./scene.js";

// The internal format of Annotorious 3, so that nothing is converted.
function annotation(ring, number, kind) {
  const xs = ring.map(([x]) => x);
  const ys = ring.map(([, y]) => y);
  const bounds = {
    minX: Math.min(...xs),
    minY: Math.min(...ys),
    maxX: Math.max(...xs),
    maxY: Math.max(...ys),
  };
  const geometry =
    kind === "box"
      ? {
          x: bounds.minX,
          y: bounds.minY,
          w: bounds.maxX - bounds.minX,
          h: bounds.maxY - bounds.minY,
          bounds,
        }
      : { points: ring, bounds };
  const id = `shape-${number}`;
  const selector = { type: kind === "box" ? "RECTANGLE" : "POLYGON", geometry };
  return { id, bodies: [], target: { annotation: id, selector }, properties: { number } };
}

export async function start(root, asked) {
  await script("node_modules/@annotorious/annotorious/dist/annotorious.js");
  const width = Number(asked.get("width"));
  const [image, rings] = await Promise.all([photo(width), shapes(asked)]);
  image.dataset.picture = "yes";
  root.append(image);
  const annotator = window.Annotorious.createImageAnnotator(image, {
    style: (shape) => ({
      stroke: COLORS[(shape.properties?.number ?? 0) % COLORS.length],
      fill: "none",
      strokeWidth: 1.5,
    }),
  });
  const kind = asked.get("kind");
  annotator.setAnnotations(rings.map((ring, number) => annotation(ring, number, kind)));
  window.where = () => {
    const found = annotator.getAnnotationById(`shape-${rings.length - 1}`);
    return found.target.selector.geometry.bounds.minX;
  };
}
