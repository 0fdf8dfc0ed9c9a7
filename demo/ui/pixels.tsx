import { useEffect, useRef } from "preact/hooks";
import { restored } from "./canvases.ts";

/** An image [28, 28] of bytes, white on black as in MNIST. */
export function Pixels({ pixels, label }: { pixels: Uint8Array; label: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context) return;
    const image = context.createImageData(28, 28);
    pixels.forEach((value, i) => {
      image.data.set([value, value, value, 255], 4 * i);
    });
    context.putImageData(image, 0, 0);
  }, [pixels, restored.value]);
  return <canvas ref={canvas} class="pixels" width="28" height="28" role="img" aria-label={label} />;
}
