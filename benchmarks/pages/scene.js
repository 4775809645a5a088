// What all contenders on the plain page share: the shapes, their colours, and old-style scripts.

export const COLORS = ["#e69f00", "#56b4e9", "#009e73", "#f0e442", "#0072b2", "#d55e00"];

export async function shapes(asked) {
  const answer = await fetch(`shapes.json?kind=${asked.get("kind")}&count=${asked.get("count")}`);
  return answer.json();
}

export function script(address) {
  return new Promise((resolve, reject) => {
    const element = document.createElement("script");
    element.src = address;
    element.onload = resolve;
    element.onerror = () => reject(new Error(`${address} did not load`));
    document.head.append(element);
  });
}

export async function photo(width) {
  const image = new Image();
  image.src = "photo.jpg";
  image.width = width;
  await image.decode();
  return image;
}
