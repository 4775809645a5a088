import { photo } from "./scene.js";

// The plain way to paint a mask: all of its pixels in one `ImageData`, painted anew at each movement.
export async function start(root, asked) {
  const width = Number(asked.get("width"));
  const radius = Number(asked.get("radius"));
  const image = await photo(width);
  const { naturalWidth: w, naturalHeight: h } = image;
  const scale = width / w;
  const holder = document.createElement("div");
  holder.dataset.picture = "yes";
  holder.style.cssText = `position: relative; width: ${width}px; height: ${h * scale}px`;
  image.style.cssText = "width: 100%";
  const canvas = document.createElement("canvas");
  canvas.width = w;
  canvas.height = h;
  canvas.style.cssText = "position: absolute; inset: 0; width: 100%; height: 100%";
  holder.append(image, canvas);
  root.append(holder);
  const context = canvas.getContext("2d");
  const mask = new ImageData(w, h);
  const pixels = new Uint32Array(mask.data.buffer);
  let last = null;
  let changed = false;
  const dab = (x, y) => {
    const top = Math.max(0, Math.ceil(y - radius));
    const bottom = Math.min(h - 1, Math.floor(y + radius));
    for (let row = top; row <= bottom; row++) {
      const half = Math.sqrt(radius * radius - (row - y) ** 2);
      const left = Math.max(0, Math.ceil(x - half));
      const right = Math.min(w - 1, Math.floor(x + half));
      pixels.fill(0x800000ff, row * w + left, row * w + right + 1);
    }
  };
  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    return [(event.clientX - box.left) / scale, (event.clientY - box.top) / scale];
  };
  canvas.addEventListener("pointerdown", (event) => {
    last = at(event);
    dab(...last);
    changed = true;
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!last || event.buttons === 0) return;
    const now = at(event);
    const steps = Math.ceil(Math.hypot(now[0] - last[0], now[1] - last[1]) / (radius / 4));
    for (let i = 1; i <= steps; i++) {
      dab(last[0] + ((now[0] - last[0]) * i) / steps, last[1] + ((now[1] - last[1]) * i) / steps);
    }
    last = now;
    changed = true;
  });
  canvas.addEventListener("pointerup", () => {
    last = null;
  });
  const frame = () => {
    if (changed) context.putImageData(mask, 0, 0);
    changed = false;
    requestAnimationFrame(frame);
  };
  frame();
  window.painted = () => pixels.reduce((sum, pixel) => sum + (pixel ? 1 : 0), 0);
}
