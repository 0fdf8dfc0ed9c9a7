import { useEffect, useRef } from "preact/hooks";
import { restored } from "../../ui/canvases.ts";
import type { PictureForm } from "../../worker/table/pictures.ts";

interface Props {
  readonly form: PictureForm;
  /** [side, side, channels] */
  readonly pixels: Uint8Array;
  readonly label: string;
}

/** A small picture, each of its pixels a square. */
export function Picture({ form: { side, channels }, pixels, label }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = canvas.current!.getContext("2d")!;
    const image = context.createImageData(side, side);
    for (let i = 0; i < side * side; i++) {
      for (let c = 0; c < 3; c++) image.data[4 * i + c] = pixels[i * channels + (channels === 3 ? c : 0)]!;
      image.data[4 * i + 3] = 255;
    }
    context.putImageData(image, 0, 0);
  }, [pixels, side, channels, restored.value]);
  return <canvas ref={canvas} class="table-picture" width={side} height={side} role="img" aria-label={label} />;
}
