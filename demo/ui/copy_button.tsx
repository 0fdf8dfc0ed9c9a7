import { useSignal } from "@preact/signals";
import type { ComponentChildren, RefObject } from "preact";

interface Props {
  /** The element whose text is copied, or whose value, of an input. */
  readonly source: RefObject<HTMLElement | null>;
  readonly children: ComponentChildren;
}

/** Copies a text, or selects it where the browser lets no page write to the clipboard. */
export function CopyButton({ source, children }: Props) {
  const said = useSignal("");
  const copy = async () => {
    const element = source.current as HTMLElement;
    try {
      await navigator.clipboard.writeText(element instanceof HTMLInputElement ? element.value : element.innerText);
      said.value = "Copied.";
    } catch {
      select(element);
      said.value = "It is selected: copy it with Ctrl+C or ⌘C.";
    }
  };
  return (
    <span class="copy">
      <button type="button" onClick={copy}>
        {children}
      </button>
      <span role="status">{said}</span>
    </span>
  );
}

function select(element: HTMLElement): void {
  if (element instanceof HTMLInputElement) element.select();
  else getSelection()?.selectAllChildren(element);
}
